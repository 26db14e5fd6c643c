"""A glyph -> the 28x28 image that MNIST's makers would have made of it.

The one normaliser of inkdigits: training, Python, command line, server and page all see digits
through it. In: `Glyph`. Out: (28, 28) float32 in [0, 1]. Does not know which digit it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.segment import Glyph

#: The digit fits a box of 20 pixels and its centre of mass is the centre of 28 (LeCun, Bottou,
#: Bengio & Haffner 1998, section III-A). MNIST's files have that centre on the pixel (14, 14),
#: whose middle is 14.5 (mean over the training images: 14.50).
SIDE, BOX, CENTRE = 28, 20, 14.5
#: Shapes are worked on at this many pixels for one of the result.
FINE = 8
#: Stroke widths that are left as they are, in pixels of the 20-pixel box.
THIN, THICK = 1.9, 3.6


def normalise(glyph: Glyph) -> NDArray[np.float32]:
    """Scale to the 20-pixel box keeping the aspect, even out the pen, centre the mass.

    Returns:
        (28, 28) float32 in [0, 1], bright ink on black, anti-aliased.
    """
    shape = _fit(glyph.ink)
    width = stroke_width(shape)
    change = np.clip(width, THIN, THICK) - width
    if abs(change) > 0.05:
        shape = _fit(_with_stroke(shape, change))
    return _centred(shape)


def is_normalised(pixels: NDArray[np.float32]) -> bool:
    """Whether grey pixels already are as MNIST has them, so that nothing is to be done.

    True for a 28x28 image whose ground is black, whose ink's longer side is the box's 20 pixels
    (give or take one) and whose centre of mass is within three quarters of a pixel of the centre.
    """
    if pixels.shape != (SIDE, SIDE) or 2 * np.count_nonzero(pixels) >= pixels.size:
        return False
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    if not len(rows) or abs(max(np.ptp(rows), np.ptp(columns)) + 1 - BOX) > 1:
        return False
    return bool(np.abs(_centre_of_mass(pixels) - CENTRE).max() <= 0.75)


def stroke_width(shape: NDArray[np.float32], fine: int = FINE) -> float:
    """The pen's typical width, pixels of the result, of a shape at `fine` times its size.

    Twice the mean distance to the edge along the ridge of the distance transform.
    """
    # a bar fills its crop: its edges are the crop's
    framed = np.pad(shape > 0.5, 1).astype(np.uint8)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, 5)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (distance > 0)
    return 2 * float(np.median(distance[ridge])) / fine if ridge.any() else 0.0


def _fit(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Crop to the ink and scale so that the longer side is 20 x FINE pixels; edges stay soft."""
    mask = ink > 0.5 if (ink > 0.5).any() else ink > 0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = BOX * FINE / max(bottom - top, right - left)
    tall, wide = round((bottom - top) * scale), round((right - left) * scale)
    pad = 2  # around the crop, so that upscaling sees the edge fall to paper
    crop = cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0.0)
    crop = crop[top : bottom + 2 * pad, left : right + 2 * pad]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    size = (max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale)))
    large = cv2.resize(crop, size, interpolation=how)
    rim = round(pad * scale)
    inner = large[rim : rim + max(tall, 1), rim : rim + max(wide, 1)]
    if not inner.max() > 0:  # all of a hair went into the rim
        inner = large
    # shrinking may leave a hair paler than a half
    return (inner > 0.5 * min(1.0, float(inner.max()))).astype(np.float32)


def _with_stroke(shape: NDArray[np.float32], change: float) -> NDArray[np.float32]:
    """Make the pen `change` pixels of the 20-pixel box wider, or thinner where negative."""
    reach = abs(change) / 2 * FINE
    pad = int(np.ceil(reach)) + 1
    framed = cv2.copyMakeBorder(shape, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0.0)
    side = framed > 0.5 if change < 0 else framed <= 0.5
    distance = cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, 5)
    grown = distance > reach if change < 0 else distance <= reach
    return np.asarray(grown if grown.any() else framed, np.float32)


def _centred(shape: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put the centre of mass in the middle of the field, then average down to 28x28."""
    field = SIDE * FINE
    middle = _centre_of_mass(shape)
    height, width = shape.shape
    top = int(np.clip(round(CENTRE * FINE - middle[0]), 0, field - height))
    left = int(np.clip(round(CENTRE * FINE - middle[1]), 0, field - width))
    fine = np.zeros((field, field), np.float32)
    fine[top : top + height, left : left + width] = shape
    return np.asarray(cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _centre_of_mass(pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """(y, x) in pixel edges: the middle of the first pixel is 0.5."""
    rows, columns = pixels.sum(axis=1, dtype=np.float64), pixels.sum(axis=0, dtype=np.float64)
    mass = max(float(rows.sum()), 1e-12)
    return np.array(
        [
            rows @ (np.arange(len(rows)) + 0.5) / mass,
            columns @ (np.arange(len(columns)) + 0.5) / mass,
        ]
    )
