"""The probes: what each looks at, and what it says of it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from pathlib import Path

import httpx2
import pytest

from inkdigits.service.app import create_app
from inkdigits.service.settings import Settings

from .harness import CLASSIFY, PNG, FakeReader, Service, check, serving
from .test_serve import served


def test_all_is_well(service: Service) -> None:
    assert service.get("/livez").json() == {"status": "alive"}
    assert service.get("/startupz").json() == {"status": "started"}
    assert service.get("/readyz").json()["checks"] == {"process": "ok", "model": "ok"}


def test_without_a_model_it_has_not_started() -> None:
    with serving(Settings(model="no-such-model"), None) as service:
        check(service, service.get("/startupz"), 503, "not-ready")
        answer = service.get("/readyz")
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/checks/model"
    assert "no-such-model" in error["message"]


def test_a_store_that_was_never_opened_is_not_ready(tmp_path: Path) -> None:
    file = tmp_path / "later" / "feedback.db"
    with serving(Settings(feedback=str(file)), FakeReader()) as service:
        answer = service.get("/readyz")
        check(service, answer, 503, "not-ready")
        assert [it["pointer"] for it in answer.json()["errors"]] == ["/checks/store"]
        assert str(tmp_path) not in answer.text
        assert service.get("/startupz").status_code == 200
        assert service.post(CLASSIFY, files={"image": ("x", PNG)}).status_code == 200
        file.parent.mkdir()
        assert service.get("/readyz").json()["checks"]["store"] == "ok"
        file.unlink()  # from now on feedback alone fails
        assert service.get("/readyz").status_code == 200


def test_draining_is_not_ready_but_answers() -> None:
    app = create_app(Settings(drain=0.2), FakeReader())
    stopped: list[int] = []

    async def live() -> list[int]:
        seen: list[int] = []
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app), base_url="http://inkdigits.test"
        )
        async with app.router.lifespan_context(app), client:
            for _ in range(2):  # a group and its supervisor may both tell it
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.sleep(0.01)
            for path in ("/readyz", "/livez", "/startupz"):
                seen.append((await client.get(path)).status_code)
            assert stopped == []
            deadline = time.monotonic() + 20
            while not stopped and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # a second stop would come now
        return seen

    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    try:
        mine = signal.getsignal(signal.SIGTERM)
        assert asyncio.run(live()) == [503, 200, 200]
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)
    assert stopped == [signal.SIGTERM]


def test_the_server_says_no_before_it_goes() -> None:
    with served(INKDIGITS_DRAIN="3") as (process, _, address):
        assert httpx2.get(f"{address}/readyz", timeout=20).status_code == 200
        process.send_signal(signal.SIGTERM)
        answer = httpx2.get(f"{address}/readyz", timeout=20)
        while answer.status_code == 200:
            answer = httpx2.get(f"{address}/readyz", timeout=20)
        assert answer.json()["errors"][0]["pointer"] == "/checks/process"
        pen = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
        assert httpx2.post(f"{address}{CLASSIFY}", json=pen, timeout=20).json()["digit"] == 7
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_can_go_at_once(how: signal.Signals) -> None:
    with served(INKDIGITS_DRAIN="0" if how is signal.SIGTERM else "600") as (process, _, __):
        process.send_signal(how)
        process.communicate(timeout=30)
        assert process.returncode == 0
