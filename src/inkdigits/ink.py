"""A grey picture -> how much ink lies on each pixel.

In: `Picture`. Out: `Ink`, from which the paper's brightness, a smooth shadow and the polarity
(dark on light or light on dark) are gone. Does not know what the ink shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.image import Picture

#: Longer side of the working copy, pixels; a digit needs no more.
WORKING_SIDE = 1024
#: The faintest stroke, as a part of full black-to-white contrast, and in deviations of the noise.
MIN_CONTRAST, MIN_SIGMAS = 0.05, 4.0


@dataclass(frozen=True)
class Ink:
    """Ink on paper.

    Attributes:
        pixels: (H, W) float32 in [0, 1]: 0 paper, 1 a full stroke; all 0 for a blank.
        scale: pixels of the picture for one pixel here, >= 1.
    """

    pixels: NDArray[np.float32]
    scale: float = 1.0


def extract(picture: Picture) -> Ink:
    """Tell the ink from the paper.

    The paper's brightness is a quadratic surface fitted to the border and then, three times, to
    all pixels that agree with it; what deviates further than noise, on the side that deviates
    more, is ink. Its full strength is the median of the pixels above Otsu's threshold (1979).
    """
    grey, scale = _working_copy(picture.pixels)
    paper = _paper(grey)
    rest = grey - paper
    sigma = 1.4826 * float(np.median(np.abs(rest)))
    rest = rest if (np.abs(rest) * rest).sum() > 0 else -rest
    peak = float(cv2.blur(rest, (3, 3)).max()) if min(rest.shape) >= 3 else float(rest.max())
    if peak < MIN_CONTRAST or peak < MIN_SIGMAS * min(sigma, 0.05):
        return Ink(np.zeros_like(grey), scale)
    full = _full_strength(rest, floor=max(3 * sigma if sigma < peak / 8 else 0.0, peak / 8))
    return Ink(np.clip(rest / np.float32(full), 0, 1), scale)


def _working_copy(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    scale = max(max(grey.shape) / WORKING_SIDE, 1.0)
    if scale == 1.0:
        return grey, scale
    height, width = (max(1, round(side / scale)) for side in grey.shape)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), scale


def _paper(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The paper's brightness under every pixel, (H, W)."""
    height, width = grey.shape
    if min(height, width) < 8:
        edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        return np.full_like(grey, np.median(edge))
    side = (min(width, 64), min(height, 64))
    small = cv2.resize(grey, side, interpolation=cv2.INTER_AREA).astype(np.float64)
    values = small.ravel()
    basis = _quadratic(side[1], side[0]).reshape(-1, 6)
    ring = np.ones(small.shape, bool)
    rim = max(1, min(side) // 12)
    ring[rim:-rim, rim:-rim] = False
    edge = ring.ravel()
    middle = float(np.median(values[edge]))
    agree = edge & (np.abs(values - middle) <= max(np.ptp(values) / 4, 0.02))
    for columns in (1, 3, 6, 6):  # a level, a plane, then a curved surface
        fit, *_ = np.linalg.lstsq(basis[agree, :columns], values[agree], rcond=None)
        error = np.abs(values - basis[:, :columns] @ fit)
        tolerance = max(3 * 1.4826 * float(np.median(error[agree])), 0.02)
        agree = error <= tolerance
        if agree.sum() < 24:
            return np.full_like(grey, middle)
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
    surface = (fit[0] + fit[1] * x + fit[3] * x * x) + y * (fit[2] + fit[4] * x + fit[5] * y)
    return np.asarray(surface, np.float32)


def _quadratic(height: int, width: int) -> NDArray[np.float64]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _full_strength(rest: NDArray[np.float32], floor: float) -> float:
    """The strength of a stroke's core: the median of what is clearly ink."""
    marks = rest[rest > floor]
    top = float(marks.max())
    levels = np.round(marks / top * 255).astype(np.uint8)
    cut, _ = cv2.threshold(levels[:, None], 0, 255, cv2.THRESH_OTSU)
    core = marks[levels > cut]
    return float(np.median(core)) if core.size else top
