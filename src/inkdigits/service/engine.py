"""The models at work, off the event loop, in a few threads.

In: `Submission`, `Page`. Out: `Prediction`, `Reading`. Knows how many may run and wait; knows
nothing of HTTP, but that what goes wrong is a `Problem`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from time import perf_counter
from typing import TypeVar

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import CoverageError, InkdigitsError
from inkdigits.explain import Explanation
from inkdigits.image import Limits
from inkdigits.results import Prediction, Reading
from inkdigits.service.crew import Crew
from inkdigits.service.payload import Options, Submission
from inkdigits.service.problems import Problem, from_exception
from inkdigits.service.reading import Page
from inkdigits.service.registry import Outcome, Reader, Registry, Served
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry.watch import Watch

logger = logging.getLogger("inkdigits.service")
T = TypeVar("T")


class Engine:
    """Holds the recogniser, or the reason why there is none."""

    def __init__(
        self, settings: Settings, reader: Reader | None = None, watch: Watch | None = None
    ) -> None:
        self._settings = settings
        self.watch = watch or Watch()
        self._limits = Limits(max_bytes=settings.max_image, heic=False)
        self._crew = Crew(settings.threads)
        self.models = Registry((settings.model, *settings.models), self.watch, reader)

    async def start(self) -> None:
        """Load the models; where that fails, `reason` says why."""
        await self.reload()

    async def reload(self) -> list[Outcome]:
        """Load what has changed, while what is there goes on answering."""
        return await anyio.to_thread.run_sync(self.models.load)

    @property
    def reason(self) -> str:
        """Why not all models are there; empty where they are."""
        return self.models.reason

    def reader(self) -> Reader:
        """That of the default model.

        Raises:
            Problem: `not-ready` (503), with the reason.
        """
        return self.models.find().reader

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
        served = self.models.served
        return self.watch.stage(served[0].key if served else ("none", "none"), "decode")

    def check(self, options: Options) -> None:
        """See that the model can answer so.

        Raises:
            Problem: there is no such model (404), or it promises no such coverage (422).
        """
        try:
            self.models.find(options.model).reader.check_coverage(options.coverage)
        except CoverageError as error:
            raise Problem.at("/coverage", error.code, str(error)) from error

    def read(self, submission: Submission) -> Prediction:
        """Read one digit. Blocks: call it through `run`.

        Raises:
            Problem: the picture, the array or the strokes cannot be read.
        """
        served, coverage = self.models.find(submission.options.model), submission.options.coverage
        reader = served.reader
        try:
            with self.watch.digit(served.key):
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

    def explain(
        self, submission: Submission, digit: int | None, against: int | None
    ) -> Explanation:
        """Say why a digit is read as it is. Blocks: call it through `run`.

        Raises:
            Problem: the picture, the array or the strokes cannot be read.
        """
        served = self.models.find(submission.options.model)
        asked: dict[str, int | None] = {"digit": digit, "against": against}
        try:
            with self.watch.stage(served.key, "explain"):
                if submission.strokes is not None:
                    return served.reader.explain_strokes(submission.strokes, **asked)
                return served.reader.explain(submission.image, limits=self._limits, **asked)
        except InkdigitsError as error:
            raise from_exception(error, submission.pointer) from error

    def read_page(self, page: Page) -> Reading:
        """Read every number of a page. Blocks: call it through `run`.

        Raises:
            Problem: the picture cannot be read, or there is no such model.
        """
        served = self.models.find(page.model)
        try:
            with self.watch.stage(served.key, "page"):
                found = served.reader.read(
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

    def read_pictures(self, pictures: NDArray[np.uint8], served: Served) -> list[Prediction]:
        """Read one digit of each grey picture, (N, H, W). Blocks: call it through `run`.

        Raises:
            Problem: they are no pictures.
        """
        with self.watch.digit(served.key):
            try:
                found = [served.reader.classify(it, limits=self._limits) for it in pictures]
            except InkdigitsError as error:
                raise from_exception(error, "/inputs/0") from error
        for it in found:
            self.watch.metrics.predicted(it)
        return found

    def read_glyphs(self, glyphs: NDArray[np.float32], served: Served) -> list[Prediction]:
        """Read digits that already are as MNIST has them. Blocks: call it through `run`.

        Args:
            glyphs: (N, 28, 28, 1) in [0, 1].
            served: with which model.
        """
        with self.watch.stage(served.key, "infer"):
            found = served.decide(glyphs)
        for it in found:
            self.watch.metrics.predicted(it)
        return found
