from __future__ import annotations

import json
from pathlib import Path

import pytest

from inkdigits import InkdigitsError
from tests.cli.conftest import Run

pytestmark = pytest.mark.keras


def test_train_export_and_read(run: Run, npz: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = run(
        *("train", "classic", "--source", npz, "--out", out, "--epochs", 8, "--batch-size", 32),
        *("--no-augment", "--json"),
    )
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["epochs"] == 8
    assert 1 <= answer["best_epoch"] <= 8
    assert 0 <= answer["val_accuracy"] <= 1
    assert Path(answer["model"]) == out / "classic.keras"

    again = run("train", "classic", "--source", npz, "--out", out)
    assert isinstance(again.exception, InkdigitsError)
    assert "--resume" in str(again.exception)
    resumed = run("train", "classic", "--source", npz, "--out", out, "--resume", "--json")
    assert json.loads(resumed.stdout)["epochs"] == 8

    exported = run("export", out / "classic.keras", "--source", npz, "--json")
    assert exported.exit_code == 0, exported.output
    assert json.loads(exported.stdout)["artefacts"][0]["labels_agree"] == 1

    report = run(
        "evaluate", out / "classic.onnx", "--source", npz, "--no-real", "--out", out / "report"
    )
    assert report.exit_code == 0, report.output
    assert "n = 100" in report.stdout
    names = {path.name for path in (out / "report").iterdir()}
    pictures = {f"{name}.png" for name in ("confusion", "corruptions", "errors", "reliability")}
    assert names == {"report.md", "report.json"} | pictures


def test_the_options_are_the_recipes(run: Run) -> None:
    from inkdigits.cli.train import command
    from inkdigits.training.recipe import Recipe

    options = {param.name: param.default for param in command.params}
    expected = {name: value for name, value in vars(Recipe()).items() if name != "limit"}
    for name, value in expected.items():
        assert options[name] == ("auto" if name == "precision" else value), name


@pytest.mark.parametrize(
    "args",
    [
        ["nope"],
        ["--epochs", "0"],
        ["--batch-size", "-3"],
        ["--learning-rate", "0"],
        ["--learning-rate", "nan"],
        ["--backend", "abacus"],
        ["--resume", "--epochs", "3"],
    ],
)
def test_wrong_calls_exit_with_2(args: list[str], run: Run, tmp_path: Path) -> None:
    result = run("train", *args, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_missing_data_leaves_no_folder(run: Run, tmp_path: Path) -> None:
    result = run("train", "--source", tmp_path / "nowhere", "--out", tmp_path / "run")
    assert isinstance(result.exception, InkdigitsError)
    assert not (tmp_path / "run").exists()


def test_an_interruption_says_how_to_go_on(
    run: Run, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training.log import TrainingLog

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingLog, "append", interrupt)
    out = tmp_path / "run"
    result = run("train", "--source", npz, "--out", out, "--epochs", 1, "--limit", 64)
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1].startswith("Interrupted:")
    assert f"--resume --out {out}" in result.stderr
    monkeypatch.undo()
    assert run("train", "--source", npz, "--out", out, "--resume").exit_code == 0
