"""What two readers think of a place, put together, and whether a row of places is a number.

In: `Place`s by the reader of rows, and what the reader of single digits says of their ink. Out:
`Place`s. Knows probabilities, nothing of pictures. The page has its twin in `line/opinion.js`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.spelling import Place

#: A row is a number when at least this share of what stands in it is digits, points aside.
MOSTLY = 0.75
#: And when they are digits at all, whichever, with this probability on (geometric) average.
SURELY = 0.8
#: How much rarer something else is than where the reader of rows was taught.
ELSE = 0.01
#: A tall mark in which it saw nothing is a digit with this probability, and nothing with that.
STILL, NOTHING = 0.8, 0.1
#: The least that either reader is believed to grant: a digit by the row's, by the single digit's,
#: and that it is, or is not, one.
LEAST_LINE, LEAST_SHARE, LEAST_DIGIT = 1e-3, 1e-5, 1e-4
#: The least that it is one where so many digits, and little else, stand around: some forms are
#: digits among digits only (`wild.rowforms`).
LEAST_AMONG, CROWD = 0.5, 2
#: What the single digit's reader says of which digit it is counts by this power: of a whole digit
#: more than the row's, which has learnt less of handwriting; of one that was cut, less.
WHOLE, CUT = 1.3, 0.4
#: The least that it is believed to grant a digit that was cut.
LEAST_CUT = 1e-3


def expected(place: Place) -> Place:
    """The place where digits are expected, and something else is rarer than in training."""
    return _shared(place, place.digits, place.nothing, place.marks * np.array([1, 1, 1, ELSE]))


def still_there(column: float, faint: Sequence[Place]) -> Place:
    """The place of a tall mark, in which the reader of rows saw nothing, or faintly something."""
    digits = 0.01 + sum((place.digits for place in faint), np.zeros(10))
    other = 1 - NOTHING - STILL
    return Place(column, STILL * digits / digits.sum(), NOTHING, np.array([0, 0, 0, other]))


def agreed(place: Place, shares: NDArray[np.float64], chance: float, least: float) -> Place:
    """A place by both opinions: their product, as of experts who judge independently.

    Hinton, "Training Products of Experts by Minimizing Contrastive Divergence", 2002. Neither is
    believed to be quite sure.

    Args:
        place: by the reader of rows.
        shares: (10,) by the reader of single digits, if it is one.
        chance: that it is one.
        least: the least that is believed of this.
    """
    # which digit it is, it can tell as far as it takes it for one
    shares = np.maximum(chance * shares + (1 - chance) / 10, LEAST_SHARE)
    chance = min(max(chance, least), 1 - LEAST_DIGIT)
    line = np.maximum(place.digits, LEAST_LINE)
    weighed = line * shares**WHOLE
    # the power is for telling digits from each other, not from what is none
    digits = weighed * ((line * shares).sum() / weighed.sum()) * chance
    nothing = max(place.nothing, LEAST_LINE / 5) * (1 - chance)
    return _shared(place, digits, nothing, np.maximum(place.marks, LEAST_LINE / 5) * (1 - chance))


def agreed_on_cut(place: Place, shares: NDArray[np.float64], chance: float) -> Place:
    """A place whose ink was cut from a neighbour's, by both opinions.

    The cut may be wrong, so the reader of single digits is heard on which digit it is, never on
    whether it is one.
    """
    digits = place.digits.sum()
    shares = np.maximum(chance * shares + (1 - chance) / 10, LEAST_CUT)
    weighed = np.maximum(place.digits, LEAST_LINE * digits) * shares**CUT
    return replace(place, digits=weighed * (digits / weighed.sum()))


def least(others: Sequence[str | None]) -> float:
    """The least that is believed of a mark being a digit, by what else is in its row."""
    digits = sum(map(_is_digit, others))
    among = digits >= CROWD and digits >= MOSTLY * (digits + others.count("?"))
    return LEAST_AMONG if among else LEAST_DIGIT


def is_number(places: Sequence[Place]) -> bool:
    """Whether what stands there are digits: mostly, and those that seem to be, surely."""
    marks = [place.mark for place in places]
    both = zip(places, marks, strict=True)
    digits = [place.digits.sum() for place, mark in both if _is_digit(mark)]
    if not digits or len(digits) < MOSTLY * (len(digits) + marks.count("?")):
        return False
    return float(np.exp(np.log(digits).mean())) >= SURELY


def _is_digit(mark: str | None) -> bool:
    return mark is not None and mark.isdigit()


def _shared(
    place: Place, digits: NDArray[np.float64], nothing: float, marks: NDArray[np.float64]
) -> Place:
    """The place with shares in these proportions, which sum to 1."""
    total = digits.sum() + nothing + marks.sum()
    return replace(
        place, digits=digits / total, nothing=float(nothing / total), marks=marks / total
    )
