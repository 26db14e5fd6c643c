from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inkdigits import InkdigitsError, ModelError
from inkdigits.data.digits import Digits
from inkdigits.model import Model
from inkdigits.training.exports.targets import FORMATS
from tests.cli.conftest import Run
from tests.training import tiny

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def trained(make_digits: Callable[..., Digits], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.saved(make_digits(300, 1), tmp_path_factory.mktemp("trained"))


def test_onnx_is_what_is_written_by_default(
    run: Run, npz: Path, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run("export", trained, "--out", out, "--model-version", "7", "--source", npz)
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"tiny.onnx", "tiny.json"}
    assert Model.load(out / "tiny.onnx").info.version == "7"
    size = (out / "tiny.onnx").stat().st_size
    lines = result.stdout.splitlines()
    assert f"({trained.stat().st_size:,} bytes) reads 100.00% of 60 validation" in lines[0]
    (row,) = (line.split() for line in lines if line.startswith("tiny.onnx "))
    assert row[:3] == ["tiny.onnx", f"{size:,}", "100.00%"]
    assert row[4] == "+0.00"
    assert float(row[3]) < 1e-4
    assert any(line.startswith("tiny.onnx: 100.00% of 60 validation") for line in lines)
    assert lines[-1] == f"All written to {out}."
    assert result.stderr == ""


def test_everything_at_once_under_the_usual_names(
    run: Run, npz: Path, trained: Path, tmp_path: Path
) -> None:
    every = [arg for name in FORMATS for arg in ("--to", name)]
    out = tmp_path / "out"
    result = run("export", trained, *every, "--out", out, "--source", npz, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [it["format"] for it in told["artefacts"]] == list(FORMATS)
    assert all(it["labels_agree"] == 1 for it in told["artefacts"])
    assert {path.name for path in out.iterdir()} == {
        "mnist_digit_classifier.keras",
        "mnist_weights.weights.h5",
        "mnist_digit_classifier.h5",
        "mnist_digit_classifier_savedmodel",
        "mnist_digit_classifier.tflite",
        "tiny.onnx",
        "tiny.json",
    }


def test_quantised_and_named(run: Run, npz: Path, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(
        *("export", trained, "--to", "onnx", "--to", "tflite", "--quantize", "int8"),
        *("--name", "mine", "--out", out, "--source", npz),
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {
        "mine-int8.onnx",
        "mine-int8.json",
        "mine-int8.tflite",
    }
    # no name is cut short, however many columns there are
    assert "mine-int8.tflite" in result.stdout


@pytest.mark.parametrize("format_", ["keras", "weights", "h5", "savedmodel"])
def test_an_impossible_pair_is_refused_before_any_work(
    run: Run, format_: str, tmp_path: Path
) -> None:
    result = run("export", tmp_path / "gone", "--to", format_, "--quantize", "int8")
    assert isinstance(result.exception, InkdigitsError)
    assert str(result.exception) == (
        f"{format_} cannot be quantised to int8: onnx and tflite can, to int8, float16, dynamic."
    )


def test_a_name_that_is_a_path_is_refused(
    run: Run, npz: Path, trained: Path, tmp_path: Path
) -> None:
    result = run("export", trained, "--name", "../m", "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "cannot name a model" in str(result.exception)


def test_an_absent_file_is_said(run: Run, npz: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "gone.keras", "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "does not exist" in str(result.exception)


def test_an_unknown_format_is_a_wrong_call(run: Run, tmp_path: Path) -> None:
    result = run("export", tmp_path / "gone.keras", "--to", "pt")
    assert result.exit_code == 2
    assert "'pt' is not one of 'keras', 'weights', 'h5'" in result.stderr
