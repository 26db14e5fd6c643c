"""How well numbers of several digits are read, beside RapidOCR and Tesseract.

    python benchmarks/strings.py [--count 200] [--test]

The same pictures for all: numbers written with a pen and cheque amounts where `$INKDIGITS_DATA`
has them, and strings of MNIST digits, spaced, touching and overlapped. The peers are run where they
are installed (`pip install rapidocr-onnxruntime`; Debian's `tesseract-ocr`), with what is not a
digit taken off their answers. MNIST's validation part is composed of, with --test its test part.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import Recognizer
from inkdigits.data import mnist
from inkdigits.evaluation.numbers import read_text, sets
from inkdigits.evaluation.stringresult import ReadText, measure

Picture = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description="Numbers, read by inkdigits and its peers.")
    parser.add_argument("--count", type=int, default=200, help="numbers of each set (200)")
    parser.add_argument("--test", action="store_true", help="compose of MNIST's test part")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    digits = mnist.load_test() if given.test else mnist.load().validation
    data = os.environ.get("INKDIGITS_DATA")
    folder = Path(data) / "real" if data else None
    recognizer = Recognizer.load()
    readers: dict[str, ReadText] = {
        f"inkdigits ({recognizer.numbers_model})": lambda picture: read_text(recognizer, picture)
    }
    for name, peer in (("RapidOCR", rapidocr), ("Tesseract", tesseract)):
        found = peer()
        if found is None:
            print(f"{name} is not installed, and left out.")
        else:
            readers[name] = found
    answer: dict[str, dict[str, object]] = {}
    print(f"{'numbers':34} {'reader':32} {'n':>5} {'exact':>8} {'slips':>7} {'ms':>8}")
    for strings in sets(digits, folder, given.count):
        for name, reader in readers.items():
            result = measure(reader, strings)
            answer.setdefault(strings.name, {})[name] = result.to_dict()
            print(
                f"{strings.name:34} {name:32} {result.shown:5} {result.exact:8.1%} "
                f"{result.digit_error:7.2%} {result.milliseconds:8.1f}",
                flush=True,
            )
    print(json.dumps({"benchmark": "strings", "test": given.test, "sets": answer}))


def rapidocr() -> ReadText | None:
    """PP-OCR's recogniser, as its package runs it on one line: its detector loses such crops."""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        return None
    engine: Callable[..., tuple[list[tuple[str, float]] | None, object]] = RapidOCR()

    def read(picture: Picture) -> tuple[str, bool]:
        framed = cv2.copyMakeBorder(picture, 4, 4, 4, 4, cv2.BORDER_REPLICATE)
        colour = cv2.cvtColor(framed, cv2.COLOR_GRAY2BGR)
        lines, _ = engine(colour, use_det=False, use_cls=False, use_rec=True)
        return "".join(c for text, _ in lines or [] for c in text if c in "0123456789"), True

    return read


def tesseract() -> ReadText | None:
    """Tesseract on one line, digits only."""
    if shutil.which("tesseract") is None:
        return None
    command = ["tesseract", "stdin", "stdout", "--psm", "7"]
    command += ["-c", "tessedit_char_whitelist=0123456789"]

    def read(picture: Picture) -> tuple[str, bool]:
        framed = cv2.copyMakeBorder(picture, 20, 20, 20, 20, cv2.BORDER_REPLICATE)
        large = cv2.resize(framed, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        data = cv2.imencode(".png", large)[1].tobytes()
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
        return "".join(c for c in done.stdout.decode() if c in "0123456789"), True

    return read


if __name__ == "__main__":
    main()
