"""What goes over the wire, as OpenAPI tells it. Documentation only: nothing is checked here.

In: nothing. Out: models of the answers and JSON schemas of the requests with examples. The
checks are in `payload` and `fields`, the answers in `inkdigits.results`; a test compares.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from inkdigits.service.problems import CATALOGUE, MEDIA_TYPE

#: What an answer says of itself, where the service keeps predictions.
STORED = "whether this answer is kept; only from a service that keeps predictions"


class Answer(BaseModel):
    """An object with these members and no others."""

    model_config = ConfigDict(extra="forbid")


class ModelName(Answer):
    """A model and its version."""

    name: str = Field(examples=["standard"])
    version: str = Field(examples=["1"])


class Candidate(Answer):
    """A digit and its calibrated probability."""

    digit: int = Field(ge=0, le=9, examples=[7])
    probability: float = Field(ge=0, le=1, examples=[0.98])


class BoxAnswer(Answer):
    """A place in pixels of the upright picture."""

    x: int
    y: int
    width: int
    height: int


class PredictionAnswer(Answer):
    """One digit as it was read."""

    digit: int | None = Field(ge=0, le=9, description="null for a blank", examples=[7])
    confidence: float = Field(ge=0, le=1, description="calibrated", examples=[0.98])
    accepted: bool = Field(description="whether to act on the digit", examples=[True])
    reason: Literal["unsure", "not_a_digit", "several_digits", "blank"] | None = Field(
        description="why it is not accepted", examples=[None]
    )
    digitness: float | None = Field(
        description="log-odds that this is a digit, of a model trained with what is none; "
        "of another model a score that is high for digits; null for a blank",
        examples=[9.4],
    )
    candidates: list[Candidate] = Field(
        description="an unsure reading's two or three digits to choose from, best first; "
        "the digit alone where it is accepted; else none"
    )
    prediction_set: list[int] | None = Field(
        description="the digits that it may be, where `coverage` was asked for", examples=[None]
    )
    top: list[Candidate] = Field(description="the top_k most probable digits, best first")
    probabilities: list[float] = Field(min_length=10, max_length=10, description="of 0 to 9")
    box: BoxAnswer | None
    flags: list[str] = Field(description="no_content, frames_ignored", examples=[[]])
    frames_ignored: int = Field(ge=0, examples=[0])
    model: ModelName
    seen: list[int] | None = Field(
        default=None, description="28 x 28 numbers 0 to 255, row by row; only if asked for"
    )
    stored: bool | None = Field(default=None, description=STORED)


class FieldErrorAnswer(Answer):
    """One field that is wrong."""

    pointer: str = Field(description="JSON pointer", examples=["/image"])
    code: str = Field(examples=["bad-base64"])
    message: str


class ProblemAnswer(Answer):
    """RFC 9457. `type` is stable; `detail` is for a person."""

    type: str = Field(examples=["urn:inkdigits:problem:corrupt-image"])
    title: str = Field(examples=["The picture is damaged"])
    status: int = Field(examples=[422])
    detail: str | None
    instance: str
    request_id: str
    errors: list[FieldErrorAnswer]
    error: str | None = Field(default=None, description="only from /predict: detail or title")


class MemberError(Answer):
    """A picture of a batch that could not be read."""

    error: ProblemAnswer


class BatchAnswer(Answer):
    """One entry a picture, in order."""

    predictions: list[PredictionAnswer | MemberError]


class LegacyAnswer(Answer):
    """The answer of /predict."""

    prediction: int | None = Field(description="null for a blank", examples=[7])
    confidence: float = Field(examples=[0.98])
    probabilities: list[float]


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"]


class Started(Answer):
    """The model is loaded."""

    status: Literal["started"]


class Ready(Answer):
    """Requests will be answered."""

    status: Literal["ready"]
    version: str = Field(description="of inkdigits", examples=["0.1.0"])
    model: ModelName
    checks: dict[str, str] = Field(
        description="what was looked at", examples=[{"process": "ok", "model": "ok"}]
    )


# A 7, drawn with two lines on 56 x 56 pixels.
TINY = (
    "iVBORw0KGgoAAAANSUhEUgAAADgAAAA4AQAAAACA/QazAAAAa0lEQVR42q2QsQ2AQAhFP5yFpSM4iqM52hUOciPY"
    "aWH8FqAJJFZavfB5BIIQAADFbxTRlz7npwZJNlIBoCVPnBXRL+7fXmdk3tMbz5wPxiPno3HP+WRcEe+ojHeIs6Z5"
    "db8kf/F8Iykf/38B6ess6pVVkeEAAAAASUVORK5CYII="
)
IMAGE = {"type": "string", "description": "base64 of a PNG, JPEG, GIF, BMP or WebP, or a data URL"}
_OPTIONS: dict[str, Any] = {
    "top_k": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3},
    "seen": {"type": "boolean", "default": False},
    "coverage": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "description": "asks for a prediction set: one of the levels that the model promises, "
        "which the answer names where another is asked for",
    },
    "model": {
        "type": "string",
        "description": "one of /api/v1/models, `name` or `name:version`; else the default",
    },
}
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_PIXELS = {
    "description": "rows of a picture, or 784 numbers: integers 0 to 255 or floats 0 to 1",
    "oneOf": [{"type": "array", "items": _NUMBERS}, {**_NUMBERS, "minItems": 784, "maxItems": 784}],
}
STROKES = {
    "type": "array",
    "description": "pen strokes: lists of [x, y] or [x, y, pressure], y down, in any unit",
    "items": {"type": "array", "items": {**_NUMBERS, "minItems": 2, "maxItems": 3}},
}


def closed_object(required: list[str], properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The schema of an object with these members and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
        **more,
    }


def body(content: dict[str, Any]) -> dict[str, Any]:
    """The part of an operation that tells of its body."""
    return {"requestBody": {"required": True, "content": content}}


CLASSIFY = body(
    {
        "application/json": {
            "schema": closed_object(
                [],
                {"image": IMAGE, "pixels": _PIXELS, "strokes": STROKES, **_OPTIONS},
                oneOf=[{"required": [name]} for name in ("image", "pixels", "strokes")],
            ),
            "example": {"strokes": [[[10, 10], [30, 10], [18, 50]]], "top_k": 3},
        },
        "multipart/form-data": {
            "schema": closed_object(
                ["image"], {"image": {"type": "string", "format": "binary"}, **_OPTIONS}
            ),
        },
    }
)
BATCH = body(
    {
        "application/json": {
            "schema": closed_object(
                ["images"],
                {
                    "images": {
                        "type": "array",
                        "description": "what is no picture becomes a problem in its place",
                        "items": {"anyOf": [IMAGE, {}]},
                        "minItems": 1,
                        "maxItems": 64,
                    },
                    **_OPTIONS,
                },
            ),
            "example": {"images": [TINY]},
        }
    }
)
LEGACY = body(
    {
        "application/json": {
            "schema": closed_object(["image"], {"image": IMAGE}),
            "example": {"image": f"data:image/png;base64,{TINY}"},
        }
    }
)


def in_path(**described: str) -> dict[str, Any]:
    """The part of an operation that tells of the parts of its address: name -> what it is."""
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            | {"description": words}
            for name, words in described.items()
        ]
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation for these error statuses."""
    titles = {
        status: "; ".join(title for code, title in CATALOGUE.values() if code == status)
        for status in statuses
    }
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    return {
        status: {"description": title, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, title in titles.items()
    }
