"""A row or a digit, and how it might as well have been written: a little aslant, askew, higher.

In: a strip, or the 28x28 image of a digit. Out: several of it, itself first, which still show the
same. Does not know what that is. The page has its twin in `normalise/views.js`.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

#: How far a variant leans, in columns a row, and turns, in degrees.
LEAN, TURN = 0.12, 6.0


def of_row(strip: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """A strip (H, W), leaning a little to either side, and a little higher and lower."""
    leaning = (_moved(strip, 1, lean, 0, 1) for lean in (LEAN, -LEAN))
    return [strip, *leaning, *(_moved(strip, 1, 0, 0, 1, drop) for drop in (1, -1))]


def of_digit(digit: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The image of a digit (28, 28), leaning and turned a little to either side."""
    cosine, sine = math.cos(math.radians(TURN)), math.sin(math.radians(TURN))
    leaning = (_moved(digit, 1, lean, 0, 1) for lean in (LEAN, -LEAN))
    turned = (_moved(digit, cosine, aside, -aside, cosine) for aside in (sine, -sine))
    return [digit, *leaning, *turned]


def _moved(
    picture: NDArray[np.float32], a: float, b: float, c: float, d: float, drop: float = 0
) -> NDArray[np.float32]:
    """By ((a, b), (c, d)) of (x, y) about the middle, then down; black comes in at the sides."""
    height, width = picture.shape
    x, y = (width - 1) / 2, (height - 1) / 2
    way = np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y + drop]], np.float64)
    return np.asarray(cv2.warpAffine(picture, way, (width, height)), np.float32)
