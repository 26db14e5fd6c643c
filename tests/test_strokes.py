from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits import ArrayError
from inkdigits.strokes import (
    BOX,
    MARGIN,
    MAX_POINTS,
    ROW,
    ROW_LONGEST,
    draw,
    render,
    render_row,
)

coordinate = st.floats(-1e6, 1e6, width=32)


def test_the_writing_fills_the_box() -> None:
    grey = render([[[0, 0], [0, 50]], [[0, 25], [20, 25]]]).pixels
    assert grey.shape == (BOX + 2 * MARGIN, math.ceil(BOX * 0.4) + 2 * MARGIN)
    rows = np.flatnonzero((grey < 0.5).any(axis=1))
    assert rows[0] == pytest.approx(MARGIN - 9, abs=1)
    assert rows[-1] == pytest.approx(MARGIN + BOX + 8, abs=1)


def test_a_row_has_its_height_however_long_it_is() -> None:
    one = [[0.0, 0.0], [0.0, 50.0]]
    short = render_row([one, [[100.0, 0.0], [100.0, 50.0]]]).pixels
    assert short.shape == (ROW + 2 * MARGIN, 2 * ROW + 2 * MARGIN)
    long = render_row([one, [[1000.0, 0.0], [1000.0, 50.0]]]).pixels
    assert long.shape == (ROW_LONGEST // 20 + 2 * MARGIN, ROW_LONGEST + 2 * MARGIN)
    assert (render_row([[[5, 5]]]).pixels < 0.5).sum() > 100
    assert (render_row([]).pixels == 1).all()


def test_unit_and_place_do_not_matter() -> None:
    lines = [np.array([[0.0, 0], [8, 1], [4, 16]])]
    one = render(lines).pixels
    other = render([lines[0] * 1000 + 12345]).pixels
    np.testing.assert_array_equal(one, other)


def test_pressure_and_more_columns_are_let_pass() -> None:
    with_pressure = render([[[0, 0, 0.2], [5, 9, 0.9]]]).pixels
    np.testing.assert_array_equal(with_pressure, render([[[0, 0], [5, 9]]]).pixels)


def test_a_tap_is_a_dot() -> None:
    assert (render([[[5, 5]]]).pixels < 0.5).sum() > 100


@pytest.mark.parametrize("nothing", [[], [[]], [[], []]])
def test_no_points_are_a_blank(nothing: list[list[list[float]]]) -> None:
    assert (render(nothing).pixels == 1).all()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ([[1, 2, 3]], "tensor-shape"),
        ([[[1], [2]]], "tensor-shape"),
        ([[[1, 2], [3]]], "tensor-shape"),
        ([["ab", "cd"]], "tensor-shape"),
        ([[[1, math.nan]]], "not-finite"),
        ([[[1, math.inf]]], "not-finite"),
        ([[[1, 1e300]]], "not-finite"),
        ([[[n, n] for n in range(MAX_POINTS + 1)]], "tensor-shape"),
    ],
)
def test_bad_strokes_are_refused(bad: list[list[list[float]]], code: str) -> None:
    with pytest.raises(ArrayError) as caught:
        render(bad)
    assert caught.value.code == code


@given(st.lists(st.lists(st.tuples(coordinate, coordinate), max_size=6), max_size=4))
def test_any_finite_strokes_are_drawn(lines: list[list[tuple[float, float]]]) -> None:
    grey = render(lines).pixels
    assert grey.min() >= 0
    assert grey.max() <= 1
    assert max(grey.shape) <= BOX + 2 * MARGIN + 1
    assert (grey < 0.5).any() == any(lines)


def test_the_pen_is_as_wide_as_asked() -> None:
    grey = draw([np.array([[20.0, 50], [80, 50]])], (100, 100), 10)
    assert (1 - grey[:, 50]).sum() == pytest.approx(10, abs=0.7)
