"""What columns say -> what stands at each place of a row.

In: the line reader's columns (T, 15). Out: `Place`s, left to right, each with how likely every
digit is there, and that none is. Knows nothing of pictures or of rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inkdigits import line

#: A column shows something from this probability on.
SOMETHING = 0.02
#: What stands at a place is worth a place from this probability on.
WORTH = 0.01
_DIGITS = slice(1, 11)
_MARKS = slice(11, 15)


@dataclass(frozen=True)
class Place:
    """Where something stands in a row.

    Attributes:
        column: the middle of what is seen, in rows of logits, which are in columns of the strip
            divided by `line.STRIDE`.
        digits: (10,) probabilities of the digits, summing to 1 with `nothing` and `marks`.
        nothing: the probability that nothing stands there.
        marks: (4,) those of a point, a comma, a dash and something else.
    """

    column: float
    digits: NDArray[np.float64]
    nothing: float
    marks: NDArray[np.float64]

    @property
    def slot(self) -> NDArray[np.float64]:
        """(11,) probabilities: of the digits, and that no digit stands there."""
        return np.append(self.digits, self.nothing + self.marks.sum())

    @property
    def mark(self) -> str | None:
        """The character of what most likely stands there, `None` for nothing."""
        shares = np.concatenate([[self.nothing], self.digits, self.marks])
        best = int(shares.argmax())
        return None if best == 0 else line.ALPHABET[best - 1]


def shares(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (T, 15) of logits divided by a temperature."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    answer: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return answer


def places(shares: NDArray[np.float64]) -> list[Place]:
    """Tell the places of a row apart by the probabilities (T, 15) of its columns.

    Columns are cut into stretches, each with one run of the same best class or with a lesser
    doubt; of each the probability that it spells nothing, or exactly one character, is summed over
    all alignments (the forward variable of Graves et al., ICML 2006, for texts of length 0 and 1).
    Texts of two characters within a stretch are left out of account.
    """
    found = []
    for first, last in _stretches(shares):
        part = shares[first:last]
        spelled = _single(part)
        total = spelled.sum()
        if total <= 0 or spelled[0] > (1 - WORTH) * total:
            continue
        spelled = spelled / total
        seen = 1 - part[:, line.NOTHING]
        middle = first + float(seen @ (np.arange(len(part)) + 0.5) / seen.sum())
        found.append(Place(middle, spelled[_DIGITS], float(spelled[0]), spelled[_MARKS]))
    return found


def _stretches(shares: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Ranges of columns, each with at most one run of a best class that is not nothing."""
    best = shares.argmax(axis=1)
    something = shares[:, line.NOTHING] < 1 - SOMETHING
    edges = np.flatnonzero(np.diff(np.r_[False, something, False]))
    ranges: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        runs = [
            k
            for k in range(first, last)
            if best[k] != line.NOTHING and (k == first or best[k] != best[k - 1])
        ]
        between = (_cut(shares, best, run, following) for run, following in pairwise(runs))
        ranges += pairwise([first, *between, last])
    return ranges


def _cut(shares: NDArray[np.float64], best: NDArray[np.intp], run: int, following: int) -> int:
    """Where to cut between two runs: at the column between them that most likely shows nothing."""
    end = run + 1
    while end < following and best[end] == best[run]:
        end += 1
    if end == following:
        return following
    return end + int(shares[end:following, line.NOTHING].argmax())


def _single(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities (15,) that columns (T, 15) spell nothing (0) or just that class."""
    blank = shares[:, line.NOTHING]
    before = np.r_[1.0, np.cumprod(blank)]  # nothing up to a column
    running = np.zeros(shares.shape[1])  # the class at this column
    ended = np.zeros(shares.shape[1])  # the class before, nothing since
    for k, row in enumerate(shares):
        ended = (ended + running) * blank[k]
        running = (running + before[k]) * row
    answer = running + ended
    answer[line.NOTHING] = before[-1]
    return answer


def likeliest(found: list[Place]) -> tuple[str, float]:
    """The likeliest digits of a row and their probability."""
    text, sure = "", 1.0
    for place in found:
        slot = place.slot
        best = int(slot.argmax())
        sure *= float(slot[best])
        text += str(best) if best < 10 else ""
    return text, sure


def aligned(found: list[Place], digits: str) -> list[int]:
    """The places of a text's digits: the likeliest, rising.

    Args:
        found: all places of the row.
        digits: a text of no more digits than there are places.
    """
    with np.errstate(divide="ignore"):
        slots = np.log(np.stack([place.slot for place in found])) if found else np.zeros((0, 11))
    many, length = len(found), len(digits)
    best = np.full((many + 1, length + 1), -np.inf)
    best[0, 0] = 0.0
    for k in range(many):
        best[k + 1] = best[k] + slots[k, 10]
        for n in range(1, length + 1):
            best[k + 1, n] = max(best[k + 1, n], best[k, n - 1] + slots[k, int(digits[n - 1])])
    places, n = [], length
    for k in range(many, 0, -1):
        if n and best[k, n] == best[k - 1, n - 1] + slots[k - 1, int(digits[n - 1])]:
            places.append(k - 1)
            n -= 1
    return places[::-1]
