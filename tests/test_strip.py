from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import preprocess, strip


def bars(height: int, pen: int, count: int = 4, gap: int = 20) -> NDArray[np.float32]:
    """Upright bars of one height side by side."""
    field = np.zeros((height + 10, count * (pen + gap) + 10), np.float32)
    for k in range(count):
        field[5 : 5 + height, 5 + k * (pen + gap) : 5 + k * (pen + gap) + pen] = 1
    return field


def extent(pixels: NDArray[np.float32]) -> tuple[int, int]:
    """First and last row that are mostly ink somewhere."""
    rows = np.flatnonzero((pixels > 0.5).any(axis=1))
    return int(rows[0]), int(rows[-1])


@pytest.mark.parametrize("height", [12, 40, 200])
def test_digits_get_one_height_in_the_middle(height: int) -> None:
    shown = strip.normalise(bars(height, max(2, height // 10)))
    assert shown is not None
    assert shown.pixels.shape[0] == strip.HEIGHT
    top, bottom = extent(shown.pixels)
    assert bottom - top + 1 == pytest.approx(strip.DIGIT, abs=1)
    assert (top + bottom + 1) / 2 == pytest.approx(strip.HEIGHT / 2, abs=1)
    assert shown.pixels.min() >= 0
    assert shown.pixels.max() <= 1


def test_a_full_stop_does_not_count_for_the_height() -> None:
    field = bars(60, 6)
    field[60:65, -8:-3] = 1
    plain, stopped = strip.normalise(bars(60, 6)), strip.normalise(field)
    assert plain is not None
    assert stopped is not None
    assert stopped.scale == pytest.approx(plain.scale, rel=0.02)


def test_one_tall_mark_does_not_make_the_others_small() -> None:
    field = np.zeros((140, 400), np.float32)
    field[40:100, 20:368] = bars(50, 6, 13, 20)
    field[10:130, 385:391] = 1
    shown = strip.normalise(field)
    assert shown is not None
    rows = (shown.pixels[:, : shown.pixels.shape[1] // 2] > 0.5).any(axis=1)
    assert rows.sum() >= 0.6 * strip.DIGIT


@pytest.mark.parametrize("pen", [1, 3, 20])
def test_the_pen_is_evened_out(pen: int) -> None:
    shown = strip.normalise(bars(100, pen, 3, 60))
    assert shown is not None
    columns = shown.pixels[strip.HEIGHT // 2]
    width = columns.sum() / 3
    assert preprocess.THIN - 0.7 <= width <= preprocess.THICK + 0.7


def test_no_ink_no_strip() -> None:
    assert strip.normalise(np.zeros((30, 80), np.float32)) is None


@settings(deadline=None, max_examples=40)
@given(st.integers(8, 120), st.integers(0, 300), st.integers(0, 2**31))
def test_columns_lead_back_to_the_ink(height: int, left: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wide = int(rng.integers(2, 40)) * height // 8 + 4
    field = np.zeros((height + 8, left + wide + 9), np.float32)
    cv2.rectangle(field, (left + 2, 4), (left + wide, 3 + height), 1.0, max(1, height // 8))
    shown = strip.normalise(field)
    assert shown is not None
    seen = np.flatnonzero((shown.pixels > 0.3).any(axis=0))
    first, last = (np.flatnonzero((field > 0.3).any(axis=0))[k] for k in (0, -1))
    slack = 1.5 * shown.scale + height / 5  # the pen may be made broader
    assert shown.where(seen[0]) == pytest.approx(first, abs=slack)
    assert shown.where(seen[-1] + 1) == pytest.approx(last + 1, abs=slack)
