"""A pytest plugin for runs that nobody watches: what fails and what takes long, said at once.

In: the reports of the tests, of all processes that run them. Out: lines on the terminal, so that
the log of a run that was cut off tells why. Off unless the environment says `CI=true`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

#: Seconds between two looks, and those after which a test is said to run still.
EVERY, LONG = 60.0, 90.0


class Watching:
    """Says each failure when it comes, and once a minute how far the run is and what takes long."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._begun = time.monotonic()
        self._done = 0
        self._running: dict[str, float] = {}
        self._over = threading.Event()

    def pytest_sessionstart(self) -> None:
        threading.Thread(target=self._look, daemon=True).start()

    def pytest_sessionfinish(self) -> None:
        self._over.set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._say(f"FAILED AT {report.when}: {report.nodeid}\n{report.longreprtext}")
        if report.when not in ("setup", "call"):  # nor is that of a process that died
            self._running.pop(report.nodeid, None)
            self._done += 1

    def line(self, now: float) -> str:
        """How far the run is, and what has been running for long."""
        long = [
            f"{name} ({now - begun:.0f} s)"
            for name, begun in sorted(self._running.copy().items())
            if now - begun > LONG
        ]
        line = f"{now - self._begun:.0f} s, {self._done} tests"
        return f"{line}, still running: {', '.join(long)}" if long else line

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            self._say(self.line(time.monotonic()))
