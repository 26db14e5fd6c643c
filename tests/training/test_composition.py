from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inkdigits.errors import DataError
from inkdigits.training import composition
from inkdigits.training.composition import NOTHING, Composition


def made(count: int = 6, views: int = 2) -> Composition:
    rng = np.random.default_rng(count)
    labels = np.resize(np.array([3, NOTHING, 7], np.uint8), (views, count))
    images = rng.integers(0, 256, (views, count, 28, 28), np.uint8)
    return Composition(images, labels, np.resize(np.arange(3, dtype=np.int8), count))


def test_digits_and_outliers_are_of_the_first_view() -> None:
    it = made()
    np.testing.assert_array_equal(it.digits().truth, [3, 7, 3, 7])
    np.testing.assert_array_equal(it.digits().images, it.images[0, [0, 2, 3, 5]])
    np.testing.assert_array_equal(it.outliers(), it.images[0, [1, 4]])


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "new" / "wild.npz"
    composition.save(path, made(6), made(3, views=1), {"seed": 4})
    learn, check, about = composition.load(path)
    assert about == {"seed": 4}
    for kept, saved in ((learn, made(6)), (check, made(3, views=1))):
        np.testing.assert_array_equal(kept.images, saved.images)
        np.testing.assert_array_equal(kept.labels, saved.labels)
        np.testing.assert_array_equal(kept.origins, saved.origins)
    assert [p.name for p in path.parent.iterdir()] == ["wild.npz"]


def test_what_validates_can_be_kept_by_itself(tmp_path: Path) -> None:
    path = tmp_path / composition.CHECK
    composition.save_check(path, made())
    digits, outliers = composition.load_check(path)
    np.testing.assert_array_equal(digits.truth, made().digits().truth)
    np.testing.assert_array_equal(outliers, made().outliers())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nonsense"])
def test_a_damaged_file_is_said_to_be(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wild.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        composition.load(path)
    with pytest.raises(DataError, match="damaged"):
        composition.load_check(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wild.npz"
    good = made()
    odd = Composition(good.images, good.labels + np.uint8(9), good.origins)
    composition.save(path, odd, good, {})
    with pytest.raises(DataError, match="no composition"):
        composition.load(path)


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="inkdigits compose"):
        composition.load(tmp_path / "none.npz")
