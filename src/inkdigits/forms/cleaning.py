"""A field's handwriting, without what was printed there.

In: a sheet's place, its ink, the blank form's ink. Out: what was written in a field. The print is
known, so it is taken out where it stands; a stroke that crosses it is kept where it goes on at
the other side. Does not read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.forms import printed
from inkdigits.forms.aligning import aligned
from inkdigits.forms.placing import Placed, Window, placed
from inkdigits.forms.template import Area, Field
from inkdigits.image import Picture

Map = NDArray[np.float32]
#: How much is seen around a field, and around that to align it, as parts of the field's height.
MARGIN, AROUND = 0.12, 0.45
#: How far paper that is not flat takes a field from its place, as a part of the sheet's side.
BENT = 0.008
#: The height of a field as it is cut out, pixels, and the width that it never exceeds.
LOW, HIGH, WIDE = 64, 160, 2400
#: From here on a pixel is ink, and one of the reference is print or its blurred rim.
INK, RIM = 0.3, 0.12
#: Ink so much darker than print would be there was written; and by how much print may be out.
DARKER, AWAY = 0.3, 2
#: A field is where it should be when so much of the print around it is seen; where there is less
#: print than this, nobody can tell.
SEEN, LITTLE = 0.75, 0.004
#: Ink that is no speck is at least so long, as a part of the field's height.
SPECK = 0.22


@dataclass(frozen=True)
class Writing:
    """What is written in a field.

    Attributes:
        ink: (h, w) float32 in [0, 1], without print; the field and a little around it.
        seen: (h, w) float32, the same place as the picture shows it.
        blank: nothing is written there.
        astray: the print that should be around the field is not there.
    """

    ink: Map
    seen: Map
    blank: bool
    astray: bool = False


class Cleaner:
    """Cuts the fields out of one sheet after another."""

    def __init__(self, reference: Picture | None) -> None:
        self._print: Placed | None = None
        if reference is not None:
            height, width = reference.pixels.shape
            ink = Picture(printed.inked(reference.pixels))
            self._print = placed(ink, np.diag([width, height, 1.0]))

    def sheet(self, where: Placed) -> Sheet:
        """A sheet to take fields from."""
        ink = Picture(printed.inked(where.picture.pixels))
        return Sheet(where, replace(where, picture=ink), self._print)


@dataclass(frozen=True)
class Sheet:
    """A sheet that was found: as it is seen, its ink, and the blank form's print."""

    where: Placed
    ink: Placed
    print: Placed | None

    def writing(self, field: Field) -> Writing:
        """What is written in a field."""
        wide, tall = self.where.size
        high = field.area.height * tall
        scale = min(max(high, LOW), HIGH) / high
        scale = min(scale, WIDE / (field.area.width * wide))
        unit = (wide * scale, tall * scale)  # the whole sheet's size at the field's scale
        high *= scale
        outer = _grown(field.area, AROUND * high, unit)
        shape = (round(outer.height * unit[1]), round(outer.width * unit[0]))
        ink, seen = self.ink.cut(outer, shape), self.where.cut(outer, shape)
        rim = round((AROUND - MARGIN) * high)
        astray = False
        if self.print is not None:
            known = self.print.cut(outer, shape)
            ink, seen = aligned(known, (ink, seen), min(rim, max(2, round(BENT * max(unit)))))
            astray = _astray(known, ink)
            ink = without(ink, known, AWAY + round(0.0008 * max(unit)))
        inner = np.s_[rim : shape[0] - rim, rim : shape[1] - rim]
        ink = _without_strangers(ink[inner], round(MARGIN * high))
        return Writing(ink, seen[inner], not _written(ink, high), astray)


def without(ink: Map, known: Map, away: int) -> Map:
    """Ink without print, (H, W), but with the strokes that cross or touch it.

    Args:
        ink: (H, W) in [0, 1].
        known: (H, W) in [0, 1], the print that is under it.
        away: how far it may be from where `known` has it, pixels.
    """
    near = cv2.dilate(known, np.ones((2 * away + 1, 2 * away + 1), np.uint8)) > RIM
    if not near.any():
        return ink
    # beside the print's core, what is darker than its blurred rim was written
    rim = cv2.GaussianBlur(cv2.dilate(known, np.ones((3, 3), np.uint8)), (0, 0), 0.8)
    print_ = near & (ink < rim + DARKER)
    inked = ink > INK
    other = (inked & ~print_).astype(np.uint8)
    depth = cv2.distanceTransform(print_.astype(np.uint8), cv2.DIST_L2, 3)
    reach = 2 * int(np.ceil(np.percentile(depth[print_], 90))) + 3 if print_.any() else 3
    across = np.zeros_like(other)
    for kernel in _lines(reach):
        closed = cv2.morphologyEx(other, cv2.MORPH_CLOSE, kernel, borderValue=0)
        across = np.maximum(across, np.asarray(closed, np.uint8))
    crossed = print_ & inked & (across > 0)
    rest = np.where(print_ & ~crossed, np.float32(0), ink)
    # what lies in the print's reach only is the print's
    count, labels = cv2.connectedComponents((rest > INK).astype(np.uint8), connectivity=8)
    free = np.bincount(labels[~near], minlength=count) > 0
    free[0] = True
    return np.where(free[labels], rest, np.float32(0))


def _lines(length: int) -> list[NDArray[np.uint8]]:
    """Thin lines in four directions."""
    level = np.zeros((length, length), np.uint8)
    level[length // 2] = 1
    slope = np.eye(length, dtype=np.uint8)
    return [level, np.ascontiguousarray(level.T), slope, np.ascontiguousarray(slope[::-1])]


def _grown(area: Area, margin: float, unit: tuple[float, float]) -> Window:
    x, y = margin / unit[0], margin / unit[1]
    return Window(area.x - x, area.y - y, area.width + 2 * x, area.height + 2 * y)


def _astray(known: Map, ink: Map) -> bool:
    """Whether too little of the print is seen where it should be; a field without any is not."""
    core = known > 0.6
    if core.mean() < LITTLE:
        return False
    near = cv2.dilate(ink, np.ones((5, 5), np.uint8)) > INK
    return float(near[core].mean()) < SEEN


def _without_strangers(ink: Map, margin: int) -> Map:
    """Without marks that run off the cut and lie mostly in its margin: a neighbour's."""
    weak = (ink > INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    height, width = ink.shape
    inside = np.zeros(ink.shape, bool)
    inside[margin : height - margin, margin : width - margin] = True
    within = np.bincount(labels[inside], minlength=count)
    left, top, wide, tall, area = stats.T
    off = (left <= 0) | (top <= 0) | (left + wide >= width) | (top + tall >= height)
    stranger = off & (within < 0.4 * area)
    stranger[0] = False
    if not stranger.any():
        return ink
    gone = cv2.dilate(stranger[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(gone & ((labels == 0) | stranger[labels]), np.float32(0), ink)


def _written(ink: Map, high: float) -> bool:
    """Whether there is a mark that is no speck."""
    weak = (ink > INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    strong = np.bincount(labels[ink > 0.5], minlength=count) > 0
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= SPECK * high
    return bool((strong & long)[1:].any())
