"""Several processes that answer on one socket, and one that minds them.

In: settings, a bound socket. Out: nothing, until Ctrl+C or SIGTERM. uvicorn's supervisor starts the
workers and replaces one that died or hangs; what is ours is how a worker is made.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from inkdigits.service.connection import QuietSocket, patient
from inkdigits.service.live import MAX_MESSAGE
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import exposition, logs

if TYPE_CHECKING:
    from starlette.applications import Starlette

#: Seconds that open requests get when the server is told to stop.
GRACE = 6
#: How uvicorn is to serve, whether in one process or in several.
OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "ws": QuietSocket,
    "ws_max_size": MAX_MESSAGE,
    "ws_per_message_deflate": False,
    "timeout_graceful_shutdown": GRACE,
}
#: Seconds that a worker has to answer its supervisor; it imports much before it can.
HEALTH = 30


def run(settings: Settings, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Serve with `settings.workers` processes."""
    with tempfile.TemporaryDirectory(prefix="inkdigits-metrics-") as folder:
        if settings.metrics:
            _count_together(folder)
        stop = serve_metrics(settings, None)
        supervisor = _Supervisor(_Config(settings), listener, on_started)
        supervisor.run()
        stop()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(1)


def serve_metrics(settings: Settings, app: Starlette | None) -> Callable[[], None]:
    """Serve metrics on a port of their own, if the settings say so; answers what stops it.

    Raises:
        InkdigitsError: the address cannot be listened on (`address`).
    """
    if not (settings.metrics and settings.metrics_port):
        return lambda: None
    served = exposition.registry(None) if app is None else app.state.served_metrics
    return exposition.listen(served, settings.metrics_host, settings.metrics_port)


def leave(_: int, __: FrameType | None) -> None:
    """What a signal does once uvicorn has shut down and passes it on: end, and call it well."""
    sys.exit(0)


def _count_together(folder: str) -> None:
    """Have the workers, which inherit the environment, count in one folder."""
    named = exposition.shared_folder()
    if named is None:
        os.environ[exposition.FOLDER] = folder
    else:
        named.mkdir(parents=True, exist_ok=True)
        exposition.prepare(named)


def open_files(wanted: int = 65_536) -> None:
    """Let this process, and those that it starts, hold as many connections as it may.

    Systems hand out 1,024 files, for old programs' sake, where they allow for many more.
    """
    if sys.platform == "win32":  # which has no such limit
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS allows less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def settled(app: Starlette) -> Starlette:
    """An application that, once started, tells the collector that what is there will stay.

    Else each full collection goes through all modules and models: tens of milliseconds in which
    nobody is answered. For a process that does nothing but serve.
    """
    start = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        async with start(app) as state:
            gc.collect()
            gc.freeze()
            yield state

    app.router.lifespan_context = lifespan
    return app


class _Application:
    """Makes the application in a worker; travels there as plain values."""

    def __init__(self, settings: Settings) -> None:
        self._values = settings.model_dump()

    def __call__(self) -> Starlette:
        from inkdigits.service.app import create_app

        return settled(create_app(Settings.model_validate(self._values)))


class _Config(uvicorn.Config):
    """How a worker serves; pickled in the supervisor, unpickled in the worker."""

    def __init__(self, settings: Settings) -> None:
        self._log = (settings.log_level, settings.log_format)
        self._limits = (settings.header_timeout, settings.max_header_bytes)
        super().__init__(
            _Application(settings),
            factory=True,
            workers=settings.workers,
            timeout_worker_healthcheck=HEALTH,
            **OPTIONS,
        )

    def configure_logging(self) -> None:
        """The first that a worker does: set up its log and its end."""
        logs.set_up(*self._log)
        parent = multiprocessing.parent_process()
        if parent is not None:
            signal.signal(signal.SIGTERM, leave)
            signal.signal(signal.SIGINT, leave)
            threading.Thread(target=_outlive, args=(parent,), daemon=True).start()

    def load(self) -> None:
        """Load the application and the protocol, which cannot be pickled."""
        self.http = patient(*self._limits)
        super().load()


class _Supervisor(Multiprocess):
    """uvicorn's, which says when all workers serve."""

    def __init__(
        self, config: _Config, listener: socket.socket, on_started: Callable[[], None]
    ) -> None:
        super().__init__(config, [listener])
        self._on_started: Callable[[], None] | None = on_started

    def handle_hup(self) -> None:
        """Have the workers look at their models again; uvicorn would start them anew."""
        for process in self.processes:
            if process.pid is not None and process.is_ready(1):
                os.kill(process.pid, signal.SIGHUP)

    def keep_subprocess_alive(self) -> None:
        """Replace the dead; the first time that all serve, say so."""
        super().keep_subprocess_alive()
        if self._on_started and all(process.is_ready(1) for process in self.processes):
            self._on_started()
            self._on_started = None


def _outlive(parent: multiprocessing.process.BaseProcess) -> None:
    """Stop with the supervisor, also when it was killed and could tell nobody."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
