"""Ink that was never a stroke: blots, rings, smears, hatching, dots, bars.

In: a random generator. Out: how much ink lies on each pixel (H, W) float32 in [0, 1], 48 to 100
pixels a side. A lone upright bar (1) and a closed ring (0) are never made.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]
_SHIFT = 4  # cv2 takes coordinates in sixteenths of a pixel


def blots(rng: np.random.Generator) -> Ink:
    """One to four filled ellipses."""
    ink = _sheet(rng)
    for _ in range(int(rng.integers(1, 5))):
        middle, radii = _place(ink, rng), rng.uniform(0.08, 0.35) * min(ink.shape)
        radii = radii * rng.uniform([1, 0.6], 1)
        _fill(ink, middle + _round(radii) @ _rotation(rng.uniform(0, math.pi)), rng)
    return _done(ink, rng)


def stain(rng: np.random.Generator) -> Ink:
    """A blot with a ragged edge and a few splashes."""
    ink = _sheet(rng)
    angle = np.linspace(0, math.tau, 72, endpoint=False)
    radius = np.full(72, rng.uniform(0.15, 0.32))
    for k in range(2, 9):
        radius += rng.normal(0, 0.06 / k**0.5) * np.cos(k * angle + rng.uniform(0, 6))
    edge = np.maximum(radius, 0.04)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    _fill(ink, np.array(ink.shape[::-1]) / 2 + edge * min(ink.shape), rng)
    for _ in range(int(rng.integers(0, 8))):
        _fill(ink, _place(ink, rng) + _round(rng.uniform(0.01, 0.05, 2) * min(ink.shape)), rng)
    return _done(ink, rng)


def shards(rng: np.random.Generator) -> Ink:
    """One to four filled polygons of three to six corners."""
    ink = _sheet(rng)
    for _ in range(int(rng.integers(1, 5))):
        count = int(rng.integers(3, 7))
        angle = (np.arange(count) + rng.uniform(0, 0.6, count)) * (math.tau / count)
        angle += rng.uniform(0, math.tau)
        size = rng.uniform(0.16, 0.36, (count, 1)) * min(ink.shape)
        _fill(ink, _place(ink, rng) + size * np.stack([np.cos(angle), np.sin(angle)], axis=1), rng)
    return _done(ink, rng)


def rings(rng: np.random.Generator) -> Ink:
    """What a cup leaves: four to eight arcs about nearly one middle, none of them near closed."""
    ink = _sheet(rng)
    towards, reach = rng.uniform(0, 360), rng.uniform(0.25, 0.5) * min(ink.shape)
    away = reach * np.array([math.cos(math.radians(towards)), math.sin(math.radians(towards))])
    middle = np.array(ink.shape[::-1]) / 2 - away
    for _ in range(int(rng.integers(4, 9))):
        axes = _fixed(reach * rng.uniform(0.5, 1.5) * np.ones(2))
        half = rng.uniform(25, 75)
        about = towards + rng.normal(0, 20)
        ends = about - half, about + half
        at = _fixed(middle + rng.normal(0, 0.03, 2) * min(ink.shape))
        dark, wide = rng.uniform(0.3, 0.9), int(rng.integers(1, 5))
        cv2.ellipse(ink, at, axes, 0, *ends, dark, wide, cv2.LINE_8, _SHIFT)
    return _done(ink, rng)


def smear(rng: np.random.Generator) -> Ink:
    """Ink wiped by a sleeve: streaks that fade."""
    ink = _sheet(rng)
    streaks = cv2.GaussianBlur(
        rng.standard_normal(ink.shape, np.float32), (0, 0), rng.uniform(6, 14), sigmaY=1.2
    )
    streaks *= 0.4 / (streaks.std() + 1e-6)
    return _done(_turned(np.clip(streaks + 0.35, 0, 1) * _window(ink.shape, rng), rng), rng)


def hatching(rng: np.random.Generator) -> Ink:
    """A patch of parallel lines, at times crossed."""
    ink = _sheet(rng)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]].astype(np.float32)
    pace, angle = math.tau / rng.uniform(5, 12), rng.uniform(0, math.pi)
    for turn in (0.0, rng.uniform(0.8, 1.6))[: 1 + int(rng.random() < 0.4)]:
        across = x * math.cos(angle + turn) + y * math.sin(angle + turn)
        lines = np.clip(3 * np.cos(across * pace) - rng.uniform(0, 2), 0, 1)
        ink = np.maximum(ink, lines.astype(np.float32))
    return _done(ink * (_window(ink.shape, rng) > 0.3), rng)


def dots(rng: np.random.Generator) -> Ink:
    """One to twelve dots."""
    ink = _sheet(rng)
    size = rng.uniform(0.02, 0.09) * min(ink.shape)
    for _ in range(int(rng.integers(1, 13))):
        _fill(ink, _place(ink, rng) + _round(size * rng.uniform(0.85, 1.15, 2)), rng)
    return _done(ink, rng)


def dashes(rng: np.random.Generator) -> Ink:
    """One to eight dashes, all about level."""
    ink = _sheet(rng)
    slope, wide = rng.uniform(-0.35, 0.35), int(rng.integers(2, 9))
    for _ in range(int(rng.integers(1, 9))):
        half = rng.uniform(0.08, 0.3) * ink.shape[1]
        reach = np.array([half, half * (slope + rng.normal(0, 0.06))])
        middle = _place(ink, rng)
        ends = _fixed(middle - reach), _fixed(middle + reach)
        cv2.line(ink, *ends, rng.uniform(0.6, 1), wide, cv2.LINE_8, _SHIFT)
    return _done(ink, rng)


def noise(rng: np.random.Generator) -> Ink:
    """A patch of grains."""
    ink = _sheet(rng)
    grains = rng.standard_normal(ink.shape, np.float32)
    if rng.random() < 0.6:
        spread = rng.uniform(0.5, 2)
        grains = np.asarray(cv2.GaussianBlur(grains, (0, 0), spread), np.float32)
    grains = np.clip(2 * grains / grains.std() - np.float32(rng.uniform(0, 2.5)), 0, 1)
    return _done(grains * (_window(ink.shape, rng) > 0.3), rng)


def rectangles(rng: np.random.Generator) -> Ink:
    """One or two filled rectangles, none of them slim and upright."""
    ink = _sheet(rng)
    for _ in range(int(rng.integers(1, 3))):
        tall = rng.uniform(0.15, 0.6)
        half = np.array([tall * rng.uniform(0.7, 2), tall]) * min(ink.shape) / 2
        box = half * [[-1, -1], [1, -1], [1, 1], [-1, 1]]
        _fill(ink, _place(ink, rng) + box @ _rotation(rng.normal(0, 0.2)), rng)
    return _done(ink, rng)


def checkerboard(rng: np.random.Generator) -> Ink:
    """Squares in turns dark and pale."""
    ink = _sheet(rng)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]]
    side = int(rng.integers(5, 17))
    board = ((x + rng.integers(side)) // side + (y + rng.integers(side)) // side) % 2
    return _done(_turned(board.astype(np.float32), rng), rng)


def stripes(rng: np.random.Generator) -> Ink:
    """Three bars or more side by side, as in a bar code, upright or level."""
    ink = _sheet(rng)
    length, at = ink.shape[1], int(rng.integers(0, 8))
    for _ in range(max(3, int(rng.integers(3, 14)))):
        wide = int(rng.integers(2, 8))
        if at + wide >= length - 2:
            break
        ink[4:-4, at : at + wide] = 1
        at += wide + int(rng.integers(3, 9))
    if rng.random() < 0.3:
        ink = np.ascontiguousarray(ink.T)
    return _done(_turned(ink, rng, 0.2), rng)


#: Name -> what makes it.
TEXTURES: dict[str, Callable[[np.random.Generator], Ink]] = {
    "blots": blots,
    "stain": stain,
    "shards": shards,
    "rings": rings,
    "smear": smear,
    "hatching": hatching,
    "dots": dots,
    "dashes": dashes,
    "noise": noise,
    "rectangles": rectangles,
    "checkerboard": checkerboard,
    "stripes": stripes,
}


def _sheet(rng: np.random.Generator) -> Ink:
    high, wide = rng.integers(48, 101, 2)
    return np.zeros((int(high), int(wide)), np.float32)


def _place(ink: Ink, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(0.2, 0.8, 2) * ink.shape[::-1]


def _round(radii: NDArray[np.float64]) -> NDArray[np.float64]:
    angle = np.linspace(0, math.tau, 24, endpoint=False)
    return np.stack([radii[0] * np.cos(angle), radii[1] * np.sin(angle)], axis=1)


def _rotation(angle: float) -> NDArray[np.float64]:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array([[cos, sin], [-sin, cos]])


def _fixed(point: NDArray[np.float64]) -> tuple[int, int]:
    x, y = np.round(point * 2**_SHIFT).astype(int)
    return int(x), int(y)


def _fill(ink: Ink, outline: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Fill a polygon (N, 2), in pixels, with dark ink."""
    points = np.round(outline * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(ink, [points], rng.uniform(0.6, 1), cv2.LINE_8, _SHIFT)


def _window(shape: tuple[int, ...], rng: np.random.Generator) -> Ink:
    """A patch (H, W) in [0, 1], 1 in its middle: an ellipse or a box with soft edges."""
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] / np.float32(rng.uniform(0.6, 1))
    x = np.linspace(-1, 1, shape[1], dtype=np.float32) / np.float32(rng.uniform(0.6, 1))
    far = np.hypot(x, y) if rng.random() < 0.6 else np.maximum(abs(x), abs(y))
    patch: Ink = np.clip(3 * (1 - far), 0, 1)
    return patch


def _turned(ink: Ink, rng: np.random.Generator, most: float = math.pi) -> Ink:
    angle = math.degrees(rng.uniform(-most, most))
    middle = (ink.shape[1] / 2, ink.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, angle, 1)
    return np.asarray(cv2.warpAffine(ink, turn, ink.shape[::-1]), np.float32)


def _done(ink: Ink, rng: np.random.Generator) -> Ink:
    """Soften, since cv2 draws hard edges on floats; clip."""
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.2)), np.float32)
    return np.clip(ink, 0, 1).astype(np.float32, copy=False)
