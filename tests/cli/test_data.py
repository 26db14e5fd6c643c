from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inkdigits import DataError, InkdigitsError
from inkdigits.data import mnist
from inkdigits.data.digits import Digits
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


KAGGLE = ",".join(f"pixel{number}" for number in range(784))


def unlabelled(path: Path, digits: Digits) -> Path:
    np.savetxt(path, digits.images.reshape(-1, 784), "%d", ",", header=KAGGLE, comments="")
    return path


def tile(picture: Path, row: int, column: int) -> NDArray[np.uint8]:
    """One image of a sheet, at its own size."""
    with Image.open(picture) as sheet:
        x, y = 40 + column * 90, 48 + row * 90
        return np.asarray(sheet.crop((x, y, x + 84, y + 84)))[1::3, 1::3]


def test_a_sheet_has_ten_of_each_digit_in_its_row(run: Run, npz: Path, tmp_path: Path) -> None:
    one, again, other = (tmp_path / f"{name}.png" for name in ("one", "again", "other"))
    for path, seed in ((one, 1), (again, 1), (other, 2)):
        result = run("data", "describe", "--source", npz, "--sheet", path, "--seed", seed)
        assert result.exit_code == 0, result.output
        assert f"The sheet is {path}" in result.stdout
    train = mnist.load(npz).train
    for digit in range(10):
        ours = {image.tobytes() for image in train.images[train.truth == digit]}
        shown = [tile(one, digit, column).tobytes() for column in range(10)]
        assert set(shown) <= ours
        assert len(set(shown)) == 10
    assert one.read_bytes() == again.read_bytes() != other.read_bytes()


def test_a_sheet_of_pictures_with_one_digit_missing(
    run: Run, picture_folder: Path, tmp_path: Path
) -> None:
    for path in (picture_folder / "3").iterdir():
        path.unlink()
    result = run("data", "describe", "--source", picture_folder, "--sheet", tmp_path / "s.png")
    assert result.exit_code == 0
    assert (tile(tmp_path / "s.png", 3, 5) == 255).all()
    assert (tile(tmp_path / "s.png", 4, 0) != 255).any()


def test_a_csv_without_labels_is_described_as_such(
    run: Run, make_digits: Callable[..., Digits], tmp_path: Path
) -> None:
    source, sheet = unlabelled(tmp_path / "test.csv", make_digits(23)), tmp_path / "s.png"
    result = run("data", "describe", "--source", source, "--sheet", sheet)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{source} has 23 images and no labels.\n")
    shown = {tile(sheet, row, column).tobytes() for row in range(3) for column in range(10)}
    assert {image.tobytes() for image in make_digits(23).images} <= shown
    result = run("data", "describe", "--source", source, "--json")
    assert json.loads(result.stdout)["parts"] == {"unlabelled": {"total": 23, "counts": None}}
    result = run("data", "describe", "--source", source, "--plot", tmp_path / "p.png")
    assert "no labels to count: leave out --plot" in str(result.exception)
    assert not (tmp_path / "p.png").exists()


def test_kaggles_folder_is_described_and_split(
    run: Run, make_digits: Callable[..., Digits], tmp_path: Path
) -> None:
    digits = make_digits(100)
    table = np.column_stack([digits.truth, digits.images.reshape(-1, 784)])
    np.savetxt(tmp_path / "train.csv", table, "%d", ",", header=f"label,{KAGGLE}", comments="")
    unlabelled(tmp_path / "test.csv", digits)
    result = run("data", "describe", "--source", tmp_path, "--json")
    answer = json.loads(result.stdout)
    assert answer["source"] == str(tmp_path / "train.csv")
    assert answer["parts"]["train"] == {"total": 90, "counts": [9] * 10}
    assert answer["parts"]["validation"] == {"total": 10, "counts": [1] * 10}
    assert answer["parts"]["test"] == {"total": 0, "counts": [0] * 10}


def test_a_picture_that_cannot_be_written_is_one_error(run: Run, npz: Path, tmp_path: Path) -> None:
    for option, path in (("--plot", npz / "p.png"), ("--sheet", npz / "deep" / "s.png")):
        result = run("data", "describe", "--source", npz, option, path)
        assert isinstance(result.exception, InkdigitsError), result.exception
        assert str(path) in str(result.exception)


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
