from __future__ import annotations

import cv2
import numpy as np
import pytest

from inkdigits.evaluation.centrelines import thinned, trace
from inkdigits.strokes import draw
from tests.pictures import STROKES, drawing


@pytest.mark.parametrize("digit", STROKES)
def test_a_traced_digit_is_where_its_pen_went(digit: int) -> None:
    image = 255 - drawing(digit, side=28, part=0.7, pen=2.5)
    lines = trace(image)
    pen = [np.array(line) * 28 * 0.7 + 28 * 0.15 for line in STROKES[digit]]
    again, truth = (draw([4 * line for line in each], (112, 112), 4) for each in (lines, pen))
    # no ink farther than a pixel and a half from the pen's path; most of the path is covered
    far = cv2.distanceTransform((truth > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    assert far[again < 0.5].max() <= 6
    near = cv2.distanceTransform((again > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    assert (near[truth < 0.5] <= 6).mean() > 0.93


def test_thinning_leaves_lines_one_pixel_wide_in_one_piece() -> None:
    shape = drawing(0, side=120, part=0.7, pen=14) < 128
    line = thinned(shape)
    assert not (line & ~shape).any()
    assert cv2.connectedComponents(line.astype(np.uint8))[0] == 2
    full = cv2.filter2D(line.astype(np.float32), -1, np.ones((2, 2), np.float32))
    assert full.max() <= 3  # nowhere a square of four
    assert 180 < line.sum() < 280  # the round of the ellipse, 84 by 50 pixels, is 215


def test_an_empty_shape_stays_empty_and_a_dot_is_a_dot() -> None:
    assert not thinned(np.zeros((9, 9), np.bool_)).any()
    image = np.zeros((28, 28), np.uint8)
    image[10, 20] = 255
    lines = trace(image)
    assert all(np.abs(line - [20.5, 10.5]).max() < 1 for line in lines)
    assert 0 < len(lines) < 5
