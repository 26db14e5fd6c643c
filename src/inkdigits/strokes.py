"""Pen strokes (canvas, tablet) -> a picture.

In: strokes as sequences of points, y down, in any unit. Out: `Picture`, dark ink on white, at
one size and one pen width whatever the device. Knows nothing of digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import ArrayError
from inkdigits.image import Picture

Stroke = Sequence[Sequence[float]] | NDArray[np.floating]
#: Longer side of the drawn writing and its pen, pixels: MNIST's pen is about an eighth of a digit.
BOX, PEN, MARGIN = 160, 18, 20
#: A drawn row of digits is so high, or so long where it is too long for that, with such a pen.
ROW, ROW_LONGEST, ROW_PEN = 144, 960, 16
MAX_POINTS = 20_000
_FRACTION_BITS = 4  # cv2 takes coordinates in sixteenths of a pixel


def render(strokes: Sequence[Stroke]) -> Picture:
    """Draw strokes scaled to a common box.

    Args:
        strokes: each (M, 2) or more columns, of which x and y are the first two; M >= 1. A
            stroke of one point is a dot.

    Raises:
        ArrayError: malformed (`tensor-shape`) or not finite (`not-finite`) points.
    """
    return _rendered(strokes, (BOX, BOX), PEN)


def render_row(strokes: Sequence[Stroke]) -> Picture:
    """Draw strokes of digits side by side, scaled to a common height.

    Args:
        strokes: as `render` takes them.

    Raises:
        ArrayError: as for `render`.
    """
    return _rendered(strokes, (ROW_LONGEST, ROW), ROW_PEN)


def _rendered(strokes: Sequence[Stroke], room: tuple[int, int], pen: int) -> Picture:
    """Draw strokes as large as they can be in `room`, its width and height."""
    lines = [_points(stroke) for stroke in strokes]
    lines = [line for line in lines if len(line)]
    if not lines:
        return Picture(np.ones((BOX, BOX), np.float32))
    if sum(map(len, lines)) > MAX_POINTS:
        raise ArrayError(f"A drawing has at most {MAX_POINTS:,} points.")
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    scale = min(
        (most / side for most, side in zip(room, extent.tolist(), strict=True) if side > 0),
        default=0.0,
    )
    if not math.isfinite(scale):
        scale = 0.0
    size = np.ceil(extent * scale).astype(int) + 2 * MARGIN
    return Picture(draw([(line - low) * scale + MARGIN for line in lines], (size[0], size[1]), pen))


def draw(
    lines: Sequence[NDArray[np.floating]], size: tuple[int, int], pen: float
) -> NDArray[np.float32]:
    """Draw poly-lines with a round pen, anti-aliased.

    Args:
        lines: each (M, 2), in pixels of the result.
        size: (width, height) of the result.
        pen: diameter, pixels.

    Returns:
        (height, width) float32 in [0, 1]: 0 ink, 1 paper.
    """
    over = 2  # drawn at twice the size, then averaged: cv2's own anti-aliasing stops at thick lines
    paper = np.full((size[1] * over, size[0] * over), 255, np.uint8)
    width = max(1, round(pen * over - 1.5))  # anti-aliasing adds a pixel and a half
    for line in lines:
        points = np.round((line * over - 0.5) * 2**_FRACTION_BITS).astype(np.int32)
        path = points if len(points) > 1 else np.repeat(points, 2, axis=0)
        cv2.polylines(paper, [path[:, None]], False, 0, width, cv2.LINE_AA, _FRACTION_BITS)
    small = cv2.resize(paper, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)


def _points(stroke: Stroke) -> NDArray[np.float64]:
    try:
        points = np.asarray(stroke, np.float64)
    except (ValueError, TypeError, OverflowError):
        raise ArrayError("A stroke is a list of [x, y] points.") from None
    if points.size == 0:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] < 2:
        raise ArrayError("A stroke is a list of [x, y] points.")
    if not np.isfinite(points).all() or np.abs(points).max() > 1e9:
        raise ArrayError("Stroke coordinates must be finite numbers.", code="not-finite")
    return points[:, :2]
