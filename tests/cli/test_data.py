from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from inkdigits import DataError
from tests.cli.conftest import Run


def test_describe_counts_each_part(run: Run, npz: Path, tmp_path: Path) -> None:
    plot = tmp_path / "bars.png"
    result = run("data", "describe", "--source", npz, "--json", "--plot", plot)
    assert result.exit_code == 0
    parts = json.loads(result.stdout)["parts"]
    assert {name: part["total"] for name, part in parts.items()} == {
        "train": 540,
        "validation": 60,
        "test": 100,
    }
    assert parts["test"]["counts"] == [10] * 10
    with Image.open(plot) as picture:
        assert picture.width > 300


def test_describe_is_readable(run: Run, npz: Path) -> None:
    result = run("data", "describe", "--source", npz)
    assert result.exit_code == 0
    assert "540" in result.stdout
    assert "700" in result.stdout


@pytest.mark.keras
def test_preview_draws_originals_and_distortions(run: Run, npz: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "a.png", tmp_path / "b.png"
    for path, seed in ((one, 1), (other, 2)):
        result = run("data", "preview", "--source", npz, "--out", path, "--seed", seed)
        assert result.exit_code == 0, result.output
    with Image.open(one) as picture:
        assert picture.width > picture.height > 100
    assert one.read_bytes() != other.read_bytes()


@pytest.mark.parametrize("verb", ["describe", "preview"])
def test_missing_data_is_one_error(verb: str, run: Run, tmp_path: Path) -> None:
    result = run("data", verb, "--source", tmp_path / "nowhere")
    assert isinstance(result.exception, DataError)
    assert result.exception.code == "data-not-found"
    assert "inkdigits data fetch" in str(result.exception)


@pytest.mark.parametrize("args", [["--count", "0"], ["--seed", "-1"], ["--nope"]])
def test_wrong_calls_exit_with_2(args: list[str], run: Run) -> None:
    assert run("data", "preview", *args).exit_code == 2


def test_fetch_says_where_the_files_are(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.data import fetch

    asked: list[Path | None] = []

    def fetched(folder: Path | None = None, **_: object) -> Path:
        asked.append(folder)
        return tmp_path / "cache" if folder is None else folder

    monkeypatch.setattr(fetch, "fetch", fetched)
    assert str(tmp_path / "cache") in run("data", "fetch").stdout
    assert str(tmp_path / "to") in run("data", "fetch", "--to", tmp_path / "to").stdout
    assert asked == [None, tmp_path / "to"]
