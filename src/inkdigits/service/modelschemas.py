"""What OpenAPI says of models: the answers of `models`. Documentation only.

In: nothing. Out: pydantic models.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from inkdigits.service.feedbackschemas import Measured
from inkdigits.service.schemas import Answer


class ModelEntry(Answer):
    """A model that answers here."""

    name: str = Field(examples=["standard"])
    version: str = Field(examples=["2"])
    default: bool = Field(description="whether it answers where no model is named")
    sha256: str | None = Field(description="of its file")
    measured: Measured | None = Field(description="what its card says; null without one")
    coverages: list[float] = Field(description="levels of `coverage` that it promises")
    parameters: int | None = Field(examples=[179242])
    licence: str | None = Field(examples=["MIT"])


class ModelsAnswer(Answer):
    """All of them, the default first."""

    models: list[ModelEntry]


class ModelAnswer(ModelEntry):
    """One of them."""

    card: dict[str, Any] | None = Field(description="as `inkdigits export` wrote it")


class OutcomeAnswer(Answer):
    """What became of one model of the settings."""

    given: str = Field(description="as the settings name it", examples=["standard"])
    result: Literal["loaded", "unchanged", "failed"]
    name: str | None = Field(description="what answers now; null where nothing does")
    version: str | None
    reason: str = Field(description="a sentence where it failed; else empty")


class ReloadAnswer(Answer):
    """What became of all of them."""

    ok: bool = Field(description="whether none failed")
    models: list[OutcomeAnswer]
