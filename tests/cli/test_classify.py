from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inkdigits.cli import cli
from tests.pictures import drawing, encode, seven


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["classify", *args], input=stdin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from PIL import Image

    (tmp_path / "deep").mkdir()
    seven().save(tmp_path / "seven.png")
    Image.fromarray(drawing(0)).save(tmp_path / "deep" / "nought.JPG")
    (tmp_path / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_file_is_answered_in_a_table(folder: Path) -> None:
    result = run(str(folder / "seven.png"))
    assert result.exit_code == 0
    line = result.stdout.splitlines()[1]
    assert "7" in line.split()
    assert "%" in line


@pytest.mark.parametrize("pattern", ["", "*", "**/*.*"])
def test_folders_and_patterns(folder: Path, pattern: str) -> None:
    given = str(folder / pattern) if pattern else str(folder)
    rows = json.loads(run(given, "--json").stdout)
    read = {Path(row["source"]).name: row.get("digit") for row in rows}
    assert read["seven.png"] == 7
    if pattern != "*":
        assert read["nought.JPG"] == 0
    assert ("notes.txt" in read) == bool(pattern)


def test_stdin_and_top_k() -> None:
    result = run("-", "--json", "--top-k", "2", stdin=encode(seven(), "PNG"))
    (row,) = json.loads(result.stdout)
    assert result.exit_code == 0
    assert row["source"] == "-"
    assert row["digit"] == 7
    assert row["top"][0]["digit"] == 7
    assert len(row["top"]) == 2


def test_one_bad_file_does_not_stop_the_others(folder: Path) -> None:
    result = run("missing.png", str(folder / "notes.txt"), str(folder / "seven.png"), "--csv")
    assert result.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["error"] for row in rows] == ["image-not-found", "unsupported-format", ""]
    assert rows[2]["digit"] == "7"
    assert rows[2]["accepted"] == "true"


def test_shifts_change_the_answer_and_are_said(folder: Path) -> None:
    from inkdigits import Recognizer

    picture = folder / "seven.png"
    (plain,) = json.loads(run(str(picture), "--json").stdout)
    (row,) = json.loads(run(str(picture), "--json", "--shifts", "1").stdout)
    expected = Recognizer.load(shifts=1).classify(picture)
    assert row["digit"] == 7
    assert row["probabilities"] == pytest.approx(expected.probabilities)
    assert row["probabilities"] != plain["probabilities"]
    assert row["model"]["version"] == f"{plain['model']['version']}+shifts1"
    (none,) = json.loads(run(str(picture), "--json", "--shifts", "0").stdout)
    assert none == plain


def test_a_blank_is_said_plainly(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    result = run(str(tmp_path / "blank.png"))
    assert result.exit_code == 0
    assert "no ink found" in result.stdout


@pytest.mark.parametrize(
    "args",
    [
        *([], ["x.png", "--top-k", "11"], ["x.png", "--json", "--csv"]),
        *(["nothing*.png"], ["--nope"], ["x.png", "--shifts", "4"], ["x.png", "--shifts", "-1"]),
    ],
)
def test_wrong_calls_exit_with_2(args: list[str], tmp_path: Path) -> None:
    assert run(*args).exit_code == 2


def test_an_empty_folder_is_a_wrong_call(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "no pictures" in result.stderr


def test_formulas_in_file_names_are_defused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seven().save("=cmd.png")
    assert run("=cmd.png", "--csv").stdout.splitlines()[1].startswith("'=cmd.png,7,")


def test_an_unknown_model_is_one_sentence_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inkdigits", "classify", "x.png", "--model", "nope"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("inkdigits: ")
    assert done.stderr.count("\n") == 1
