"""One handwritten digit in a style chosen at random, as pen strokes.

In: which digit, a random generator. Out: strokes. Knows how far a hand may stray before a person
would read another digit; the forms themselves are in `letterforms.py` and `rowforms.py`.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import InkdigitsError
from inkdigits.wild.letterforms import DIGITS
from inkdigits.wild.pen import Form, Hand, write
from inkdigits.wild.rowforms import AMONG

#: The names of the styles of each digit.
STYLES: dict[int, tuple[str, ...]] = {digit: tuple(styles) for digit, styles in DIGITS.items()}

_USUAL = Hand()
#: A 1 that leans back with its flag is a 7, so is one whose stem is bent; a 4 is an A.
_HANDS = {
    1: replace(_USUAL, slant=(-8, 42), usual_slant=11, bend=0.03, jitter=0.012),
    4: replace(_USUAL, slant=(-6, 35)),
}
#: By how much the slant differs within one hand, degrees.
_OWN_LEAN = 2.5
_WEIGHTS = {
    digit: list(accumulate(form.weight for form in styles.values()))
    for digit, styles in DIGITS.items()
}
_AMONG_WEIGHTS = {
    digit: list(accumulate(form.weight for form in styles.values()))
    for digit, styles in AMONG.items()
}


def hand(rng: np.random.Generator) -> tuple[str, ...]:
    """The style in which somebody writes each of the ten digits; common ones more often."""
    return tuple(_style(label, rng) for label in range(10))


def digit(
    label: int,
    rng: np.random.Generator,
    *,
    style: str | None = None,
    slant: float | None = None,
) -> list[NDArray[np.float64]]:
    """Write a digit.

    Args:
        label: 0 to 9.
        rng: decides the style and all that a hand does differently each time.
        style: one of `STYLES[label]`; common ones are chosen more often where it is left out.
        slant: about so many degrees to the right, as far as the digit bears it; any, where it is
            left out.

    Returns:
        strokes, each (M, 2) with M >= 10, y down, about one unit tall.

    Raises:
        InkdigitsError: there is no such digit or style.
    """
    if label not in DIGITS:
        raise InkdigitsError(f"{label!r} is no digit: write one of 0 to 9.")
    if style is None:
        style = _style(label, rng)
    if style not in DIGITS[label]:
        known = ", ".join(STYLES[label])
        raise InkdigitsError(f"No style {style!r} of {label}: there are {known}.")
    usual = _HANDS.get(label, _USUAL)
    if slant is not None:
        usual = replace(usual, usual_slant=slant, lean=_OWN_LEAN)
    return write(DIGITS[label][style], rng, usual)


def among(rng: np.random.Generator) -> dict[int, str]:
    """The digits that somebody writes in forms of `rowforms.AMONG`, and the form of each."""
    often = rng.uniform(0.1, 0.7)
    return {
        label: tuple(styles)[bisect(weights, rng.random() * weights[-1])]
        for (label, styles), weights in zip(AMONG.items(), _AMONG_WEIGHTS.values(), strict=True)
        if rng.random() < often
    }


def digit_among(label: int, style: str, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Write a digit that would be none if it stood alone: as `digit`, in a style of `AMONG`."""
    form: Form = AMONG[label][style]
    return write(form, rng, replace(_USUAL, jitter=0.014, bend=0.03))


def _style(label: int, rng: np.random.Generator) -> str:
    weights = _WEIGHTS[label]
    return STYLES[label][bisect(weights, rng.random() * weights[-1])]
