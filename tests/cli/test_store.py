"""`inkdigits store`: status, migrate, purge, export."""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from inkdigits.cli import storefiles
from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.store import migration
from inkdigits.store.correction import Correction
from inkdigits.store.feedback import FeedbackStore
from inkdigits.store.prediction import Kept
from inkdigits.store.predictions import PredictionStore
from inkdigits.store.tables import METADATA
from tests.cli.conftest import Run

NOW, NEWEST = datetime.now(UTC), migration.newest()
SHARES = tuple(it / 65_535 for it in (1, 2, 3, 4, 5, 6, 7, 65_000, 8, 9))


def kept(days: float = 0, **other: Any) -> Kept:
    said: dict[str, Any] = {
        **{"request_id": "r1", "model": "standard", "version": "2", "digit": 7, "reason": None},
        **{"confidence": 0.99, "probabilities": SHARES, "seconds": 0.002, "kind": "image"},
    }
    return Kept(**{**said, **other}, created_at=NOW - timedelta(days=days))


SEEN = kept(40, digit=None, reason="blank", seen=bytes(range(196)) * 4, kind="strokes")
FORMULAS = [
    kept(3, request_id=it) for it in ("-2+3", "=cmd|' /C calc'!A0", "@sum", "+1", "\tx", "\rx")
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Eight predictions, one of them old, and an old correction."""
    path = tmp_path / "kept.db"
    store = PredictionStore(str(path))
    store.add([SEEN, *FORMULAS, kept(model="nano")])
    store.close()
    corrections = FeedbackStore(str(path))
    corrections.add(
        Correction(
            *(7, 1, 0.9, None, "standard", "2"), (((1, 2), (3, 4)),), created_at=SEEN.created_at
        )
    )
    corrections.close()
    return path


def count(database: Path) -> tuple[int, int]:
    predictions, corrections = PredictionStore(str(database)), FeedbackStore(str(database))
    return predictions.count(), corrections.count()


def test_the_status_is_told(run: Run, database: Path) -> None:
    result = run("store", "status", database)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{database}, 0.")
    assert lines[1] == f"Its tables are at version {NEWEST}, the newest."
    first, last = [it.isoformat(timespec="seconds") for it in (SEEN.created_at, NOW)]
    assert lines[2] == f"predictions: 8, from {first} to {last}; with what the model saw: 1"
    assert lines[3:] == ["  standard 2: 7", "  nano 2: 1", "corrections: 1"]
    told = json.loads(run("store", "status", database, "--json").stdout)
    assert (told["version"], told["newest"], told["corrections"]) == (NEWEST, NEWEST, 1)
    assert told["predictions"]["models"][1] == {"name": "nano", "version": "2", "count": 1}


def test_an_old_one_is_told_of_and_migrated(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    FeedbackStore(str(path)).close()
    with closing(sqlite3.connect(path)) as other, other:
        for name in METADATA.tables.keys() - {"corrections"}:
            other.execute(f"DROP TABLE {name}")
        other.execute("UPDATE inkdigits_revision SET version_num = '0001'")
    told = run("store", "status", path).stdout
    assert f"are at version 0001, the newest is {NEWEST}: `inkdigits store migrate`" in told
    assert run("store", "status", path).stdout == told  # nothing was changed by looking
    assert run("store", "migrate", path).stdout == f"{path}: version 0001 -> {NEWEST}.\n"
    assert run("store", "migrate", path).stdout == f"{path} is at version {NEWEST} already.\n"
    fresh = tmp_path / "new.db"
    assert run("store", "migrate", fresh).stdout == f"{fresh}: version none -> {NEWEST}.\n"
    assert count(fresh) == (0, 0)


def test_what_is_old_is_purged(run: Run, database: Path) -> None:
    dry = run("store", "purge", database, "--older-than", "30d", "--corrections", "--dry-run")
    assert dry.stdout == "1 prediction would be deleted.\n1 correction would be deleted.\n"
    assert count(database) == (8, 1)
    assert run("store", "purge", database, "--older-than", "4w").stdout == "1 prediction deleted.\n"
    assert count(database) == (7, 1)
    result = run("store", "purge", database, "--older-than", "60m", "--corrections")
    assert result.stdout == "6 predictions deleted.\n1 correction deleted.\n"
    assert count(database) == (1, 0)


@pytest.mark.parametrize("span", ["30", "d", "-1d", "1y", "", "99999d", "1.5h"])
def test_a_span_that_is_none_deletes_nothing(run: Run, database: Path, span: str) -> None:
    result = run("store", "purge", database, "--older-than", span)
    assert result.exit_code == 2
    assert "is no span of time: give 30d, 12h, 90m or 4w." in result.output
    assert run("store", "purge", database).exit_code == 2
    assert count(database) == (8, 1)


def test_a_table_holds_everything_and_no_formula(run: Run, database: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    result = run("store", "export", database, "--to", path)
    assert result.exit_code == 0, result.output
    assert result.stderr == f"8 predictions exported to {path}.\n"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == storefiles.COLUMNS
    seen = rows[0]
    assert (seen["digit"], seen["reason"], seen["kind"]) == ("", "blank", "strokes")
    assert bytes(map(int, seen["seen"].split())) == SEEN.seen
    assert [float(seen[f"p{digit}"]) for digit in range(10)] == pytest.approx(SHARES, abs=1e-5)
    assert [it["request_id"] for it in rows[1:7]] == [
        *("'-2+3", "'=cmd|' /C calc'!A0", "'@sum", "'+1", "' x", "' x"),
    ]
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for it in rows for cell in it.values()
    )
    assert rows[7]["request_id"] == "r1"


def test_lines_of_json_hold_everything(run: Run, database: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    assert run("store", "export", database, "--to", path, "--since", "7d").exit_code == 0
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert [it["request_id"] for it in found] == [*(it.request_id for it in FORMULAS), "r1"]
    assert found[-1]["model"] == "nano"
    assert (found[0]["probabilities"][7], found[0]["seen"]) == (round(65_000 / 65_535, 5), None)


def test_parquet_holds_everything(
    run: Run, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storefiles, "_GROUP", 3)
    path = tmp_path / "out.parquet"
    assert run("store", "export", database, "--to", path).exit_code == 0
    table = pq.read_table(path)
    assert (table.num_rows, pq.ParquetFile(path).num_row_groups) == (8, 3)
    first = table.to_pylist()[0]
    assert (first["seen"], first["digit"], first["created_at"]) == (
        SEEN.seen,
        None,
        SEEN.created_at,
    )
    assert first["probabilities"] == pytest.approx(SHARES, abs=1e-5)
    assert table["request_id"].to_pylist()[1] == "-2+3"  # no spreadsheet's format: as it is


def test_without_pyarrow_it_says_what_to_install(
    run: Run, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("store", "export", database, "--to", tmp_path / "out.parquet")
    assert isinstance(result.exception, MissingExtraError)
    assert "inkdigits[parquet]" in str(result.exception)
    assert [it.name for it in tmp_path.iterdir()] == ["kept.db"]


def test_nothing_is_overwritten_unasked(run: Run, database: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    assert isinstance(run("store", "export", database, "--to", path).exception, InkdigitsError)
    assert path.read_text() == "mine"
    assert run("store", "export", database, "--to", path, "--force").exit_code == 0
    assert path.read_text().startswith("id,created_at,")
    result = run("store", "export", database, "--to", tmp_path / "out.txt")
    assert result.exit_code == 2
    assert "ends in one of .csv, .jsonl, .parquet." in result.output


def test_the_database_may_come_from_the_settings(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb in (("store", "status"), ("feedback",)):
        result = run(*verb)
        assert result.exit_code == 2
        assert "set INKDIGITS_DATABASE" in result.output
    monkeypatch.setenv("INKDIGITS_FEEDBACK", str(database))  # as it was
    assert run("store", "status").stdout.startswith(str(database))
    monkeypatch.setenv("INKDIGITS_FEEDBACK", "on")
    monkeypatch.setenv("INKDIGITS_DATABASE", str(database))
    assert run("store", "status").stdout.startswith(str(database))
    assert run("feedback").stdout.startswith("1 answers were judged")


@pytest.mark.parametrize("verb", ["status", "purge", "export"])
def test_a_database_that_is_none_is_one_sentence(run: Run, tmp_path: Path, verb: str) -> None:
    more = {"purge": ("--older-than", "1d"), "export": ("--to", tmp_path / "a.csv")}.get(verb, ())
    result = run("store", verb, tmp_path / "nowhere.db", *more)
    assert isinstance(result.exception, InkdigitsError)
    assert "does not exist" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_without_sqlalchemy_it_says_what_to_install(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("feedback", "tables", "database", "predictions", "migration"):
        monkeypatch.delitem(sys.modules, f"inkdigits.store.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    result = run("store", "status", database)
    assert isinstance(result.exception, MissingExtraError)
    assert "inkdigits[store]" in str(result.exception)
