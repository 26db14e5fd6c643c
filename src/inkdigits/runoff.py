"""Ink that runs off the picture: a pen's, or the paper's own?

In: the ink of a picture, and where in it the glyph stands. Out: whether the glyph may be a printed
line or the edge of a shadow, which a network takes for a 1 and nothing in their shape tells apart.
Does not know what was read.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: Ink is at an edge within this part of the picture's longer side, and one pixel.
RIM = 0.01
#: Pictures with less pixels a side are mostly digits that were cut out closely.
CLOSE = 64
#: A line is one of many where there is so much more ink beside it than in it.
MANY = 1.0
#: The sheet is stained when this part of it, beside the glyph, is not clean.
STAINED, CLEAN = 0.15, 0.1
#: The edges of a pen's strokes are mostly steeper: full strokes in a glyph's longer side, seen
#: through a blur of a thirtieth of it. On cheques it is 10 to 15, of shadows 8 to 11.
STEEP, BLUR = 11.0, 30
#: Ink from which a pixel belongs to a stroke, and to its core.
WEAK, STRONG = 0.3, 0.55

Window = tuple[slice, slice]


def doubtful(pixels: NDArray[np.float32], window: Window, glyph: NDArray[np.float32]) -> bool:
    """Whether a glyph that touches the picture's edge may be the paper's.

    It may where there is more ink beside it than in it, as of a line among lines; and where its
    edges are soft and the sheet around it is stained, as by a shadow. One that stands alone on a
    clean sheet was cut out closely.

    Args:
        pixels: (H, W) in [0, 1], all ink of the picture.
        window: the rows and columns that the glyph takes of it.
        glyph: its own ink, (h, w).
    """
    height, width = pixels.shape
    rows, columns = window
    rim = 1 + round(RIM * max(height, width))
    inside = rows.start >= rim and rows.stop <= height - rim
    inside &= columns.start >= rim and columns.stop <= width - rim
    if inside or max(height, width) < CLOSE:
        return False
    beside = pixels.copy()
    beside[window] = 0
    among = np.count_nonzero(beside > STRONG) >= MANY * np.count_nonzero(glyph > STRONG)
    clear = pixels.size - (rows.stop - rows.start) * (columns.stop - columns.start)
    stained = np.count_nonzero(beside > CLEAN) >= STAINED * max(clear, 1)
    return bool(among or (stained and steepness(glyph) < STEEP))


def steepness(glyph: NDArray[np.float32]) -> float:
    """How steep the edges of ink (h, w) are: full strokes over the longer side, about 8 to 30.

    The 95th percentile of the gradient where there is ink, after a Gaussian blur in proportion to
    the glyph, which takes noise away; over the height of the strokes after that blur.
    """
    longest = max(glyph.shape)
    framed = cv2.copyMakeBorder(glyph, 2, 2, 2, 2, cv2.BORDER_REPLICATE)
    blurred = cv2.GaussianBlur(framed, (0, 0), max(longest / BLUR, 0.5))
    strokes = framed > WEAK
    if not strokes.any():
        return 0.0
    inked = blurred > WEAK / 3 * blurred.max()
    down, across = np.gradient(blurred)
    slope = np.percentile(np.hypot(down, across)[inked], 95)
    return float(longest * slope / np.percentile(blurred[strokes], 90))
