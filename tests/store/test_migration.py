"""The tables and their steps: from nothing, from an old store, at once, and when one goes wrong."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from inkdigits.errors import StoreError
from inkdigits.store import migration
from inkdigits.store.database import Database
from inkdigits.store.feedback import FeedbackStore
from inkdigits.store.tables import METADATA, REVISIONS
from tests.store.test_feedback import correction

#: As the runner of steps that there was before Alembic made it, in version 1.
OLD = (
    "CREATE TABLE inkdigits_version (version INTEGER NOT NULL)",
    "INSERT INTO inkdigits_version VALUES (1)",
    "CREATE TABLE corrections (number {number} PRIMARY KEY, id VARCHAR(43) NOT NULL UNIQUE, "
    "created_at {time} NOT NULL, label VARCHAR(16) NOT NULL, digit SMALLINT, "
    "confidence {double} NOT NULL, reason VARCHAR(16), model VARCHAR(100) NOT NULL, "
    "version VARCHAR(100) NOT NULL, strokes TEXT, seen {bytes})",
    "INSERT INTO corrections (id, created_at, label, digit, confidence, model, version, strokes) "
    "VALUES ('abc', '2026-01-02 03:04:05.000000', '7', 1, 0.5, 'm', '1', '[[[1.0,2.0]]]')",
)
TYPES = {
    "sqlite": {"number": "INTEGER", "time": "DATETIME", "double": "FLOAT", "bytes": "BLOB"},
    "postgresql": {
        **{"number": "SERIAL", "time": "TIMESTAMP WITH TIME ZONE"},
        **{"double": "FLOAT(53)", "bytes": "BYTEA"},
    },
}


ADDED = "{'corrections': {'note'}}"


def engine_of(place: str) -> Engine:
    if "://" in place:
        return create_engine(place)
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(place))


def told(place: str, *statements: str) -> None:
    """Have another program change the database."""
    engine = engine_of(place)
    with engine.begin() as connection:
        for it in statements:
            connection.execute(text(it.format(**TYPES[engine.dialect.name])))
    engine.dispose()


def tables(place: str) -> set[str]:
    engine = engine_of(place)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def step(folder: Path, number: int, *statements: str, adds: str = "{}") -> None:
    """One more step, in a copy of the steps."""
    lines = "\n".join(f"    op.execute({it!r})" for it in statements)
    (folder / "versions" / f"step_{number:04}.py").write_text(
        f"from alembic import op\nrevision = '{number:04}'\ndown_revision = '{number - 1:04}'\n"
        f"ADDS = {adds}\ndef upgrade():\n{lines}\n"
    )


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the steps, which further ones may be added to."""
    folder = tmp_path / "steps %"
    shutil.copytree(migration.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migration, "SCRIPTS", folder)
    return folder


def test_the_steps_make_the_tables_that_queries_know(place: str) -> None:
    database = Database(place)
    assert database.revision == migration.newest() == "0003"
    assert tables(place) == {*METADATA.tables, REVISIONS}
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": REVISIONS})
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_each_step_tells_what_it_adds() -> None:
    told_of = dict[str, set[str]]()
    for it in migration._read(migration.SCRIPTS).walk_revisions():
        for name, columns in it.module.ADDS.items():
            told_of[name] = told_of.get(name, set()) | columns
    assert told_of == {name: set(it.columns.keys()) for name, it in METADATA.tables.items()}


def test_a_store_of_the_old_runner_is_taken_over_with_its_rows(place: str) -> None:
    told(place, *OLD)
    store = FeedbackStore(place)
    (kept,) = store.export()
    assert (kept.id, kept.label, kept.strokes) == ("abc", 7, (((1.0, 2.0),),))
    said = correction()
    store.add(said)
    assert [it.id for it in store.export()] == ["abc", said.id]
    store.close()
    assert tables(place) == {*METADATA.tables, REVISIONS}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE inkdigits_version SET version = 0", "its version makes no sense"),
        ("INSERT INTO inkdigits_version VALUES (1)", "its version makes no sense"),
        ("DROP TABLE corrections", "there is no table corrections"),
        ("ALTER TABLE corrections DROP COLUMN seen", "corrections has no column seen"),
        ("CREATE TABLE predictions (id INTEGER)", "predictions has a column \\w+ already"),
    ],
)
def test_an_old_store_that_is_half_changed_is_refused(place: str, change: str, words: str) -> None:
    told(place, *OLD, change)
    before = tables(place)
    with pytest.raises(StoreError, match=words) as caught:
        FeedbackStore(place)
    assert caught.value.code == "bad-store"
    assert tables(place) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (f"UPDATE {REVISIONS} SET version_num = '9999'", "was written by a newer inkdigits"),
        (f"INSERT INTO {REVISIONS} VALUES ('0001')", "it names several versions"),
        (f"UPDATE {REVISIONS} SET version_num = '0001'", "predictions has a column \\w+ already"),
        (f"DELETE FROM {REVISIONS}", "holds the tables|corrections has a column \\w+ already"),
        (f"DROP TABLE {REVISIONS}", "holds the tables|corrections has a column \\w+ already"),
        ("DROP TABLE predictions", "there is no table predictions"),
        ("ALTER TABLE predictions DROP COLUMN kind", "predictions has no column kind"),
    ],
)
def test_a_store_that_is_half_changed_is_refused(place: str, change: str, words: str) -> None:
    FeedbackStore(place).close()
    told(place, change)
    before = tables(place)
    for _ in range(2):  # the first did not mend it in silence
        with pytest.raises(StoreError, match=words) as caught:
            FeedbackStore(place)
        assert caught.value.code == "bad-store"
    assert tables(place) == before


def test_another_step_is_made_once(place: str, steps: Path) -> None:
    store = FeedbackStore(place)
    kept = store.add(correction())
    store.close()
    step(steps, 4, "ALTER TABLE corrections ADD COLUMN note TEXT DEFAULT 'old'", adds=ADDED)
    migration._read.cache_clear()
    for _ in range(2):
        database = Database(place)
        assert database.revision == "0004"
        with database.reading() as connection:
            rows = connection.execute(text("SELECT id, note FROM corrections")).all()
        assert [tuple(row) for row in rows] == [(kept, "old")]
        database.close()


def test_a_step_that_fails_leaves_the_store_as_it_was(place: str, steps: Path) -> None:
    store = FeedbackStore(place)
    kept = store.add(correction())
    store.close()
    before = tables(place)
    step(steps, 4, "CREATE TABLE half (done INTEGER)", "INSERT INTO nowhere VALUES (1)")
    migration._read.cache_clear()
    with pytest.raises(StoreError, match=r"has not the tables that it should .*nowhere") as caught:
        FeedbackStore(place)
    assert caught.value.code == "bad-store"
    assert tables(place) == before
    (steps / "versions" / "step_0004.py").unlink()
    migration._read.cache_clear()
    again = FeedbackStore(place)
    assert [it.id for it in again.export()] == [kept]
    again.close()


def open_it(place: str, ready: object, answers: object) -> None:
    """A replica that starts: in a process of its own."""
    ready.wait()  # type: ignore[attr-defined]
    try:
        store = FeedbackStore(place)
        store.add(correction())
        store.close()
        answers.put("")  # type: ignore[attr-defined]
    except BaseException as error:
        answers.put(f"{type(error).__name__}: {error}")  # type: ignore[attr-defined]


@pytest.mark.parametrize("old", [False, True])
def test_replicas_that_start_at_once_do_not_collide(place: str, old: bool) -> None:
    if old:
        told(place, *OLD)
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(4), context.Queue()
    replicas = [context.Process(target=open_it, args=(place, ready, answers)) for _ in range(4)]
    for it in replicas:
        it.start()
    assert [answers.get(timeout=60) for _ in replicas] == [""] * 4
    for it in replicas:
        it.join(20)
    store = FeedbackStore(place)
    assert store.count() == 4 + old
    store.close()


def test_the_tables_of_others_may_share_a_server(server: str) -> None:
    told(server, "CREATE TABLE photos (id INTEGER)")
    try:
        FeedbackStore(server).close()
        assert "photos" in tables(server)
    finally:
        told(server, "DROP TABLE photos")


def test_without_upgrade_nothing_is_made(file: Path) -> None:
    told(str(file), *OLD)
    before = file.read_bytes()
    database = Database(str(file), create=False, upgrade=False)
    assert database.revision == "0001"
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT version FROM inkdigits_version").fetchall() == [(1,)]
    assert file.read_bytes() == before


def test_a_role_that_may_not_make_tables_is_told_so(server: str) -> None:
    told(server, "DROP ROLE IF EXISTS poor", "CREATE ROLE poor LOGIN")
    try:
        place = make_url(server).set(username="poor").render_as_string(hide_password=False)
        with pytest.raises(StoreError, match="may not be changed: give the right") as caught:
            FeedbackStore(place)
        assert caught.value.code == "bad-store"
    finally:
        told(server, "DROP ROLE poor")
