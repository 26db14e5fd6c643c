"""Predictions on their way into the store: queued by whoever reads, written by one thread.

In: predictions, from any thread. Out: whether each will be kept, at once; rows, a moment later.
Where the database fails, digits are read on: what comes meanwhile is not kept and says so, what was
queued before is tried again. Knows nothing of HTTP.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio.to_thread

from inkdigits.errors import InkdigitsError, StoreError
from inkdigits.results import Prediction, Reading
from inkdigits.service import stores
from inkdigits.service.payload import Submission
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry.metrics import Unmeasured
from inkdigits.store.prediction import Kept, Kind

if TYPE_CHECKING:
    from inkdigits.store.predictions import PredictionStore

logger = logging.getLogger("inkdigits.service")
#: Predictions that may wait to be written: with pixels, some 15 MB of them.
WAITING = 10_000
#: Predictions that are written at a time.
BATCH = 500
#: Seconds that a batch is gathered for; between tries where the database fails, first and at most.
GATHERING, AGAIN, AGAIN_AT_MOST = 0.2, 0.5, 5.0
#: Seconds without anything to write after which the thread looks whether it is time to purge.
IDLE = 30.0
#: Seconds between purges of what is too old, and for what is queued when the service stops.
PURGING, FLUSHING = 3600.0, 1.0


class Archive:
    """Keeps predictions where the settings say so; says and does nothing where they do not."""

    def __init__(self, settings: Settings, metrics: Unmeasured | None = None) -> None:
        self._settings = settings
        self._metrics = metrics or Unmeasured()
        self._queue: queue.Queue[Kept | None] = queue.Queue(WAITING)  # None: time to stop
        self._store: PredictionStore | None = None
        self._well = False  # whether the last try went well
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._purge_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether predictions are kept."""
        return self._settings.store != "off"

    @property
    def reason(self) -> str:
        """Why the store cannot be used, if it was never opened."""
        if self.is_open and self._store is None:
            return "The store cannot be opened; the log says why."
        return ""

    async def start(self) -> None:
        """Open the store, if there is to be one; where it is not there yet, go on trying.

        Raises:
            StoreError: `bad-store`, which no time mends.
        """
        if not self.is_open:
            return
        try:
            await anyio.to_thread.run_sync(self._open)
        except InkdigitsError as error:
            stores.tell(error, "predictions")
        self._thread = threading.Thread(target=self._work, name="inkdigits-archive", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Write what is queued, if that can be done soon, and close the store."""
        if self._thread is None:
            return
        self._stopping.set()
        with suppress(queue.Full):
            self._queue.put_nowait(None)
        await anyio.to_thread.run_sync(self._thread.join, FLUSHING)
        lost = self._left()
        if self._thread.is_alive() or lost:
            logger.error("predictions lost: the database did not take them in time")
            self._metrics.unwritten(lost)
        elif self._store is not None:
            self._store.close()

    def _left(self) -> int:
        """Empty the queue; answers how many predictions were in it."""
        left = 0
        with suppress(queue.Empty):
            while True:
                left += self._queue.get_nowait() is not None
        return left

    def keep(
        self, found: Prediction, asked: Submission, request_id: str, seconds: float
    ) -> dict[str, bool]:
        """Keep a digit; answers what the answer says of that: nothing where nothing is kept."""
        if not self.is_open:
            return {}
        return {"stored": self._offer(found, _kind(asked), request_id, seconds)}

    def keep_page(self, found: Reading, request_id: str, seconds: float) -> dict[str, bool]:
        """Keep every digit of a page."""
        digits = [digit for number in found.numbers for digit in number.digits]
        return self.keep_all(digits, "page", request_id, seconds)

    def keep_all(
        self, found: Sequence[Prediction], kind: Kind, request_id: str, seconds: float
    ) -> dict[str, bool]:
        """Keep many digits; `stored` where there was one, and all of them are kept."""
        if not self.is_open:
            return {}
        stored = [self._offer(it, kind, request_id, seconds) for it in found]
        return {"stored": bool(stored) and all(stored)}

    def _offer(self, found: Prediction, kind: Kind, request_id: str, seconds: float) -> bool:
        seen = found.seen if self._settings.store == "pictures" else None
        kept = Kept(
            request_id,
            found.model,
            found.version,
            found.digit,
            found.reason,
            found.confidence,
            found.probabilities,
            seconds,
            kind,
            None if seen is None else seen.tobytes(),
        )
        try:
            if not self._well:
                raise queue.Full
            self._queue.put_nowait(kept)
        except queue.Full:
            self._metrics.unwritten()
            return False
        return True

    def _work(self) -> None:
        """The thread: until it is told to stop, and the queue is empty or cannot be written."""
        pause = AGAIN
        batch: list[Kept] = []
        while True:
            batch = batch or self._gathered()
            try:
                self._write(batch)
                self._purge()
                batch, pause = [], AGAIN
                if self._stopping.is_set() and self._queue.empty():
                    return
            except Exception as error:
                batch, dropped = self._failed(error, batch)
                if dropped:
                    continue
                if self._stopping.wait(pause):
                    self._metrics.unwritten(len(batch))
                    return
                pause = min(2 * pause, AGAIN_AT_MOST)

    def _gathered(self) -> list[Kept]:
        """What is queued, once there is something, and what comes in the moment after that."""
        batch: list[Kept] = []
        until = time.monotonic() + IDLE
        while self._well and len(batch) < BATCH:
            wait = 0.0 if self._stopping.is_set() else max(0.0, until - time.monotonic())
            try:
                kept = self._queue.get(timeout=wait) if wait else self._queue.get_nowait()
            except queue.Empty:
                break
            if kept is not None:
                until = until if batch else time.monotonic() + GATHERING
                batch.append(kept)
        return batch

    def _write(self, batch: list[Kept]) -> None:
        store = self._store or self._open()
        if batch or not self._well:
            store.add(batch) if batch else store.count()
        self._well = True

    def _open(self) -> PredictionStore:
        self._store = stores.predictions(self._settings)
        self._well = True
        return self._store

    def _purge(self) -> None:
        """Delete what is too old, now and then; a failure waits for the next time."""
        if (
            self._store is None
            or not self._settings.store_days
            or time.monotonic() < self._purge_at
        ):
            return
        self._purge_at = time.monotonic() + PURGING
        before = datetime.now(UTC) - timedelta(days=self._settings.store_days)
        try:
            gone = self._store.purge(before)
        except StoreError as error:
            logger.warning("predictions not purged: %s", error)
        else:
            if gone:
                logger.info("predictions purged", extra={"count": gone})

    def _failed(self, error: Exception, batch: list[Kept]) -> tuple[list[Kept], bool]:
        """Log it; answers what is to be tried again, and whether something was given up."""
        if isinstance(error, InkdigitsError) and error.code != "bad-row":
            if self._well:
                logger.error("predictions not stored: %s", error)
            self._well = False
            return batch, False
        logger.exception("predictions dropped")
        self._metrics.unwritten(len(batch))
        return [], bool(batch)


def _kind(asked: Submission) -> Kind:
    if asked.strokes is not None:
        return "strokes"
    return "image" if isinstance(asked.image, bytes) else "pixels"
