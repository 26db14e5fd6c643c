"""A sheet as a camera or a scanner shows it: light, perspective, turns, blur, noise, JPEG.

In: the brightness of a sheet, a `Style`, a random generator. Out: the picture, and where each of
the sheet's points went. Knows nothing of what is written.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.wild.pagestyle import Style

Pixels = NDArray[np.float32]
Map = NDArray[np.float64]
Rng = np.random.Generator
#: How much larger a picture is than the sheet on it.
TABLE = 1.25


def photographed(sheet: Pixels, style: Style, rng: Rng) -> tuple[NDArray[np.uint8], Map]:
    """Light a sheet and take its picture.

    Args:
        sheet: (H, W) in [0, 1].
        style: how.
        rng: decides the rest.

    Returns:
        pixels (H', W') uint8; and the map of points, (3, 3): homogeneous (x, y, 1) of the sheet to
        the picture.
    """
    picture = sheet * _light(style, rng)
    picture, there = _on_a_table(picture, rng) if style.camera else (picture, np.eye(3))
    if style.skew:
        picture, more = _skewed(picture, style.skew)
        there = more @ there
    if style.turn:
        picture, more = _turned(picture, style.turn)
        there = more @ there
    blurred = cv2.GaussianBlur(picture, (0, 0), style.blur)
    noisy = blurred + np.float32(style.noise) * rng.standard_normal(picture.shape, np.float32)
    pixels = np.round(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    if style.jpeg is not None:
        _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, style.jpeg])
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return pixels, there


def moved(box: tuple[int, int, int, int], there: Map) -> tuple[int, int, int, int]:
    """Around where a box (x, y, width, height) went."""
    x, y, wide, tall = box
    corners = np.array([[x, x + wide, x + wide, x], [y, y, y + tall, y + tall], [1, 1, 1, 1]])
    mapped = there @ corners
    points = mapped[:2] / mapped[2]
    left, top = (int(side) for side in np.floor(points.min(axis=1)))
    right, bottom = (int(side) for side in np.ceil(points.max(axis=1)))
    return left, top, right - left, bottom - top


def _light(style: Style, rng: Rng) -> Pixels:
    """A shadow's soft edge across the sheet, (H, W), and light that falls off."""
    height, width = style.size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    across = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    edge = np.quantile(across[::16, ::16], rng.uniform(0.2, 0.8))
    lit = 1 / (1 + np.exp(-(across - np.float32(edge)) / np.float32(0.03 * width)))
    light = 1 - style.shadow + style.shadow * lit
    if style.gradient:
        turn = rng.uniform(0, 2 * np.pi)
        fall = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
        fall -= fall.min()
        light = light * (1 - np.float32(style.gradient) * fall / max(float(fall.max()), 1e-6))
    return np.asarray(light * style.dim, np.float32)


def _on_a_table(sheet: Pixels, rng: Rng) -> tuple[Pixels, Map]:
    """The sheet on a darker table, seen askew."""
    height, width = sheet.shape
    big = (round(TABLE * height), round(TABLE * width))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inset = rng.uniform(0.02, 0.09, (4, 2)) * [big[1], big[0]]
    ends = np.array([[0, 0], [big[1], 0], [big[1], big[0]], [0, big[0]]])
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    there = cv2.getPerspectiveTransform(corners, (ends + inset * inwards).astype(np.float32))
    mask = cv2.warpPerspective(np.ones_like(sheet), there, big[::-1])
    seen = cv2.warpPerspective(sheet, there, big[::-1])
    table = np.float32(rng.uniform(0.15, 0.35)) + 0.02 * rng.standard_normal(big, np.float32)
    return np.asarray(seen * mask + table * (1 - mask), np.float32), np.asarray(there, np.float64)


def _skewed(picture: Pixels, degrees: float) -> tuple[Pixels, Map]:
    """Turned about its middle, and as much larger as it must be to hold all."""
    height, width = picture.shape
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    wide, tall = width * cos + height * abs(sin), width * abs(sin) + height * cos
    size = (math.ceil(wide), math.ceil(tall))
    there = np.eye(3)
    there[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    there[:2, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    turned = cv2.warpAffine(picture, there[:2], size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.float32), there


def _turned(picture: Pixels, quarters: int) -> tuple[Pixels, Map]:
    """Turned by quarters, counter-clockwise."""
    there = np.eye(3)
    height, width = picture.shape
    for _ in range(quarters % 4):
        there = np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]]) @ there
        height, width = width, height
    return np.ascontiguousarray(np.rot90(picture, quarters)), there
