"""A prediction as it is kept: what was read, when, by which model; not what was sent.

In: plain values. Out: a frozen dataclass, and its probabilities as 20 bytes. Knows neither
databases nor HTTP.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from inkdigits.results import Reason
from inkdigits.store.correction import LONGEST_NAME, new_id

#: What was sent: an encoded picture, an array, pen strokes, or a page with numbers on it.
Kind = Literal["image", "pixels", "strokes", "page"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Ten fractions of 16 bits each.
_PACKED = struct.Struct(">10H")
_WHOLE = 65_535


@dataclass(frozen=True)
class Kept:
    """One prediction.

    Attributes:
        request_id: of the request that asked for it; several have one id.
        model, version: what read it.
        digit: the most probable digit; `None` for a blank.
        reason: why it was not accepted; `None` where it was.
        confidence: its probability, 0 to 1.
        probabilities: of the digits 0 to 9; to within 1/131,070 once it was stored.
        seconds: how long it took to read; of a digit on a page, the whole page.
        kind: what was sent.
        seen: the 28x28 pixels that the model saw, 784 bytes; `None` where they are not kept.
        id: a name of its own.
        created_at: when it was read, UTC.
    """

    request_id: str
    model: str
    version: str
    digit: int | None
    reason: Reason | None
    confidence: float
    probabilities: tuple[float, ...]
    seconds: float
    kind: Kind
    seen: bytes | None = None
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "id": self.id,
            "created_at": self.created_at.isoformat(timespec="milliseconds"),
            "request_id": self.request_id,
            "model": self.model,
            "version": self.version,
            "digit": self.digit,
            "reason": self.reason,
            "confidence": self.confidence,
            "probabilities": [round(it, 5) for it in self.probabilities],
            "seconds": self.seconds,
            "kind": self.kind,
            "seen": None if self.seen is None else list(self.seen),
        }


@dataclass(frozen=True)
class Holdings:
    """What there is of predictions.

    Attributes:
        count: how many.
        pictures: how many of them with what the model saw.
        oldest, newest: when the first and the last were read; `None` where there are none.
        models: how many of each model and version, that with the most first.
    """

    count: int
    pictures: int
    oldest: datetime | None
    newest: datetime | None
    models: tuple[tuple[str, str, int], ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "count": self.count,
            "pictures": self.pictures,
            "oldest": self.oldest and self.oldest.isoformat(timespec="seconds"),
            "newest": self.newest and self.newest.isoformat(timespec="seconds"),
            "models": [{"name": n, "version": v, "count": c} for n, v, c in self.models],
        }


def packed(probabilities: Sequence[float]) -> bytes:
    """Ten probabilities as 20 bytes."""
    return _PACKED.pack(*(round(min(max(it, 0.0), 1.0) * _WHOLE) for it in probabilities))


def unpacked(data: bytes) -> tuple[float, ...]:
    """20 bytes as ten probabilities; `struct.error` where it is something else."""
    return tuple(it / _WHOLE for it in _PACKED.unpack(data))


def short_name(name: str) -> str:
    """A model's name or version as it is kept; a path may be longer."""
    return name[-LONGEST_NAME:]
