"""A database as the store opens it: what goes wrong with it is one sentence, and loses nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inkdigits.errors import StoreError
from inkdigits.store import database
from inkdigits.store.feedback import FeedbackStore
from tests.store.test_feedback import correction


@pytest.fixture
def store(file: Path) -> Iterator[FeedbackStore]:
    made = FeedbackStore(str(file))
    yield made
    made.close()


def test_what_is_taken_back_is_overwritten(store: FeedbackStore, file: Path) -> None:
    said = correction(model="a-name-to-look-for")
    store.add(said)
    assert b"a-name-to-look-for" in file.read_bytes()
    store.remove(said.id)
    assert b"a-name-to-look-for" not in file.read_bytes()
    assert [it.name for it in file.parent.iterdir()] == [file.name]  # no journal stays


def test_what_is_taken_back_is_gone_from_the_journal_too(store: FeedbackStore, file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:  # so that the journal stays
        assert other.execute("SELECT count(*) FROM corrections").fetchone() == (0,)
        said = correction(model="a-name-to-look-for")
        store.add(said)
        journal = file.with_name(f"{file.name}-wal")
        assert b"a-name-to-look-for" in journal.read_bytes()
        store.remove(said.id)
        for it in (file, journal):
            assert b"a-name-to-look-for" not in it.read_bytes()


def test_what_is_acknowledged_outlives_a_power_cut(store: FeedbackStore, file: Path) -> None:
    with store._database.writing() as connection:
        asked = [f"PRAGMA {it}" for it in ("journal_mode", "synchronous", "busy_timeout")]
        found = [connection.exec_driver_sql(it).scalar() for it in asked]
    assert found == ["wal", 2, 5000]  # 2: FULL


def test_an_empty_file_is_filled_and_that_is_told(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.touch()
    FeedbackStore(str(file)).close()
    assert "is empty: its tables are made anew" in caplog.text
    caplog.clear()
    FeedbackStore(str(file)).close()
    assert caplog.text == ""


def test_a_store_is_the_same_by_path_and_by_url(tmp_path: Path) -> None:
    FeedbackStore(str(tmp_path / "plain.db")).add(correction())
    again = FeedbackStore(f"sqlite:///{tmp_path}/plain.db", create=False)
    assert (again.count(), again.name) == (1, f"{tmp_path}/plain.db")


def each(store: FeedbackStore) -> list[Any]:
    """All that can be asked of a store."""
    return [
        lambda: store.add(correction()),
        lambda: store.remove("x"),
        store.count,
        store.summary,
        lambda: list(store.export()),
    ]


def test_a_locked_store_is_one_sentence(
    store: FeedbackStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for ask in (lambda: store.add(correction()), lambda: store.remove("x")):
            with pytest.raises(StoreError, match="is in use by another program: try again") as it:
                ask()
            assert it.value.code == "store-unavailable"
        assert FeedbackStore(str(file)).count() == 0  # who reads need not wait
    assert store.count() == 0


def test_a_store_that_may_only_be_read(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = store.add(correction())
    plain = database._connect
    monkeypatch.setattr(database, "_connect", lambda it: plain(it.replace("=rw", "=ro")))
    for ask in (lambda: store.add(correction()), lambda: store.remove(kept)):
        with pytest.raises(StoreError, match="may only be read: give the right to write it"):
            ask()
    assert [it.id for it in store.export()] == [kept]


def test_a_full_disk_loses_nothing(store: FeedbackStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = store.add(correction())
    plain = database._connect

    def small(address: str) -> sqlite3.Connection:
        connection = plain(address)
        connection.execute("PRAGMA max_page_count = 1")  # no more than there are
        return connection

    monkeypatch.setattr(database, "_connect", small)
    with pytest.raises(StoreError, match="cannot grow, as the disk is full: make room"):
        list(map(store.add, [correction(seen=bytes(784)) for _ in range(100)]))
    monkeypatch.setattr(database, "_connect", plain)
    assert next(store.export()).id == kept


def test_a_damaged_store_is_one_sentence(store: FeedbackStore, file: Path) -> None:
    store.add(correction())
    content = file.read_bytes()
    file.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    for ask in (*each(store), lambda: FeedbackStore(str(file))):
        with pytest.raises(StoreError, match="is damaged: put it aside, or bring back a copy"):
            ask()
    file.write_bytes(b"This is a letter to a friend, and no database." * 100)
    with pytest.raises(StoreError, match="is not an SQLite database: give another file"):
        FeedbackStore(str(file))
    assert file.read_bytes().startswith(b"This is a letter")


def test_a_store_that_is_taken_away_is_missed(store: FeedbackStore, file: Path) -> None:
    file.unlink()
    with pytest.raises(StoreError, match="cannot be opened: see that its folder is there"):
        store.add(correction())
    assert not file.exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("{}/no/such/folder.db", "its folder does not exist: make it first"),
        ("{}", "is a folder: give the name of a file in it"),
        ("", "give its name"),
        (":memory:", "give its name"),
        ("sqlite://", "give its path"),
        ("sqlite:///:memory:", "give its path"),
        ("sqlite:///file:a?mode=memory&uri=true", "give its path"),
        ("nosuch://secret@host/name", "needs a driver for 'nosuch'"),
        ("://", "is not a URL of a database"),
    ],
)
def test_a_place_that_is_none_is_one_sentence(tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        FeedbackStore(place.format(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    [
        "nosuch://me:hunter2@host/name",
        "nosuch://me@host/name?password=hunter2",
        "postgresql://me:hunter2@127.0.0.1:1/name",
        "postgresql://me@/name?host=/nowhere&password=hunter2",
        "postgresql://me:hunter2@[host/name",
    ],
)
def test_a_password_is_not_told(place: str) -> None:
    with pytest.raises(StoreError) as caught:
        FeedbackStore(place)
    assert "hunter2" not in str(caught.value)


def test_a_missing_store_is_not_made_for_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        FeedbackStore(str(tmp_path / "none.db"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_the_tables_of_others_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE photos (id)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="holds the tables of another program"):
        FeedbackStore(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_url_may_be_as_hosts_of_databases_write_it(server: str, scheme: str) -> None:
    store = FeedbackStore(server.replace("postgresql+psycopg", scheme))
    store.add(correction())
    assert store.count() == 1
    store.close()


def test_two_that_open_a_new_store_at_once_both_succeed(file: Path) -> None:
    ready, troubles = threading.Barrier(4), list[Exception]()

    def open_it() -> None:
        ready.wait()
        try:
            FeedbackStore(str(file)).add(correction())
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert FeedbackStore(str(file)).count() == 4
