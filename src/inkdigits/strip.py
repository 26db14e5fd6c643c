"""The ink of one row of writing -> a strip, as the line reader sees it.

The normaliser of `preprocess` for a row: in: ink (H, W), other writing left out. Out: `Strip`, the
row at one height with an even pen. Does not know what the row says.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import preprocess, segment

#: Rows of a strip, and how tall its digits are in it; digits of MNIST stand in a box of 20.
HEIGHT, DIGIT = 32, 21
#: Paper before and behind the ink, columns, so that the first digit has room.
MARGIN = 6
#: The whole row's ink may stand out of the digits' height by so much before it is made smaller.
TALLEST = 1.6
#: Shapes are worked on at this many pixels for one of the result.
FINE = 4
#: A mark counts as tall from this part of the height on that half of the ink does not exceed.
TALL = 0.45


@dataclass(frozen=True)
class Strip:
    """A row of writing at one height.

    Attributes:
        pixels: (32, W) float32 in [0, 1], bright ink on black, `MARGIN` columns of it on each side.
        left: where the ink begins in what it was made of, pixels.
        scale: pixels of that for one column here.
    """

    pixels: NDArray[np.float32]
    left: int
    scale: float

    def where(self, column: float) -> float:
        """Where a column of the strip lies in what it was made of, pixels."""
        return self.left + (column - MARGIN) * self.scale

    def column(self, place: float) -> float:
        """Which column of the strip shows a place in what it was made of, pixels."""
        return (place - self.left) / self.scale + MARGIN


def normalise(ink: NDArray[np.float32]) -> Strip | None:
    """Scale a row to the strip's height, even out the pen, put the digits in the middle.

    The digits' height is the median of the tall marks' heights, each counting as much as it is
    wide, so that two digits that touch count twice and a full stop not at all.

    Args:
        ink: (H, W) in [0, 1], 1 a full stroke.

    Returns:
        the strip, or `None` where there is no ink.
    """
    mask = ink > segment.WEAK
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return None
    left, right = int(columns[0]), int(columns[-1]) + 1
    middle, tall = _band(mask)
    scale = tall / DIGIT
    shape = _scaled(ink[:, left:right], middle, scale)
    width = preprocess.stroke_width(shape, FINE)
    change = float(np.clip(width, preprocess.THIN, preprocess.THICK)) - width
    if width and abs(change) > 0.05:
        shape = _with_stroke(shape, change)
    size = (shape.shape[1] // FINE, HEIGHT)
    pixels = cv2.resize(shape, size, interpolation=cv2.INTER_AREA)
    return Strip(np.asarray(pixels, np.float32), left, scale)


def _band(mask: NDArray[np.bool_]) -> tuple[float, float]:
    """The middle and the height of the digits, pixels."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    _, top, wide, high, area = stats[1:].T.astype(np.float64)
    tall = high >= TALL * _weighted_median(high, area)
    height = _weighted_median(high[tall], wide[tall])
    top, bottom = top[tall], (top + high)[tall]
    whole = float(bottom.max() - top.min())
    height = max(height, whole / TALLEST)
    middle = _weighted_median((top + bottom) / 2, wide[tall])
    reach = HEIGHT / DIGIT * height / 2  # all of the ink is seen, where it can be
    if whole <= 2 * reach:
        middle = float(np.clip(middle, bottom.max() - reach, top.min() + reach))
    return middle, max(height, 1.0)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    heap = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(heap, heap[-1] / 2)])


def _scaled(ink: NDArray[np.float32], middle: float, scale: float) -> NDArray[np.float32]:
    """The row at `FINE` times the strip's size, black and white."""
    fine = scale / FINE
    columns = max(1, round(ink.shape[1] / fine))
    width = (-(-columns // FINE) + 2 * MARGIN) * FINE
    height = HEIGHT * FINE
    if fine > 1:  # averaged first: the warp looks at single pixels
        size = (columns, max(1, round(ink.shape[0] / fine)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
        middle, fine = middle / fine, 1.0
    # pixel centres: where a pixel of the result lies in the ink
    back = np.array(
        [
            [fine, 0, fine * (0.5 - MARGIN * FINE) - 0.5],
            [0, fine, middle + fine * (0.5 - height / 2) - 0.5],
        ]
    )
    how = (cv2.INTER_CUBIC if fine < 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(ink, back, (width, height), flags=how, borderValue=0.0)
    return (large > 0.5 * min(1.0, float(large.max()))).astype(np.float32)


def _with_stroke(shape: NDArray[np.float32], change: float) -> NDArray[np.float32]:
    """Make the pen `change` pixels of the strip wider, or thinner where negative."""
    reach = abs(change) / 2 * FINE
    side = shape > 0.5 if change < 0 else shape <= 0.5
    distance = cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5)
    grown = distance > reach if change < 0 else distance <= reach
    return np.asarray(grown if grown.any() else shape, np.float32)
