"""How well numbers of several digits are read, beside RapidOCR and Tesseract.

    python benchmarks/strings.py [--count 200] [--pages 3] [--test]

The same pictures for all, on one core each: numbers written with a pen and cheque amounts where
`$INKDIGITS_DATA` has them, strings of MNIST digits, spaced, touching and overlapped, and made-up
pages. The peers are run where they are installed (`pip install rapidocr-onnxruntime`, whose wheel
has its models; Debian's `tesseract-ocr`). RapidOCR gets a string as one line, without its detector,
and a page with it; Tesseract knows that there are digits only. What is not a digit is taken off
their answers, and it is counted how many had some. MNIST's validation part is composed of, with
--test its test part. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2  # OpenMP asks for its threads once
import numpy as np
from numpy.typing import NDArray

from inkdigits import DataError, Recognizer
from inkdigits.data import mnist
from inkdigits.evaluation.numbers import made_pages, read_page, read_text, sets
from inkdigits.evaluation.pageresult import Found, measure_pages
from inkdigits.evaluation.stringresult import measure

Picture = NDArray[np.uint8]
#: Margins that the peers get around a string, and how much larger Tesseract gets it.
RAPIDOCR_MARGIN, TESSERACT_MARGIN, TESSERACT_SCALE = 4, 20, 2


class Reader(Protocol):
    """Whoever reads.

    Attributes:
        lettered: how many answers had something else than digits in them, marks and spaces aside.
    """

    lettered: int

    def number(self, picture: Picture) -> tuple[str, bool]:
        """The digits of a picture of one number, and whether they are accepted."""

    def page(self, picture: Picture) -> list[Found]:
        """The numbers of a page."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Numbers, read by inkdigits and its peers.")
    parser.add_argument("--count", type=int, default=200, help="numbers of each set (200)")
    parser.add_argument("--pages", type=int, default=3, help="pages of each kind (3)")
    parser.add_argument("--test", action="store_true", help="compose of MNIST's test part")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        digits = mnist.load_test() if given.test else mnist.load().validation
    except DataError as error:
        parser.exit(1, f"{error}\n")
    data = os.environ.get("INKDIGITS_DATA")
    folder = Path(data) / "real" if data else None
    readers = dict(found())
    answer: dict[str, Any] = {"benchmark": "strings", "test": given.test, "sets": {}, "pages": {}}
    print(f"\n{'numbers':34}{'reader':28}{'n':>5}{'exact':>8}{'95 %':>15}{'slips':>8}{'ms':>8}")
    for strings in sets(digits, folder, given.count):
        for name, reader in readers.items():
            before = reader.lettered
            result = measure(reader.number, strings)
            more = {"lettered": reader.lettered - before}
            answer["sets"].setdefault(strings.name, {})[name] = result.to_dict() | more
            print(
                f"{strings.name:34}{name:28}{result.shown:5}{result.exact:8.1%}"
                f"{between(result.interval)}{result.digit_error:8.2%}{result.milliseconds:8.1f}",
                flush=True,
            )
    print(f"\n{'pages':34}{'reader':28}{'n':>5}{'exact':>8}{'95 %':>15}{'invented':>10}{'ms':>8}")
    for kind, pages in made_pages(given.pages) if given.pages else ():
        for name, reader in readers.items():
            read = measure_pages(reader.page, kind, pages)
            answer["pages"].setdefault(kind, {})[name] = read.to_dict()
            print(
                f"{kind:34}{name:28}{read.shown:5}{read.exact:8.1%}"
                f"{between(read.interval)}{read.invented:10}{read.milliseconds:8.0f}",
                flush=True,
            )
    for name, reader in readers.items():
        print(f"{name}: {reader.lettered} answers had letters in them")
    print(json.dumps(answer))


def found() -> Iterator[tuple[str, Reader]]:
    """All readers that are installed, by name."""
    recognizer = Recognizer.load()
    yield f"inkdigits ({recognizer.numbers_model})", Ours(recognizer)
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        print("RapidOCR is not installed, and left out.")
    else:
        yield "RapidOCR", Rapid(RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1))
    if shutil.which("tesseract") is None:
        print("Tesseract is not installed, and left out.")
    else:
        yield "Tesseract", Tesseract()


@dataclass
class Ours:
    """inkdigits."""

    recognizer: Recognizer
    lettered: int = 0

    def number(self, picture: Picture) -> tuple[str, bool]:
        """As a form's field."""
        return read_text(self.recognizer, picture)

    def page(self, picture: Picture) -> list[Found]:
        """As a page."""
        return read_page(self.recognizer, picture)


@dataclass
class Rapid:
    """PP-OCR as its package runs it; on one line without its detector, which loses such crops."""

    engine: Callable[..., tuple[list[Any] | None, object]]
    lettered: int = 0

    def number(self, picture: Picture) -> tuple[str, bool]:
        """One line, in colour as its models know it."""
        rim = RAPIDOCR_MARGIN
        framed = cv2.copyMakeBorder(picture, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
        colour = cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR)
        lines, _ = self.engine(colour, use_det=False, use_cls=False, use_rec=True)
        text = "".join(line[0] for line in lines or [])
        self.lettered += lettered(text)
        return digits_of(text), True

    def page(self, picture: Picture) -> list[Found]:
        """All lines that its detector finds."""
        lines, _ = self.engine(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
        numbers = []
        for corners, text, _score in lines or []:
            self.lettered += lettered(text)
            low, high = np.min(corners, axis=0), np.max(corners, axis=0)
            box = (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
            numbers.append(Found(digits_of(text), box, True))
        return [number for number in numbers if number.text]


@dataclass
class Tesseract:
    """Tesseract's LSTM, digits only: on one line, or on scattered text."""

    lettered: int = 0
    whitelist: tuple[str, ...] = field(default=("-c", "tessedit_char_whitelist=0123456789"))

    def number(self, picture: Picture) -> tuple[str, bool]:
        """One line, enlarged: small digits are lost to it."""
        rim, scale = TESSERACT_MARGIN, TESSERACT_SCALE
        framed = cv2.copyMakeBorder(picture, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
        large = cv2.resize(framed, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        return digits_of(self._run(large, "7")), True

    def page(self, picture: Picture) -> list[Found]:
        """The words of its table, those that share a line and nearly touch put together."""
        rows = [line.split("\t") for line in self._run(picture, "11", "tsv").splitlines()[1:]]
        words = [row for row in rows if len(row) == 12 and digits_of(row[11])]
        numbers: list[Found] = []
        for _, line in groupby(words, key=lambda row: row[1:5]):
            for row in line:
                x, y, wide, tall = (int(side) for side in row[6:10])
                last = numbers[-1] if numbers else None
                near = last is not None and 0 <= x - last.box[0] - last.box[2] < 0.9 * tall
                if last is not None and near and abs(y - last.box[1]) < 0.5 * tall:
                    box = (last.box[0], last.box[1], x + wide - last.box[0], last.box[3])
                    numbers[-1] = Found(last.text + digits_of(row[11]), box, True)
                else:
                    numbers.append(Found(digits_of(row[11]), (x, y, wide, tall), True))
        return numbers

    def _run(self, picture: NDArray[np.generic], layout: str, *output: str) -> str:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "--psm", layout, *self.whitelist, *output],
            input=cv2.imencode(".png", np.asarray(picture, np.uint8))[1].tobytes(),
            capture_output=True,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
        return done.stdout.decode()


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(mark for mark in text if mark in "0123456789")


def lettered(text: str) -> bool:
    """Whether there are letters in it, of any script."""
    return any(mark.isalpha() for mark in text)


def between(interval: tuple[float, float]) -> str:
    """An interval as text of one width."""
    low, high = interval
    return f"{f'{100 * low:.1f} to {100 * high:.1f}':>15}"


if __name__ == "__main__":
    main()
