"""Answers and results whose figures are known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.setresult import MEAN_OF, RealReport, SetResult
from inkdigits.results import Prediction, Reason


def answer(
    digit: int | None,
    confidence: float = 0.95,
    *,
    reason: Reason | None = None,
    digitness: float | None = 5.0,
) -> Prediction:
    """An answer as a reader gives it, accepted where there is no reason against."""
    rest = (1 - confidence) / 9
    row = tuple(confidence if k == digit else rest for k in range(10))
    if digit is None:
        row, confidence, digitness, reason = (0.1,) * 10, 0.0, None, "blank"
    prediction = Prediction(digit, confidence, row, reason is None, reason, "made", "1")
    return replace(prediction, digitness=digitness)


@dataclass
class Answers:
    """A reader that gives answers in order, over and over, and keeps what it was shown."""

    answers: list[Prediction]
    shown: list[NDArray[np.generic]] = field(default_factory=list)

    def classify(self, source: NDArray[np.generic]) -> Prediction:
        self.shown.append(source)
        return self.answers[(len(self.shown) - 1) % len(self.answers)]


def result(name: str, kind: str, shown: int, right: int, accepted: int) -> SetResult:
    """A set of sevens of which the first are read right, and the first accepted."""
    label = "7" if kind == "digits" else "X"
    predictions = [
        answer(7 if k < right else 1, reason=None if k < accepted else "unsure")
        for k in range(shown)
    ]
    readings = Readings.of([label] * shown, predictions)
    plain = Readings.of([label] * shown, [answer(7)] * shown)
    return SetResult(name, kind, readings, plain)


def report(*others: SetResult) -> RealReport:
    """The six quoted sets, nine of ten read right and eight accepted, and others."""
    return RealReport((*(result(name, "digits", 10, 9, 8) for name in MEAN_OF), *others), 0.5)
