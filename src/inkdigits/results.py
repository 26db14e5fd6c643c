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
        reason: `unsure` (two digits are too close, or the ink runs off the picture as a line or a
            shadow on the paper does), `not_a_digit` (the ink does not look like one),
            `several_digits` (it looks like more than one), `blank` (no ink), or `None` when
            accepted.
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
            answer |= _shown(self)
        return answer


@dataclass(frozen=True)
class Separator:
    """A mark between or behind the digits of a number, which is none of them.

    Attributes:
        mark: what it is.
        after: how many digits of its number stand before it.
        box: where it stands in the picture.
    """

    mark: Literal[".", ",", "-"]
    after: int
    box: Box


@dataclass(frozen=True)
class Number:
    """One number as it was read.

    Attributes:
        text: its digits; where a pattern was asked for, with the pattern's own marks.
        confidence: how likely the whole text is right, 0 to 1.
        accepted: whether to act on `text`; where not, `reason` says why.
        reason: `unsure`, `no_fit` (no likely reading satisfies the rules that were given, and
            `text` is the likeliest without them), or `None` when accepted.
        box: around its digits, in the picture.
        digits: one prediction a digit, left to right, with its box.
        candidates: the likeliest texts with their probabilities, best first, `text` among them.
        separators: points, commas and dashes that were seen, left to right.
        line: the number of its line on the page, from 0 at the top.
    """

    text: str
    confidence: float
    accepted: bool
    reason: Literal["unsure", "no_fit"] | None
    box: Box
    digits: tuple[Prediction, ...]
    candidates: tuple[tuple[str, float], ...]
    separators: tuple[Separator, ...] = ()
    line: int = 0

    def to_dict(self, *, seen: bool = False) -> dict[str, Any]:
        """A JSON-ready dict; with `seen`, each digit has what the model saw, as 784 numbers."""
        return {
            "text": self.text,
            "confidence": self.confidence,
            "accepted": self.accepted,
            "reason": self.reason,
            "line": self.line,
            "box": asdict(self.box),
            "candidates": [{"text": text, "probability": p} for text, p in self.candidates],
            "separators": [asdict(separator) for separator in self.separators],
            "digits": [_digit(it, seen) for it in self.digits],
        }


@dataclass(frozen=True)
class Reading:
    """All numbers of a picture.

    Attributes:
        numbers: in reading order: lines from the top, each from its left.
        width, height: of the upright picture, pixels; boxes are in these.
        left_out: how many pieces of writing were taken for no number and left out.
        turned: by how many degrees, counter-clockwise, the picture had to be turned to be read:
            0, 90, 180 or 270. Boxes are in the picture as it was given.
        model: the name of the model that read it.
        version: that model's version.
        frames_ignored: how many further frames an animated picture had.
    """

    numbers: tuple[Number, ...]
    width: int
    height: int
    model: str
    version: str
    left_out: int = 0
    turned: int = 0
    frames_ignored: int = 0

    @property
    def lines(self) -> tuple[tuple[Number, ...], ...]:
        """The numbers, line by line."""
        rows = sorted({number.line for number in self.numbers})
        return tuple(tuple(n for n in self.numbers if n.line == row) for row in rows)

    @property
    def text(self) -> str:
        """The numbers as text: a line a line, numbers parted by spaces."""
        return "\n".join(" ".join(number.text for number in line) for line in self.lines)

    @property
    def flags(self) -> tuple[str, ...]:
        """Remarks for a program: `no_content` where nothing was read, `frames_ignored`."""
        remarks = (("no_content", not self.numbers), ("frames_ignored", self.frames_ignored > 0))
        return tuple(name for name, holds in remarks if holds)

    def to_dict(self, *, seen: bool = False) -> dict[str, Any]:
        """A JSON-ready dict; with `seen`, each digit has what the model saw, as 784 numbers."""
        return {
            "text": self.text,
            "numbers": [number.to_dict(seen=seen) for number in self.numbers],
            "left_out": self.left_out,
            "turned": self.turned,
            "width": self.width,
            "height": self.height,
            "flags": list(self.flags),
            "frames_ignored": self.frames_ignored,
            "model": {"name": self.model, "version": self.version},
        }


def _digit(it: Prediction, seen: bool) -> dict[str, Any]:
    answer = {
        "digit": it.digit,
        "confidence": it.confidence,
        "probabilities": list(it.probabilities),
        "box": None if it.box is None else asdict(it.box),
    }
    return answer | _shown(it) if seen else answer


def _shown(it: Prediction) -> dict[str, Any]:
    return {"seen": None if it.seen is None else it.seen.ravel().tolist()}


def _listed(digits: tuple[tuple[int, float], ...]) -> list[dict[str, Any]]:
    return [{"digit": digit, "probability": share} for digit, share in digits]
