"""What goes over the wire of /api/v1/read, as OpenAPI tells it. Nothing is checked here.

In: nothing. Out: models of the answer, and JSON schemas of the request. The checks are in
`reading`, the answer in `inkdigits.results`; a test compares.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from inkdigits.rules import LONGEST
from inkdigits.service.reading import CHECKSUMS, GROUPS, PICTURES
from inkdigits.service.schemas import (
    IMAGE,
    STORED,
    TINY,
    Answer,
    BoxAnswer,
    ModelName,
    body,
    closed_object,
)


class TextCandidate(Answer):
    """A text and how likely it is."""

    text: str = Field(examples=["2471"])
    probability: float = Field(ge=0, le=1, examples=[0.97])


class SeparatorAnswer(Answer):
    """A mark between digits, which is none of them."""

    mark: Literal[".", ",", "-"]
    after: int = Field(ge=0, description="how many digits of the number stand before it")
    box: BoxAnswer


class DigitAnswer(Answer):
    """One digit of a number."""

    digit: int | None = Field(ge=0, le=9, examples=[2])
    confidence: float = Field(ge=0, le=1, examples=[0.99])
    probabilities: list[float] = Field(min_length=10, max_length=10, description="of 0 to 9")
    box: BoxAnswer | None
    seen: list[int] | None = Field(
        default=None, description="28 x 28 numbers 0 to 255, row by row; only if asked for"
    )


class NumberAnswer(Answer):
    """One number as it was read."""

    text: str = Field(description="its digits, and the pattern's marks", examples=["2471"])
    confidence: float = Field(ge=0, le=1, description="that the whole text is right")
    accepted: bool = Field(description="whether to act on the text")
    reason: Literal["unsure", "no_fit"] | None = Field(description="why it is not accepted")
    line: int = Field(ge=0, description="of the page, from 0 at the top")
    box: BoxAnswer
    candidates: list[TextCandidate] = Field(description="the likeliest texts, best first")
    separators: list[SeparatorAnswer] = Field(description="marks that were seen")
    digits: list[DigitAnswer] = Field(description="left to right")


class ReadingAnswer(Answer):
    """All numbers of a picture."""

    text: str = Field(description="a line a line, numbers parted by spaces", examples=["2471 107"])
    numbers: list[NumberAnswer] = Field(description="in reading order")
    left_out: int = Field(ge=0, description="pieces of writing that were taken for no number")
    turned: Literal[0, 90, 180, 270] = Field(
        description="degrees, counter-clockwise, by which the picture was turned to be read"
    )
    width: int = Field(description="of the upright picture, pixels")
    height: int
    flags: list[str] = Field(description="no_content, frames_ignored", examples=[[]])
    frames_ignored: int = Field(ge=0, examples=[0])
    model: ModelName
    stored: bool | None = Field(default=None, description=STORED)


_PAIR: dict[str, Any] = {"type": "array", "minItems": 2, "maxItems": 2}
_LENGTH: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": LONGEST}
_WORDS = {
    "group": "which digits of a line are one number: `gap` (all but across a gap that is clearly "
    "wider than the others), `row` (all) or `digit` (none)",
    "model": "one of /api/v1/models, `name` or `name:version`; else the default",
    "turn": "whether other ways up are tried where the page makes little sense",
    "seen": "whether each digit has what the model saw of it",
    "length": "how many digits, or the fewest and the most",
    "pattern": r"what a whole text is like, a part of regular expressions, such as [0-9]{2}-\d{3}",
    "checksum": "which check digits a number has",
    "range": "the least and the greatest value, both included",
}
_OPTIONS: dict[str, Any] = {
    "group": {"type": "string", "enum": list(GROUPS), "default": "gap"},
    "turn": {"type": "boolean", "default": True},
    "seen": {"type": "boolean", "default": False},
    "model": {"type": "string"},
    "length": {"oneOf": [_LENGTH, {**_PAIR, "items": _LENGTH}]},
    "pattern": {"type": "string", "minLength": 1, "maxLength": 500},
    "checksum": {"type": "string", "enum": list(CHECKSUMS)},
    "range": {**_PAIR, "items": {"type": "integer", "minimum": 0}},
}
#: As a query or a form has them: pairs are texts with a sign between.
_AS_TEXT: dict[str, Any] = {
    **_OPTIONS,
    "length": {"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$", "example": "3-5"},
    "range": {"type": "string", "pattern": "^[0-9]+:[0-9]+$", "example": "0:100"},
}


def _described(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: {**schema, "description": _WORDS[name]} for name, schema in schemas.items()}


_FILE = {"type": "string", "format": "binary"}
READ = {
    "parameters": [
        {"name": name, "in": "query", "schema": schema, "description": _WORDS[name]}
        for name, schema in _AS_TEXT.items()
    ],
    **body(
        {
            **{kind: {"schema": _FILE} for kind in PICTURES},
            "multipart/form-data": {
                "schema": closed_object(
                    ["image"], {"image": {**_FILE, "example": "page.jpg"}, **_described(_AS_TEXT)}
                )
            },
            "application/json": {
                "schema": closed_object(["image"], {"image": IMAGE, **_described(_OPTIONS)}),
                "example": {"image": TINY, "length": [1, 5]},
            },
        }
    ),
}
