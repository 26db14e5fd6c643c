"""Corrections over HTTP: said, taken back, counted; and what the service says of itself."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inkdigits.service import desk
from inkdigits.service.about import measured
from inkdigits.service.feedbackschemas import AboutAnswer, Stored, SummaryAnswer
from inkdigits.service.settings import Settings
from inkdigits.store import database
from inkdigits.store.correction import MAX_POINTS, Correction
from inkdigits.store.feedback import FeedbackStore

from .harness import MARK, FakeReader, Service, check, serving

FEEDBACK, SUMMARY = "/api/v1/feedback", "/api/v1/feedback/summary"
ABOUT, CARD = "/api/v1/about", "/api/v1/about/card"
MODEL = {"name": "fake", "version": "0"}
READING = {"digit": 1, "confidence": 0.75, "reason": None, "model": MODEL}
PEN = [[[1, 2], [3.5, 4]], [[5, 6]]]


def said(**other: Any) -> dict[str, Any]:
    return {"label": 7, "reading": READING, "strokes": PEN, **other}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture(params=["feedback is the place", "database is"])
def taking(file: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    old, new = Settings(feedback=str(file)), Settings(feedback="on", database=str(file))
    with serving(old if request.param.startswith("feedback") else new, FakeReader()) as running:
        yield running


def test_a_correction_is_stored_as_it_was_said(taking: Service, file: Path) -> None:
    answer = taking.post(FEEDBACK, json=said())
    assert answer.status_code == 201, answer.text
    Stored.model_validate(answer.json())
    token = answer.json()["id"]
    assert answer.headers["location"] == f"{FEEDBACK}/{token}"
    assert len(token) == 22
    (kept,) = FeedbackStore(str(file), create=False).export()
    assert kept.id == token
    assert (kept.label, kept.digit, kept.confidence, kept.reason) == (7, 1, 0.75, None)
    assert (kept.model, kept.version) == ("fake", "0")
    assert (kept.strokes, kept.seen) == ((((1, 2), (3.5, 4)), ((5, 6),)), None)


def test_a_picture_and_a_refusal_are_stored(taking: Service, file: Path) -> None:
    reading = {**READING, "digit": None, "confidence": 0, "reason": "blank"}
    body = {"label": "not_a_digit", "reading": reading, "seen": [*range(256), *[0] * 528]}
    assert taking.post(FEEDBACK, json=body).status_code == 201
    (kept,) = FeedbackStore(str(file), create=False).export()
    assert (kept.label, kept.digit, kept.reason) == ("not_a_digit", None, "blank")
    assert kept.strokes is None
    assert kept.seen == bytes([*range(256), *[0] * 528])


def test_nothing_but_what_was_said_is_in_the_file(taking: Service, file: Path) -> None:
    headers = {"User-Agent": MARK, "X-Request-ID": MARK, "X-Forwarded-For": MARK, "Cookie": MARK}
    assert taking.post(FEEDBACK, json=said(), headers=headers).status_code == 201
    assert MARK.encode() not in file.read_bytes()


def test_taken_back_is_gone_from_the_file(taking: Service, file: Path) -> None:
    token = taking.post(FEEDBACK, json=said()).json()["id"]
    assert token.encode() in file.read_bytes()
    answer = taking.request("DELETE", f"{FEEDBACK}/{token}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert token.encode() not in file.read_bytes()
    check(taking, taking.request("DELETE", f"{FEEDBACK}/{token}"), 404, "not-found")
    check(taking, taking.request("DELETE", f"{FEEDBACK}/%27{MARK}"), 404, "not-found")


def test_a_repeated_one_is_stored_once(taking: Service) -> None:
    token = "my-own-token-0123456789"
    for _ in range(3):
        answer = taking.post(FEEDBACK, json=said(id=token))
        assert (answer.status_code, answer.json()) == (201, {"id": token})
    assert taking.get(SUMMARY).json()["count"] == 1
    check(taking, taking.post(FEEDBACK, json=said(id=token, label=8)), 409, "conflict")
    metrics = taking.get("/metrics").text
    assert 'feedback_total{agree="false"} 1.0' in metrics
    assert "storage_write_failures_total 0.0" in metrics
    assert taking.request("DELETE", f"{FEEDBACK}/{token}").status_code == 204
    assert taking.post(FEEDBACK, json=said(id=token, label=8)).status_code == 201


def test_the_summary_counts(taking: Service) -> None:
    other = {**READING, "model": {"name": "other", "version": "9"}}
    for body in (
        said(),
        said(label=1),
        said(label="not_a_digit", reading={**READING, "reason": "several_digits"}),
        said(label=1, reading=other),
        said(label=1, reading={**READING, "reason": "not_a_digit"}),
    ):
        assert taking.post(FEEDBACK, json=body).status_code == 201
    answer = taking.get(SUMMARY).json()
    SummaryAnswer.model_validate(answer)
    assert answer == {
        "count": 5,
        "labels": {**{str(n): 0 for n in range(10)}, "1": 3, "7": 1, "not_a_digit": 1},
        "confirmed": 3,
        "corrected": 2,
        "accuracy": 0.6,
        "model": {**MODEL, "count": 4, "confirmed": 2, "accuracy": 0.5},
    }


def test_an_empty_summary_has_no_accuracy(taking: Service) -> None:
    answer = taking.get(SUMMARY).json()
    SummaryAnswer.model_validate(answer)
    assert (answer["count"], answer["accuracy"], answer["model"]["accuracy"]) == (0, None, None)


TOO_LONG = [[[number, 1] for number in range(MAX_POINTS + 1)]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"label": 7, "reading": READING}, ""),
        (said(seen=[0] * 784), ""),
        (said(extra=1), "/extra"),
        (said(id="too-short"), "/id"),
        (said(id="-" + "x" * 22), "/id"),
        (said(id="x" * 44), "/id"),
        (said(id=7), "/id"),
        ({"reading": READING, "strokes": PEN}, "/label"),
        ({"label": 7, "strokes": PEN}, "/reading"),
        (said(label=10), "/label"),
        (said(label="7"), "/label"),
        (said(label=True), "/label"),
        (said(label=7.0), "/label"),
        (said(label=None), "/label"),
        (said(reading=[]), "/reading"),
        (said(reading={**READING, "more": 1}), "/reading/more"),
        (said(reading={**READING, "digit": -1}), "/reading/digit"),
        (said(reading={**READING, "confidence": 1.1}), "/reading/confidence"),
        (said(reading={**READING, "confidence": True}), "/reading/confidence"),
        (said(reading={**READING, "reason": MARK}), "/reading/reason"),
        (said(reading={**READING, "reason": []}), "/reading/reason"),
        (said(reading={**READING, "model": "fake"}), "/reading/model"),
        (said(reading={**READING, "model": {**MODEL, "name": ""}}), "/reading/model/name"),
        (said(reading={**READING, "model": {**MODEL, "name": "=1+1"}}), "/reading/model/name"),
        (said(reading={**READING, "model": {**MODEL, "version": 2}}), "/reading/model/version"),
        (
            said(reading={**READING, "model": {**MODEL, "version": "x" * 101}}),
            "/reading/model/version",
        ),
        (said(strokes=[]), "/strokes"),
        (said(strokes=TOO_LONG), "/strokes"),
        (said(strokes=[[[1]]]), "/strokes/0"),
        (said(strokes=[[[1, 1e7]]]), "/strokes/0"),
        ({"label": 7, "reading": READING, "seen": [0] * 783}, "/seen"),
        ({"label": 7, "reading": READING, "seen": [256] * 784}, "/seen"),
        ({"label": 7, "reading": READING, "seen": "0" * 784}, "/seen"),
    ],
)
def test_what_makes_no_sense_is_refused(
    taking: Service, body: dict[str, Any], pointer: str
) -> None:
    answer = taking.post(FEEDBACK, json=body)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    kind = answer.json()["type"].rpartition(":")[2]
    assert kind in ("invalid-field", "tensor-shape")
    check(taking, answer, 422, kind)
    assert taking.get(SUMMARY).json()["count"] == 0


def test_other_bodies_are_refused(taking: Service) -> None:
    check(taking, taking.post(FEEDBACK, data={"label": "7"}), 415, "unsupported-media-type")
    check(taking, taking.post_json(FEEDBACK, b"{"), 400, "malformed-json")
    large = json.dumps(said()) + " " * 300_000
    check(taking, taking.post_json(FEEDBACK, large), 413, "payload-too-large")
    check(taking, taking.get(FEEDBACK), 405, "method-not-allowed")


def test_by_default_nothing_is_stored(service: Service, tmp_path: Path) -> None:
    for answer in (
        service.post(FEEDBACK, json=said()),
        service.request("DELETE", f"{FEEDBACK}/abc"),
        service.get(SUMMARY),
    ):
        check(service, answer, 404, "feedback-off")
    assert service.get(ABOUT).json()["feedback"] is False
    assert list(tmp_path.iterdir()) == []


def test_a_full_store_says_so_and_keeps_what_it_has(file: Path) -> None:
    settings = Settings(feedback=str(file), feedback_rows=2)
    with serving(settings, FakeReader()) as service:
        tokens = [service.post(FEEDBACK, json=said()).json()["id"] for _ in range(2)]
        check(service, service.post(FEEDBACK, json=said()), 507, "store-full")
        assert service.get(SUMMARY).json()["count"] == 2
        assert service.request("DELETE", f"{FEEDBACK}/{tokens[0]}").status_code == 204
        assert service.post(FEEDBACK, json=said()).status_code == 201


def test_a_store_in_use_is_a_problem_and_then_works_again(
    taking: Service, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        answer = taking.post(FEEDBACK, json=said())
        check(taking, answer, 503, "store-unavailable")
        assert answer.headers["retry-after"] == "5"
        assert str(file.parent) not in answer.text
        other.execute("ROLLBACK")
    assert taking.post(FEEDBACK, json=said()).status_code == 201


def test_a_store_that_was_not_there_at_the_start_is_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "later" / "feedback.db"
    with serving(Settings(feedback=str(file)), FakeReader()) as service:
        check(service, service.post(FEEDBACK, json=said()), 503, "store-unavailable")
        file.parent.mkdir()
        assert service.post(FEEDBACK, json=said()).status_code == 201


def test_without_sqlalchemy_the_service_runs_and_the_log_says_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in [it for it in sys.modules if it.startswith("inkdigits.store.")]:
        if name != "inkdigits.store.correction":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with serving(Settings(feedback=str(file)), FakeReader()) as service:
        check(service, service.post(FEEDBACK, json=said()), 503, "store-unavailable")
    assert "pip install 'inkdigits[store]'" in caplog.text


def test_too_many_that_wait_are_sent_away(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, leave = threading.Semaphore(0), threading.Event()
    plain = FeedbackStore.put

    def hold(self: FeedbackStore, correction: Correction) -> bool:
        entered.release()
        assert leave.wait(20)
        return plain(self, correction)

    monkeypatch.setattr(FeedbackStore, "put", hold)
    with serving(Settings(feedback=str(file), max_waiting=1), FakeReader()) as service:
        answers: list[int] = []

        def send() -> None:
            answers.append(service.post(FEEDBACK, json=said()).status_code)

        senders = [threading.Thread(target=send) for _ in range(desk.THREADS + 1)]
        for sender in senders:
            sender.start()
        for _ in range(desk.THREADS):
            assert entered.acquire(timeout=20)
        while service.desk.waiting < 1:
            time.sleep(0.01)
        answer = service.post(FEEDBACK, json=said())
        check(service, answer, 503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        pen = {"strokes": PEN}
        assert service.post("/api/v1/classify", json=pen).status_code == 200  # digits are read on
        leave.set()
        for sender in senders:
            sender.join(20)
        assert answers == [201] * 3
        assert service.get(SUMMARY).json()["count"] == 3


@pytest.mark.parametrize("token", ["%00", "a%20b", "a" * 44, "%27", "..%2fa"])
def test_what_cannot_be_an_id_is_not_looked_for(
    taking: Service, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setattr(FeedbackStore, "remove", lambda *_: pytest.fail("it was looked for"))
    check(taking, taking.request("DELETE", f"{FEEDBACK}/{token}"), 404, "not-found")


def test_about_names_the_model_and_its_figures(real_service: Service) -> None:
    about = real_service.get(ABOUT).json()
    AboutAnswer.model_validate(about)
    assert about["model"] == real_service.get("/readyz").json()["model"]
    card = real_service.get(f"/{about['card']}").json()
    assert (card["name"], card["version"]) == (about["model"]["name"], about["model"]["version"])
    assert about["measured"]["accuracy"] == card["validation"]["accuracy"] > 0.9
    assert about["measured"]["size"] == card["validation"]["size"]
    assert about["measured"]["what"] == card["calibration_data"]
    assert "golden" not in card


def test_about_a_reader_without_a_card(service: Service, taking: Service) -> None:
    about = service.get(ABOUT).json()
    AboutAnswer.model_validate(about)
    assert about["model"] == MODEL
    assert (about["measured"], about["card"]) == (None, None)
    check(service, service.get(CARD), 404, "not-found")
    assert taking.get(ABOUT).json()["feedback"] is True


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"validation": []},
        {"validation": {"size": 5, "accuracy": 1.5, "accepted": 1, "accuracy_accepted": 1}},
        {"validation": {"size": 0, "accuracy": 1, "accepted": 1, "accuracy_accepted": 1}},
        {"validation": {"size": 5, "accuracy": "1", "accepted": 1, "accuracy_accepted": 1}},
    ],
)
def test_a_card_without_sound_figures_has_none(card: dict[str, Any]) -> None:
    assert measured(card) is None


def test_the_document_tells_what_is_taken(service: Service, taking: Service) -> None:
    document = taking.get("/openapi.json").json()
    assert "corrections" in document["info"]["description"]
    assert "corrections" not in service.get("/openapi.json").json()["info"]["description"]
    example = document["paths"][FEEDBACK]["post"]["requestBody"]["content"]["application/json"]
    assert taking.post(FEEDBACK, json=example["example"]).status_code == 201
    assert set(document["paths"][FEEDBACK + "/{id}"]["delete"]["responses"]) == {
        *("204", "401", "404", "429", "500", "503")
    }
    page = taking.get("/docs").text
    assert "<h3>Path</h3><table><tr><th scope=row><code>id</code>" in page
    assert "curl -X DELETE" in page
