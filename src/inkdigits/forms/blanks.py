"""Where a blank form wants something written.

In: a picture of a blank form. Out: the form cut to the sheet, and its fields: empty printed boxes,
rows of small ones taken together, and blanks over a line. Reads no labels: fields are numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import sheet
from inkdigits.forms import printed
from inkdigits.forms.template import MAX_BOXES, MAX_FIELDS, Area, Field
from inkdigits.image import Picture

Mask = NDArray[np.uint8]
#: Longer side of the reference that is kept beside a template, pixels: 170 dots an inch of A4.
REFERENCE_SIDE = 2000
#: The heights of a box and the least width, as parts of the sheet's longer side.
HEIGHTS, NARROWEST = (0.009, 0.09), 0.007
#: How much of its frame a box fills, when it is empty and when it is not, and how much of an
#: empty one may be print.
FILLED, FRAMED, PRINTED = 0.9, 0.5, 0.01
#: Boxes for one digit are so wide at most, by their height, ...
DIGIT_WIDE = 1.5
#: ... stand so near to each other, by their height, and are alike within these parts of it.
NEXT, ALIKE = 0.3, 0.15
#: A line to write on is so long at least, and has so much room above it, parts of the longer side.
LINE, ROOM, LEAST_ROOM = 0.05, 0.03, 0.013
#: Pieces of a line stay together over such gaps (dotted lines), a part of the longer side.
GAP = 0.006


@dataclass(frozen=True)
class _Box:
    """A printed place: its edges in pixels, right and bottom exclusive, and of how many boxes."""

    left: int
    top: int
    right: int
    bottom: int
    boxes: int = 0

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def sheet_of(picture: Picture) -> Picture:
    """A blank form cut to its sheet, upright within a few degrees, and no larger than needed."""
    grey = sheet.flatten(picture).picture.pixels
    scale = REFERENCE_SIDE / max(grey.shape)
    if scale >= 1:
        return Picture(grey)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return Picture(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32))


def find(picture: Picture) -> tuple[Field, ...]:
    """The fields of a blank form, named field_1, field_2, ... in reading order."""
    ink = (printed.inked(picture.pixels) > 0.4).astype(np.uint8)
    side = max(ink.shape)
    frames = _lines(ink, round(HEIGHTS[0] * side), round(NARROWEST * side))
    framed = _boxes(frames, side)
    boxes = _joined([it for it in framed if _is_empty(it, frames, ink)])
    places = _in_order([*boxes, *_blanks(ink, framed, side)])[:MAX_FIELDS]
    height, width = ink.shape
    return tuple(
        Field(
            f"field_{n}",
            Area(it.left / width, it.top / height, it.width / width, it.height / height),
            boxes=it.boxes,
        )
        for n, it in enumerate(places, 1)
    )


def _lines(ink: Mask, tall: int, wide: int) -> Mask:
    """What is printed in straight lines, upright ones at least `tall`, level ones `wide`."""
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(tall, 5), 1), np.uint8))
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(wide, 5)), np.uint8))
    both = cv2.dilate(cv2.max(upright, level), np.ones((3, 3), np.uint8))
    return np.asarray(both, np.uint8)


def _boxes(frames: Mask, side: int) -> list[_Box]:
    """Rectangles within lines."""
    free = (frames == 0).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    found = []
    for n in range(1, count):
        left, top, width, height, area = (int(value) for value in stats[n])
        off = left == 0 or top == 0
        off |= left + width == frames.shape[1] or top + height == frames.shape[0]
        if off or not HEIGHTS[0] * side <= height <= HEIGHTS[1] * side:
            continue
        if width >= NARROWEST * side and area >= FRAMED * width * height:
            found.append(_Box(left, top, left + width, top + height))
    return found


def _is_empty(it: _Box, frames: Mask, ink: Mask) -> bool:
    within = np.s_[it.top + 1 : it.bottom - 1, it.left + 1 : it.right - 1]
    return float(ink[within].mean()) <= PRINTED and float(frames[within].mean()) <= 1 - FILLED


def _joined(boxes: Sequence[_Box]) -> list[_Box]:
    """Rows of boxes for one digit each become one."""
    rest = sorted(boxes, key=lambda it: (it.left, it.top))
    joined = []
    while rest:
        row = [rest.pop(0)]
        while len(row) < MAX_BOXES and _small(row[-1]):
            follow = next((it for it in rest if _next(row[-1], it)), None)
            if follow is None:
                break
            rest.remove(follow)
            row.append(follow)
        tops, bottoms = [it.top for it in row], [it.bottom for it in row]
        count = len(row) if _small(row[0]) else 0
        joined.append(_Box(row[0].left, min(tops), row[-1].right, max(bottoms), count))
    return joined


def _small(it: _Box) -> bool:
    return it.width <= DIGIT_WIDE * it.height


def _next(one: _Box, other: _Box) -> bool:
    """Whether a small box stands right behind another like it."""
    unlike = ALIKE * one.height
    return (
        -2 <= other.left - one.right <= NEXT * one.height
        and abs(other.top - one.top) <= unlike
        and abs(other.bottom - one.bottom) <= unlike
        and abs(other.width - one.width) <= unlike
        and _small(other)
    )


def _blanks(ink: Mask, boxes: Sequence[_Box], side: int) -> list[_Box]:
    """Lines to write on, with the room above them."""
    gap = max(1, round(GAP * side))
    whole = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    level = cv2.morphologyEx(
        whole, cv2.MORPH_OPEN, np.ones((1, max(9, round(LINE * side))), np.uint8)
    )
    thin = max(2, round(0.004 * side))
    count, _, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    found = []
    for n in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[n])
        if height > thin or width > 0.85 * ink.shape[1] or _framed(left, top, width, boxes, side):
            continue
        above = ink[max(0, top - round(ROOM * side)) : max(top - 2, 0), left : left + width]
        inked = np.flatnonzero(above.mean(axis=1) > 0.005)
        room = len(above) - 1 - int(inked[-1]) if len(inked) else len(above)
        if room >= LEAST_ROOM * side:
            found.append(_Box(left, top - 2 - room, left + width, top + 1))
    return found


def _framed(left: int, top: int, width: int, boxes: Sequence[_Box], side: int) -> bool:
    """Whether a line is the side of a box."""
    near = 0.006 * side
    return any(
        min(abs(it.top - top), abs(it.bottom - top)) < near
        and min(it.right, left + width) - max(it.left, left) > 0.5 * min(it.width, width)
        for it in boxes
    )


def _in_order(boxes: Sequence[_Box]) -> list[_Box]:
    """Row by row from the top, each from its left."""
    rest = sorted(boxes, key=lambda it: it.top + it.bottom)
    ordered: list[_Box] = []
    while rest:
        first = rest[0]
        middle = (first.top + first.bottom) / 2
        row = [it for it in rest if it.top <= middle <= it.bottom]
        ordered += sorted(row, key=lambda it: it.left)
        rest = [it for it in rest if it not in row]
    return ordered
