"""`inkdigits feedback` on a store, and `inkdigits serve --feedback`."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.store.correction import Correction
from inkdigits.store.feedback import FeedbackStore
from tests.cli.conftest import Run

DRAWN = Correction(7, 1, 0.9, None, "standard", "2", strokes=(((1, 2), (3, 4)),))
SEEN = Correction("not_a_digit", 5, 0.3, "not_a_digit", "nano", "1", seen=bytes(range(196)) * 4)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of a drawing that was corrected and a picture that was confirmed."""
    path = tmp_path / "feedback.db"
    made = FeedbackStore(str(path))
    for correction in (DRAWN, SEEN):
        made.add(correction)
    made.close()
    return path


def test_the_summary_is_told(run: Run, store: Path) -> None:
    result = run("feedback", store)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "2 answers were judged: 1 right, 1 wrong (50.0 % right)."
    assert "  7                 1" in lines
    assert "  not a digit       1" in lines
    assert "  standard 2: 1, 0 right, 1 wrong (0.0 % right)" in lines
    assert run("feedback", store, "--summary").stdout == result.stdout


def test_the_summary_as_json(run: Run, store: Path) -> None:
    answer = json.loads(run("feedback", store, "--json").stdout)
    summary = answer["summary"]
    assert (summary["count"], summary["confirmed"], summary["accuracy"]) == (2, 1, 0.5)
    assert summary["labels"]["7"] == summary["labels"]["not_a_digit"] == 1
    assert [model["name"] for model in summary["models"]] == ["nano", "standard"]


def test_an_empty_store(run: Run, tmp_path: Path) -> None:
    FeedbackStore(str(tmp_path / "empty.db")).close()
    assert run("feedback", tmp_path / "empty.db").stdout == "No corrections yet.\n"


def test_json_lines_hold_everything(run: Run, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    result = run("feedback", store, "--export", path)
    assert result.exit_code == 0, result.output
    assert result.stderr == f"2 corrections exported to {path}.\n"
    assert result.stdout == ""
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        DRAWN.to_dict(),
        SEEN.to_dict(),
    ]


def test_a_table_holds_everything(run: Run, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    result = run("feedback", store, "--export", path, "--json")
    assert json.loads(result.stdout) == {"exported": 2}
    with path.open(newline="") as file:
        drawn, seen = csv.DictReader(file)
    assert (drawn["id"], drawn["label"], drawn["digit"], drawn["reason"]) == (
        DRAWN.id,
        "7",
        "1",
        "",
    )
    assert json.loads(drawn["strokes"]) == [[[1, 2], [3, 4]]]
    assert (seen["label"], seen["reason"], seen["strokes"]) == ("not_a_digit", "not_a_digit", "")
    assert bytes(map(int, seen["seen"].split())) == SEEN.seen


def test_nothing_is_overwritten_unasked(run: Run, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    assert isinstance(run("feedback", store, "--export", path).exception, InkdigitsError)
    assert path.read_text() == "mine"
    assert run("feedback", store, "--export", path, "--force").exit_code == 0
    assert path.read_text().startswith("id,created_at,label,")
    result = run("feedback", store, "--export", tmp_path / "out.txt")
    assert result.exit_code == 2
    assert "ends in .csv or .jsonl" in result.output


def test_one_is_removed(run: Run, store: Path) -> None:
    result = run("feedback", store, "--remove", DRAWN.id)
    assert result.stderr == "1 correction removed.\n"
    assert DRAWN.id.encode() not in store.read_bytes()
    assert [it.id for it in FeedbackStore(str(store)).export()] == [SEEN.id]
    again = run("feedback", store, "--remove", DRAWN.id).exception
    assert isinstance(again, InkdigitsError)
    assert "There is no correction" in str(again)


def test_the_store_may_come_from_the_environment(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INKDIGITS_FEEDBACK", raising=False)
    assert run("feedback").exit_code == 2
    monkeypatch.setenv("INKDIGITS_FEEDBACK", str(store))
    assert run("feedback").stdout.startswith("2 answers")


def test_a_store_that_is_none_is_one_sentence(run: Run, tmp_path: Path) -> None:
    result = run("feedback", tmp_path / "nowhere.db")
    assert isinstance(result.exception, InkdigitsError)
    assert "does not exist" in str(result.exception)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "text").write_bytes(b"a text" * 100)
    for verb in (("feedback", tmp_path / "text"), ("serve", "--feedback", tmp_path / "text")):
        result = run(*verb)
        assert isinstance(result.exception, InkdigitsError), verb
        assert "is not an SQLite database: give another file." in str(result.exception)


def test_without_sqlalchemy_it_says_what_to_install(
    run: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("feedback", "tables", "database"):
        monkeypatch.delitem(sys.modules, f"inkdigits.store.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    result = run("feedback", store)
    assert isinstance(result.exception, MissingExtraError)
    assert "inkdigits[store]" in str(result.exception)
