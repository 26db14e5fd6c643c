"""What it costs to refuse what is no digit: digits that are refused with it.

In: how digits and other things were read. Out: a curve over thresholds of the digitness, and the
point at which the reader stands. Knows nothing of pictures, of readers or of drawing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.readings import Readings

#: Points of a curve at most.
POINTS = 200
#: What is refused for these is refused whatever the digitness.
ALWAYS = ("blank", "several_digits")


@dataclass(frozen=True)
class Tradeoff:
    """Shares from 0 to 1, a point a threshold, from the most lenient to the strictest.

    Attributes:
        thresholds: the least digitness that is accepted.
        false_accepts: of what is no digit, the share accepted.
        refused: of the digits, the share refused.
        at: (refused, false accepts) of the reader as it is.
        auroc: how often a digit looks more like a digit than something else does (Hanley and
            McNeil 1982); 1 is perfect, 0.5 is chance.
        digits: how many there are.
        others: how many pictures of something else.
    """

    thresholds: tuple[float, ...]
    false_accepts: tuple[float, ...]
    refused: tuple[float, ...]
    at: tuple[float, float]
    auroc: float
    digits: int
    others: int

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return asdict(self)


def trade_off(digits: Readings, others: Readings, accept_threshold: float) -> Tradeoff:
    """Move the threshold of the digitness and see what is accepted.

    Args:
        digits: how digits were read.
        others: how what is no digit was read.
        accept_threshold: the confidence under which both are refused at any threshold, as is what
            is blank or more than one digit.
    """
    ours, theirs = (_digitness(readings, accept_threshold) for readings in (digits, others))
    known = np.concatenate([ours, theirs])
    known = known[np.isfinite(known)]
    steps = np.unique(np.quantile(known, np.linspace(0, 1, POINTS))) if len(known) else known
    return Tradeoff(
        thresholds=tuple(steps.tolist()),
        false_accepts=tuple(_accepted(theirs, steps)),
        refused=tuple(1 - share for share in _accepted(ours, steps)),
        at=(1 - float(digits.accepted.mean()), float(others.accepted.mean())),
        auroc=_auroc(
            np.nan_to_num(digits.digitness, nan=-np.inf),
            np.nan_to_num(others.digitness, nan=-np.inf),
        ),
        digits=len(digits),
        others=len(others),
    )


def _digitness(readings: Readings, accept_threshold: float) -> NDArray[np.float64]:
    """(N,) the greatest threshold at which each is accepted: minus infinity for none."""
    never = (readings.confidence < accept_threshold) | np.isin(readings.reasons, ALWAYS)
    return np.where(never | np.isnan(readings.digitness), -np.inf, readings.digitness)


def _accepted(values: NDArray[np.float64], steps: NDArray[np.float64]) -> list[float]:
    places = np.searchsorted(np.sort(values), steps, side="left")
    return [float(share) for share in 1 - places / len(values)]


def _auroc(high: NDArray[np.float64], low: NDArray[np.float64]) -> float:
    """The chance that one of `high` is greater than one of `low`; equal ones count half."""
    sorted_low = np.sort(low)
    below = np.searchsorted(sorted_low, high, side="left")
    equal = np.searchsorted(sorted_low, high, side="right") - below
    return float((below + equal / 2).mean() / len(low))
