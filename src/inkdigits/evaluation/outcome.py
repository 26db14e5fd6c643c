"""All that one evaluation found, in one piece.

In: what the measurements gave. Out: an `Outcome`, which becomes JSON with stable keys. Measures
nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inkdigits.evaluation import real
from inkdigits.evaluation.real import SetResult
from inkdigits.evaluation.report import Report
from inkdigits.evaluation.robustness import Robustness


@dataclass(frozen=True)
class Outcome:
    """What was found; what was left out is `None`.

    Attributes:
        mnist: on MNIST's test part.
        corruptions: on the same digits, spoilt.
        real: on handwriting that is not MNIST, a result a set.
        shifts: of up to how many pixels each digit was read at; 0 for one reading.
    """

    mnist: Report
    corruptions: Robustness | None = None
    real: tuple[SetResult, ...] | None = None
    shifts: int = 0

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        found = None
        if self.real is not None:
            sets = [result.to_dict() for result in self.real]
            found = {"sets": sets, "mean_accuracy": real.mean_accuracy(self.real)}
        spoilt = self.corruptions.to_dict() if self.corruptions else None
        return {
            "mnist": self.mnist.to_dict(),
            "corruptions": spoilt,
            "real": found,
            "shifts": self.shifts,
        }
