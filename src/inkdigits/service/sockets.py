"""The WebSockets that are open: how many there may be, and their end.

In: a session each. Out: a place for it, or a `Problem`. Knows nothing of what they say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from inkdigits.service.problems import Problem
from inkdigits.service.telemetry.metrics import Unmeasured


class Sockets:
    """At most so many at once."""

    def __init__(self, most: int, metrics: Unmeasured | None = None) -> None:
        self._most = most
        self._metrics = metrics or Unmeasured()
        self._leaving = False
        self._open: set[asyncio.Event] = set()

    @contextmanager
    def one(self) -> Iterator[asyncio.Event]:
        """A place for one; the event is set once it is to close.

        Raises:
            Problem: `overloaded` (503): there are too many, or the service is about to stop.
        """
        if self._leaving or len(self._open) >= self._most:
            detail = "Too many are connected: try again."
            raise Problem("overloaded", detail, headers={"Retry-After": "5"})
        leave = asyncio.Event()
        self._open.add(leave)
        self._metrics.connected(1)
        try:
            yield leave
        finally:
            self._open.discard(leave)
            self._metrics.connected(-1)

    def leave(self) -> None:
        """Have all close, and take no more."""
        self._leaving = True
        for it in self._open:
            it.set()
