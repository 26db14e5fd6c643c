from __future__ import annotations

import json
from pathlib import Path

import pytest

from inkdigits import ModelError
from inkdigits.model import Model
from tests.cli.conftest import Run
from tests.training import linear

pytestmark = pytest.mark.keras


@pytest.fixture
def members(tmp_path: Path) -> list[Path]:
    return [linear.saved(tmp_path / f"{it}.onnx", it, noise=0.3) for it in (1, 2, 3)]


def test_the_table_tells_what_came_of_it(
    run: Run, npz: Path, members: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run("ensemble", *members, "--out", out, "--source", npz, "--version", "7")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert {it.name for it in out.iterdir()} == {"ensemble.onnx", "ensemble.json"}
    assert Model.load(out / "ensemble.onnx").info.version == "7"
    card = json.loads((out / "ensemble.json").read_text(encoding="utf-8"))
    told = [line.split() for line in result.stdout.splitlines()]
    size = f"{(out / 'ensemble.onnx').stat().st_size:,}"
    accuracy = card["validation"]["accuracy"]
    wrong = str(round(60 * (1 - accuracy)))
    assert ["ensemble.onnx", f"{accuracy:.2%}", wrong, size] in told
    ends = [words[-4:] for words in told]
    for place, (path, about) in enumerate(zip(members, card["members"], strict=True), 1):
        right = about["validation_accuracy"]
        wrong = str(round(60 * (1 - right)))
        assert [str(place), f"{right:.2%}", wrong, f"{path.stat().st_size:,}"] in ends
    assert "Of 60 validation digits; temperature " in result.stdout


def test_chosen_named_and_as_json(run: Run, npz: Path, members: list[Path], tmp_path: Path) -> None:
    bad = linear.saved(tmp_path / "bad.onnx", 9, skill=-3)
    result = run(
        *("ensemble", bad, *members, "--choose", 2, "--name", "mine", "--out", tmp_path / "out"),
        *("--source", npz, "--json"),
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["candidates"][0]["place"] is None
    assert sorted(it["place"] for it in told["candidates"] if it["place"]) == [1, 2]
    assert Path(told["path"]) == tmp_path / "out" / "mine.onnx"
    best = max(it["validation_accuracy"] for it in told["candidates"])
    assert told["calibration"]["accuracy"] >= best


def test_it_can_be_evaluated(run: Run, npz: Path, members: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("ensemble", *members, "--out", out, "--source", npz).exit_code == 0
    result = run(
        *("evaluate", out / "ensemble.onnx", "--source", npz, "--no-real", "--no-corruptions"),
        "--json",
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["mnist"]["model"] == "ensemble"


def test_a_keras_file_is_pointed_to_export(run: Run, npz: Path, members: list[Path]) -> None:
    result = run("ensemble", members[0], "mine.keras", "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "run `inkdigits export mine.keras --to onnx` first" in str(result.exception)


def test_one_member_is_too_few(run: Run, npz: Path, members: list[Path]) -> None:
    result = run("ensemble", members[0], "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "two members at least" in str(result.exception)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Missing argument 'MEMBER.onnx...'"),
        (["a.onnx", "b.onnx", "--choose", "1"], "1 is not in the range x>=2"),
        (["a.onnx", "--quantize", "int8"], "No such option"),
    ],
)
def test_a_wrong_call_is_said(run: Run, args: list[str], words: str) -> None:
    result = run("ensemble", *args)
    assert result.exit_code == 2
    assert words in result.stderr
