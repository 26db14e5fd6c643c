"""Ink -> the glyph of one digit.

In: `Ink`. Out: `Glyph`, the digit's ink cropped, with its box in the picture; specks, ruled lines
and what looks in from outside are left out. Does not know which digit it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import ink, runoff
from inkdigits.image import Picture
from inkdigits.ink import Ink
from inkdigits.results import Box

#: Ink from which a pixel belongs to a mark, and which a mark must reach somewhere.
WEAK, STRONG = 0.3, 0.55
#: Longer side of the copy that is looked at first, of a glyph that needs no closer look, and of
#: a glyph in the closer look.
GLANCE, ENOUGH, CLOSE = 144, 48, 96
#: A mark is a speck when it has less than this part of the main mark's area ...
SPECK_AREA = 0.02
#: ... or is shorter than this part of its longer side, ...
SPECK_SIDE = 0.06
#: ... or stands beside it with less than these parts of its area and height, as a point or comma.
POINT_AREA, POINT_HEIGHT = 0.12, 0.5
#: A mark stands beside another when less than this part of its width lies above or below it.
BESIDE = 0.5
#: More marks than these that run off the picture are no neighbours' strokes but a pattern.
FEW = 32
#: Within this part of the picture's sides, ink counts less towards being the main mark.
RIM = 0.15
#: A line is thinner than this part of the picture's side and runs from edge to edge.
LINE = 0.1


@dataclass(frozen=True)
class Glyph:
    """The ink of one digit.

    Attributes:
        ink: (h, w) float32 in [0, 1], cropped to the ink.
        box: where it stands in the picture, in the picture's pixels.
        doubtful: whether it runs off the picture as a printed line or a shadow does.
    """

    ink: NDArray[np.float32]
    box: Box
    doubtful: bool = False


@dataclass(frozen=True)
class _Marks:
    """Connected pieces of ink; row 0 of each is no piece.

    Attributes:
        labels: (H, W) which piece a pixel belongs to, 0 for none.
        left, top, right, bottom: their boxes, right and bottom exclusive.
        area: pixels.
        keep: whether each belongs to the digit.
    """

    labels: NDArray[np.int32]
    left: NDArray[np.int64]
    top: NDArray[np.int64]
    right: NDArray[np.int64]
    bottom: NDArray[np.int64]
    area: NDArray[np.int64]
    keep: NDArray[np.bool_]


def locate(picture: Picture) -> Glyph | None:
    """The one digit that a picture shows; `None` for a blank.

    A small copy is looked at first, which is enough for a digit that fills much of the picture.
    """
    glyph = find_glyph(ink.extract(picture, GLANCE))
    size = 0 if glyph is None else max(glyph.ink.shape)
    if size >= ENOUGH or max(picture.pixels.shape) <= GLANCE:
        return glyph
    longest = min(ink.WORKING_SIDE, GLANCE * CLOSE // size if size else ink.WORKING_SIDE)
    return find_glyph(ink.extract(picture, longest))


def find_glyph(marked: Ink) -> Glyph | None:
    """Crop the one digit that the picture shows; `None` for a blank."""
    pixels = without_lines(marked.pixels)
    marks = _marks(pixels)
    if not marks.keep.any():
        return None
    keep = marks.keep
    if np.count_nonzero(keep) > 1:
        main = _main(marks, pixels)
        keep = keep & ~_specks(marks, main) & ~_strangers(marks, main)
    glyph = _cut(Ink(pixels, marked.scale), marks, keep)
    doubtful = runoff.doubtful(marked.pixels, _window(marks, keep), glyph.ink)
    return replace(glyph, doubtful=doubtful)


def apart(marked: Ink) -> list[Glyph]:
    """The glyphs that stand side by side, left to right; parts above one another stay together."""
    pixels = without_lines(marked.pixels)
    marks = _marks(pixels)
    if not marks.keep.any():
        return []
    main = int(np.where(marks.keep, marks.area, 0).argmax())
    keep = marks.keep & ~_specks(marks, main)
    glyphs: list[Glyph] = []
    group = np.zeros_like(keep)
    end = 0
    for label in sorted(np.flatnonzero(keep), key=lambda label: int(marks.left[label])):
        inside = end - marks.left[label] >= BESIDE * (marks.right[label] - marks.left[label])
        if group.any() and not inside:
            glyphs.append(_cut(Ink(pixels, marked.scale), marks, group))
            group = np.zeros_like(keep)
        group[label] = True
        end = max(end, int(marks.right[label])) if group.sum() > 1 else int(marks.right[label])
    return [*glyphs, _cut(Ink(pixels, marked.scale), marks, group)]


def _marks(pixels: NDArray[np.float32]) -> _Marks:
    weak = (pixels > WEAK).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    left, top, width, height, area = stats.astype(np.int64).T
    keep = np.bincount(labels[pixels > STRONG], minlength=count) > 0
    keep[0] = False
    return _Marks(np.asarray(labels, np.int32), left, top, left + width, top + height, area, keep)


def _main(marks: _Marks, pixels: NDArray[np.float32]) -> int:
    """The mark with the most ink, that near the picture's sides counting less."""
    inked = np.flatnonzero(marks.labels)
    rows, columns = np.divmod(inked, pixels.shape[1])
    weight = _inwards(rows, pixels.shape[0]) * _inwards(columns, pixels.shape[1])
    mass = np.bincount(marks.labels.ravel()[inked], weight, len(marks.area))
    return int(np.where(marks.keep, mass, -1).argmax())


def _inwards(place: NDArray[np.int64], side: int) -> NDArray[np.float64]:
    """How far from both ends of a side, 0 to 1, reached at `RIM` of it."""
    depth = np.minimum(place, side - 1 - place) + 0.5
    return np.minimum(depth / (RIM * side), 1.0)


def _specks(marks: _Marks, main: int) -> NDArray[np.bool_]:
    sides = np.maximum(marks.right - marks.left, marks.bottom - marks.top)
    tiny = (marks.area < SPECK_AREA * marks.area[main]) | (sides < SPECK_SIDE * sides[main])
    heights = marks.bottom - marks.top
    low = heights < POINT_HEIGHT * heights[main]
    point = low & _beside(marks, main) & (marks.area < POINT_AREA * marks.area[main])
    return np.asarray(tiny | point)


def _strangers(marks: _Marks, main: int) -> NDArray[np.bool_]:
    """Marks that run off the picture and stand beside the main one: a neighbour's strokes."""
    height, width = marks.labels.shape
    off = (marks.left <= 1) | (marks.top <= 1)
    off |= (marks.right >= width - 1) | (marks.bottom >= height - 1)
    strangers = off & _beside(marks, main)
    unclear = np.flatnonzero(off & marks.keep & ~strangers)
    if len(unclear) <= FEW:
        for mark in unclear:
            strangers[mark] = _leans_along(marks, int(mark), main)
    strangers[main] = False
    return strangers


def _leans_along(marks: _Marks, mark: int, main: int) -> bool:
    """Whether a mark lies to one side of the main one on each level that they share, as the next
    digit does where both lean, and shares half of its levels or more."""
    rows = slice(int(marks.top[mark]), int(marks.bottom[mark]))
    mine, its = marks.labels[rows] == mark, marks.labels[rows] == main
    both = mine.any(axis=1) & its.any(axis=1)
    if both.sum() < BESIDE * len(both):
        return False
    (left, right), (its_left, its_right) = (_ends(ink[both]) for ink in (mine, its))
    return bool((right < its_left).all() or (left > its_right).all())


def _ends(ink: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first and the last inked column of each row."""
    return ink.argmax(axis=1), ink.shape[1] - 1 - ink[:, ::-1].argmax(axis=1)


def _beside(marks: _Marks, main: int) -> NDArray[np.bool_]:
    shared = np.minimum(marks.right, marks.right[main]) - np.maximum(marks.left, marks.left[main])
    return np.asarray(shared < BESIDE * (marks.right - marks.left))


def _cut(marked: Ink, marks: _Marks, keep: NDArray[np.bool_]) -> Glyph:
    rows, columns = _window(marks, keep)
    left, top = columns.start, rows.start
    # one pixel around the marks keeps their anti-aliased edges and nothing else
    window = np.s_[max(top - 1, 0) : rows.stop + 1, max(left - 1, 0) : columns.stop + 1]
    near = cv2.dilate(keep[marks.labels[window]].astype(np.uint8), np.ones((3, 3), np.uint8))
    sides = (left, top, columns.stop - left, rows.stop - top)
    box = [round(side * marked.scale) for side in sides]
    return Glyph(marked.pixels[window] * near, Box(box[0], box[1], max(box[2], 1), max(box[3], 1)))


def _window(marks: _Marks, keep: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns that the kept marks take."""
    top, bottom = int(marks.top[keep].min()), int(marks.bottom[keep].max())
    left, right = int(marks.left[keep].min()), int(marks.right[keep].max())
    return slice(top, bottom), slice(left, right)


def without_lines(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The ink without thin straight lines from edge to edge; what crosses them is kept."""
    pixels = _without_level_lines(pixels)
    return np.ascontiguousarray(_without_level_lines(np.ascontiguousarray(pixels.T)).T)


def _without_level_lines(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = pixels.shape
    ends = pixels[:, [0, -1]] > WEAK
    if min(height, width) < 12 or not ends.any(axis=0).all():
        return pixels
    inked = (pixels > WEAK).view(np.uint8)
    long = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((1, max(9, width // 5)), np.uint8))
    joined = cv2.dilate(long, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    left, _, wide, tall, area = stats.T
    across = (left <= 1) & (left + wide >= width - 1) & (area <= (LINE * height + 2) * width)
    across &= tall <= max(LINE * height, 0.06 * width) + 2
    across[0] = False
    if not across.any():
        return pixels
    line = cv2.bitwise_and(across[labels].view(np.uint8), inked)
    other = cv2.subtract(inked, line)
    reach = np.ones((2 * int(LINE * height) + 3, 1), np.uint8)
    half = reach.copy()
    half[len(half) // 2 + 1 :] = 0
    above, below = cv2.dilate(other, half), cv2.dilate(other, half[::-1].copy())
    crossed = cv2.bitwise_and(above, below)
    gone = cv2.dilate(cv2.subtract(line, crossed), np.ones((3, 1), np.uint8))
    gone[(other > 0) | (crossed > 0)] = 0
    return np.where(gone > 0, np.float32(0), pixels)
