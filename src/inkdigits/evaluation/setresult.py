"""How the pictures of one set, or of all sets, were read.

In: `Readings`. Out: counts, shares, and figures over all sets, which become JSON. Knows nothing
of pictures, of readers or of files.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkdigits.evaluation import metrics
from inkdigits.evaluation.metrics import Bin, wilson
from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.tradeoff import Tradeoff, trade_off

#: The sets whose mean accuracy is quoted.
MEAN_OF = ("pendigits", "hwd1000", "usps", "optdigits32", "numbers16", "cheques")
#: The kinds of what is written and is no digit.
WRITTEN = ("letters", "oddities")


@dataclass(frozen=True)
class SetResult:
    """How one set was read.

    Attributes:
        name: of the set.
        kind: `digits`; or `letters`, `nothing` or `oddities`, of which none should be accepted.
        ours: the answers of the reader that is judged.
        plain: those of the plain reader (`plain.py`), to all or to an even part of the pictures.
    """

    name: str
    kind: str
    ours: Readings
    plain: Readings

    @property
    def shown(self) -> int:
        """Pictures shown."""
        return len(self.ours)

    @property
    def right(self) -> int:
        """Digits read right, accepted or not; 0 for what is no digit."""
        return int(self.ours.right.sum())

    @property
    def accepted(self) -> int:
        """Predictions that were accepted."""
        return int(self.ours.accepted.sum())

    @property
    def accepted_right(self) -> int:
        """Of these, the right ones."""
        return int((self.ours.accepted & self.ours.right).sum())

    @property
    def accuracy(self) -> float:
        """The part read right, accepted or not, 0 to 1."""
        return share(self.right, self.shown)

    @property
    def plain_accuracy(self) -> float:
        """The part that the plain reader read right, 0 to 1."""
        return share(int(self.plain.right.sum()), len(self.plain))

    @property
    def false_accepts(self) -> float:
        """The part that was accepted, 0 to 1: of what is no digit, all wrongly."""
        return share(self.accepted, self.shown)

    @property
    def plain_false_accepts(self) -> float:
        """The part that the plain reader accepted, 0 to 1."""
        return share(int(self.plain.accepted.sum()), len(self.plain))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict of the counts and shares; `accuracy` is None for what is no digit."""
        digits = self.kind == "digits"
        return {
            "name": self.name,
            "kind": self.kind,
            "shown": self.shown,
            "right": self.right,
            "accepted": self.accepted,
            "accepted_right": self.accepted_right,
            "accuracy": self.accuracy if digits else None,
            "interval": wilson(self.right if digits else self.accepted, self.shown),
            "refusals": self.ours.refusals,
            "plain": {
                "shown": len(self.plain),
                "accuracy": self.plain_accuracy if digits else None,
                "accepted": int(self.plain.accepted.sum()),
            },
        }


@dataclass(frozen=True)
class Covered:
    """How prediction sets of one level did.

    Attributes:
        level: how often they should hold the true digit, 0 to 1.
        covered: how often they did, 0 to 1.
        size: digits in a set, on average.
    """

    level: float
    covered: float
    size: float


@dataclass(frozen=True)
class RealReport:
    """How all sets were read.

    Attributes:
        sets: a result a set.
        accept_threshold: the least confidence that the reader accepts.
        levels: (level, threshold) of the reader's prediction sets.
    """

    sets: tuple[SetResult, ...]
    accept_threshold: float = 0.0
    levels: tuple[tuple[float, float], ...] = ()

    @property
    def digits(self) -> tuple[SetResult, ...]:
        """The sets of digits."""
        return tuple(result for result in self.sets if result.kind == "digits")

    @property
    def others(self) -> tuple[SetResult, ...]:
        """The sets of what is no digit."""
        return tuple(result for result in self.sets if result.kind != "digits")

    @property
    def mean_accuracy(self) -> float | None:
        """The mean accuracy over the six quoted sets; `None` unless all of them are there."""
        return self._mean({result.name: result.accuracy for result in self.digits})

    @property
    def plain_mean_accuracy(self) -> float | None:
        """The same of the plain reader."""
        return self._mean({result.name: result.plain_accuracy for result in self.digits})

    @property
    def worst(self) -> SetResult | None:
        """The set of digits that is read worst; `None` where there is none."""
        return min(self.digits, key=lambda result: result.accuracy, default=None)

    @property
    def reliability(self) -> tuple[Bin, ...]:
        """Of all digits in which ink was found: how often they are read rightly, by how surely."""
        probabilities, truth = self._inked()
        return metrics.reliability(probabilities, truth)

    @property
    def ece(self) -> float:
        """The expected calibration error over the same."""
        return metrics.ece(*self._inked())

    @property
    def coverage(self) -> tuple[Covered, ...]:
        """Of all digits in which ink was found: how often their prediction sets were right."""
        probabilities, truth = self._inked()
        best, rows = probabilities.max(axis=1, keepdims=True), np.arange(len(truth))
        found = []
        for level, threshold in self.levels:
            chosen = probabilities >= np.minimum(threshold, best)
            covered, size = chosen[rows, truth].mean(), chosen.sum(axis=1).mean()
            found.append(Covered(level, float(covered), float(size)))
        return tuple(found)

    @property
    def tradeoff(self) -> Tradeoff | None:
        """Letters, scribbles and symbols accepted against digits refused; `None` without either."""
        digits = [result.ours for result in self.digits]
        others = [result.ours for result in self.others if result.kind in WRITTEN]
        if not digits or not others:
            return None
        return trade_off(Readings.joined(digits), Readings.joined(others), self.accept_threshold)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; what cannot be said is None."""
        curve = self.tradeoff
        return {
            "sets": [result.to_dict() for result in self.sets],
            "mean_accuracy": self.mean_accuracy,
            "plain_mean_accuracy": self.plain_mean_accuracy,
            "worst": self.worst.name if self.worst else None,
            "ece": self.ece if self.digits else None,
            "reliability": [asdict(bar) for bar in self.reliability] if self.digits else None,
            "coverage": [asdict(it) for it in self.coverage] if self.digits else None,
            "tradeoff": curve.to_dict() if curve else None,
        }

    @staticmethod
    def _mean(found: dict[str, float]) -> float | None:
        if not set(MEAN_OF) <= set(found):
            return None
        return sum(found[name] for name in MEAN_OF) / len(MEAN_OF)

    def _inked(self) -> tuple[metrics.Floats, metrics.Labels]:
        every = Readings.joined([result.ours for result in self.digits])
        inked = every.digits >= 0
        return every.probabilities[inked], every.labels[inked].astype(np.int64)


def share(part: int, whole: int) -> float:
    """`part / whole`, or 0 of nothing."""
    return part / whole if whole else 0.0
