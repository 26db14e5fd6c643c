from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.evaluation.presenter import CUT, ENLARGED, cut, drawn, on_paper, printed, scanned
from tests.pictures import STROKES, drawing

LINES = [np.array(line) for line in STROKES[7]]
SMALL = drawing(7, side=16, part=0.8, pen=2.5)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=300)
def test_the_whole_digit_is_on_the_canvas(seed: int) -> None:
    picture = drawn(LINES, np.random.default_rng(seed))
    assert picture.shape[0] == picture.shape[1]
    assert (picture < 0.5).sum() > 20
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert border.min() == 1


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_scan_has_margins_on_every_side(seed: int, dark: bool) -> None:
    image = SMALL if dark else 255 - SMALL
    picture = scanned(image, np.random.default_rng(seed), dark_ink=dark)
    rows, columns = np.nonzero(picture < 0.5)
    height, width = picture.shape
    digit = max(np.ptp(rows), np.ptp(columns))
    for margin in (rows.min(), height - rows.max(), columns.min(), width - columns.max()):
        assert margin > 0.1 * digit
    assert 0 <= picture.min() <= picture.max() <= 1


def test_the_same_seed_shows_the_same_picture() -> None:
    one, other = (drawn(LINES, np.random.default_rng([42, 3])) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, drawn(LINES, np.random.default_rng([42, 4])))


def test_colour_scans_are_taken() -> None:
    colour = np.repeat(SMALL[..., None], 3, axis=2)
    one = scanned(colour, np.random.default_rng(1), dark_ink=True)
    other = scanned(SMALL, np.random.default_rng(1), dark_ink=True)
    np.testing.assert_allclose(one, other, atol=1 / 255)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40))
@settings(deadline=None, max_examples=100)
def test_a_cut_holds_the_box_and_narrow_margins(seed: int, wide: int, tall: int) -> None:
    page = np.full((100, 120, 1), 255, np.uint8)
    page[30 : 30 + tall, 50 : 50 + wide] = 0
    picture = cut(page, np.array([50, 30, wide, tall], np.float32), np.random.default_rng(seed))
    ink = float((1 - picture).sum()) / (wide * tall)
    grown = ink**0.5  # how much larger the box became
    assert ENLARGED[0] - 0.15 <= grown <= ENLARGED[1] + 0.15
    longest = max(wide, tall)
    most = (wide + 2 * CUT[1] * longest + 2) * (tall + 2 * CUT[1] * longest + 2)
    assert picture.size / grown**2 <= most * 1.3
    assert picture.size / grown**2 >= wide * tall * 0.75


def test_a_box_that_leaves_the_page_is_cut_off() -> None:
    page = np.zeros((20, 20), np.uint8)
    for box in ([-5, -5, 12, 12], [15, 15, 12, 12]):
        picture = cut(page, np.array(box, np.float32), np.random.default_rng(0))
        assert min(picture.shape) >= 5
        assert picture.max() == 0  # no paper was invented


def test_printed_ink_stands_on_white_with_margins() -> None:
    picture = printed(np.ones((30, 12), np.float32), np.random.default_rng(3))
    rows, columns = np.nonzero(picture < 0.5)
    assert np.ptp(rows) / np.ptp(columns) == pytest.approx(2.5, rel=0.1)
    assert min(rows.min(), columns.min()) > 0.1 * np.ptp(rows)
    assert picture.max() == 1


def test_ink_darkens_the_paper_it_lies_on() -> None:
    paper = np.full((10, 10), 0.8, np.float32)
    white = np.ones((10, 10), np.float32)
    white[5:] = 0
    laid = on_paper(white, paper, np.random.default_rng(0))
    np.testing.assert_allclose(laid[:5], 0.8)
    assert 0.03 < laid[5:].max() <= 0.8 * 0.55 + 1e-6
