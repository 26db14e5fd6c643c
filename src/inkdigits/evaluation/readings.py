"""What a reader answered to each picture of a set, kept so that figures need no second pass.

In: labels and predictions. Out: `Readings`, arrays of one length. Knows nothing of the pictures,
and judges nothing: a label that is no digit is never read rightly, and that is all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, get_args

import numpy as np
from numpy.typing import NDArray

from inkdigits.results import Prediction, Reason

#: Every reason a reader may give, in the order in which tables have them.
REASONS: tuple[str, ...] = get_args(Reason)


@dataclass(frozen=True, eq=False)
class Readings:
    """The answers to N pictures.

    Attributes:
        labels: (N,) what each picture shows: a digit, or the name of something else.
        digits: (N,) int, the digit read, -1 where there was no ink.
        confidence: (N,) its calibrated probability, 0 where there was no ink.
        probabilities: (N, 10) of all digits.
        digitness: (N,) how much the ink looked like a digit, NaN where that was not asked.
        accepted: (N,) bool, whether the digit would be acted on.
        reasons: (N,) why it would not; empty where it would.
    """

    labels: NDArray[np.str_]
    digits: NDArray[np.int64]
    confidence: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    digitness: NDArray[np.float64]
    accepted: NDArray[np.bool_]
    reasons: NDArray[np.str_]

    @classmethod
    def of(cls, labels: Sequence[str], predictions: Sequence[Prediction]) -> Self:
        """Gather predictions, one a label."""
        nan = float("nan")
        rows = [prediction.probabilities for prediction in predictions]
        return cls(
            np.array(labels, np.str_),
            np.array([-1 if p.digit is None else p.digit for p in predictions], np.int64),
            np.array([p.confidence for p in predictions], np.float64),
            np.array(rows, np.float64).reshape(len(rows), 10),
            np.array([nan if p.digitness is None else p.digitness for p in predictions]),
            np.array([p.accepted for p in predictions], np.bool_),
            np.array([p.reason or "" for p in predictions], np.str_),
        )

    def __len__(self) -> int:
        """How many pictures."""
        return len(self.labels)

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N,) whether the digit read is the label."""
        return np.asarray(self.digits.astype(np.str_) == self.labels, np.bool_)

    @property
    def refusals(self) -> dict[str, int]:
        """Reason -> how many were refused for it; every reason is there."""
        return {reason: int((self.reasons == reason).sum()) for reason in REASONS}

    @classmethod
    def joined(cls, parts: Sequence[Readings]) -> Self:
        """Several as one."""
        names = cls.__dataclass_fields__
        return cls(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in names})
