"""How well the numbers of whole pages are read: right where they stand, missed, invented.

In: made-up pages and a reader. Out: `PageResult`s. Knows nothing of the reader but which texts it
finds where, and whether it stands by them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.metrics import wilson
from inkdigits.evaluation.stringresult import distance
from inkdigits.wild.pages import Page, Written

Box = tuple[int, int, int, int]
#: A reading is of the number with which it shares at least this part of the smaller one's box.
SHARED = 0.5


@dataclass(frozen=True)
class Found:
    """A number that was found on a page.

    Attributes:
        text: its digits.
        box: left, top, width, height, in the picture's pixels.
        accepted: whether the reader stands by it.
    """

    text: str
    box: Box
    accepted: bool


#: A picture (H, W) uint8 -> the numbers on it.
ReadPage = Callable[[NDArray[np.uint8]], Sequence[Found]]


@dataclass(frozen=True)
class PageResult:
    """Pages of one kind, read.

    Attributes:
        name: of the kind.
        pages, shown: how many pages, and numbers on them.
        right: numbers that were read right where they stand.
        missed: numbers where nothing was read.
        invented: readings that are of no number, or of one that was read already.
        digits: of all numbers, and `slips`: insertions, deletions and substitutions among them.
        accepted: readings that the reader stands by, and `accepted_right`: right ones of these.
        milliseconds: of one page, the median.
    """

    name: str
    pages: int
    shown: int
    right: int
    missed: int
    invented: int
    digits: int
    slips: int
    accepted: int
    accepted_right: int
    milliseconds: float

    @property
    def exact(self) -> float:
        """The share of numbers that were read right."""
        return self.right / max(self.shown, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """Of `exact`, 95 %."""
        return wilson(self.right, self.shown)

    @property
    def right_when_accepted(self) -> float:
        """The share of right ones among the readings that the reader stands by."""
        return self.accepted_right / max(self.accepted, 1)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            **asdict(self),
            "exact": self.exact,
            "interval": list(self.interval),
            "digit_error": self.slips / max(self.digits, 1),
            "right_when_accepted": self.right_when_accepted,
        }


def measure_pages(
    read: ReadPage,
    name: str,
    pages: Sequence[Page],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> PageResult:
    """Read pages; a number is right where its box meets the true one and its text is the same."""
    shown = right = missed = invented = digits = slips = accepted = accepted_right = 0
    times = []
    for done, page in enumerate(pages, 1):
        start = time.perf_counter()
        found = read(page.pixels)
        times.append(time.perf_counter() - start)
        met = paired(page.numbers, found)
        good = [each for each, true in met if each.text == true.text]
        shown += len(page.numbers)
        right += len(good)
        missed += len(page.numbers) - len(met)
        invented += len(found) - len(met)
        accepted += sum(each.accepted for each in found)
        accepted_right += sum(each.accepted for each in good)
        every = sum(len(number.text) for number in page.numbers)
        digits += every
        slips += every - sum(len(true.text) for _, true in met)
        slips += sum(distance(each.text, true.text) for each, true in met)
        progress(name, done, len(pages))
    return PageResult(
        name,
        len(pages),
        shown,
        right,
        missed,
        invented,
        digits,
        slips,
        accepted,
        accepted_right,
        1e3 * median(times) if times else 0.0,
    )


def paired(true: Sequence[Written], found: Sequence[Found]) -> list[tuple[Found, Written]]:
    """Which reading is of which number, one to one, those that share most first."""
    shares = [
        (shared / min(_area(each.box), _area(number.box)), k, n)
        for k, each in enumerate(found)
        for n, number in enumerate(true)
        if (shared := _shared(each.box, number.box))
    ]
    taken: set[int] = set()
    read: set[int] = set()
    pairs = []
    for share, k, n in sorted(shares, key=lambda it: (-it[0], it[1], it[2])):
        if share >= SHARED and k not in taken and n not in read:
            taken.add(k)
            read.add(n)
            pairs.append((found[k], true[n]))
    return pairs


def _shared(one: Box, other: Box) -> int:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0)


def _area(box: Box) -> int:
    return max(box[2] * box[3], 1)
