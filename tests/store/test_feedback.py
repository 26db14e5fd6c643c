"""The store of corrections: what goes in comes out, and what goes wrong is one sentence."""

from __future__ import annotations

import dataclasses
import math
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from inkdigits.errors import StoreError
from inkdigits.store import database
from inkdigits.store.correction import (
    LABELS,
    MAX_POINTS,
    REASONS,
    Correction,
    Label,
    Tally,
    answer_of,
)
from inkdigits.store.database import Database
from inkdigits.store.feedback import FeedbackStore
from inkdigits.store.tables import STEPS

PEN = (((1.0, 2.0), (3.5, 4.0)),)


def correction(label: Label = 7, digit: int | None = 1, **other: Any) -> Correction:
    given = {"confidence": 0.5, "reason": None, "model": "m", "version": "1", **other}
    return Correction(label, digit, strokes=None if "seen" in other else PEN, **given)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a store?#%20.db"


@pytest.fixture
def store(file: Path) -> Iterator[FeedbackStore]:
    made = FeedbackStore(str(file))
    yield made
    made.close()


numbers = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1000)  # as they are kept, or finer
points = st.tuples(numbers, numbers) | st.tuples(numbers, numbers, numbers)
drawings = st.lists(st.lists(points, max_size=5).map(tuple), min_size=1, max_size=5).map(tuple)
names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=100)
corrections = st.builds(
    Correction,
    st.sampled_from(LABELS),
    st.none() | st.integers(0, 9),
    st.floats(0, 1),
    st.none() | st.sampled_from(REASONS),
    names,
    names,
    drawings.filter(any),
)


@given(st.lists(corrections, max_size=5))
@settings(max_examples=30, deadline=None)
def test_what_goes_in_comes_out_in_order(said: list[Correction]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = FeedbackStore(f"{folder}/feedback.db")
        assert [store.add(it) for it in said] == [it.id for it in said]
        assert list(store.export()) == said
        assert store.count() == len(said)
        counted = store.summary()
        assert counted.count == len(said)
        assert counted.labels == {label: sum(it.label == label for it in said) for label in LABELS}
        assert counted.confirmed == sum(it.label == it.answer for it in said)
        assert sum(it.count for it in counted.models) == counted.count
        for it in said:
            assert store.remove(it.id)
            assert not store.remove(it.id)
        assert (store.count(), list(store.export())) == (0, [])


def test_more_than_are_held_at_a_time(store: FeedbackStore, monkeypatch: Any) -> None:
    monkeypatch.setattr("inkdigits.store.feedback._CHUNK", 3)
    ids = [store.add(correction(seen=bytes([n] * 784))) for n in range(8)]
    store.remove(ids[4])
    assert [it.id for it in store.export()] == ids[:4] + ids[5:]
    assert [it.seen and it.seen[0] for it in store.export()] == [0, 1, 2, 3, 5, 6, 7]


def test_coordinates_are_kept_to_four_decimals(store: FeedbackStore) -> None:
    store.add(dataclasses.replace(correction(), strokes=(((1 / 3, -2 / 3, 0.99999),),)))
    assert [it.strokes for it in store.export()] == [(((0.3333, -0.6667, 1.0),),)]


def test_time_is_utc_whatever_the_clock_says(store: FeedbackStore) -> None:
    east = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    store.add(correction(created_at=east))
    (kept,) = store.export()
    assert kept.created_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert kept.to_dict()["created_at"] == "2025-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("digit", "reason", "answer"),
    [
        (3, None, 3),
        (3, "unsure", 3),
        (3, "not_a_digit", "not_a_digit"),
        (3, "several_digits", "not_a_digit"),
        (None, "blank", "not_a_digit"),
    ],
)
def test_the_answer_of_a_reading(digit: int | None, reason: str | None, answer: Label) -> None:
    assert answer_of(digit, reason) == answer


def test_the_summary_tells_models_apart(store: FeedbackStore) -> None:
    assert store.summary().accuracy is None
    for said in (
        correction(7, 7),
        correction(7, 1, model="other"),
        correction("not_a_digit", 1, model="other", reason="not_a_digit"),
        correction(1, 1, model="other", version="2", reason="unsure"),
    ):
        store.add(said)
    counted = store.summary()
    assert (counted.count, counted.confirmed, counted.corrected, counted.accuracy) == (
        4,
        3,
        1,
        0.75,
    )
    assert counted.models == (
        *(Tally("other", "1", 2, 1), Tally("m", "1", 1, 1), Tally("other", "2", 1, 1)),
    )
    assert counted.of("other", "1").accuracy == 0.5
    assert counted.of("nobody", "1") == Tally("nobody", "1", 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": 10},
        {"label": "7"},
        {"digit": -1},
        {"confidence": 1.5},
        {"confidence": math.nan},
        {"reason": "tired"},
        {"model": ""},
        {"model": "=SUM(A1)"},
        {"version": "a\nb"},
        {"version": "x" * 101},
        {"seen": bytes(784)},
        {"strokes": None},
        {"strokes": None, "seen": bytes(783)},
        {"strokes": ()},
        {"strokes": ((),)},
        {"strokes": (((1.0, 2.0),) * (MAX_POINTS + 1),)},
        {"strokes": (((1.0,),),)},
        {"strokes": (((1.0, math.inf),),)},
        {"created_at": datetime(2026, 1, 1)},
    ],
)
def test_what_makes_no_sense_is_no_correction(wrong: dict[str, Any]) -> None:
    with pytest.raises(StoreError) as caught:
        dataclasses.replace(correction(), **wrong)
    assert caught.value.code == "bad-correction"


def test_ids_are_not_to_be_guessed() -> None:
    ids = {correction().id for _ in range(100)}
    assert len(ids) == 100
    assert {len(it) for it in ids} == {22}  # 128 bits


def test_a_full_store_refuses_and_keeps_what_it_has(file: Path) -> None:
    store = FeedbackStore(str(file), max_rows=2)
    first, second = store.add(correction()), store.add(correction())
    with pytest.raises(StoreError, match="is full: it holds 2 corrections") as caught:
        store.add(correction())
    assert caught.value.code == "store-full"
    assert [it.id for it in store.export()] == [first, second]
    store.remove(first)
    assert store.add(correction())


def test_many_threads_do_not_overfill_it(file: Path) -> None:
    store = FeedbackStore(str(file), max_rows=10)
    refused: list[StoreError] = []

    def send() -> None:
        for _ in range(5):
            try:
                store.add(correction())
            except StoreError as error:
                refused.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error.code for error in refused] == ["store-full"] * 10
    assert store.count() == 10


def test_what_is_taken_back_is_overwritten(store: FeedbackStore, file: Path) -> None:
    said = correction(model="a-name-to-look-for")
    store.add(said)
    assert b"a-name-to-look-for" in file.read_bytes()
    store.remove(said.id)
    assert b"a-name-to-look-for" not in file.read_bytes()
    assert [it.name for it in file.parent.iterdir()] == [file.name]  # no journal stays


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
        for ask in (*each(store), lambda: FeedbackStore(str(file))):
            with pytest.raises(StoreError, match="is in use by another program: try again"):
                ask()
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


@pytest.mark.parametrize(
    "change",
    ["label = 'eleven'", "label = '12'", "strokes = '{'", "strokes = '[1]'", "seen = x'00'"],
)
def test_a_row_that_makes_no_sense_is_named(store: FeedbackStore, file: Path, change: str) -> None:
    store.add(correction())
    with closing(sqlite3.connect(file)) as other, other:
        other.execute(f"UPDATE corrections SET {change}")
    with pytest.raises(StoreError, match="is damaged: correction 1 makes no sense"):
        list(store.export())


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


def test_a_password_is_not_told() -> None:
    with pytest.raises(StoreError) as caught:
        FeedbackStore("nosuch://me:hunter2@host/name")
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


def _add_a_column(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE corrections ADD COLUMN note TEXT DEFAULT 'old'"))


def _fail(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE half (done)"))
    connection.execute(text("INSERT INTO nowhere VALUES (1)"))


def version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as other:
        found: int = other.execute("SELECT version FROM inkdigits_version").fetchone()[0]
        return found


def test_an_old_store_is_brought_up_to_date_and_keeps_its_rows(file: Path) -> None:
    kept = FeedbackStore(str(file)).add(correction())
    assert version(file) == len(STEPS)
    newer = Database(str(file), [*STEPS, _add_a_column])
    with newer.reading() as connection:
        rows = connection.execute(text("SELECT id, note FROM corrections")).all()
    assert [tuple(row) for row in rows] == [(kept, "old")]
    assert version(file) == len(STEPS) + 1
    Database(str(file), [*STEPS, _add_a_column])  # once is enough
    with pytest.raises(StoreError, match="was written by a newer inkdigits: update this one"):
        FeedbackStore(str(file))


def test_a_step_that_fails_leaves_the_store_as_it_was(file: Path) -> None:
    FeedbackStore(str(file)).add(correction())
    with pytest.raises(StoreError, match="no such table: nowhere"):
        Database(str(file), [*STEPS, _add_a_column, _fail])
    assert version(file) == len(STEPS)
    with closing(sqlite3.connect(file)) as other:
        tables = {row[0] for row in other.execute("SELECT name FROM sqlite_master")}
    assert "half" not in tables
    assert FeedbackStore(str(file)).count() == 1


@pytest.fixture
def server(postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which is emptied again."""
    yield postgres
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS corrections, inkdigits_version"))
    engine.dispose()


def test_a_database_on_a_server_does_the_same(server: str) -> None:
    troubles = list[Exception]()

    def open_it() -> None:
        store = FeedbackStore(server, max_rows=3)
        try:
            store.add(correction())
        except StoreError as error:
            troubles.append(error)
        store.close()

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(error, "code", error) for error in troubles] == ["store-full"] * 3
    store = FeedbackStore(server)
    kept = list(store.export())
    assert store.remove(kept[1].id)
    assert not store.remove(kept[1].id)
    seen = correction("not_a_digit", None, reason="blank", seen=bytes(range(196)) * 4)
    store.add(seen)
    assert list(store.export()) == [kept[0], kept[2], seen]
    assert (store.summary().count, store.summary().confirmed) == (3, 1)
    store.close()


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
