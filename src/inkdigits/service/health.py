"""How the process is: alive, started, ready; and, once it is told to stop, on its way out.

In: requests, SIGTERM. Out: the three probes that orchestrators ask, each with what it looked at.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from inkdigits import __version__
from inkdigits.service import schemas
from inkdigits.service.archive import Archive
from inkdigits.service.desk import Desk
from inkdigits.service.engine import Engine
from inkdigits.service.problems import FieldError, Problem
from inkdigits.service.reception import Direct

logger = logging.getLogger("inkdigits.service")
router = APIRouter(route_class=Direct)
PROBES = frozenset(("/livez", "/startupz", "/readyz"))


class Health:
    """Knows what must be well for requests to be answered."""

    def __init__(self, engine: Engine, desk: Desk, archive: Archive, drain: float) -> None:
        self._engine = engine
        self._desk = desk
        self._archive = archive
        self._drain = drain
        self.started = False
        self.draining = False
        self.on_leaving: list[Callable[[], object]] = []

    async def checks(self) -> dict[str, str]:
        """What was looked at: `ok`, or a sentence that says why not."""
        leaving = "The service is about to stop." if self.draining else ""
        found = {"process": leaving, "model": self._engine.reason}
        if self._desk.is_open or self._archive.is_open:
            told = await self._desk.reason() if self._desk.is_open else ""
            found["store"] = told or self._archive.reason
        return {name: reason or "ok" for name, reason in found.items()}

    @contextmanager
    def leaving_slowly(self) -> Iterator[None]:
        """At SIGTERM be unready for `drain` seconds, and only then let the server stop.

        A load balancer learns of it by its probe, and sends no more; what it sent till then is
        answered. Only in the main thread of a process that has such signals.
        """
        stop = signal.getsignal(signal.SIGTERM)
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or not callable(stop) or self._drain == 0:
            yield
            return
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGTERM, self._leave, loop, stop)
        except NotImplementedError:  # Windows
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            signal.signal(signal.SIGTERM, stop)

    def _leave(self, loop: asyncio.AbstractEventLoop, stop: Callable[..., Any]) -> None:
        if self.draining:  # a supervisor and its group may both have been told
            return
        self.draining = True
        logger.info("draining", extra={"seconds": self._drain})
        for tell in self.on_leaving:
            tell()
        loop.call_later(self._drain, stop, signal.SIGTERM, None)


@router.get(
    "/livez", tags=["health"], summary="Is the process alive?", response_model=schemas.Alive
)
async def livez(_: Request) -> JSONResponse:
    """Answers as long as the process does, whether or not the model is loaded."""
    return JSONResponse({"status": "alive"})


@router.get(
    "/startupz",
    tags=["health"],
    summary="Has it started?",
    response_model=schemas.Started,
    responses=schemas.problems(503),
)
async def startupz(request: Request) -> JSONResponse:
    """200 once the model is loaded, and from then on; 503 with the reason until then."""
    health = _of(request)
    reason = request.app.state.engine.reason
    if not health.started or reason:
        raise _not_ready({"model": reason or "The service has not started yet."})
    return JSONResponse({"status": "started"})


@router.get(
    "/readyz",
    tags=["health"],
    summary="Can it read digits?",
    response_model=schemas.Ready,
    responses=schemas.problems(503),
)
async def readyz(request: Request) -> JSONResponse:
    """Names the model, and what was looked at. 503 where one of these is not well:

    `process` (it is about to stop), `model`, `store` (only where something is kept, and until it
    was opened once). `errors` then has a sentence for each.
    """
    checks = await _of(request).checks()
    wrong = {name: reason for name, reason in checks.items() if reason != "ok"}
    if wrong:
        raise _not_ready(wrong)
    reader = request.app.state.engine.reader()
    model = {"name": reader.name, "version": reader.version}
    return JSONResponse(
        {"status": "ready", "version": __version__, "model": model, "checks": checks}
    )


def _not_ready(wrong: dict[str, str]) -> Problem:
    errors = [FieldError(f"/checks/{name}", "not-ready", said) for name, said in wrong.items()]
    detail = " ".join(wrong.values())
    return Problem("not-ready", detail, errors=errors, headers={"Retry-After": "5"})


def _of(request: Request) -> Health:
    health = request.app.state.health
    assert isinstance(health, Health)
    return health
