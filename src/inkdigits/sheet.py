"""A photographed sheet -> the sheet as if scanned, and the way back.

In: `Picture`. Out: `Sheet`: perspective and skew undone where they are sure, turned as asked. Does
not know what is written on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.image import Picture
from inkdigits.results import Box

#: Longer side of the copy on which the sheet's corners are looked for, pixels.
GLANCE = 320
#: A sheet covers from this to that part of the picture, ...
LEAST, MOST = 0.2, 0.93
#: ... its sides meet at right angles, or nearly (cosine), and along this part of each side it is
#: brighter by so much on one side of the edge than on the other, so many pixels apart each way: a
#: shadow's edge is softer.
ASKEW, SHARP, BRIGHTER, EDGE = 0.5, 0.85, 0.15, 2.5
#: Skew that is looked for, degrees, and from where on it is undone.
SKEWED_MOST, SKEWED_LEAST = 12.0, 0.8


@dataclass(frozen=True)
class Sheet:
    """A flat, upright sheet.

    Attributes:
        picture: of the sheet.
        there: (3, 3) homography from the sheet's pixels to the pixels of the given picture.
        scale: pixels of the file for one pixel of the given picture.
    """

    picture: Picture
    there: NDArray[np.float64]
    scale: float = 1.0

    def box(self, box: Box) -> Box:
        """Where a box of the sheet lies in the file's pixels: the rectangle around it."""
        x0, y0, x1, y1 = box.x, box.y, box.x + box.width, box.y + box.height
        corners = np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1, 1, 1, 1]], np.float64)
        mapped = self.there @ corners
        points = mapped[:2] / mapped[2] * self.scale
        low, high = points.min(axis=1), points.max(axis=1)
        left, top = int(np.floor(low[0] + 0.5)), int(np.floor(low[1] + 0.5))
        return Box(left, top, max(1, round(high[0]) - left), max(1, round(high[1]) - top))


def flatten(picture: Picture) -> Sheet:
    """Undo the perspective of a sheet on a darker ground, else a few degrees of skew, if any."""
    whole = Sheet(picture, np.eye(3), picture.scale)
    corners = _corners(picture.pixels)
    if corners is not None:
        whole = _warped(picture, corners)
    angle = _skew(whole.picture.pixels)
    return whole if abs(angle) < SKEWED_LEAST else _straight(whole, angle)


def turned(sheet: Sheet, quarters: int) -> Sheet:
    """The sheet turned counter-clockwise by so many quarters."""
    quarters %= 4
    if not quarters:
        return sheet
    height, width = sheet.picture.pixels.shape
    pixels = np.ascontiguousarray(np.rot90(sheet.picture.pixels, quarters))
    back = {
        1: [[0, -1, width], [1, 0, 0], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, 1, 0], [-1, 0, height], [0, 0, 1]],
    }[quarters]
    there = sheet.there @ np.array(back, np.float64)
    return Sheet(Picture(pixels, sheet.picture.frames_ignored), there, sheet.scale)


def _corners(grey: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """The sheet's corners, clockwise from the upper left, (4, 2) pixels; `None` where unsure."""
    height, width = grey.shape
    part = GLANCE / max(height, width)
    size = (max(1, round(width * part)), max(1, round(height * part)))
    small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    blurred = np.asarray(cv2.GaussianBlur(small, (5, 5), 0), np.float32)
    for threshold in _thresholds(blurred):
        corners = _quadrilateral(blurred > threshold)
        if corners is not None and _is_sheet(small, corners):
            return np.asarray((corners + 0.5) / part)
    return None


def _thresholds(grey: NDArray[np.float32]) -> list[float]:
    """Above what a sheet may be: a little above what lies along the picture's sides; Otsu's."""
    rim = max(2, min(grey.shape) // 30)
    sides = grey[:rim], grey[-rim:], grey[:, :rim], grey[:, -rim:]
    ring = np.concatenate([side.ravel() for side in sides])
    levels = (grey * 255).astype(np.uint8)
    otsu, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return [float(np.median(ring)) + 0.7 * BRIGHTER, otsu / 255]


def _quadrilateral(bright: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """The corners of the largest region, clockwise from the upper left, if it has four."""
    mask = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    outline = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
    if len(outline) != 4 or not LEAST <= cv2.contourArea(outline) / mask.size <= MOST:
        return None
    points = outline.reshape(4, 2).astype(np.float64)
    across, down = points.sum(axis=1), points[:, 1] - points[:, 0]
    order = [int(k) for k in (across.argmin(), down.argmin(), across.argmax(), down.argmax())]
    return points[order] if len(set(order)) == 4 else None


def _is_sheet(grey: NDArray[np.float32], corners: NDArray[np.float64]) -> bool:
    """Whether a quadrilateral (4, 2) has a sheet's angles, and sharp edges all around."""
    sides = np.roll(corners, -1, axis=0) - corners
    units = sides / np.maximum(np.linalg.norm(sides, axis=1, keepdims=True), 1e-9)
    if np.abs((units * np.roll(units, 1, axis=0)).sum(axis=1)).max() > ASKEW:
        return False
    for corner, side, unit in zip(corners, sides, units, strict=True):
        along = corner + np.linspace(0.06, 0.94, 40)[:, None] * side
        outwards = np.array([unit[1], -unit[0]])  # the corners go clockwise, y down
        inner, outer = (_sampled(grey, along + way * EDGE * outwards) for way in (-1, 1))
        if (inner - outer > BRIGHTER).mean() < SHARP:
            return False
    return True


def _sampled(grey: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """The brightness at points (N, 2); outside of the picture it is white."""
    x, y = points.T.astype(np.float32)
    found = cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    return np.asarray(found, np.float32).ravel()


def _warped(picture: Picture, corners: NDArray[np.float64]) -> Sheet:
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = (max(16, round(float(max(sides[k], sides[k + 2])))) for k in (0, 1))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    there = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    pixels = cv2.warpPerspective(
        picture.pixels,
        there,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # a little of the rim goes, so that no table shows
    inset = max(2, round(0.012 * max(width, height)))
    inner = np.ascontiguousarray(pixels[inset:-inset, inset:-inset], np.float32)
    moved = np.array([[1, 0, inset], [0, 1, inset], [0, 0, 1]], np.float64)
    return Sheet(Picture(inner, picture.frames_ignored), there @ moved, picture.scale)


def _straight(sheet: Sheet, angle: float) -> Sheet:
    """Turn the sheet by degrees, counter-clockwise, on the same canvas."""
    height, width = sheet.picture.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    pixels = cv2.warpAffine(
        sheet.picture.pixels,
        turn,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    back = np.vstack([cv2.invertAffineTransform(turn), [0, 0, 1]])
    straight = Picture(np.asarray(pixels, np.float32), sheet.picture.frames_ignored)
    return Sheet(straight, sheet.there @ back, sheet.scale)


def _skew(grey: NDArray[np.float32]) -> float:
    """By how many degrees, clockwise, the writing leans, or 0 where that is unsure.

    Of the sharpest profile: turned right, lines of writing and gaps alternate most.
    """
    height, width = grey.shape
    if min(height, width) < 100:
        return 0.0
    part = min(400 / max(height, width), 1.0)
    size = (round(width * part), round(height * part))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur((small * 255).astype(np.uint8), 31).astype(np.float32) / 255
    ink = np.abs(small - ground)
    ink = np.where(ink > max(0.25 * float(np.percentile(ink, 99.8)), 0.06), ink, 0)
    y, x = np.nonzero(ink)
    if len(x) < 60:
        return 0.0
    weight = ink[y, x]

    def sharpness(angle: float) -> float:
        level = y - np.tan(np.radians(angle)) * x
        profile = np.bincount((level - level.min()).astype(np.int64), weight)
        return float((profile**2).sum() / profile.sum() ** 2)

    angles = np.arange(-SKEWED_MOST, SKEWED_MOST + 0.1, 0.5)
    found = np.array([sharpness(float(angle)) for angle in angles])
    best = int(found.argmax())
    if found[best] < 1.12 * sharpness(0.0):
        return 0.0
    return float(angles[best])
