"""Folders of pictures: read in order, and each bad file named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkdigits.data import mnist
from inkdigits.data.digits import Digits
from inkdigits.data.folders import is_folders, read_folders
from inkdigits.errors import DataError


def test_reads_what_was_written(picture_folder: Path, make_digits: Callable[..., Digits]) -> None:
    made = make_digits(60)
    learn, test = read_folders(picture_folder)
    assert learn.counts().tolist() == [6] * 10
    assert len(test) == 0
    for digit in range(10):
        np.testing.assert_array_equal(
            learn.images[learn.truth == digit], made.images[made.truth == digit]
        )


def test_load_splits_it(picture_folder: Path) -> None:
    data = mnist.load(picture_folder)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [54, 6, 0]
    with pytest.raises(DataError, match="no test part"):
        mnist.load_test(picture_folder)


@pytest.mark.parametrize("names", [("train", "test"), ("training", "testing")])
def test_two_parts(picture_folder: Path, tmp_path: Path, names: tuple[str, str]) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    for name in names:
        (whole / name).symlink_to(picture_folder)
    data = mnist.load(whole)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [54, 6, 60]
    assert len(mnist.load_test(whole)) == 60


def test_colour_and_black_and_white_are_read(picture_folder: Path) -> None:
    blob = np.zeros((28, 28), np.uint8)
    blob[9:19, 9:19] = 255
    for mode in ("L", "RGB", "1", "P"):
        Image.fromarray(blob).convert(mode).save(picture_folder / "3" / f"zz-{mode}.png")
    learn, _ = read_folders(picture_folder)
    assert (learn.images[learn.truth == 3][-4:] == blob).all()


def test_strays_of_file_managers_are_passed_over(picture_folder: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "._000.png"):
        (picture_folder / "0" / name).write_bytes(b"stray")
    assert len(read_folders(picture_folder)[0]) == 60


def _wrong_size(path: Path) -> None:
    Image.new("L", (29, 28)).save(path)


def _sixteen_bits(path: Path) -> None:
    Image.fromarray(np.zeros((28, 28), np.uint16)).save(path)


def _transparent(path: Path) -> None:
    Image.new("RGBA", (28, 28)).save(path)


def _half_a_file(path: Path) -> None:
    Image.effect_noise((28, 28), 50).save(path)
    path.write_bytes(path.read_bytes()[:200])


def _not_a_png(path: Path) -> None:
    Image.new("L", (28, 28)).save(path, format="JPEG")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_wrong_size, "is 29x28 pixels; 28x28 are expected"),
        (_sixteen_bits, "16 bits"),
        (_transparent, "is transparent"),
        (_half_a_file, "not a readable PNG"),
        (_not_a_png, "not a readable PNG"),
        (lambda path: path.write_text(""), "not a readable PNG"),
        (lambda path: path.mkdir(), "not a readable PNG"),
    ],
)
def test_a_bad_file_is_named(
    picture_folder: Path, spoil: Callable[[Path], object], words: str
) -> None:
    bad = picture_folder / "4" / "bad.png"
    spoil(bad)
    with pytest.raises(DataError, match=words) as caught:
        mnist.load(picture_folder)
    assert str(bad) in str(caught.value)


def test_other_files_and_missing_digits_are_named(picture_folder: Path) -> None:
    stranger = picture_folder / "9" / "notes.txt"
    stranger.write_text("x")
    with pytest.raises(DataError, match=r"notes\.txt is not a PNG"):
        read_folders(picture_folder)
    stranger.unlink()
    (picture_folder / "7").rename(picture_folder / "seven")
    with pytest.raises(DataError, match="7 is missing"):
        read_folders(picture_folder)


def test_dark_on_light_and_empty_are_refused(tmp_path: Path) -> None:
    for digit in range(10):
        (tmp_path / str(digit)).mkdir()
    assert is_folders(tmp_path)
    with pytest.raises(DataError, match="has no PNG"):
        mnist.load(tmp_path)
    Image.new("L", (28, 28), 255).save(tmp_path / "0" / "paper.png")
    with pytest.raises(DataError, match="invert"):
        mnist.load(tmp_path)
