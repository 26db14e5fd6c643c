"""`inkdigits serve --workers 2`: real processes that count together, and are replaced."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse
from starlette.applications import Starlette

from inkdigits.cli.workers import open_files, settled

from .harness import CLASSIFY
from .test_serve import served

T = TypeVar("T")
PEN = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and sockets of POSIX")


def metrics(address: str) -> dict[str, dict[str, float]]:
    """Name -> labels as JSON -> value."""
    answer = httpx2.get(f"{address}/metrics", timeout=20)
    assert answer.status_code == 200
    found: dict[str, dict[str, float]] = {}
    for family in parse(answer.text):
        for it in family.samples:
            found.setdefault(it.name, {})[json.dumps(it.labels)] = it.value
    return found


def pids(address: str) -> set[int]:
    """The processes that count, as their memory tells."""
    return {int(json.loads(it)["pid"]) for it in metrics(address)["process_resident_memory_bytes"]}


def until(look: Callable[[], T | None]) -> T:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            found = look()
        except httpx2.TransportError:  # what a dying worker had accepted
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def classify(address: str) -> None:
    assert httpx2.post(f"{address}{CLASSIFY}", json=PEN, timeout=20).json()["digit"] == 7


def test_two_processes_count_together_and_a_killed_one_is_replaced() -> None:
    with served("--workers", "2") as (process, line, address):
        assert line.endswith("with 2 workers (Ctrl+C stops it)\n")
        first = until(lambda: them if len(them := pids(address)) == 2 else None)
        assert process.pid not in first
        for _ in range(20):  # a connection each, so that both get some
            classify(address)
        before = metrics(address)
        assert before["predictions_total"]['{"digit": "7"}'] == 20
        assert before["inference_batch_size_sum"]["{}"] == 20
        (model,) = before["model_info"].values()
        assert model == 1

        victim = min(first)
        os.kill(victim, signal.SIGKILL)
        second = until(
            lambda: them if len(them := pids(address)) == 2 and victim not in them else None
        )
        assert len(first & second) == 1
        for _ in range(5):
            classify(address)
        after = metrics(address)
        assert after["predictions_total"]['{"digit": "7"}'] == 25  # what the dead one counted stays
        assert after["inference_inflight"]["{}"] == 0

        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in log
        assert all(json.loads(it) for it in log.splitlines())
        for pid in second:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_workers_do_not_outlive_a_killed_supervisor() -> None:
    with served("--workers", "2", INKDIGITS_DRAIN="0") as (process, _, address):
        workers = until(lambda: them if len(them := pids(address)) == 2 else None)
        process.kill()

        def gone() -> bool:
            return not any(os.path.exists(f"/proc/{pid}") for pid in workers)  # noqa: PTH110

        assert until(gone)


def test_metrics_of_all_on_a_port_of_their_own() -> None:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with served("--workers", "2", INKDIGITS_METRICS_PORT=str(port)) as (_, __, address):
        classify(address)
        assert httpx2.get(f"{address}/metrics", timeout=20).status_code == 404
        found = metrics(f"http://127.0.0.1:{port}")
        assert found["predictions_total"]['{"digit": "7"}'] == 1


def test_what_is_there_once_it_has_started_is_not_gone_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    happened: list[str] = []
    monkeypatch.setattr("gc.freeze", lambda: happened.append("frozen"))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        happened.append("started")
        yield {"colour": "blue"}
        happened.append("stopped")

    async def live() -> None:
        app = settled(Starlette(lifespan=lifespan))
        async with app.router.lifespan_context(app) as state:
            assert state == {"colour": "blue"}
            happened.append("serving")

    asyncio.run(live())
    assert happened == ["started", "frozen", "serving", "stopped"]


def test_a_server_may_hold_many_connections() -> None:
    resource = pytest.importorskip("resource", reason="there is no such limit here")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
        open_files(300)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, hard)
        open_files(200)  # never fewer
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
