"""The store of corrections as the service holds it: opened once, called from a thread or two.

In: `Correction`, ids. Out: what the store answers, as awaitables. Knows that a store may fail, and
come back; knows nothing of HTTP, but that what goes wrong is a `Problem`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from inkdigits.errors import InkdigitsError, MissingExtraError, StoreError
from inkdigits.service import stores
from inkdigits.service.problems import Problem
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry.metrics import Unmeasured
from inkdigits.store.correction import Correction, Summary

if TYPE_CHECKING:
    from inkdigits.store.feedback import FeedbackStore

logger = logging.getLogger("inkdigits.service")
T = TypeVar("T")
#: Threads that may be in the store: one writes at a time, and one may read meanwhile.
THREADS = 2
#: What a client is told; the log tells the rest, which names files of this machine.
_SAID = {
    "store-full": "No more corrections are taken, as the store is full.",
    "store-unavailable": "The correction could not be stored: try again later.",
    "conflict": "Something else was said with this id: take that back first.",
}
#: Seconds after which a client may try again.
_LATER = "5"


class Desk:
    """Takes corrections where the settings name a store, and refuses them where they do not."""

    def __init__(self, settings: Settings, metrics: Unmeasured | None = None) -> None:
        self._settings = settings
        self._metrics = metrics or Unmeasured()
        self._store: FeedbackStore | None = None
        self._opening = Lock()
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def is_open(self) -> bool:
        """Whether corrections are taken."""
        return self._settings.feedback != ""

    async def start(self) -> None:
        """Open the store, if there is to be one; a failure is logged, and tried again later.

        Raises:
            StoreError: `bad-store`, which no time mends.
        """
        self._limiter = anyio.CapacityLimiter(THREADS)
        if self.is_open:
            try:
                await anyio.to_thread.run_sync(self._opened)
            except InkdigitsError as error:
                stores.tell(error, "feedback")

    async def stop(self) -> None:
        """Close the store."""
        if self._store is not None:
            await anyio.to_thread.run_sync(self._store.close)
            self._store = None

    @property
    def waiting(self) -> int:
        """How many requests wait for a thread."""
        return self._limiter.statistics().tasks_waiting if self._limiter else 0

    def admit(self) -> None:
        """Let a request in.

        Raises:
            Problem: `feedback-off` (404), or `overloaded` when too many wait already (503).
        """
        if not self.is_open:
            raise Problem("feedback-off", "This service stores nothing, so it takes no feedback.")
        if self.waiting >= self._settings.max_waiting:
            detail = "Too many corrections are waiting: try again."
            raise Problem("overloaded", detail, headers={"Retry-After": "1"})

    async def put(self, correction: Correction) -> bool:
        """Keep a correction; answers whether it is new. Raises `Problem`."""
        return await self._run(lambda store: store.put(correction), writes=True)

    async def remove(self, token: str) -> bool:
        """Forget a correction; answers whether there was one. Raises `Problem`."""
        return await self._run(lambda store: store.remove(token), writes=True)

    async def summary(self) -> Summary:
        """All corrections, counted. Raises `Problem`."""
        return await self._run(lambda store: store.summary())

    async def reason(self) -> str:
        """Why the store cannot be used, if it was never opened; tries to."""
        if self._store is None:
            try:
                await anyio.to_thread.run_sync(self._opened, limiter=self._limiter)
            except InkdigitsError as error:
                logger.warning("feedback unavailable: %s", error)
                return "The store cannot be opened; the log says why."
        return ""

    async def _run(self, work: Callable[[FeedbackStore], T], *, writes: bool = False) -> T:
        self.admit()
        try:
            return await anyio.to_thread.run_sync(
                lambda: work(self._opened()), limiter=self._limiter
            )
        except (StoreError, MissingExtraError) as error:
            code = error.code if error.code in _SAID else "store-unavailable"
            logger.warning("feedback refused: %s", error, extra={"problem": code})
            if writes and code != "conflict":
                self._metrics.unwritten()
            later = {"Retry-After": _LATER} if code == "store-unavailable" else {}
            raise Problem(code, _SAID[code], headers=later) from error

    def _opened(self) -> FeedbackStore:
        with self._opening:
            if self._store is None:
                self._store = stores.feedback(self._settings)
            return self._store
