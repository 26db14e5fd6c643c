"""The store under `inkdigits serve`, as things go wrong: digits are read on, and nothing that was
acknowledged is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from inkdigits.store.feedback import FeedbackStore
from inkdigits.store.predictions import PredictionStore
from tests import postgres as servers
from tests.faults.conftest import FEEDBACK, classify, failures, said, say, status
from tests.service.test_serve import served, start
from tests.store.test_feedback import correction

#: How the server is started where both corrections and predictions are kept.
KEEPING = {"INKDIGITS_FEEDBACK": "on", "INKDIGITS_STORE": "metadata", "INKDIGITS_DRAIN": "0"}


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not look():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def tokens(place: str) -> list[str]:
    """The ids of all corrections there are."""
    store = FeedbackStore(place, create=False)
    found = [it.id for it in store.export()]
    store.close()
    return found


def predictions(place: str) -> int:
    store = PredictionStore(place, create=False)
    found = store.count()
    store.close()
    return found


def kill_all(process: subprocess.Popen[str]) -> None:
    """kill -9: the server, and then its workers, before it can replace them."""
    pid = process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    process.kill()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def refused(process: subprocess.Popen[str]) -> str:
    """The one sentence that a server ends with."""
    try:
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()  # it should have ended, but may not have
    assert (process.returncode, out, errors.count("\n")) == (1, "", 1), errors
    return errors


@pytest.mark.parametrize("kind", ["file", "server"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_while_it_writes_it_keeps_all_that_it_acknowledged(
    tmp_path: Path, kind: str, workers: str, request: pytest.FixtureRequest
) -> None:
    place = str(tmp_path / "kept.db")
    if kind == "server":
        place = request.getfixturevalue("own_postgres").url
    acknowledged, asked = list[str](), list[str]()

    def talk(address: str, number: int) -> None:
        with suppress(httpx2.TransportError), httpx2.Client(base_url=address, timeout=20) as client:
            for turn in range(10_000):
                token = f"sender{number}-{turn:05}-xxxxxxxxxxxx"
                asked.append(token)
                if client.post(FEEDBACK, json=said(id=token)).status_code == 201:
                    acknowledged.append(token)

    options = {**KEEPING, "INKDIGITS_WORKERS": workers}
    with served("--database", place, **options) as (process, _, address):
        talkers = [threading.Thread(target=talk, args=(address, it)) for it in range(4)]
        for it in talkers:
            it.start()
        until(lambda: len(acknowledged) >= 40)
        kill_all(process)
        for it in talkers:
            it.join(30)
    found = tokens(place)
    assert len(acknowledged) >= 40
    assert set(acknowledged) <= set(found) <= set(asked)
    assert len(found) == len(set(found))
    if kind == "file":
        with closing(sqlite3.connect(place)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with served("--database", place, **KEEPING) as (
        _,
        __,
        address,
    ):  # and it starts again, and goes on
        assert say(address, id=acknowledged[0]).status_code == 201
        assert say(address).status_code == 201
    assert len(tokens(place)) == len(found) + 1


def test_what_was_read_is_written_when_it_stops(tmp_path: Path) -> None:
    place = str(tmp_path / "kept.db")
    with served("--database", place, **KEEPING) as (process, _, address):
        stored = [classify(address)["stored"] for _ in range(25)]
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert (process.returncode, stored) == (0, [True] * 25)
    assert "Traceback" not in log
    assert predictions(place) == 25


def test_a_full_disk_costs_writes_alone_and_is_recovered_from(small_disk: Path) -> None:
    place = str(small_disk / "kept.db")
    with served("--database", place, **KEEPING) as (process, _, address):
        kept = [say(address).json()["id"] for _ in range(3)]
        ballast = small_disk / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        assert shutil.disk_usage(small_disk).free == 0
        answer = say(address)
        for _ in range(200):  # what is left in the file's own pages is used up first
            if answer.status_code != 201:
                break
            kept.append(answer.json()["id"])
            answer = say(address)
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:inkdigits:problem:store-unavailable"
        assert answer.headers["retry-after"] == "5"
        until(lambda: classify(address)["stored"] is False)
        before = failures(address)
        assert classify(address)["stored"] is False
        assert failures(address) == before + 1
        assert (status(address, "/livez"), status(address, "/readyz")) == (200, 200)
        ballast.unlink()
        kept.append(say(address).json()["id"])  # at once
        until(lambda: classify(address)["stored"] is True)
        process.terminate()
        process.communicate(timeout=30)
    assert tokens(place) == kept
    assert predictions(place) >= 1


def test_a_locked_file_costs_writes_until_it_is_let_go(tmp_path: Path) -> None:
    place = str(tmp_path / "kept.db")
    with served("--database", place, **KEEPING) as (_, __, address):
        first = say(address).json()["id"]
        with closing(sqlite3.connect(place, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answers = list[httpx2.Response]()
            waiting = threading.Thread(target=lambda: answers.append(say(address)))
            waiting.start()
            began = time.monotonic()
            assert classify(address)["digit"] == 7
            assert time.monotonic() - began < 3  # it waits for nobody
            waiting.join(30)
            assert [it.status_code for it in answers] == [503]
            assert answers[0].headers["retry-after"] == "5"
            until(lambda: classify(address)["stored"] is False)
            other.execute("ROLLBACK")
        second = say(address).json()["id"]
        until(lambda: classify(address)["stored"] is True)
    assert tokens(place) == [first, second]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda it: it[:100] + b"\xff" * (len(it) - 100), "is damaged: put it aside"),
        (lambda it: it[:4096] + b"\0" * (len(it) - 4096), "is damaged: put it aside"),
        (lambda it: it[: len(it) // 2], "is damaged: put it aside"),
        (lambda it: it[:-8192] + b"\xff" * 4096 + it[-4096:], "is damaged: put it aside"),
        (lambda it: b"\0" * len(it), "is not an SQLite database: give another file"),
    ],
    ids=["overwritten", "zeroed behind its head", "cut in half", "a late page", "all zero"],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(
    tmp_path: Path, spoil: Callable[[bytes], bytes], words: str
) -> None:
    file = tmp_path / "kept.db"
    store = FeedbackStore(str(file))
    for _ in range(40):
        store.add(correction(seen=bytes(784)))
    store.close()
    file.write_bytes(spoil(file.read_bytes()))
    before = file.read_bytes()
    for given in ({"INKDIGITS_FEEDBACK": str(file)}, {**KEEPING, "INKDIGITS_DATABASE": str(file)}):
        assert words in refused(start("--port", "0", **given))
    assert file.read_bytes() == before


def test_a_change_of_tables_that_was_half_done_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    FeedbackStore(str(file)).close()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE inkdigits_revision SET version_num = '0001'")
    sentence = refused(start("--port", "0", INKDIGITS_FEEDBACK=str(file)))
    assert "is in the middle of a change of its tables" in sentence
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE inkdigits_revision SET version_num = '9999'")
    sentence = refused(start("--port", "0", INKDIGITS_FEEDBACK=str(file)))
    assert "was written by a newer inkdigits: update this one." in sentence


def test_a_server_that_stops_and_starts_while_it_serves(own_postgres: servers.Server) -> None:
    with served("--database", own_postgres.url, **KEEPING) as (process, _, address):
        kept = [say(address).json()["id"]]
        assert classify(address)["stored"] is True
        until(lambda: predictions(own_postgres.url) == 1)
        own_postgres.stop()
        answer = say(address)
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:inkdigits:problem:store-unavailable"
        assert answer.headers["retry-after"] == "5"
        until(lambda: classify(address)["stored"] is False)
        before = failures(address)
        classify(address)
        assert failures(address) == before + 1
        assert (status(address, "/livez"), status(address, "/readyz")) == (200, 200)
        own_postgres.start()
        kept.append(say(address).json()["id"])
        until(lambda: classify(address)["stored"] is True)
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in log
    assert all(json.loads(line) for line in log.splitlines())
    assert tokens(own_postgres.url) == kept
    assert predictions(own_postgres.url) >= 2


def test_a_server_that_is_down_at_the_start_is_waited_for(own_postgres: servers.Server) -> None:
    own_postgres.stop()
    with served("--database", own_postgres.url, **KEEPING) as (_, __, address):
        assert status(address, "/livez") == 200
        answer = httpx2.get(f"{address}/readyz", timeout=20)
        assert answer.status_code == 503
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["message"]) == (
            "/checks/store",
            "The store cannot be opened; the log says why.",
        )
        assert classify(address)["stored"] is False
        assert say(address).status_code == 503
        own_postgres.start()
        until(lambda: status(address, "/readyz") == 200)
        assert say(address).status_code == 201
        until(lambda: classify(address)["stored"] is True)


def test_a_server_that_someone_holds_a_lock_on_is_not_waited_for_long(
    own_postgres: servers.Server,
) -> None:
    with served("--database", own_postgres.url, **KEEPING) as (_, __, address):
        assert say(address).status_code == 201
        engine = create_engine(own_postgres.url)
        with engine.begin() as other:
            other.execute(text("LOCK TABLE corrections"))
            began = time.monotonic()
            assert say(address).status_code == 503
            assert time.monotonic() - began < 15
            assert classify(address)["stored"] is True
        engine.dispose()
        assert say(address).status_code == 201
