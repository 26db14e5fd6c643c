"""A page -> how much ink lies on each pixel, whatever its light.

As `ink` does for a picture of one number, but with the paper's brightness found around every
place, since a page has shadows, a table around it, another sheet beneath. In: `Picture`. Out:
`PageInk`. `ruling` takes printed rules and boxes away. Does not know what the ink shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import ink, ruling
from inkdigits.image import Picture

#: Longer side of the working copy, pixels.
WORKING_SIDE = 1600
#: Pictures of at most this height show a line or two: their paper is one surface, as `ink` finds.
FEW_LINES = 130
#: The paper's brightness is the median of a square of so many pixels of a copy of `MEDIAN_SIDE`
#: pixels: more than the ink of a digit, less than a shadow.
MEDIAN_SIDE, MEDIAN = 256, 23
#: Strokes broader than so many pixels of that copy would be taken for paper; what is broader than
#: so many is no stroke but a sheet.
BROAD, NO_STROKE = 6.0, 45.0
#: Nor are strokes more than this part of a picture, and at least this part of what is marked is
#: clear of its sides.
MUCH, CLEAR = 0.28, 0.5
#: Nor, where there are several, does the largest fill more than this part of its box.
SOLID = 0.75
#: Where the paper's brightness changes by so much within three pixels of that copy a sheet ends,
#: and there is no ink.
STEP = 0.13
#: What deviates to one side is worth at least this part of what deviates to the other: a texture,
#: no ink. Deviations below the second part of the strongest do not count.
EVEN, SLIGHT = 0.7, 0.3

#: A page is ruled when rules were so much of it. What is left of them has at least so many pixels a
#: side, most of it at most so few across; it is so much fainter than the strongest ink, and so many
#: times as many as what is not.
RULED, LEFT, FINE, FAINT, MANY = 0.002, 6, 4, 0.55, 5.0


@dataclass(frozen=True)
class PageInk:
    """Ink on a page.

    Attributes:
        pixels: (H, W) float32 in [0, 1]: 0 paper, 1 a full stroke; all 0 for a blank.
        scale: pixels of the picture for one pixel here, >= 1.
        frames: (N, 4) printed boxes that were taken away: left, top, right, bottom here.
    """

    pixels: NDArray[np.float32]
    scale: float
    frames: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 4), np.int64))


def extract(picture: Picture) -> PageInk:
    """Tell the ink from the paper, on a copy whose longer side is `WORKING_SIDE` at most."""
    grey, scale = _working_copy(picture.pixels)
    small, smooth = _smoothed(grey)
    close = _is_close(small)
    if not close and _is_texture(small, smooth):
        return PageInk(np.zeros_like(grey), scale)
    if close or min(picture.pixels.shape) <= FEW_LINES:
        found = ink.extract(Picture(grey), WORKING_SIDE)
        return PageInk(ruling.without_rules(found.pixels, even=False), scale)
    paper, step = _paper(small, smooth, grey.shape)
    rest = np.asarray((paper - grey) / np.maximum(np.maximum(paper, grey), 0.08), np.float32)
    rest[step] = 0
    if _weight(rest) < _weight(-rest):
        rest = -rest
    cut, full = _strengths(rest, grey)
    if full <= 0:
        return PageInk(np.zeros_like(grey), scale)
    faint = 0.5 * cut
    pixels = np.clip((rest - faint) / max(full - faint, 1e-3), 0, 1).astype(np.float32)
    pixels, frames = ruling.without_frames(pixels)
    left = ruling.without_rules(pixels)
    if np.count_nonzero(left != pixels) > RULED * left.size:
        left = _without_remains(left, rest)
    return PageInk(left, scale, frames)


def _is_close(small: NDArray[np.uint8]) -> bool:
    """Whether strokes are so broad that the paper's brightness is not found around them.

    Broad marks that touch the picture's sides are no strokes but a table or a shadow.
    """
    whole = Picture(small.astype(np.float32) / np.float32(255))
    marked = ink.extract(whole, page=True).pixels > 0.5
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marked.view(np.uint8), connectivity=8)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    inner = marked & ~np.isin(labels, edge)
    distance = cv2.distanceTransform(inner.view(np.uint8), cv2.DIST_L2, 3)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & inner
    if not ridge.any() or 2 * float(distance.max()) > NO_STROKE or inner.mean() > MUCH:
        return False
    if inner.sum() < CLEAR * marked.sum():
        return False
    largest = stats[1:][stats[1:, cv2.CC_STAT_AREA].argmax()]
    filled = largest[cv2.CC_STAT_AREA] / (largest[cv2.CC_STAT_WIDTH] * largest[cv2.CC_STAT_HEIGHT])
    if filled > SOLID and len(stats) > 4:
        return False
    return 2 * float(np.median(distance[ridge])) > BROAD


def _working_copy(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    scale = max(max(grey.shape) / WORKING_SIDE, 1.0)
    if scale == 1:
        return grey, scale
    size = (round(grey.shape[1] / scale), round(grey.shape[0] / scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32), scale


def _smoothed(grey: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A copy of `MEDIAN_SIDE` pixels, and its medians."""
    height, width = grey.shape
    part = MEDIAN_SIDE / max(height, width)
    size = (max(8, round(width * part)), max(8, round(height * part)))
    small = (cv2.resize(grey, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    return small, np.asarray(cv2.medianBlur(small, MEDIAN), np.uint8)


def _is_texture(small: NDArray[np.uint8], smooth: NDArray[np.uint8]) -> bool:
    """Whether what deviates from its surroundings is as often brighter as darker."""
    paper = (_steps(smooth) == 0).view(np.uint8)
    least = SLIGHT * _strongest(cv2.absdiff(smooth, small) * paper)
    sides = cv2.subtract(smooth, small), cv2.subtract(small, smooth)  # never below 0
    dark, bright = (
        cv2.norm(np.where(side >= max(least, 1), side * paper, 0), cv2.NORM_L2SQR) for side in sides
    )
    return min(dark, bright) > EVEN * max(dark, bright)


def _strongest(off: NDArray[np.uint8]) -> int:
    """What one pixel in 200 exceeds."""
    counts = np.bincount(off.ravel(), minlength=256)
    return int(np.searchsorted(np.cumsum(counts), 0.995 * off.size))


def _steps(smooth: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Where the paper's brightness changes at once, (h, w) of 0 and 1."""
    square = np.ones((3, 3), np.uint8)
    step = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, square) > 255 * STEP
    return np.asarray(cv2.dilate(step.view(np.uint8), square), np.uint8)


def _paper(
    small: NDArray[np.uint8], smooth: NDArray[np.uint8], shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The brightness of the paper under every pixel, (H, W), and where it ends."""
    height, width = shape
    # a second look without what deviates, so that wide strokes do not pull it
    off = np.abs(small.astype(np.int16) - smooth) > 12
    smooth = np.asarray(cv2.medianBlur(np.where(off, smooth, small), MEDIAN), np.uint8)
    paper = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    ends = cv2.resize(_steps(smooth), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return np.asarray(paper, np.float32) / np.float32(255), ends


def _without_remains(pixels: NDArray[np.float32], rest: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink of a ruled page without what is left of its rules, where much is.

    In a shadow, rules come to pieces, which are no rules any more. There are many of them, all much
    fainter than a pen.

    Args:
        pixels: (H, W) in [0, 1].
        rest: how much darker than the paper each pixel is.
    """
    marked = (pixels > 0.3).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    inked = marked > 0
    strength = np.zeros(count, np.float32)
    np.maximum.at(strength, labels[inked].astype(np.intp), cv2.blur(rest, (3, 3))[inked])
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    large = sides.max(axis=1) >= LEFT
    large[0] = False
    if not large.any():
        return pixels
    faint = strength < FAINT * strength[large].max()
    pieces = faint & large
    if np.count_nonzero(pieces) < MANY * max(int(np.count_nonzero(large & ~faint)), 4):
        return pixels
    if np.median(sides[pieces].min(axis=1)) > FINE:  # somebody wrote with a pencil
        return pixels
    faint[0] = False
    gone = cv2.dilate(faint[labels].view(np.uint8), np.ones((3, 3), np.uint8))
    gone[inked & ~faint[labels]] = 0
    return np.where(gone > 0, np.float32(0), pixels)


def _weight(rest: NDArray[np.float32]) -> float:
    _, above = cv2.threshold(rest, 0.06, 0.0, cv2.THRESH_TOZERO)
    return float(cv2.norm(above, cv2.NORM_L2SQR))


def _strengths(rest: NDArray[np.float32], grey: NDArray[np.float32]) -> tuple[float, float]:
    """Where ink begins, by Otsu's threshold (1979), and a full stroke's strength; 0 for a blank."""
    soft = cv2.blur(rest, (3, 3))
    peak = float(np.partition(soft.ravel(), -20)[-20]) if soft.size > 40 else float(soft.max())
    if peak < max(
        ink.MIN_CONTRAST,
        ink.MIN_SIGMAS * ink.noise(grey) / max(float(grey.mean()), 0.1),
    ):
        return 0.0, 0.0
    levels = np.clip(rest * (250 / peak), 0, 255).astype(np.uint8)
    counts = cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    counts[:25] = 0  # the paper itself
    value = np.arange(256)
    mass, moment = np.cumsum(counts), np.cumsum(counts * value)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (moment[-1] * mass - moment * mass[-1]) ** 2 / (mass * (mass[-1] - mass))
    cut = int(np.nan_to_num(between[:230]).argmax())
    above = np.cumsum(counts[cut + 1 :])
    if not above[-1]:
        return 0.0, 0.0
    full = cut + 1 + int(np.searchsorted(above, above[-1] / 2))
    return cut * peak / 250, full * peak / 250
