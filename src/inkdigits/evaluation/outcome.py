"""All that one evaluation found, in one piece.

In: what the measurements gave. Out: an `Outcome`, which becomes JSON with stable keys. Measures
nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inkdigits.evaluation.framed import Framing
from inkdigits.evaluation.numbers import NumbersReport
from inkdigits.evaluation.report import Report
from inkdigits.evaluation.robustness import Robustness
from inkdigits.evaluation.setresult import RealReport


@dataclass(frozen=True)
class Outcome:
    """What was found; what was left out is `None`.

    Attributes:
        mnist: on MNIST's test part.
        corruptions: on the same digits, spoilt.
        real: on handwriting that is not MNIST, and on what is no digit.
        shifts: of up to how many pixels each digit was read at; 0 for one reading.
        framing: on digits shown in many ways.
        numbers: on numbers of several digits, and on pages of them.
    """

    mnist: Report
    corruptions: Robustness | None = None
    real: RealReport | None = None
    shifts: int = 0
    framing: Framing | None = None
    numbers: NumbersReport | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        spoilt = self.corruptions.to_dict() if self.corruptions else None
        return {
            "mnist": self.mnist.to_dict(),
            "corruptions": spoilt,
            "real": self.real.to_dict() if self.real else None,
            "shifts": self.shifts,
            "framing": self.framing.to_dict() if self.framing else None,
            "numbers": self.numbers.to_dict() if self.numbers else None,
        }
