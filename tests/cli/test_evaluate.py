from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from inkdigits import DataError, InkdigitsError, MissingExtraError, ModelError
from inkdigits.data.digits import Digits
from inkdigits.evaluation.strings import Strings, composed
from tests.cli.conftest import Run
from tests.pictures import drawing

WEIGHTS = Path(__file__).parents[2] / "weights" / "classic.keras"


def test_real_handwriting_is_shown_where_it_is_found(run: Run, npz: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    images = np.stack([drawing(d, side=28, part=0.7, pen=3) for d in (0, 7)])
    np.savez(real / "hwd1000.npz", images=images, labels=np.array([0, 7]))
    args = ("evaluate", "--source", npz, "--real-source", real, "--no-corruptions", "--limit", 8)
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["mnist"]["shown"] == 8
    assert answer["corruptions"] is None
    row, *others = answer["real"]["sets"]
    assert (row["name"], row["shown"], row["right"]) == ("hwd1000", 2, 2)
    assert [other["shown"] for other in others] == [8] * 4
    assert answer["real"]["tradeoff"]["others"] == 16
    text = run(*args).stdout
    assert "Real handwriting, through the whole pipeline" in text
    assert "AUROC of the digitness" in text
    assert "left out" not in text


def test_digits_are_framed_where_it_is_asked(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INKDIGITS_DATA", raising=False)
    args = ("evaluate", "--source", npz, "--no-real", "--no-corruptions", "--limit", 10)
    out = tmp_path / "report"
    result = run(*args, "--framing", "--out", out)
    assert result.exit_code == 0, result.output
    assert "Framing: 10 digits a value (MNIST validation digits, traced)" in result.stdout
    assert "way to the corner" in result.stdout
    framing = json.loads((out / "report.json").read_text("utf-8"))["framing"]
    assert len(framing["axes"]) == 11
    assert {axis["unit"] for axis in framing["axes"]} >= {"%", "px", ""}
    assert (out / "framing.png").is_file()
    assert json.loads(run(*args, "--json").stdout)["framing"] is None


def test_numbers_are_read_where_it_is_asked(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INKDIGITS_DATA", raising=False)
    args = ("evaluate", "--source", npz, "--no-real", "--no-corruptions", "--limit", 1)
    out = tmp_path / "report"
    pools = set()

    def watched(digits: Digits, spacing: str, count: int, *, length: int | None = None) -> Strings:
        pools.add(len(digits))
        return composed(digits, spacing, count, length=length)

    with monkeypatch.context() as patched:
        patched.setattr("inkdigits.evaluation.strings.composed", watched)
        result = run(*args, "--strings", "--out", out)
    assert pools == {100}  # not of the one digit alone that --limit leaves
    assert result.exit_code == 0, result.output
    assert "Numbers, read by line+standard" in result.stdout
    assert "Made-up pages, 1 of each kind" in result.stdout
    found = json.loads((out / "report.json").read_text("utf-8"))["numbers"]
    assert [row["shown"] for row in found["strings"]] == [1] * 6
    names = [row["name"] for row in found["pages"]]
    assert "boxed, photographed" in names
    assert "any paper, table" in names
    assert all(row["pages"] == 1 and row["shown"] for row in found["pages"])
    page = (out / "report.md").read_text("utf-8")
    assert "## Numbers" in page
    assert "Made-up pages, 1 of each kind" in page
    assert "| any paper, free |" in page
    assert json.loads(run(*args, "--json").stdout)["numbers"] is None


def test_absent_handwriting_is_said(run: Run, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKDIGITS_DATA", raising=False)
    result = run("evaluate", "--source", npz, "--limit", 20)
    assert result.exit_code == 0, result.output
    assert "n = 20" in result.stdout
    assert "left out: it was not found" in result.stdout
    assert "What is no digit" in result.stdout
    assert "scribbles" in result.stdout
    assert "Real handwriting, through" not in result.stdout
    assert "canny edges" in result.stdout
    assert "mean" in result.stdout


def test_an_empty_folder_of_handwriting_is_left_out(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    monkeypatch.setenv("INKDIGITS_DATA", str(tmp_path))
    result = run("evaluate", "--source", npz, "--limit", 5, "--no-corruptions")
    assert result.exit_code == 0, result.output
    assert f"left out: {tmp_path / 'real'} holds none of its sets" in result.stdout
    asked = run("evaluate", "--source", npz, "--real-source", tmp_path / "real")
    assert isinstance(asked.exception, DataError)
    assert asked.stdout == ""


def test_a_folder_gets_the_report_and_its_pictures(run: Run, npz: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    result = run("evaluate", "--source", npz, "--no-real", "--limit", 30, "--out", out)
    assert result.exit_code == 0, result.output
    names = {file.name for file in out.iterdir()}
    assert names == {
        *("report.md", "report.json"),
        *("confusion.png", "errors.png", "reliability.png", "corruptions.png"),
    }
    for name in names:
        assert name in result.stderr
    figures = json.loads((out / "report.json").read_text("utf-8"))
    assert len(figures["corruptions"]["sets"]) == 15
    assert {row["shown"] for row in figures["corruptions"]["sets"]} == {30}
    again = run("evaluate", "--source", npz, "--no-real", "--limit", 30, "--json")
    assert json.loads(again.stdout) == figures


def test_shifts_are_used_and_said(run: Run, npz: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    args = ("evaluate", "--source", npz, "--no-real", "--no-corruptions", "--limit", 20)
    plain = run(*args, "--json")
    shifted = run(*args, "--shifts", 1, "--out", out)
    assert shifted.exit_code == 0, shifted.output
    words = "Each digit was read 9 times, at every shift of up to 1 pixel"
    assert shifted.stdout.startswith(words)
    assert "+shifts1 on another test set" in shifted.stdout
    assert words in (out / "report.md").read_text("utf-8")
    before, after = json.loads(plain.stdout), json.loads((out / "report.json").read_text("utf-8"))
    assert (before["shifts"], after["shifts"]) == (0, 1)
    assert after["mnist"]["version"] == before["mnist"]["version"] + "+shifts1"
    assert after["mnist"]["sha256"] == before["mnist"]["sha256"]
    assert after["mnist"]["loss"] != pytest.approx(before["mnist"]["loss"], rel=1e-3)
    assert words not in run(*args).stdout
    assert run(*args, "--shifts", 4).exit_code == 2


def test_what_would_fail_at_the_end_fails_before_the_work(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_work(*_: object, **__: object) -> None:
        raise AssertionError("the work had begun")

    monkeypatch.setattr("inkdigits.evaluation.report.evaluate_mnist", no_work)
    result = run("evaluate", "--source", npz, "--out", npz / "below")
    assert type(result.exception) is InkdigitsError
    assert "cannot be written to" in str(result.exception)
    assert run("evaluate", "--source", npz, "--out", npz).exit_code == 2  # a file, not a folder
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run("evaluate", "--source", npz, "--out", tmp_path / "out")
    assert isinstance(result.exception, MissingExtraError)


def test_a_bad_model_or_no_data_is_one_error(run: Run, npz: Path, tmp_path: Path) -> None:
    assert isinstance(run("evaluate", "nope", "--source", npz).exception, ModelError)
    assert isinstance(run("evaluate", "--source", tmp_path / "gone").exception, DataError)
    text = tmp_path / "notes.txt"
    text.write_text("not a model")
    for given, word in (
        (tmp_path / "gone.onnx", "does not exist"),
        (tmp_path / "gone.keras", "does not exist"),
        (tmp_path / "gone.tflite", "does not exist"),
        (text, "is of no known format"),
        (tmp_path, "no SavedModel"),
    ):
        error = run("evaluate", given, "--source", npz).exception
        assert isinstance(error, ModelError), given
        assert word in str(error)
        assert str(given) in str(error)


def test_a_file_may_be_named_without_its_folder(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import resources

    data = (resources.files("inkdigits") / "models" / "classic.onnx").read_bytes()
    (tmp_path / "mine.onnx").write_bytes(data)
    (tmp_path / "saved").mkdir()
    monkeypatch.chdir(tmp_path)
    args = ("--source", npz, "--no-real", "--no-corruptions", "--limit", 5)
    assert run("evaluate", "mine.onnx", *args).exit_code == 0
    assert "no SavedModel" in str(run("evaluate", "saved", *args).exception)


@pytest.mark.keras
def test_a_keras_file_reads_as_its_onnx_does(run: Run, npz: Path) -> None:
    answers = []
    for model in ("classic", WEIGHTS):
        result = run(
            *("evaluate", model, "--source", npz, "--no-real", "--no-corruptions", "--json")
        )
        assert result.exit_code == 0, result.output
        answers.append(json.loads(result.stdout)["mnist"])
    onnx, keras = answers
    assert keras["confusion"] == onnx["confusion"]
    assert (keras["temperature"], keras["model"]) == (1, "classic")
    assert keras["loss"] == pytest.approx(onnx["raw_loss"], abs=1e-4)


@pytest.mark.keras
def test_a_keras_file_of_another_shape_is_refused(run: Run, npz: Path, tmp_path: Path) -> None:
    import keras

    wrong = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
    wrong.save(tmp_path / "wrong.keras")
    error = run("evaluate", tmp_path / "wrong.keras", "--source", npz).exception
    assert isinstance(error, ModelError)
    assert "(None, 8, 8, 1)" in str(error)


def test_missing_keras_is_said(run: Run, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    error = run("evaluate", WEIGHTS, "--source", npz).exception
    assert isinstance(error, MissingExtraError)
    assert "inkdigits[train]" in str(error)


def test_an_onnx_is_evaluated_without_keras(npz: Path) -> None:
    code = (
        "import sys\n"
        "from inkdigits.cli import cli\n"
        f"cli(['evaluate', '--source', {str(npz)!r}, '--no-real', '--limit', '9'], "
        "standalone_mode=False)\n"
        "print(sorted({'keras', 'tensorflow', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
