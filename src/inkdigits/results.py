"""What inkdigits answers: plain frozen values that know how to become JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal["unsure", "not_a_digit", "several_digits", "blank"]

#: Among the candidates of an unsure reading the true digit shall be with this probability, ...
ENOUGH = 0.95
#: ... but there are at least two of them, or there were no doubt, and at most three.
FEWEST, MOST = 2, 3


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture: left, top, width and height in pixels of the upright picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Prediction:
    """One digit as it was read.

    Attributes:
        digit: the most probable digit, or `None` where there is no ink at all.
        confidence: its calibrated probability, 0 to 1; 0 for a blank.
        probabilities: of the digits 0 to 9, summing to 1; all 0.1 for a blank.
        accepted: whether to act on `digit`; where not, `reason` says why.
        reason: `unsure` (two digits are too close), `not_a_digit` (the ink does not look like
            one), `several_digits` (it looks like more than one), `blank` (no ink), or `None`
            when accepted.
        model: the name of the model that read it.
        version: that model's version, ending in `+shiftsN` where it read at several shifts.
        box: where the digit stands in the picture; `None` for a blank or an array as MNIST has it.
        frames_ignored: how many further frames an animated picture had.
        seen: (28, 28) uint8, what the model was shown; not part of equality.
        digitness: the energy score, logsumexp of the logits at temperature 1. Of a model trained
            with outliers it is the log-odds that this is a digit at all (0: as likely as not); of
            another, high for digits, but on a scale of its own. `None` for a blank.
        prediction_set: the digits that it may be, ascending, with the coverage that was asked
            for; `None` where none was asked, and for a blank.
    """

    digit: int | None
    confidence: float
    probabilities: tuple[float, ...]
    accepted: bool
    reason: Reason | None
    model: str
    version: str
    box: Box | None = None
    frames_ignored: int = 0
    seen: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    digitness: float | None = None
    prediction_set: tuple[int, ...] | None = None

    def top(self, k: int = 3) -> tuple[tuple[int, float], ...]:
        """The `k` most probable digits with their probabilities, best first."""
        order = sorted(range(10), key=lambda digit: -self.probabilities[digit])
        return tuple((digit, self.probabilities[digit]) for digit in order[:k])

    @property
    def candidates(self) -> tuple[tuple[int, float], ...]:
        """The digits to choose from, with their probabilities, best first.

        The digit alone where it is accepted; where it is `unsure`, the two or three digits that
        it hesitates between, the fewest whose probabilities reach 0.95; else none.
        """
        if self.accepted:
            return self.top(1)
        if self.reason != "unsure":
            return ()
        best = self.top(MOST)
        return best[:FEWEST] if sum(share for _, share in best[:FEWEST]) >= ENOUGH else best

    @property
    def flags(self) -> tuple[str, ...]:
        """Remarks for a program: `no_content` for a blank, `frames_ignored` for an animation."""
        remarks = (("no_content", self.digit is None), ("frames_ignored", self.frames_ignored > 0))
        return tuple(name for name, holds in remarks if holds)

    def to_dict(self, *, top_k: int = 3, seen: bool = False) -> dict[str, Any]:
        """A JSON-ready dict; with `seen`, what the model saw as 784 numbers from 0 to 255."""
        answer: dict[str, Any] = {
            "digit": self.digit,
            "confidence": self.confidence,
            "accepted": self.accepted,
            "reason": self.reason,
            "digitness": self.digitness,
            "candidates": _listed(self.candidates),
            "prediction_set": None if self.prediction_set is None else list(self.prediction_set),
            "top": _listed(self.top(top_k)),
            "probabilities": list(self.probabilities),
            "box": None if self.box is None else asdict(self.box),
            "flags": list(self.flags),
            "frames_ignored": self.frames_ignored,
            "model": {"name": self.model, "version": self.version},
        }
        if seen:
            answer["seen"] = None if self.seen is None else self.seen.ravel().tolist()
        return answer


def _listed(digits: tuple[tuple[int, float], ...]) -> list[dict[str, Any]]:
    return [{"digit": digit, "probability": share} for digit, share in digits]
