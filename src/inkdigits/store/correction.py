"""A correction: what a person says a digit is, beside what was read; and many of them, counted.

In: plain values. Out: frozen dataclasses that have proved to be sound. Knows neither databases nor
HTTP.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from inkdigits.errors import StoreError
from inkdigits.results import Reason

NOT_A_DIGIT: Literal["not_a_digit"] = "not_a_digit"
#: What a person may say: a digit, or that it is none.
Label = int | Literal["not_a_digit"]
LABELS: tuple[Label, ...] = (*range(10), NOT_A_DIGIT)
REASONS: tuple[Reason, ...] = get_args(Reason)
#: Points of a drawing, at most: a digit drawn in the page has one or two hundred.
MAX_POINTS = 2_000
#: Numbers of a picture as the model saw it, 28 x 28.
PIXELS = 784
#: Characters of a model's name and of its version, at most.
LONGEST_NAME = 100

Stroke = tuple[tuple[float, ...], ...]


def new_id() -> str:
    """A token of 22 characters that nobody can guess; it begins with a letter or a digit.

    What begins with a dash would be a formula to a spreadsheet, and an option to a command.
    """
    while not (token := secrets.token_urlsafe(16))[0].isalnum():
        pass
    return token


@dataclass(frozen=True)
class Correction:
    """One thing that a person said.

    Attributes:
        label: what it is.
        digit: the most probable digit that was read; `None` for a blank.
        confidence: its probability, 0 to 1.
        reason: why the digit was not accepted, as in `Prediction`; `None` where it was.
        model: the name of the model that read it.
        version: that model's version.
        strokes: the drawing as strokes of (x, y) or (x, y, pressure); `None` for a picture.
        seen: the picture as the model saw it, 784 bytes, row by row; `None` for a drawing.
        id: a token that nobody can guess; whoever has it may take the correction back.
        created_at: when it was said, UTC.
    """

    label: Label
    digit: int | None
    confidence: float
    reason: Reason | None
    model: str
    version: str
    strokes: tuple[Stroke, ...] | None = None
    seen: bytes | None = None
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            StoreError: `bad-correction`.
        """
        for sound, message in self._checks():
            if not sound:
                raise StoreError(message, code="bad-correction")

    def _checks(self) -> Iterable[tuple[bool, str]]:
        digits = range(10)
        yield self.label in LABELS, "The label is a digit or not_a_digit."
        yield self.digit is None or self.digit in digits, "The digit lies in 0 to 9."
        yield 0 <= self.confidence <= 1, "The confidence lies in 0 to 1."
        yield self.reason is None or self.reason in REASONS, "The reason is not known."
        for name in (self.model, self.version):
            yield sound_name(name), f"A model's name has 1 to {LONGEST_NAME} plain characters."
        yield (self.strokes is None) != (self.seen is None), "Give either strokes or seen."
        yield self.seen is None or len(self.seen) == PIXELS, f"A picture has {PIXELS} pixels."
        points = [point for stroke in self.strokes or () for point in stroke]
        yield (
            self.seen is not None or 0 < len(points) <= MAX_POINTS,
            (f"A drawing has 1 to {MAX_POINTS:,} points."),
        )
        yield all(len(point) in (2, 3) for point in points), "A point has 2 or 3 numbers."
        yield all(map(math.isfinite, (n for it in points for n in it))), "Points are finite."
        yield self.created_at.utcoffset() is not None, "The time has a time zone."

    @property
    def answer(self) -> Label:
        """What was answered: the digit, `not_a_digit` where it was refused."""
        return answer_of(self.digit, self.reason)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "id": self.id,
            "created_at": self.created_at.isoformat(timespec="seconds"),
            "label": self.label,
            "digit": self.digit,
            "confidence": self.confidence,
            "reason": self.reason,
            "model": self.model,
            "version": self.version,
            "strokes": None
            if self.strokes is None
            else [[list(point) for point in stroke] for stroke in self.strokes],
            "seen": None if self.seen is None else list(self.seen),
        }


@dataclass(frozen=True)
class Tally:
    """What people said of one model's answers.

    Attributes:
        name, version: of the model.
        count: how many answers they judged.
        confirmed: how many of those they called right.
    """

    name: str
    version: str
    count: int
    confirmed: int

    @property
    def accuracy(self) -> float | None:
        """The share that was right, by what people said; `None` where nobody said anything."""
        return self.confirmed / self.count if self.count else None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {**asdict(self), "accuracy": self.accuracy}


@dataclass(frozen=True)
class Summary:
    """All corrections, counted.

    Attributes:
        count: how many there are.
        labels: how many of each label, all eleven of them.
        confirmed: how many say that the answer was right.
        models: the same for each model, that with the most corrections first.
    """

    count: int
    labels: dict[Label, int]
    confirmed: int
    models: tuple[Tally, ...]

    @property
    def corrected(self) -> int:
        """How many say that the answer was wrong."""
        return self.count - self.confirmed

    @property
    def accuracy(self) -> float | None:
        """The share of answers that people called right; `None` where there is none.

        People who speak up are not all people: this is no measured accuracy.
        """
        return self.confirmed / self.count if self.count else None

    def of(self, name: str, version: str) -> Tally:
        """What was said of one model; nothing, perhaps."""
        found = (it for it in self.models if (it.name, it.version) == (name, version))
        return next(found, Tally(name, version, 0, 0))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "count": self.count,
            "labels": {str(label): number for label, number in self.labels.items()},
            "confirmed": self.confirmed,
            "corrected": self.corrected,
            "accuracy": self.accuracy,
            "models": [tally.to_dict() for tally in self.models],
        }


def answer_of(digit: int | None, reason: str | None) -> Label:
    """What a reading says: its digit, also where it is `unsure`; else that it is none."""
    return digit if digit is not None and reason in (None, "unsure") else NOT_A_DIGIT


def sound_name(name: str) -> bool:
    """Whether this can be a model's name: short and plain, and no formula in a spreadsheet."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and name[0] not in "=+-@ "
