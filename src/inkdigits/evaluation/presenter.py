"""A digit as a user would show it: drawn on a canvas, scanned with margins, cut out of a form.

In: strokes, an image or ink, and a random generator. Out: a grey picture (H, W) float32 in
[0, 1], dark ink on light paper. The same generator state gives the same picture. Does not know
what it shows, nor how it will be read.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes

Picture = NDArray[np.float32]
#: Canvas sides in pixels, the digit's part of the side, and the pen as a part of the digit.
CANVAS, PART, PEN = (200, 480), (0.25, 0.85), (0.03, 0.16)
#: Margins of a scan, each side on its own, as parts of the digit's longer side.
MARGINS = (0.15, 1.2)
#: Longer side of the digit in a scan, pixels.
SCAN = (40, 160)
#: Margins of a digit cut out of a form, as parts of its longer side, and its enlargement.
CUT, ENLARGED = (0.0, 0.15), (1.0, 3.0)
#: How dark ink is on paper that is not a canvas, as a part of the paper's brightness.
STRENGTH = (0.45, 0.95)


def drawn(lines: Sequence[NDArray[np.floating]], rng: np.random.Generator) -> Picture:
    """Pen strokes on a square white canvas: any size, any place, thin or thick pen."""
    side = int(rng.integers(*CANVAS))
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    part, pen_part = rng.uniform(*PART), rng.uniform(*PEN)
    size = side * min(part, 0.98 / (1 + 2 * pen_part))  # so that a fat pen stays on the canvas
    scale = size / max(float(extent.max()), 1e-9)
    pen = max(1.5, pen_part * size)
    room = side - extent * scale - 2 * pen
    corner = rng.uniform(0, 1, 2) * room + pen
    return strokes.draw([(line - low) * scale + corner for line in lines], (side, side), pen)


def scanned(image: NDArray[np.uint8], rng: np.random.Generator, *, dark_ink: bool) -> Picture:
    """A small image of one digit, enlarged and with uneven margins of its own paper."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    paper_first = grey.astype(np.float32) / np.float32(255)
    if not dark_ink:
        paper_first = 1 - paper_first
    scale = rng.uniform(*SCAN) / max(paper_first.shape)
    size = (round(paper_first.shape[1] * scale), round(paper_first.shape[0] * scale))
    edge = np.concatenate([paper_first[0], paper_first[-1], paper_first[:, 0], paper_first[:, -1]])
    paper = float(np.percentile(edge, 75))
    top, bottom, left, right = (int(m) for m in rng.uniform(*MARGINS, 4) * max(size))
    # the paper is laid around before enlarging, so that no seam shows where the scan ended
    rim = 2
    framed = cv2.copyMakeBorder(paper_first, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=paper)
    grown = (round(framed.shape[1] * scale), round(framed.shape[0] * scale))
    large = np.clip(cv2.resize(framed, grown, interpolation=cv2.INTER_CUBIC), 0, 1)
    page = cv2.copyMakeBorder(large, top, bottom, left, right, cv2.BORDER_CONSTANT, value=paper)
    return np.asarray(page, np.float32)


def cut(page: NDArray[np.uint8], box: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """One digit cut out of a scan, with narrow margins, so that its neighbours look in.

    Args:
        page: (H, W) or (H, W, 1), dark ink on light paper.
        box: x, y, width and height of the digit, pixels; a part outside the page is left out.
        rng: decides the margins and the enlargement.
    """
    height, width = page.shape[:2]
    x, y, wide, tall = (float(value) for value in box)
    left, right, top, bottom = rng.uniform(*CUT, 4) * max(wide, tall)
    rows = slice(max(0, round(y - top)), min(height, round(y + tall + bottom)))
    columns = slice(max(0, round(x - left)), min(width, round(x + wide + right)))
    crop = page.reshape(height, width)[rows, columns].astype(np.float32) / np.float32(255)
    scale = rng.uniform(*ENLARGED)
    size = (round(crop.shape[1] * scale), round(crop.shape[0] * scale))
    return np.clip(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), 0, 1)


def printed(ink: Picture, rng: np.random.Generator) -> Picture:
    """Ink of any size, scaled as a scan is, with uneven margins of white paper."""
    scale = rng.uniform(*SCAN) / max(ink.shape)
    size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = np.clip(cv2.resize(ink, size, interpolation=how), 0, 1)
    top, bottom, left, right = (int(m) for m in rng.uniform(*MARGINS, 4) * max(size))
    page = cv2.copyMakeBorder(large, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0.0)
    return np.asarray(1 - page, np.float32)


def on_paper(picture: Picture, paper: Picture, rng: np.random.Generator) -> Picture:
    """The ink of a picture on white, laid on another paper of its size, as dark as a pen's."""
    return np.asarray(paper * (1 - np.float32(rng.uniform(*STRENGTH)) * (1 - picture)), np.float32)
