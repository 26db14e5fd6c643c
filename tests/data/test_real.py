from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inkdigits.data import real
from inkdigits.errors import DataError


def test_strokes_come_by_sample(tmp_path: Path) -> None:
    points = np.arange(20, dtype=np.float32).reshape(10, 2)
    np.savez(
        tmp_path / "pendigits_strokes.npz",
        points=points,
        stroke_offsets=np.array([0, 3, 5, 10]),
        sample_offsets=np.array([0, 2, 3]),
        labels=np.array([4, 1]),
        writers=np.array(["a", "b"]),
    )
    found = real.load(tmp_path, "pendigits")
    assert found.is_strokes
    assert list(found.labels) == ["4", "1"]
    assert found.writers is not None
    assert [len(stroke) for stroke in found.strokes(0)] == [3, 2]
    np.testing.assert_array_equal(found.strokes(1)[0], points[5:])


def test_letters_have_a_name_a_sample(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "uji_letters_strokes.npz",
        points=np.zeros((2, 2), np.float32),
        stroke_offsets=np.array([0, 1, 2]),
        sample_offsets=np.array([0, 1, 2]),
        labels=np.array([ord("X"), ord("a")]),
        label_names=np.array(["X", "a"]),
    )
    assert list(real.load(tmp_path, "letters").labels) == ["X", "a"]


def test_dark_ink_becomes_bright_on_black(tmp_path: Path) -> None:
    scan = np.full((1, 16, 16, 3), 200, np.uint8)
    scan[0, 4:12, 7:9] = 40
    np.savez(tmp_path / "numbers16.npz", images=scan, labels=np.array([1]))
    found = real.load(tmp_path, "numbers16")
    assert not found.is_strokes
    assert found.writers is None
    ink = found.ink(0)
    assert ink.shape == (16, 16)
    assert (ink[4:12, 7:9] == 255).all()
    assert ink[0].max() == 0


def test_bright_ink_is_left_as_it_is(tmp_path: Path) -> None:
    image = np.zeros((1, 32, 32), np.uint8)
    image[0, 5:20, 10:14] = 255
    np.savez(tmp_path / "optdigits32.npz", images=image, labels=np.array([1]))
    np.testing.assert_array_equal(real.load(tmp_path, "optdigits32").ink(0), image[0])


def test_what_is_not_there_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no hwd1000"):
        real.load(tmp_path, "hwd1000")
    (tmp_path / "hwd1000.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match="damaged"):
        real.load(tmp_path, "hwd1000")
