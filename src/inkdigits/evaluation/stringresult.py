"""How well numbers are read: whole, digit by digit, and what is refused.

In: sets of numbers and a reader. Out: `StringResult`s. Knows nothing of the reader but that it
answers a text, and whether it stands by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.metrics import wilson
from inkdigits.evaluation.strings import Strings

#: A picture (H, W) uint8 -> its digits, and whether the reader stands by them.
ReadText = Callable[[NDArray[np.uint8]], tuple[str, bool]]


@dataclass(frozen=True)
class StringResult:
    """One set of numbers, read.

    Attributes:
        name: of the set.
        shown: how many numbers.
        right: how many were read right as a whole.
        digits: of all numbers, and `slips`: insertions, deletions and substitutions among them.
        accepted: numbers that the reader stands by, and `accepted_right`: right ones of these.
        other_length: numbers that were read with more or fewer digits.
        milliseconds: of one number, the median.
    """

    name: str
    shown: int
    right: int
    digits: int
    slips: int
    accepted: int
    accepted_right: int
    other_length: int
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
    def digit_error(self) -> float:
        """Slips a digit."""
        return self.slips / max(self.digits, 1)

    @property
    def right_when_accepted(self) -> float:
        """The share of right ones among those that the reader stands by."""
        return self.accepted_right / max(self.accepted, 1)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            **asdict(self),
            "exact": self.exact,
            "interval": list(self.interval),
            "digit_error": self.digit_error,
            "refused": 1 - self.accepted / max(self.shown, 1),
            "right_when_accepted": self.right_when_accepted,
        }


def measure(
    read: ReadText, strings: Strings, progress: Callable[[str, int, int], None] = lambda *_: None
) -> StringResult:
    """Read a set of numbers."""
    right = digits = slips = accepted = accepted_right = other = 0
    times = []
    for done, (picture, text) in enumerate(strings, 1):
        start = time.perf_counter()
        found, stands = read(picture)
        times.append(time.perf_counter() - start)
        good = found == text
        right += good
        digits += len(text)
        slips += distance(found, text)
        accepted += stands
        accepted_right += stands and good
        other += len(found) != len(text)
        progress(strings.name, done, len(strings))
    return StringResult(
        strings.name,
        len(strings),
        right,
        digits,
        slips,
        accepted,
        accepted_right,
        other,
        1e3 * median(times) if times else 0.0,
    )


def distance(one: str, other: str) -> int:
    """How many characters to insert, delete or replace (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for k, mark in enumerate(one, 1):
        before, row[0] = row[0], k
        for n, wanted in enumerate(other, 1):
            before, row[n] = row[n], min(row[n] + 1, row[n - 1] + 1, before + (mark != wanted))
    return row[-1]
