"""What OpenAPI says of explanations. Documentation only.

In: nothing. Out: models of the answer, and the query.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from inkdigits.service.schemas import CLASSIFY, Answer, BoxAnswer, PredictionAnswer


class RivalAnswer(Answer):
    """What would have to go for another digit to fare best."""

    digit: int = Field(ge=0, le=9, examples=[1])
    patch: BoxAnswer = Field(description="its ink, in pixels of the 28x28 image")
    before: float = Field(ge=0, le=1, description="the digit's probability")
    after: float = Field(ge=0, le=1, description="its probability without that ink")
    wins: bool = Field(description="whether it is then the most probable")


class ExplanationAnswer(Answer):
    """Why a digit is read as it is."""

    prediction: PredictionAnswer
    digit: int | None = Field(description="which answer is explained; null for a blank")
    against: int | None = Field(description="the digit compared with; null for all others")
    evidence: list[list[float]] = Field(description="28 rows of 28: changes of the log-odds")
    rival: RivalAnswer | None
    readings: int = Field(description="how many images were read for this", examples=[82])
    picture: str | None = Field(default=None, description="data URL of a PNG; if asked for")


_DIGIT = {"type": "integer", "minimum": 0, "maximum": 9}
_QUERY: dict[str, tuple[dict[str, Any], str]] = {
    "digit": (_DIGIT, "which answer to explain; else the one given"),
    "against": (_DIGIT, "compare with this digit alone; else with all others"),
    "picture": ({"type": "boolean", "default": False}, "whether to answer with a picture, too"),
}
EXPLAIN = {
    "parameters": [
        {"name": name, "in": "query", "schema": schema, "description": words}
        for name, (schema, words) in _QUERY.items()
    ],
    **CLASSIFY,
}
