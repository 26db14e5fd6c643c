"""How metrics are served: at `/metrics`, or on a port of their own.

In: a registry, or the folder in which worker processes count together. Out: Prometheus' text
format. The values of processes that are gone are left out where they would mislead: gauges.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import anyio.to_thread
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest, multiprocess
from prometheus_client import start_http_server as _start
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inkdigits.errors import InkdigitsError

#: Where worker processes count together; read by prometheus_client when it is first imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
PATH = "/metrics"


def shared_folder() -> Path | None:
    """The folder that worker processes count in, if there are several."""
    named = os.environ.get(FOLDER, "")
    return Path(named) if named else None


class Together(Collector):
    """What all worker processes counted, in the files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Read the files, but for the gauges of processes that are gone."""
        for pid in _pids(self._folder):
            if not _lives(pid):
                multiprocess.mark_process_dead(pid, str(self._folder))  # type: ignore[no-untyped-call]
        one = multiprocess.MultiProcessCollector(  # type: ignore[no-untyped-call]
            CollectorRegistry(), str(self._folder)
        )
        return list(one.collect())  # type: ignore[no-untyped-call]


class Processes(Collector):
    """Memory, processor time and open files of each process that serves, by its `pid`."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids

    def collect(self) -> Iterable[Metric]:
        """Ask the system; where it has no /proc, there is nothing."""
        families: dict[str, Metric] = {}
        for pid in self._pids():
            of_one = ProcessCollector(pid=lambda pid=pid: pid, registry=None)  # type: ignore[misc]
            for metric in of_one.collect():
                family = Metric(metric.name, metric.documentation, metric.type)
                family = families.setdefault(metric.name, family)
                for sample in metric.samples:
                    family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return families.values()


def registry(own: CollectorRegistry | None) -> CollectorRegistry:
    """What to serve: what all processes counted where they share a folder, else `own`."""
    folder, served = shared_folder(), CollectorRegistry()
    if folder is not None:
        served.register(Together(folder))
        served.register(Processes(lambda: filter(_lives, _pids(folder))))
    elif own is not None:
        served.register(own)
        served.register(Processes(lambda: [os.getpid()]))
    return served


def route(served: CollectorRegistry) -> Route:
    """GET /metrics."""

    async def metrics(_: Request) -> Response:
        text = await anyio.to_thread.run_sync(generate_latest, served)  # reads files
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Route(PATH, metrics)


def listen(served: CollectorRegistry, host: str, port: int) -> Callable[[], None]:
    """Serve on a port of its own, from a thread; answers what stops it.

    Raises:
        InkdigitsError: the address cannot be listened on (`address`).
    """
    try:
        server, thread = _start(port, host, served)
    except OSError as error:
        raise InkdigitsError(
            f"Metrics cannot be served on {host!r}, port {port}: {error.strerror}; choose others "
            "with INKDIGITS_METRICS_HOST and INKDIGITS_METRICS_PORT.",
            code="address",
        ) from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def prepare(folder: Path) -> None:
    """Empty a folder of what processes of an earlier run counted."""
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


def _pids(folder: Path) -> Iterator[int]:
    """The processes that have, or had, values in the folder."""
    names = {file.stem.rpartition("_")[2] for file in folder.glob("*_*.db")}
    return map(int, sorted(filter(str.isdecimal, names)))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
