"""What is dark on a sheet, whatever light falls on it.

In: grey pixels of a scan or a photo. Out: a map of its print and writing. Unlike `inkdigits.ink`,
which fits one smooth surface to one row of writing, it follows shadows over a whole page. Does not
know what is print and what is writing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
#: The paper's brightness is taken from a copy of so many pixels a side ...
SMALL = 256
#: ... as the brightest around within this part of the side, which print never fills.
AROUND = 0.04
#: Darker than the paper by this part, a pixel is ink: paper grain and noise are less.
FAINT = 0.12


def inked(grey: Grey) -> Grey:
    """How much darker than the paper around it each pixel is, as a part of the usual print.

    Args:
        grey: (H, W) float32 in [0, 1].

    Returns:
        (H, W) float32 in [0, 1]: 0 paper, 1 print or writing.
    """
    dark = 1 - grey / np.maximum(paper(grey), np.float32(0.02))
    some = dark[dark > FAINT]
    full = float(np.percentile(some, 75)) if some.size > 0.0005 * dark.size else 1.0
    low = FAINT / 2
    return np.clip((dark - low) / max(full - low, 0.1), 0, 1).astype(np.float32)


def paper(grey: Grey) -> Grey:
    """The brightness of the bare paper under each pixel, (H, W) float32."""
    height, width = grey.shape
    scale = min(SMALL / max(height, width), 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(AROUND * max(size)) | 1)
    # the brightest around, then back by as much: what is dark and narrow is filled
    bright = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    bright = cv2.GaussianBlur(bright, (0, 0), reach / 3)
    return np.asarray(cv2.resize(bright, (width, height), interpolation=cv2.INTER_LINEAR))
