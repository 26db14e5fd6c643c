"""Predictions that are kept: which, what of them, and what the answers say of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from inkdigits.errors import StoreError
from inkdigits.results import Prediction
from inkdigits.service import archive
from inkdigits.service.archive import Archive
from inkdigits.service.feedbackschemas import AboutAnswer
from inkdigits.service.pageschemas import ReadingAnswer
from inkdigits.service.payload import Submission
from inkdigits.service.schemas import BatchAnswer, PredictionAnswer
from inkdigits.service.settings import Settings
from inkdigits.store.prediction import Kept
from inkdigits.store.predictions import PredictionStore

from .harness import (
    BASE64,
    BATCH,
    CLASSIFY,
    MARK,
    PNG,
    READ,
    SEVEN,
    FakeReader,
    Service,
    check,
    serving,
)

PEN = {"strokes": [[[1, 2], [3.5, 4]]]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


def rows(file: Path) -> list[Kept]:
    store = PredictionStore(str(file), create=False)
    found = list(store.export())
    store.close()
    return found


def written(service: Service) -> float:
    for line in service.get("/metrics").text.splitlines():
        if line.startswith("storage_write_failures_total "):
            return float(line.split()[1])
    raise AssertionError("there is no such metric")


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def everything(service: Service) -> list[httpx2.Response]:
    """One request of each kind."""
    return [
        service.post(CLASSIFY, files={"image": (MARK, PNG)}),
        service.post(CLASSIFY, json={"pixels": [[0, 255]]}),
        service.post(CLASSIFY, json={"pixels": [0] * 784}),
        service.post(CLASSIFY, json=PEN),
        service.post(BATCH, json={"images": [BASE64, "?", BASE64]}),
        service.post(READ, content=PNG, headers={"Content-Type": "image/png"}),
        service.post("/predict", json={"image": BASE64}),
    ]


def test_by_default_nothing_is_kept_nor_said(service: Service, tmp_path: Path) -> None:
    for answer in everything(service):
        assert answer.status_code == 200
        assert "stored" not in answer.text
    assert list(tmp_path.iterdir()) == []
    assert service.get("/api/v1/about").json()["store"] == "off"
    assert service.get("/openapi.json").json()["info"]["description"].endswith("is kept.")


@pytest.mark.parametrize("store", ["metadata", "pictures"])
def test_each_answer_is_kept_as_it_was_given(file: Path, store: Any) -> None:
    with serving(Settings(database=str(file), store=store), FakeReader()) as service:
        answers = everything(service)
        ids = [it.headers["x-request-id"] for it in answers]
        AboutAnswer.model_validate(service.get("/api/v1/about").json())
        assert written(service) == 0
    classified, _, blank, _, batch, page, legacy = [it.json() for it in answers]
    PredictionAnswer.model_validate(classified)
    BatchAnswer.model_validate(batch)
    ReadingAnswer.model_validate(page)
    assert classified["stored"] is blank["stored"] is page["stored"] is True
    assert [it.get("stored") for it in batch["predictions"]] == [True, None, True]
    assert set(legacy) == {"prediction", "confidence", "probabilities"}
    kept = rows(file)
    assert [it.kind for it in kept] == [
        *("image", "pixels", "pixels", "strokes", "image", "image"),
        *("page",) * 4,
        "image",
    ]
    places = [0, 1, 2, 3, 4, 4, 5, 5, 5, 5, 6]
    assert [it.request_id for it in kept] == [ids[place] for place in places]
    assert [it.digit for it in kept] == [7, 7, None, 7, 7, 7, 2, 4, 7, 1, 7]
    assert kept[2].reason == "blank"
    assert kept[0].probabilities == pytest.approx(SEVEN, abs=1e-5)
    assert (kept[0].model, kept[0].version, kept[0].confidence) == ("fake", "0", 0.9)
    assert all(0 < it.seconds < 20 for it in kept)
    assert abs(kept[0].created_at - datetime.now(UTC)) < timedelta(minutes=1)
    seen = [it.seen for it in kept]
    assert seen[0] == (bytes(it % 256 for it in range(784)) if store == "pictures" else None)
    assert all(it is None for it in seen) or store == "pictures"
    everywhere = b"".join(it.read_bytes() for it in file.parent.iterdir())
    assert MARK.encode() not in everywhere  # nor anything else of what was sent
    assert PNG not in everywhere


def test_what_could_not_be_read_makes_no_row(file: Path) -> None:
    with serving(Settings(database=str(file), store="metadata"), FakeReader()) as service:
        bad = service.post(CLASSIFY, files={"image": ("x", b"text")})
        check(service, bad, 415, "unsupported-format")
        assert "stored" not in bad.json()
    assert rows(file) == []


def test_the_service_says_what_it_keeps(file: Path) -> None:
    for settings, words in (
        ({"store": "metadata"}, "but the answers for 30 days."),
        ({"store": "metadata", "store_days": 0}, "but the answers."),
        (
            {"store": "pictures", "store_days": 7, "feedback": "on"},
            "but corrections, and the answers and the 28x28 pixels of each digit for 7 days.",
        ),
    ):
        made = Settings(database=str(file), **settings)
        with serving(made, FakeReader()) as service:
            assert service.get("/openapi.json").json()["info"]["description"].endswith(words)
            about = service.get("/api/v1/about").json()
        assert (about["store"], about["store_days"]) == (made.store, made.store_days or None)


def test_what_is_old_goes_while_it_serves(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "IDLE", 0.05)
    monkeypatch.setattr(archive, "PURGING", 0.1)
    store = PredictionStore(str(file))
    days = [datetime.now(UTC) - timedelta(days=it) for it in (1, 8)]

    def put() -> None:
        store.add(
            [Kept("r", "m", "1", 3, None, 1.0, SEVEN, 0.1, "image", created_at=it) for it in days]
        )

    put()
    settings = Settings(database=str(file), store="metadata", store_days=7)
    with serving(settings, FakeReader()):
        until(lambda: store.count() == 1)
        put()
        until(lambda: store.count() == 2)  # and again, an hour later
    assert all(it.created_at == days[0] for it in store.export())
    with serving(settings.but(store_days=0), FakeReader()):
        put()
        time.sleep(0.3)
    assert store.count() == 4
    store.close()


def test_a_database_that_fails_costs_nothing_but_rows(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AGAIN", 0.05)
    monkeypatch.setattr(archive, "GATHERING", 0.01)
    plain, down = PredictionStore.add, threading.Event()

    def add(self: PredictionStore, many: list[Kept]) -> None:
        if down.is_set():
            raise StoreError("The store x cannot be used.")
        plain(self, many)

    monkeypatch.setattr(PredictionStore, "add", add)
    monkeypatch.setattr(PredictionStore, "count", lambda self: add(self, []))
    with serving(Settings(database=str(file), store="metadata"), FakeReader()) as service:
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is True
        down.set()
        queued = service.post(CLASSIFY, json=PEN)  # nobody knows yet
        assert queued.json()["stored"] is True
        until(lambda: service.post(CLASSIFY, json=PEN).json()["stored"] is False)
        before = written(service)
        for _ in range(5):
            assert service.post(CLASSIFY, json=PEN).json()["digit"] == 7
        assert written(service) == before + 5
        assert service.get("/readyz").status_code == 200
        down.clear()
        until(lambda: service.post(CLASSIFY, json=PEN).json()["stored"] is True)
    ids = [it.request_id for it in rows(file)]
    assert queued.headers["x-request-id"] in ids  # what was promised is kept
    assert len(ids) == len(set(ids))


def test_a_full_queue_drops_and_says_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WAITING", 3)
    monkeypatch.setattr(archive, "BATCH", 1)
    entered, leave, plain = threading.Event(), threading.Event(), PredictionStore.add

    def add(self: PredictionStore, many: list[Kept]) -> None:
        entered.set()
        assert leave.wait(20)
        plain(self, many)

    monkeypatch.setattr(PredictionStore, "add", add)
    with serving(Settings(database=str(file), store="metadata"), FakeReader()) as service:
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is True
        assert entered.wait(20)
        said = [service.post(CLASSIFY, json=PEN).json()["stored"] for _ in range(5)]
        assert said == [True, True, True, False, False]
        assert written(service) == 2
        leave.set()
    assert len(rows(file)) == 4


def test_a_row_that_no_database_takes_is_dropped_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(archive, "GATHERING", 0.0)
    plain = archive._kind
    kinds = iter([None, "image"])
    monkeypatch.setattr(archive, "_kind", lambda asked: next(kinds) and plain(asked))
    with serving(Settings(database=str(file), store="metadata"), FakeReader()) as service:
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is True
        until(lambda: written(service) == 1)
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is True
    assert len(rows(file)) == 1
    assert "predictions dropped" in caplog.text


def test_a_store_that_is_not_there_is_not_ready_and_then_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AGAIN", 0.05)
    file = tmp_path / "later" / "kept.db"
    with serving(Settings(database=str(file), store="metadata"), FakeReader()) as service:
        answer = service.get("/readyz")
        check(service, answer, 503, "not-ready")
        assert [it["pointer"] for it in answer.json()["errors"]] == ["/checks/store"]
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is False
        file.parent.mkdir()
        until(lambda: service.get("/readyz").status_code == 200)  # nobody asked for anything
        assert service.post(CLASSIFY, json=PEN).json()["stored"] is True
    assert len(rows(file)) == 1


@pytest.mark.parametrize("settings", [{"store": "metadata"}, {"feedback": "on"}])
def test_a_store_that_is_none_ends_the_start(file: Path, settings: dict[str, Any]) -> None:
    file.write_bytes(b"a letter" * 1000)
    with (
        pytest.raises(StoreError, match="is not an SQLite database"),
        serving(Settings(database=str(file), **settings), FakeReader()),
    ):
        pass
    assert file.read_bytes() == b"a letter" * 1000


def test_many_threads_lose_nothing(file: Path) -> None:
    kept = Archive(Settings(database=str(file), store="metadata"))
    found = Prediction(7, 0.9, SEVEN, True, None, "fake", "0")
    said = list[bool]()

    def read() -> None:
        for _ in range(250):
            said.append(kept.keep(found, Submission("", b""), "r", 0.1)["stored"])

    async def run() -> None:
        await kept.start()
        threads = [threading.Thread(target=read) for _ in range(4)]
        for it in threads:
            it.start()
        for it in threads:
            it.join()
        await kept.stop()

    anyio.run(run)
    assert said == [True] * 1000
    assert len(rows(file)) == 1000
