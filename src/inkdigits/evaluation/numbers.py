"""All sets of numbers, read by `Recognizer`: what `inkdigits evaluate --strings` measures.

In: a recogniser, digits, the folder of other handwriting. Out: `NumbersReport`. Knows which sets
there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data import real
from inkdigits.data.digits import Digits
from inkdigits.evaluation import strings
from inkdigits.evaluation.pageresult import Found, PageResult, measure_pages
from inkdigits.evaluation.stringresult import StringResult, measure
from inkdigits.evaluation.strings import Strings
from inkdigits.recognizer import Recognizer
from inkdigits.wild import pages

#: Numbers of each composed set, and pages of each kind.
SHOWN, PAGES = 1000, 12
HEAD = (
    *("numbers", "n", "exact", "95 %", "slips a digit", "length off", "refused"),
    *("right when accepted", "ms"),
)
PAGES_HEAD = (
    *("pages", "numbers", "exact", "95 %", "missed", "invented", "right when accepted"),
    "ms",
)
#: The longer side of pages that are as they come, pixels.
LONGEST = (600, 2400)


@dataclass(frozen=True)
class NumbersReport:
    """What was found.

    Attributes:
        model: that read, and its version.
        strings: one set of numbers each.
        pages: one kind of page each.
    """

    model: str
    strings: tuple[StringResult, ...]
    pages: tuple[PageResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "model": self.model,
            "strings": [result.to_dict() for result in self.strings],
            "pages": [result.to_dict() for result in self.pages],
        }


def evaluate(
    recognizer: Recognizer,
    digits: Digits,
    folder: Path | None,
    *,
    limit: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> NumbersReport:
    """Read all sets there are.

    Args:
        recognizer: which reads.
        digits: to compose strings of.
        folder: of other handwriting; `None` leaves those sets out.
        limit: numbers of each set at most.
        progress: told (set, done, all).
    """
    found = [
        measure(lambda picture: read_text(recognizer, picture), each, progress)
        for each in sets(digits, folder, limit)
    ]
    made = [
        measure_pages(lambda picture: read_page(recognizer, picture), name, each, progress)
        for name, each in made_pages(limit)
    ]
    return NumbersReport(recognizer.numbers_model, tuple(found), tuple(made))


def read_text(recognizer: Recognizer, picture: NDArray[np.uint8]) -> tuple[str, bool]:
    """The digits of the one number of a picture, and whether they are accepted."""
    number = recognizer.read_number(picture)
    return ("", False) if number is None else (number.text, number.accepted)


def read_page(recognizer: Recognizer, picture: NDArray[np.uint8]) -> list[Found]:
    """The numbers of a page, and where they stand."""
    return [
        Found(it.text, (it.box.x, it.box.y, it.box.width, it.box.height), it.accepted)
        for it in recognizer.read(picture).numbers
    ]


def sets(digits: Digits, folder: Path | None, limit: int | None = None) -> Iterator[Strings]:
    """All sets of numbers, made as they are asked for."""
    count = min(limit or SHOWN, SHOWN)
    if folder is not None and (folder / real.FILES["pendigits"]).is_file():
        yield strings.written(real.load(folder, "pendigits"), count)
    if folder is not None and (folder / strings.CHEQUES).is_file():
        yield strings.cheques(folder, limit)
    for spacing in strings.SPACINGS:
        yield strings.composed(digits, spacing, count, length=5)
    for spacing in strings.SPACINGS:
        yield strings.composed(digits, spacing, count)


def made_pages(limit: int | None = None) -> Iterator[tuple[str, list[pages.Page]]]:
    """Pages of every kind, plain ones flat and photographed; then of every layout, by one hand
    each, as they come.
    """
    count = min(limit or PAGES, PAGES)
    for kind in pages.KINDS:
        for camera in (False, True):
            name = f"{kind}, {'photographed' if camera else 'scanned'}"
            rng = np.random.default_rng([len(kind), camera])
            made = [
                pages.page(rng, kind, pages.Style(camera=camera, spread=k % 3 == 2, words=k % 2))
                for k in range(count)
            ]
            yield name, made
    for order, layout in enumerate(pages.LAYOUTS):
        rng = np.random.default_rng([order, *LONGEST])
        styles = (
            pages.style(rng, layout=layout, longest=LONGEST, turned=True) for _ in range(count)
        )
        yield f"any paper, {layout}", [pages.page(rng, None, style) for style in styles]


def string_rows(report: NumbersReport) -> list[tuple[str, ...]]:
    """What the table of numbers says, under `HEAD`."""
    return [
        (
            it.name,
            f"{it.shown:,}",
            f"{it.exact:.2%}",
            _interval(it.interval),
            f"{it.digit_error:.2%}",
            f"{it.other_length / max(it.shown, 1):.2%}",
            f"{1 - it.accepted / max(it.shown, 1):.2%}",
            f"{it.right_when_accepted:.2%}",
            f"{it.milliseconds:.1f}",
        )
        for it in report.strings
    ]


def page_rows(report: NumbersReport) -> list[tuple[str, ...]]:
    """What the table of pages says, under `PAGES_HEAD`."""
    return [
        (
            it.name,
            f"{it.shown:,}",
            f"{it.exact:.2%}",
            _interval(it.interval),
            str(it.missed),
            str(it.invented),
            f"{it.right_when_accepted:.2%}",
            f"{it.milliseconds:.0f}",
        )
        for it in report.pages
    ]


def pages_title(report: NumbersReport) -> str:
    """What the table of pages shows."""
    most = max((result.pages for result in report.pages), default=0)
    return f"Made-up pages, {most} of each kind"


def _interval(bounds: tuple[float, float]) -> str:
    return "{:.1f} to {:.1f}".format(*(100 * bound for bound in bounds))
