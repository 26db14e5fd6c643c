"""The two ways into the service: the application in this process, and `inkdigits serve`.

Both take requests, and tell what a bad one leaves behind: lines of the log, rows of the store, and
memory.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import httpx2

from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import logs

from .harness import Service
from .harness import serving as serving_app

Line = dict[str, Any]


class Target(Protocol):
    """Something to send requests to."""

    store: Path

    @property
    def pid(self) -> int:
        """The process that answers."""

    def send(self, method: str, path: str, **how: Any) -> httpx2.Response:
        """Send a request; `content` may be a list of chunks."""

    def listening(self) -> Any:
        """A context whose value is a list, which has the lines of the log at its end."""


class App:
    """The application, called without a socket."""

    def __init__(self, service: Service, store: Path) -> None:
        self.service = service
        self.store = store
        self.pid = os.getpid()

    def send(self, method: str, path: str, **how: Any) -> httpx2.Response:
        if isinstance(how.get("content"), list):
            how["content"] = _later(how["content"])
        return self.service.request(method, path, **how)

    @contextmanager
    def listening(self) -> Iterator[list[Line]]:
        heard: list[Line] = []
        logger = logging.getLogger(logs.LOGGER)
        handler = _Listener(heard)
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield heard
        finally:
            logger.setLevel(level)
            logger.removeHandler(handler)


class Server:
    """`inkdigits serve`, a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str, store: Path, errors: Path) -> None:
        self.process = process
        self.url = url
        self.store = store
        self.pid = process.pid
        host, port = url.removeprefix("http://").split(":")
        self.address = (host, int(port))
        self._errors = errors
        self._client = httpx2.Client(base_url=url, timeout=60, trust_env=False)

    def send(self, method: str, path: str, **how: Any) -> httpx2.Response:
        if isinstance(how.get("content"), list):
            how["content"] = iter(how["content"])
        return self._client.request(method, path, **how)

    @contextmanager
    def listening(self) -> Iterator[list[Line]]:
        heard: list[Line] = []
        start = self._caught_up(0)[0]
        yield heard
        heard.extend(self._caught_up(start)[1])

    def _caught_up(self, start: int) -> tuple[int, list[Line]]:
        """The lines from `start` of all that was answered before, and where they end."""
        last = secrets.token_hex(8)  # its line comes after theirs
        self.send("GET", "/the-last", headers={"X-Request-ID": last})
        until = time.monotonic() + 20
        while last not in (text := _whole_lines(self._errors.read_bytes()[start:])):
            assert time.monotonic() < until, "the log does not come"
            time.sleep(0.005)
        lines = [json.loads(line) for line in text.splitlines()] if start else []
        return start + len(text.encode()), [it for it in lines if it.get("request_id") != last]

    def log(self) -> list[str]:
        """All lines so far."""
        return self._errors.read_text(encoding="utf-8").splitlines()

    def megabytes(self, name: str) -> float:
        return megabytes(self.pid, name)

    def close(self) -> None:
        self._client.close()


def _whole_lines(written: bytes) -> str:
    """What is there, but for a line that is still being written."""
    return written[: written.rfind(b"\n") + 1].decode()


class _Listener(logging.Handler):
    def __init__(self, heard: list[Line]) -> None:
        super().__init__()
        self.setFormatter(logs.formatter("json"))
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(json.loads(self.format(record)))


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[Server]:
    """A running server that keeps its store and its log in a folder."""
    store, errors = folder / "feedback.db", folder / "log"
    with errors.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--feedback", str(store)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env={**os.environ, **environment},
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert ": http://" in line, errors.read_text()
        url = line.split(": ", 1)[1].split(" ")[0].replace("localhost", "127.0.0.1")
        server = Server(process, url, store, errors)
        try:
            yield server
        finally:
            server.close()
    finally:
        process.kill()
        process.communicate()


@contextmanager
def calling(folder: Path) -> Iterator[App]:
    """The application in this process, with a real model and a store."""
    store = folder / "feedback.db"
    with serving_app(Settings(feedback=str(store)), None) as service:
        yield App(service, store)


def rows(store: Path) -> dict[str, int]:
    """How many rows the tables of a store have."""
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in found.fetchall()]
        assert names
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
        }


def megabytes(pid: int, name: str) -> float:
    """A figure of the kernel: `VmRSS`, what a process holds; `VmHWM`, the most that it held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(name)


@contextmanager
def growth(pid: int) -> Iterator[list[float]]:
    """Megabytes by which a process grew at most, in a list at the end; only Linux tells."""
    grown: list[float] = []
    if not sys.platform.startswith("linux"):
        yield grown
        return
    with suppress(OSError):  # where that is not allowed, the most that it ever held counts
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = megabytes(pid, "VmHWM")
    yield grown
    grown.append(megabytes(pid, "VmHWM") - before)


async def _later(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
