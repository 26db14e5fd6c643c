"""What goes over the wire of /api/v1/feedback and /api/v1/about, as OpenAPI tells it.

In: nothing. Out: models of the answers, and JSON schemas of the requests. Nothing is checked here:
the checks are in `feedback`, the answers in `inkdigits.store.correction` and `about`; a test
compares.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from inkdigits.service.schemas import STROKES, Answer, ModelName, body, closed_object, in_path
from inkdigits.store.correction import LABELS, LONGEST_NAME, MAX_POINTS, PIXELS, REASONS


class Stored(Answer):
    """The correction is stored."""

    id: str = Field(description="whoever has it may take the correction back")


class TallyAnswer(Answer):
    """What people said of one model."""

    name: str = Field(examples=["standard"])
    version: str = Field(examples=["2"])
    count: int = Field(ge=0, description="answers that people judged", examples=[40])
    confirmed: int = Field(ge=0, description="how many of them they called right", examples=[30])
    accuracy: float | None = Field(ge=0, le=1, description="null for none", examples=[0.75])


class SummaryAnswer(Answer):
    """What people said, counted."""

    count: int = Field(ge=0, examples=[41])
    labels: dict[str, int] = Field(description="how many of each: 0 to 9, and not_a_digit")
    confirmed: int = Field(ge=0, description="the answer was right", examples=[30])
    corrected: int = Field(ge=0, description="it was wrong", examples=[11])
    accuracy: float | None = Field(ge=0, le=1, description="confirmed of all", examples=[0.73])
    model: TallyAnswer = Field(description="of the model that reads now")


class Measured(Answer):
    """How a model did on pictures that it had not learnt from, by its card."""

    what: str = Field(description="which pictures")
    size: int = Field(ge=1, description="how many", examples=[9930])
    accuracy: float = Field(ge=0, le=1, description="share read right", examples=[0.983])
    accepted: float = Field(ge=0, le=1, description="share of which it was sure", examples=[0.97])
    accuracy_accepted: float = Field(
        ge=0, le=1, description="share read right of those", examples=[0.994]
    )


class AboutAnswer(Answer):
    """What answers here."""

    version: str = Field(description="of inkdigits", examples=["0.1.0"])
    keys: Literal["off", "optional", "required"] = Field(description="whether it takes keys")
    feedback: bool = Field(description="whether corrections are stored")
    store: Literal["off", "metadata", "pictures"] = Field(
        description="what is kept of each prediction: nothing, the answer, or the 28x28 pixels too"
    )
    store_days: int | None = Field(ge=1, description="for how long; null where there is no end")
    model: ModelName
    measured: Measured | None = Field(description="null where the model's card says nothing")
    card: str | None = Field(
        description="where the model's card is, from the page's own address",
        examples=["api/v1/about/card"],
    )


#: What a sender may call a correction: a token as hard to guess as those that are made here.
OWN_ID = "[A-Za-z0-9][A-Za-z0-9_-]{21,42}"
_LABEL: dict[str, Any] = {"enum": list(LABELS), "description": "what it is"}
_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_READING = closed_object(
    ["digit", "confidence", "model"],
    {
        "digit": {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "reason": {"enum": [None, *REASONS], "default": None},
        "model": closed_object(["name", "version"], {"name": _NAME, "version": _NAME}),
    },
    description="what was answered, as /api/v1/classify did",
)
_SEEN = {
    "type": "array",
    "description": "28 x 28 numbers 0 to 255, row by row",
    "items": {"type": "integer", "minimum": 0, "maximum": 255},
    "minItems": PIXELS,
    "maxItems": PIXELS,
}
SAY = body(
    {
        "application/json": {
            "schema": closed_object(
                ["label", "reading"],
                {
                    "label": _LABEL,
                    "reading": _READING,
                    "strokes": {
                        **STROKES,
                        "description": f"{STROKES['description']}; {MAX_POINTS:,} points at most",
                    },
                    "seen": _SEEN,
                    "id": {
                        "type": "string",
                        "pattern": f"^{OWN_ID}$",
                        "description": "one of your own: repeated, it is stored once",
                    },
                },
                oneOf=[{"required": [name]} for name in ("strokes", "seen")],
            ),
            "example": {
                "label": 7,
                "reading": {
                    "digit": 1,
                    "confidence": 0.9,
                    "reason": None,
                    "model": {"name": "standard", "version": "2"},
                },
                "strokes": [[[10, 10], [30, 10], [18, 50]]],
            },
        }
    }
)
TAKE_BACK = in_path(id="as it was answered when the correction was stored")
