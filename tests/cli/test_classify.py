from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inkdigits import Prediction, Recognizer
from inkdigits.cli import cli
from inkdigits.model import Model
from inkdigits.results import Reason
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


def test_one_bad_file_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("missing.png", str(folder / "notes.txt"), str(folder / "seven.png"), "--csv")
    assert result.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["error"] for row in rows] == ["image-not-found", "unsupported-format", ""]
    assert rows[2]["digit"] == "7"
    assert rows[2]["accepted"] == "true"
    assert [row["candidates"] for row in rows] == ["", "", "7"]
    assert {row["set"] for row in rows} == {""}
    monkeypatch.chdir(folder)
    table = run("missing.png", "seven.png")
    assert table.exit_code == 1
    missing, seven = table.stdout.splitlines()[1:]
    assert missing.split()[:4] == ["missing.png", "missing.png", "could", "not"]
    assert seven.split()[:2] == ["seven.png", "7"]


def said(reason: Reason | None, shares: dict[int, float], **more: object) -> Prediction:
    row = tuple(shares.get(digit, 0.0) for digit in range(10))
    best = max(range(10), key=row.__getitem__)
    return Prediction(best, row[best], row, reason is None, reason, "m", "1", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prediction", "remark", "candidates", "held"),
    [
        (said(None, {7: 0.9, 1: 0.1}, prediction_set=(1, 7)), "", "7", "1 7"),
        (said("unsure", {5: 0.5, 3: 0.46, 8: 0.04}), "not sure: 5 or 3", "5 3", ""),
        (said("unsure", {5: 0.4, 3: 0.3, 8: 0.3}), "not sure: 5, 3 or 8", "5 3 8", ""),
        (said("not_a_digit", {5: 0.9, 3: 0.1}), "does not look like a digit", "", ""),
        (said("several_digits", {5: 0.9, 3: 0.1}), "several digits: cut the picture", "", ""),
    ],
)
def test_each_refusal_is_said_in_words_and_columns(
    prediction: Prediction,
    remark: str,
    candidates: str,
    held: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Recognizer, "classify_many", lambda *_, **__: [prediction])
    picture = str(folder / "seven.png")
    assert remark in run(picture).stdout
    (row,) = csv.DictReader(io.StringIO(run(picture, "--csv").stdout))
    assert (row["candidates"], row["set"]) == (candidates, held)
    (told,) = json.loads(run(picture, "--json").stdout)
    assert [it["digit"] for it in told["candidates"]] == [int(it) for it in candidates.split()]


@pytest.fixture
def promising(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model with thresholds of coverage in its metadata."""
    onnx = pytest.importorskip("onnx")
    proto = onnx.load(Model.load().info.path)
    said = {it.key: it.value for it in proto.metadata_props}
    said["coverage_thresholds"] = json.dumps({"0.9": 0.5, "0.99": 1e-12})
    onnx.helper.set_model_props(proto, said)
    path = tmp_path_factory.mktemp("models") / "promising.onnx"
    onnx.save(proto, path)
    return path


def test_a_coverage_gives_a_column_of_sets(folder: Path, promising: Path) -> None:
    picture = str(folder / "seven.png")
    narrow = run(picture, "--model", str(promising), "--coverage", "0.9").stdout.splitlines()
    assert narrow[0].split()[-2:] == ["Set", "Remark"]
    assert narrow[1].split()[-1] == "7"
    asked = ("--model", str(promising), "--coverage", "0.99")
    (row,) = json.loads(run(picture, *asked, "--json").stdout)
    expected = [d for d in range(10) if row["probabilities"][d] >= 1e-12]
    assert row["prediction_set"] == expected
    assert len(expected) > 1
    (line,) = csv.DictReader(io.StringIO(run(picture, *asked, "--csv").stdout))
    assert line["set"] == " ".join(map(str, expected))


def test_a_coverage_that_cannot_be_had_is_one_sentence(folder: Path, promising: Path) -> None:
    picture = str(folder / "seven.png")
    command = [sys.executable, "-m", "inkdigits", "classify", picture, "--coverage", "0.5"]
    for model, words in ((str(promising), "one of 0.9, 0.99, not 0.5"), ("micro", "coverage")):
        done = subprocess.run(
            [*command, "--model", model], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert run(picture, "--coverage", "most").exit_code == 2


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
