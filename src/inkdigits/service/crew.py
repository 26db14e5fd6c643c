"""A few threads and the queue in front of them.

In: blocking calls, from the event loop. Out: what they return, and how many wait. The threads take
their next work from the queue by themselves, so that a loop that is busy with refusals does not
keep them idle. Knows nothing of what the work is.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
#: How much nicer than the loop a thread is: little, but enough to be preempted by it.
_NICENESS = 2


class Crew:
    """`threads` threads."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "inkdigits", _give_way)
        self._lock = threading.Lock()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many calls wait for a thread."""
        return self._waiting

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread; the work sees the caller's context variables.

        Whoever stops waiting before the work has begun takes it out of the queue.
        """
        context, queued = contextvars.copy_context(), True

        def leave() -> None:
            nonlocal queued
            with self._lock:
                self._waiting -= queued
                queued = False

        def begun() -> T:
            leave()
            return context.run(work)

        with self._lock:
            self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, begun)
        finally:
            leave()

    def stop(self) -> None:
        """Do what is in the queue, then end. Blocks."""
        self._pool.shutdown()


def _give_way() -> None:
    """Let the loop go first: who is refused, or asks whether all is well, should not wait."""
    if sys.platform == "linux":  # where a thread has a niceness of its own
        me = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + _NICENESS)
