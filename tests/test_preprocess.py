from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits.data.mnist import Mnist
from inkdigits.image import Picture
from inkdigits.ink import extract
from inkdigits.preprocess import (
    BOX,
    CENTRE,
    FINE,
    SIDE,
    THICK,
    THIN,
    _fit,
    is_normalised,
    normalise,
    stroke_width,
)
from inkdigits.results import Box
from inkdigits.segment import Glyph, find_glyph
from inkdigits.strokes import draw
from tests.pictures import STROKES


def shown(
    digit: int, *, side: int, size: float, x: float, y: float, pen: float
) -> NDArray[np.float32]:
    """A drawn digit `size` pixels tall somewhere on a canvas, through the whole normaliser."""
    lines = [np.array(line) * size + (x, y) for line in STROKES[digit]]
    glyph = find_glyph(extract(Picture(draw(lines, (side, side), pen))))
    assert glyph is not None
    return normalise(glyph)


@given(
    digit=st.sampled_from(sorted(STROKES)),
    size=st.floats(50, 200),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_size_and_place_do_not_matter(digit: int, size: float, x: float, y: float) -> None:
    pen = 0.13 * size
    room = 300 - size - 2 * pen
    moved = shown(digit, side=300, size=size, x=pen + x * room, y=pen + y * room, pen=pen)
    plain = shown(digit, side=300, size=120, x=90, y=90, pen=0.13 * 120)
    assert np.abs(moved - plain).mean() < 0.03


@pytest.mark.parametrize("digit", [0, 2, 7])
@pytest.mark.parametrize("pen", [2, 6, 14, 30])
def test_the_pen_hardly_matters(digit: int, pen: float) -> None:
    normal = shown(digit, side=300, size=160, x=70, y=70, pen=pen)
    large = np.asarray(
        cv2.resize(normal, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC), np.float32
    )
    assert THIN - 0.5 < stroke_width(large) < THICK + 0.5


@pytest.mark.parametrize("digit", sorted(STROKES))
def test_the_result_is_as_mnist_has_it(digit: int) -> None:
    normal = shown(digit, side=280, size=150, x=20, y=60, pen=18)
    assert normal.shape == (SIDE, SIDE)
    assert normal.dtype == np.float32
    assert normal.min() == 0
    assert normal.max() == 1
    assert is_normalised(normal)
    weights = normal / normal.sum()
    middle = np.arange(SIDE) + 0.5
    assert weights.sum(axis=0) @ middle == pytest.approx(CENTRE, abs=0.1)
    assert weights.sum(axis=1) @ middle == pytest.approx(CENTRE, abs=0.1)
    rows, columns = np.nonzero(normal > 0.25)
    assert abs(max(np.ptp(rows), np.ptp(columns)) + 1 - BOX) <= 1


@pytest.mark.data
def test_mnist_goes_through_unchanged(mnist: Mnist) -> None:
    share = np.mean([is_normalised(image / np.float32(255)) for image in mnist.test.images])
    assert share > 0.998


def test_what_is_not_as_mnist_has_it_is_told() -> None:
    normal = shown(7, side=280, size=150, x=20, y=60, pen=18)
    assert not is_normalised(1 - normal)
    assert not is_normalised(np.roll(normal, 4, axis=1))
    assert not is_normalised(np.zeros((28, 28), np.float32))
    assert not is_normalised(np.pad(normal, 1))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_any_ink_gives_a_field_in_range(height: int, width: int, seed: int) -> None:
    ink = np.random.default_rng(seed).random((height, width), np.float32)
    ink[height // 2, width // 2] = 1
    normal = normalise(Glyph(ink, Box(0, 0, width, height)))
    assert normal.shape == (SIDE, SIDE)
    assert np.isfinite(normal).all()
    assert normal.min() >= 0
    assert normal.max() <= 1
    assert normal.any()


@pytest.mark.parametrize("shape", [(1, 400), (400, 1), (1, 300), (2, 600), (400, 400), (267, 268)])
def test_a_hair_is_not_lost_when_it_is_shrunk(shape: tuple[int, int]) -> None:
    ink = np.eye(*shape, dtype=np.float32) if min(shape) > 2 else np.ones(shape, np.float32)
    for strength in (1.0, 0.4):
        glyph = Glyph(np.float32(strength) * ink, Box(0, 0, shape[1], shape[0]))
        assert normalise(glyph).max() > 0.4


@pytest.mark.parametrize("pen", [1, 2, 4, 12])
def test_the_pen_of_a_bar_is_seen(pen: int) -> None:
    bar = Glyph(np.ones((100, pen), np.float32), Box(0, 0, pen, 100))
    columns = normalise(bar)[10:20].mean(axis=0).sum()
    assert columns == pytest.approx(np.clip(pen / 5, 1.9, 3.6), abs=0.4)


@pytest.mark.parametrize("side", [40, 64, 84, 96])
def test_a_shape_without_any_paper_has_its_own_width(side: int) -> None:
    glyph = Glyph(np.ones((side, side), np.float32), Box(0, 0, side, side))
    assert stroke_width(_fit(glyph.ink)) == pytest.approx(20, abs=0.5)
    assert normalise(glyph).sum() > 0


def test_a_straight_1_is_evened_out_like_any_digit() -> None:
    bar = Glyph(np.ones((80, 28), np.float32), Box(0, 0, 28, 80))  # 7 of 20 pixels wide
    # made thinner it is shorter too, so that bringing it back to 20 pixels widens it a little
    assert THICK <= normalise(bar).sum(axis=1).max() < THICK + 1
