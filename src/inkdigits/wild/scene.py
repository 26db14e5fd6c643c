"""One mark on paper, as a camera, a scanner or a canvas would show it.

In: pen strokes or a small image of a mark, and a random generator. Out: a grey picture (H, W)
float32 in [0, 1]: the mark written with some pen on some paper, alone or among cut-off neighbours,
blurred, noisy, squeezed. The same generator state gives the same picture. Does not know what the
mark means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.wild import paper

Mark = NDArray[np.float32]
Rng = np.random.Generator
#: The longer side of a mark, pixels, and a pen's width as a part of it.
SIZE, PEN = (26, 76), (0.035, 0.2)
#: Rotation and slant either way, degrees, and the elastic bend, as a part of the side.
ROTATION, SLANT, BEND = 10.0, 12.0, 0.025
#: How much wider than tall a mark becomes: the deviation of the logarithm, and its limit.
SQUEEZE, SQUEEZED_MOST = 0.25, 0.9
#: Width by height of a mark that was scanned into a square box, and the most it is stretched.
SQUARE, STRETCHED_MOST = (0.7, 1.1), 2.2


@dataclass(frozen=True)
class Chances:
    """How often a picture has each trait, 0 to 1.

    Attributes:
        plain: clean paper, as on a canvas.
        bright: bright ink on dark ground.
        coarse: scanned at few pixels.
        blurred, noisy, compressed: what a camera adds.
    """

    plain: float = 0.35
    bright: float = 0.12
    coarse: float = 0.25
    blurred: float = 0.5
    noisy: float = 0.5
    compressed: float = 0.2


def written(lines: Sequence[NDArray[np.floating]], rng: Rng) -> Mark:
    """Strokes written with a round pen of any width, (H, W) in [0, 1], cropped."""
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    size = rng.uniform(*SIZE)
    scale = size / max(float(extent.max()), 1e-9)
    low_pen, high_pen = (math.log(bound) for bound in PEN)
    pen = max(1.3, size * math.exp(rng.uniform(low_pen, high_pen)))
    rim = pen / 2 + 2
    wide, tall = (int(side) for side in np.ceil(extent * scale + 2 * rim))
    paths = [(line - low) * scale + rim for line in lines]
    ink = 1 - strokes.draw(paths, (wide, tall), pen)
    if rng.random() < 0.3:  # pressure: a second, broader pass over a part of it
        start = rng.uniform(0, 0.7)
        parts = [path[int(start * len(path)) :] for path in paths]
        parts = [part for part in parts if len(part) > 1]
        if parts:
            broad = 1 - strokes.draw(parts, (wide, tall), pen * rng.uniform(1.1, 1.5))
            ink = np.maximum(ink, broad)
    return _cropped(ink)


def enlarged(image: NDArray[np.uint8], rng: Rng) -> Mark:
    """A small image of bright ink on black, (H, W) uint8, made larger, (H, W) in [0, 1]."""
    ink = _cropped(image.astype(np.float32) / np.float32(255))
    scale = rng.uniform(*SIZE) / max(ink.shape)
    large = _resized(np.pad(ink, 1), scale)
    # to the sharp edge of a larger scan, or left as soft as it is
    hard = rng.uniform(1, 4)
    level = rng.uniform(0.35, 0.6)
    return _cropped(np.clip((large - level) * np.float32(hard) + np.float32(0.5), 0, 1))


def bent(mark: Mark, rng: Rng, strength: float = 1.0) -> Mark:
    """Turned, slanted, squeezed and bent a little, by `strength` times the usual."""
    height, width = mark.shape
    angle, slant = (math.radians(reach * strength) for reach in (ROTATION, SLANT))
    turn, shear = rng.uniform(-angle, angle), math.tan(rng.uniform(-slant, slant))
    wide = math.exp(
        float(np.clip(rng.normal(0, SQUEEZE * strength), -SQUEEZED_MOST, SQUEEZED_MOST)) / 2
    )
    cos, sin = math.cos(turn), math.sin(turn)
    there = np.array([[cos, -sin], [sin, cos]]) @ np.array([[wide, shear / wide], [0, 1 / wide]])
    corners = np.array([[-1, 1, 1, -1], [-1, -1, 1, 1]]) * [[width / 2], [height / 2]]
    half = np.abs(there @ corners).max(axis=1) + 3
    out_w, out_h = (int(side) for side in np.ceil(2 * half))
    back = np.linalg.inv(there)
    x = np.arange(out_w, dtype=np.float32) - np.float32(out_w / 2 - 0.5)
    y = (np.arange(out_h, dtype=np.float32) - np.float32(out_h / 2 - 0.5))[:, None]
    reach = BEND * strength * max(mark.shape)
    nodes = rng.normal(0, reach, (4, 4, 2)).astype(np.float32)
    field = cv2.resize(nodes, (out_w, out_h), interpolation=cv2.INTER_CUBIC)
    from_x = np.float32(back[0, 0]) * x + np.float32(back[0, 1]) * y + field[..., 0]
    from_y = np.float32(back[1, 0]) * x + np.float32(back[1, 1]) * y + field[..., 1]
    from_x, from_y = from_x + np.float32(width / 2 - 0.5), from_y + np.float32(height / 2 - 0.5)
    warped = cv2.remap(mark, from_x, from_y, cv2.INTER_LINEAR, borderValue=0.0)
    return _cropped(np.asarray(warped, np.float32))


def squared(mark: Mark, rng: Rng) -> Mark:
    """The mark as a data set has it whose every digit was stretched to a square."""
    height, width = mark.shape
    wide = min(rng.uniform(*SQUARE) * height, width * STRETCHED_MOST)
    size = (max(4, round(max(wide, width / STRETCHED_MOST))), height)
    stretched = cv2.resize(mark, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(stretched, np.float32)


def inked(mark: Mark, rng: Rng) -> Mark:
    """The same mark with a broader or a finer pen."""
    width = int(rng.integers(-1, 3)) if max(mark.shape) >= 40 else int(rng.integers(0, 2))
    if width == 0:
        return mark
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(width) + 1, abs(width) + 1))
    if width > 0:
        return _cropped(np.asarray(cv2.dilate(np.pad(mark, 2), kernel), np.float32))
    thin = np.asarray(cv2.erode(mark, kernel), np.float32)
    return _cropped(thin) if thin.sum() > 0.4 * mark.sum() else mark


def side_by_side(marks: Sequence[Mark], rng: Rng) -> Mark:
    """Several marks of about one height in a row, apart, touching or overlapping a little."""
    tall = max(mark.shape[0] for mark in marks)
    scaled = [_resized(m, min(tall * rng.uniform(0.75, 1) / m.shape[0], 3.0)) for m in marks]
    gaps = [round(tall * rng.uniform(-0.12, 0.35)) for _ in scaled]
    width = sum(m.shape[1] for m in scaled) + sum(abs(gap) for gap in gaps) + 4
    row = np.zeros((tall + 8, width), np.float32)
    place = 0
    for mark, gap in zip(scaled, gaps, strict=True):
        height, wide = mark.shape
        top = int(rng.integers(0, row.shape[0] - height + 1))
        spot = row[top : top + height, place : place + wide]
        np.maximum(spot, mark[:, : spot.shape[1]], out=spot)
        place = max(0, place + wide + gap)
    return _cropped(row)


def shown(
    mark: Mark, rng: Rng, neighbours: Sequence[Mark] = (), chances: Chances | None = None
) -> NDArray[np.float32]:
    """A picture of the mark.

    Args:
        mark: (h, w) in [0, 1], cropped.
        rng: decides all.
        neighbours: up to two marks that stand before and behind it in a line of writing, out of
            which the picture is cut with narrow margins; none: it stands alone.
        chances: how often what happens.
    """
    chances = chances or Chances()
    ink = _line(mark, neighbours, rng) if neighbours else _alone(mark, rng)
    plain = not neighbours and rng.random() < chances.plain
    return photographed(ink, max(mark.shape), rng, chances, plain=plain)


def photographed(
    ink: Mark, longest: int, rng: Rng, chances: Chances, *, plain: bool
) -> NDArray[np.float32]:
    """Ink on paper, as a camera or a scanner shows it.

    Args:
        ink: (H, W) in [0, 1], its margins included.
        longest: side of a digit, pixels.
        rng: decides all.
        chances: how often what happens.
        plain: on clean paper, as on a canvas.
    """
    if plain:
        ground, strength = np.full(ink.shape, rng.uniform(0.85, 1), np.float32), rng.uniform(0.5, 1)
    else:
        _, ground = paper.sheet(ink.shape, rng)
        strength = rng.uniform(0.45, 1)
    picture = ground * (1 - ink * np.float32(strength))
    if rng.random() < chances.blurred:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.3))
    if rng.random() < chances.coarse:
        picture = _coarse(picture, longest, rng)
    if rng.random() < chances.noisy:
        # a camera's noise must not drown faint ink
        sigma = rng.uniform(0, 0.1) * strength * float(ground.mean())
        picture = picture + rng.standard_normal(picture.shape, np.float32) * np.float32(sigma)
    picture = np.clip(picture, 0, 1)
    if rng.random() < chances.compressed:
        picture = _compressed(picture, rng)
    return 1 - picture if rng.random() < chances.bright else picture


def _alone(mark: Mark, rng: Rng) -> Mark:
    """The mark with margins of its own, each from almost none to wider than itself."""
    height, width = mark.shape
    longest = max(height, width)
    least = 1 if rng.random() < 0.3 else 3
    most = 0.25 if rng.random() < 0.3 else 0.8
    top, bottom, left, right = (int(longest * rng.uniform(0, most)) + least for _ in range(4))

    field = np.zeros((height + top + bottom, width + left + right), np.float32)
    field[top : top + height, left : left + width] = mark
    return field


def _line(mark: Mark, neighbours: Sequence[Mark], rng: Rng) -> Mark:
    """The mark with narrow margins, into which what stands left and right of it reaches."""
    height, width = mark.shape
    longest = max(height, width)
    top, bottom, left, right = (int(longest * m) for m in rng.uniform(0, 0.16, 4))
    field = np.zeros((height + top + bottom, width + left + right), np.float32)
    field[top : top + height, left : left + width] = mark
    first = int(rng.integers(2))
    for place, neighbour in enumerate(neighbours[:2], first):
        other = _resized(neighbour, height * rng.uniform(0.75, 1.25) / neighbour.shape[0])
        # how far it reaches past the mark's own box
        overlap = int(longest * rng.uniform(-0.12, 0.12))
        edge = left + overlap if place == 1 else left + width - overlap
        drop = top + int(rng.uniform(-0.2, 0.2) * height)
        start = edge - other.shape[1] if place == 1 else edge
        _laid(field, other, start, drop)
    if rng.random() < 0.25:  # a full stop or a comma
        dot = max(2, round(longest * rng.uniform(0.05, 0.12)))
        _laid(field, np.ones((dot, dot), np.float32), left + width, top + height - dot)
    if rng.random() < 0.12:  # the line it is written on
        row = int(rng.integers(0, field.shape[0]))
        field[row : row + max(1, round(longest * 0.03))] = rng.uniform(0.4, 1)
    return field


def _laid(field: Mark, other: Mark, left: int, top: int) -> None:
    """Lay a mark over a field, wherever they meet."""
    height, width = field.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + other.shape[1], width), min(top + other.shape[0], height)
    if x0 < x1 and y0 < y1:
        spot = field[y0:y1, x0:x1]
        np.maximum(spot, other[y0 - top : y1 - top, x0 - left : x1 - left], out=spot)


def _coarse(picture: NDArray[np.float32], longest: int, rng: Rng) -> NDArray[np.float32]:
    """Seen through few pixels, 12 to 28 for the mark, and made large again."""
    factor = rng.uniform(12, 28) / longest
    if factor >= 1:
        return picture
    height, width = picture.shape
    few = (max(4, round(width * factor)), max(4, round(height * factor)))
    small = cv2.resize(picture, few, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.3:  # and in black and white only
        middle = (float(small.min()) + float(small.max())) / 2
        small = (small > middle).astype(np.float32) * np.float32(0.9)
    if rng.random() < 0.5:
        return np.asarray(small, np.float32)
    back = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(back, np.float32)


def _compressed(picture: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    quality = int(rng.integers(15, 90))
    _, data = cv2.imencode(
        ".jpg", (picture * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    back = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return np.asarray(back, np.float32) / np.float32(255)


def _resized(mark: Mark, scale: float) -> Mark:
    size = [max(2, round(side * scale)) for side in mark.shape[::-1]]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(cv2.resize(mark, size, interpolation=how), 0, 1)


def _cropped(mark: Mark) -> Mark:
    """Without the empty rows and columns around it; as it is where there is no ink."""
    rows, columns = np.flatnonzero(mark.max(axis=1) > 0.2), np.flatnonzero(mark.max(axis=0) > 0.2)
    if not len(rows):
        return mark
    return mark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
