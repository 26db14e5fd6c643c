"""The models that answer, side by side, and how they are replaced while they do.

In: names of shipped models, or ONNX files. Out: `Served`, by what a request calls it. A new file
takes the place of an old one only once it is loaded and has proved to be sound; whoever holds the
old one finishes with it. Knows no HTTP, but that an unknown name is a `Problem`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode, modelfile
from inkdigits.errors import InkdigitsError, ModelError
from inkdigits.explain import Explanation
from inkdigits.image import Limits
from inkdigits.layout import Grouping
from inkdigits.model import FOLDER, Model
from inkdigits.recognizer import Recognizer
from inkdigits.results import Prediction, Reading
from inkdigits.rules import Rules
from inkdigits.service.problems import Problem
from inkdigits.service.telemetry.watch import TimedModel, Watch

logger = logging.getLogger("inkdigits.service")
#: What became of a model that was looked at again.
Result = Literal["loaded", "unchanged", "failed"]


class Reader(Protocol):
    """What the service needs of `inkdigits.Recognizer`."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def version(self) -> str:
        """The model's version."""

    def check_coverage(self, coverage: float | None, /) -> None:
        """Raise `CoverageError` where prediction sets of that coverage cannot be had."""

    def classify(
        self, source: Any, /, *, coverage: float | None = None, limits: Limits | None = None
    ) -> Prediction:
        """Read one digit from the bytes of a picture or from an array, within limits."""

    def classify_strokes(
        self, pen: Sequence[Any], /, *, coverage: float | None = None
    ) -> Prediction:
        """Read one digit from pen strokes."""

    def explain(
        self,
        source: Any,
        /,
        *,
        digit: int | None = None,
        against: int | None = None,
        limits: Limits | None = None,
    ) -> Explanation:
        """Say why the digit of a picture or of an array is read as it is."""

    def explain_strokes(
        self, pen: Sequence[Any], /, *, digit: int | None = None, against: int | None = None
    ) -> Explanation:
        """The same of pen strokes."""

    def read(
        self,
        source: Any,
        /,
        *,
        group: Grouping = "gap",
        rules: Rules | None = None,
        turn: bool = True,
        limits: Limits | None = None,
    ) -> Reading:
        """Read every number on the picture whose bytes these are, within limits."""


@dataclass(frozen=True, eq=False)
class Served:
    """A model as the service holds it.

    Attributes:
        given: what the settings call it.
        reader: reads pictures with it.
        model: the network alone; `None` where a test brought its own reader.
        card: of the model, as JSON; `None` where it has none.
    """

    given: str
    reader: Reader
    model: Model | None = None
    card: dict[str, Any] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Name and version."""
        return self.reader.name, self.reader.version

    @property
    def sha256(self) -> str:
        """Of the file, in hex; empty where there is no file."""
        return self.model.info.sha256 if self.model else ""

    def decide(self, glyphs: NDArray[np.float32]) -> list[Prediction]:
        """Read digits that already are as MNIST has them: (N, 28, 28, 1) in [0, 1]."""
        if self.model is None:
            raise Problem("not-ready", "This reader takes no arrays.")
        found = decode.decode(self.model.logits(glyphs), self.model.info)
        inked = [bool(it.any()) for it in glyphs]
        return [
            Prediction(None, 0.0, (0.1,) * 10, False, "blank", *self.key)
            if not ink
            else Prediction(
                it.digit,
                it.confidence,
                it.probabilities,
                it.accepted,
                it.reason,
                *self.key,
                seen=np.rint(glyph[..., 0] * 255).astype(np.uint8),
                digitness=it.digitness,
            )
            for it, ink, glyph in zip(found, inked, glyphs, strict=True)
        ]


@dataclass(frozen=True)
class Outcome:
    """What became of one model of the settings: `reason` is a sentence where it failed."""

    given: str
    result: Result
    name: str | None = None
    version: str | None = None
    reason: str = ""


class Registry:
    """The models of the settings, the default first. `find` may be called while `load` runs."""

    def __init__(self, given: Sequence[str], watch: Watch, reader: Reader | None = None) -> None:
        self._given = tuple(dict.fromkeys(given))
        self._watch = watch
        self._fixed = reader is not None
        self._lock = threading.Lock()
        self._served: tuple[Served, ...] = ()
        self.reason = "" if reader else "The service has not started yet."
        if reader is not None:
            self._served = (Served(self._given[0], reader),)

    @property
    def served(self) -> tuple[Served, ...]:
        """All that answer now, the default first."""
        return self._served

    def find(self, asked: str | None = None) -> Served:
        """The model that a request names, `name` or `name:version`; the default by `None`.

        Raises:
            Problem: `not-ready` (503) with the reason, or `unknown-model` (404).
        """
        served = self._served
        if not served or (asked is None and served[0].given != self._given[0]):
            raise Problem("not-ready", self.reason, headers={"Retry-After": "5"})
        if asked is None:
            return served[0]
        for it in served:
            if asked in (it.reader.name, ":".join(it.key)):
                return it
        known = ", ".join(dict.fromkeys(it.reader.name for it in served))
        raise Problem("unknown-model", f"These models answer here: {known}.")

    def load(self) -> list[Outcome]:
        """Load all models, or load again those whose files have changed. Blocks.

        A model that cannot be loaded keeps its old self, where it has one. Where it has none,
        `reason` says why from then on.
        """
        with self._lock:
            if self._fixed:
                return []
            old = {it.given: it for it in self._served}
            made: list[Served] = []
            outcomes = [self._renewed(given, old.get(given), made) for given in self._given]
            missing = {it.given for it in outcomes} - {it.given for it in made}
            wrong = [it.reason for it in outcomes if it.given in missing]
            self._served, self.reason = tuple(made), " ".join(wrong)
            for gone in set(old.values()) - set(made):
                self._watch.metrics.unloaded(gone.key, gone.sha256)
            for it in made:
                self._watch.metrics.loaded(it.key, it.sha256)
        for outcome in outcomes:
            self._watch.metrics.reloaded(outcome.result)
        return outcomes

    def _renewed(self, given: str, old: Served | None, made: list[Served]) -> Outcome:
        """Add what `given` now is, or else what it was, to `made`."""
        try:
            new = _loaded(given, self._watch)
            if any(it.key == new.key for it in made):
                raise ModelError(f"{given} is {':'.join(new.key)}, which is there already.")
        except InkdigitsError as error:
            reason = str(error)
            logger.error("model not loaded: %s", reason, extra={"model": given})
        except Exception:
            reason = "The model could not be loaded; the log says why."
            logger.exception("model not loaded", extra={"model": given})
        else:
            if old is not None and old.sha256 == new.sha256 and old.card == new.card:
                made.append(old)
                return Outcome(given, "unchanged", *old.key)
            made.append(new)
            told = dict(zip(("model", "version"), new.key, strict=True))
            told |= {"sha256": new.sha256, "replaces": ":".join(old.key) if old else ""}
            logger.info("model loaded", extra=told)
            return Outcome(given, "loaded", *new.key)
        if old is None or any(it.key == old.key for it in made):
            return Outcome(given, "failed", reason=reason)
        made.append(old)
        return Outcome(given, "failed", *old.key, reason)


def _loaded(given: str, watch: Watch) -> Served:
    model = Model.load(given)
    recognizer = Recognizer(TimedModel(model, watch))
    _ = recognizer.numbers_model  # loads the reader of rows, too
    return Served(given, recognizer, model, modelfile.card(given, FOLDER))
