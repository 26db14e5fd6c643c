"""The ink of one row of writing, cropped.

In: `Ink` of a picture that shows one row and little else: a form's field, a cheque's amount. Out:
`Row`. Specks, ruled lines and what looks in from the rows above and below are left out. Does not
know where rows are on a page, nor what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import segment
from inkdigits.ink import Ink
from inkdigits.results import Box

#: A level stroke is a rule, not a digit's, when it is so many times as long as the picture is high,
#: and thinner than this part of that height.
RULE_LENGTH, RULE_THICKNESS = 1.5, 0.09
#: A mark of the row is at least so tall or wide, as a part of the tall marks' height.
SPECK = 0.07
#: What touches the picture's upper or lower side is the row's when it reaches so far into it.
REACH = 0.45


@dataclass(frozen=True)
class Row:
    """The ink of one row.

    Attributes:
        ink: (h, w) float32 in [0, 1], cropped to the ink, other writing erased.
        box: where it stands in the picture, in the picture's pixels.
    """

    ink: NDArray[np.float32]
    box: Box


def only(marked: Ink) -> Row | None:
    """Crop the one row that the picture shows; `None` for a blank."""
    pixels = _without_rules(segment.without_lines(marked.pixels))
    weak = (pixels > segment.WEAK).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    left, top, width, height, area = stats.T.astype(np.int64)
    keep = np.bincount(labels[pixels > segment.STRONG], minlength=count) > 0
    keep[0] = False
    if not keep.any():
        return None
    main = int(np.where(keep, area, 0).argmax())
    tall = float(height[main])
    keep &= np.maximum(width, height) >= SPECK * tall
    rim = (top <= 1) | (top + height >= len(pixels) - 1)
    keep &= ~rim | (height >= REACH * tall)
    x0, y0 = int(left[keep].min()), int(top[keep].min())
    x1, y1 = int((left + width)[keep].max()), int((top + height)[keep].max())
    window = np.s_[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1]
    near = cv2.dilate(keep[labels[window]].astype(np.uint8), np.ones((3, 3), np.uint8))
    box = [round(side * marked.scale) for side in (x0, y0, x1 - x0, y1 - y0)]
    return Row(pixels[window] * near, Box(box[0], box[1], max(box[2], 1), max(box[3], 1)))


def _without_rules(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink without thin level strokes that are longer than any digit is wide.

    Where a stroke of a digit meets such a rule from above or crosses it, it is kept.
    """
    height, width = pixels.shape
    length = round(RULE_LENGTH * height)
    if length > width or height < 12:
        return pixels
    inked = (pixels > segment.WEAK).view(np.uint8)
    bridged = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    thick = max(2, round(RULE_THICKNESS * height))
    block = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((thick + 1, 1), np.uint8))
    runs = cv2.subtract(runs, block)
    if not runs.any():
        return pixels
    line = cv2.bitwise_and(cv2.dilate(runs, np.ones((3, 1), np.uint8)), inked)
    other = cv2.subtract(inked, line)
    reach = 2 * thick + 3
    up, down = np.zeros((reach, 1), np.uint8), np.zeros((reach, 1), np.uint8)
    up[: reach // 2 + 1], down[reach // 2 :] = 1, 1
    crossed = cv2.bitwise_and(cv2.dilate(other, up), cv2.dilate(other, down))
    gone = cv2.subtract(line, crossed)
    return np.where(gone > 0, np.float32(0), pixels)
