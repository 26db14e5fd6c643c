"""The recogniser as the service holds it: loaded once, called from a few threads.

In: `Submission`, `Page`. Out: `Prediction`, `Reading`. Knows how many may run and wait; knows
nothing of HTTP, but that what goes wrong is a `Problem`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any, Protocol, TypeVar

import anyio.to_thread

from inkdigits.errors import CoverageError, InkdigitsError
from inkdigits.image import Limits
from inkdigits.layout import Grouping
from inkdigits.results import Prediction, Reading
from inkdigits.rules import Rules
from inkdigits.service.crew import Crew
from inkdigits.service.payload import Options, Submission
from inkdigits.service.problems import Problem, from_exception
from inkdigits.service.reading import Page
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry.watch import TimedModel, Watch

logger = logging.getLogger("inkdigits.service")
T = TypeVar("T")


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


class Engine:
    """Holds the recogniser, or the reason why there is none."""

    def __init__(
        self, settings: Settings, reader: Reader | None = None, watch: Watch | None = None
    ) -> None:
        self._settings = settings
        self.watch = watch or Watch()
        self._limits = Limits(max_bytes=settings.max_image, heic=False)
        self._reader = reader
        self._crew = Crew(settings.threads)
        self.card: dict[str, Any] | None = None  # of the model, as JSON
        self.reason = "" if reader else "The service has not started yet."

    async def start(self) -> None:
        """Load the model unless a reader was given; a failure becomes `reason`."""
        if self._reader is not None:
            return
        try:
            found = await anyio.to_thread.run_sync(_load, self._settings.model, self.watch)
            self._reader, self.card = found
            self.reason = ""
        except InkdigitsError as error:
            self.reason = str(error)
            told = {"model": self._settings.model}
            logger.error("model not loaded: %s", self.reason, extra=told)
        except Exception:
            self.reason = "The model could not be loaded; the log says why."
            logger.exception("model not loaded", extra={"model": self._settings.model})

    def reader(self) -> Reader:
        """The recogniser.

        Raises:
            Problem: `not-ready` (503), with the reason.
        """
        if self._reader is None:
            raise Problem("not-ready", self.reason, headers={"Retry-After": "5"})
        return self._reader

    @property
    def waiting(self) -> int:
        """How many requests wait for a thread."""
        return self._crew.waiting

    def admit(self) -> None:
        """Let a request in.

        Raises:
            Problem: `not-ready`, or `overloaded` when too many wait already (503).
        """
        self.reader()
        if self.waiting >= self._settings.max_waiting:
            detail = "Too many pictures are waiting: try again."
            raise Problem("overloaded", detail, headers={"Retry-After": "1"})

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread, at most `Settings.threads` at a time."""
        asked = perf_counter()

        def watched() -> T:
            with self.watch.work(asked):
                return work()

        return await self._crew.run(watched)

    async def stop(self) -> None:
        """Let the threads go, once they have done what they were given."""
        await anyio.to_thread.run_sync(self._crew.stop)

    def decoding(self) -> AbstractContextManager[None]:
        """Time in which a body becomes what it holds; in the thread that does it."""
        return self.watch.stage(self._named(), "decode")

    def _named(self) -> tuple[str, str]:
        return (
            ("none", "none") if self._reader is None else (self._reader.name, self._reader.version)
        )

    def check(self, options: Options) -> None:
        """See that the model can answer so.

        Raises:
            Problem: it promises no such coverage (422).
        """
        try:
            self.reader().check_coverage(options.coverage)
        except CoverageError as error:
            raise Problem.at("/coverage", error.code, str(error)) from error

    def read(self, submission: Submission) -> Prediction:
        """Read one digit. Blocks: call it through `run`.

        Raises:
            Problem: the picture, the array or the strokes cannot be read.
        """
        reader, coverage = self.reader(), submission.options.coverage
        try:
            with self.watch.digit(self._named()):
                if submission.strokes is not None:
                    found = reader.classify_strokes(submission.strokes, coverage=coverage)
                else:
                    found = reader.classify(
                        submission.image, coverage=coverage, limits=self._limits
                    )
        except InkdigitsError as error:
            raise from_exception(error, submission.pointer) from error
        self.watch.metrics.predicted(found)
        return found

    def read_page(self, page: Page) -> Reading:
        """Read every number of a page. Blocks: call it through `run`.

        Raises:
            Problem: the picture cannot be read.
        """
        try:
            with self.watch.stage(self._named(), "page"):
                found = self.reader().read(
                    page.image,
                    group=page.group,
                    rules=page.rules,
                    turn=page.turn,
                    limits=self._limits,
                )
        except InkdigitsError as error:
            raise from_exception(error, page.pointer) from error
        self.watch.metrics.read(found)
        return found


def _load(model: str, watch: Watch) -> tuple[Reader, dict[str, Any] | None]:
    from inkdigits import modelfile
    from inkdigits.model import Model
    from inkdigits.recognizer import Recognizer

    digits = Model.load(model)
    recognizer = Recognizer(TimedModel(digits, watch))
    info = digits.info
    told = {"model": info.name, "version": info.version, "sha256": info.sha256}
    numbers = recognizer.numbers_model  # loads both
    logger.info("model loaded", extra={**told, "numbers": numbers})
    watch.metrics.loaded((info.name, info.version), info.sha256)
    return recognizer, modelfile.card(model, "models")
