from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import views

Floats = NDArray[np.float32]


def bar(height: int, width: int) -> Floats:
    """An upright bar in the middle."""
    picture = np.zeros((height, width), np.float32)
    picture[4 : height - 4, width // 2 - 2 : width // 2 + 2] = 1
    return picture


def lean(picture: Floats) -> float:
    """Columns that the ink lies farther to the right for each row further down."""
    y, x = np.mgrid[: len(picture), : picture.shape[1]]
    mean = [np.average(it, weights=picture) for it in (x, y)]
    across, down = x - mean[0], y - mean[1]
    return float((picture * across * down).sum() / (picture * down**2).sum())


@given(st.integers(0, 2**32 - 1))
def test_the_first_is_the_thing_itself_and_all_stay_in_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    digit = rng.random((28, 28), dtype=np.float32)
    strip = rng.random((32, 60), dtype=np.float32)
    for picture, seen in ((digit, views.of_digit(digit)), (strip, views.of_row(strip))):
        assert len(seen) == 5
        np.testing.assert_array_equal(seen[0], picture)
        for it in seen:
            assert it.shape == picture.shape
            assert it.dtype == np.float32
            assert 0 <= it.min() <= it.max() <= 1


@given(st.integers(0, 2**32 - 1))
def test_left_and_right_are_treated_alike(seed: int) -> None:
    digit = np.random.default_rng(seed).random((28, 28), dtype=np.float32)
    seen, mirrored = views.of_digit(digit), views.of_digit(digit[:, ::-1].copy())
    for one, other in ((1, 2), (3, 4)):
        np.testing.assert_allclose(seen[one][:, ::-1], mirrored[other], atol=1e-4)


def test_a_digit_leans_and_turns() -> None:
    seen = [lean(it) for it in views.of_digit(bar(28, 28))]
    assert seen[0] == pytest.approx(0, abs=1e-6)
    assert seen[1:3] == pytest.approx([0.12, -0.12], abs=0.02)
    turned = float(np.tan(np.radians(6)))
    assert seen[3:] == pytest.approx([turned, -turned], abs=0.02)
    level = [lean(it.T) for it in views.of_digit(bar(28, 28).T)]
    assert level[3:] == pytest.approx([-turned, turned], abs=0.02), "turned, not leaning"


def test_a_row_leans_and_moves() -> None:
    strip = bar(32, 60)
    seen = views.of_row(strip)
    assert [lean(it) for it in seen[1:3]] == pytest.approx([0.12, -0.12], abs=0.02)
    np.testing.assert_array_equal(seen[3][1:], strip[:-1])
    np.testing.assert_array_equal(seen[4][:-1], strip[1:])
    assert not seen[3][0].any(), "black comes in"
