from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.evaluation.presenter import drawn, scanned
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
