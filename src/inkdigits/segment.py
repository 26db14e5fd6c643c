"""Ink -> the glyph of one digit.

In: `Ink`. Out: `Glyph`, the digit's ink cropped, specks dropped, with its box in the picture.
Does not know which digit it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.ink import Ink
from inkdigits.results import Box

#: Ink from which a pixel belongs to a mark, and which a mark must reach somewhere.
WEAK, STRONG = 0.3, 0.55
#: A mark is a speck when it has less than this part of the largest mark's area ...
SPECK_AREA = 0.02
#: ... or is shorter than this part of its longer side.
SPECK_SIDE = 0.06


@dataclass(frozen=True)
class Glyph:
    """The ink of one digit.

    Attributes:
        ink: (h, w) float32 in [0, 1], cropped to the ink.
        box: where it stands in the picture, in the picture's pixels.
    """

    ink: NDArray[np.float32]
    box: Box


def find_glyph(ink: Ink) -> Glyph | None:
    """Crop the one digit that the picture shows; `None` for a blank."""
    weak = (ink.pixels > WEAK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    if count < 2:
        return None
    strongest = np.zeros(count, np.float32)
    np.maximum.at(strongest, labels.ravel().astype(np.intp), ink.pixels.ravel())
    keep = strongest > STRONG
    keep[0] = False
    if not keep.any():
        return None
    area = np.where(keep, stats[:, cv2.CC_STAT_AREA], 0)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    largest = int(area.argmax())
    keep &= (area >= SPECK_AREA * area[largest]) & (sides >= SPECK_SIDE * sides[largest])
    marks = keep[labels]
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    # one pixel around the marks keeps their anti-aliased edges and nothing else
    window = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    near = cv2.dilate(marks[window].astype(np.uint8), np.ones((3, 3), np.uint8))
    box = [round(side * ink.scale) for side in (left, top, right - left, bottom - top)]
    return Glyph(ink.pixels[window] * near, Box(box[0], box[1], max(box[2], 1), max(box[3], 1)))
