"""A row's ink and the places of its digits -> the glyph of each.

In: `Row`, and where along it something stands. Out: one `Part` a place. Digits that touch are cut
apart. Does not know what stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import segment
from inkdigits.results import Box
from inkdigits.rows import Row
from inkdigits.segment import Glyph

#: A cut may be so far from the middle between two places, as a part of the way to either.
AWAY = 0.7
#: A mark is overlooked when it has at least this part of the digits' height, and no place.
OVERLOOKED = 0.5


@dataclass(frozen=True)
class Part:
    """What stands at one place of a row.

    Attributes:
        glyph: its ink, and its box in the picture.
        alone: whether it touches no other, so that nothing was cut.
    """

    glyph: Glyph
    alone: bool


def overlooked(row: Row, middles: Sequence[float]) -> list[tuple[float, float]]:
    """Where tall marks stand in which there is no place: the start and end of each, pixels.

    A mark that lies mostly above or below another one is a piece of it and is left out.
    """
    mask = (row.ink > segment.WEAK).view(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, _, wide, high, area = stats[1:].T.astype(np.float64)
    if not len(left):
        return []
    order = np.argsort(high)
    half = np.searchsorted(np.cumsum(area[order]), area.sum() / 2)
    tall = np.flatnonzero(high >= OVERLOOKED * high[order][half])
    places = np.asarray(middles, np.float64)
    found = []
    for k in tall:
        start, end = left[k], left[k] + wide[k]
        if ((places >= start - 1) & (places <= end + 1)).any():
            continue
        others = tall[tall != k]
        shared = np.minimum(end, (left + wide)[others]) - np.maximum(start, left[others])
        if not (shared > 0.5 * wide[k]).any():
            found.append((float(start), float(end)))
    return found


@dataclass(frozen=True)
class _Frame:
    """Where a row's ink lies in the picture: `box` is around the ink from (left, top) on."""

    around: Box
    left: int
    top: int
    scale: float

    @classmethod
    def of(cls, row: Row, mask: NDArray[np.bool_]) -> _Frame:
        columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
        if not len(columns):
            return cls(row.box, 0, 0, 1.0)
        scale = row.box.width / (int(columns[-1]) + 1 - int(columns[0]))
        return cls(row.box, int(columns[0]), int(rows[0]), scale)

    def box(self, x0: int, y0: int, x1: int, y1: int) -> Box:
        return Box(
            self.around.x + round((x0 - self.left) * self.scale),
            self.around.y + round((y0 - self.top) * self.scale),
            max(1, round((x1 - x0) * self.scale)),
            max(1, round((y1 - y0) * self.scale)),
        )


def part(row: Row, middles: Sequence[float]) -> list[Part | None]:
    """Give each place its ink.

    Marks that lie between two cuts belong to that place as a whole; a mark that stands at two
    places or more is cut, where there is least ink.

    Args:
        row: the row.
        middles: where along the row's ink each place is, pixels, rising.

    Returns:
        one part a place, `None` where there is no ink.
    """
    if not middles:
        return []
    mask = row.ink > segment.WEAK
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    left, wide = stats[:, 0], stats[:, 2]
    cuts = _cuts(mask, middles)
    first = np.searchsorted(middles, left)  # places at or behind the mark's left side
    shared = np.searchsorted(middles, left + wide) - first >= 2
    owner = np.searchsorted(cuts, left + wide / 2)
    wholly = np.where(shared, -1, owner)
    wholly[0] = -2
    columns = np.searchsorted(cuts, np.arange(mask.shape[1]) + 0.5)
    frame = _Frame.of(row, mask)
    parts: list[Part | None] = []
    for place in range(len(middles)):
        mine = wholly[labels] == place
        cut = shared[labels] & (columns == place)[None] & mask
        glyph = _cropped(row, mine | cut, frame)
        parts.append(None if glyph is None else Part(glyph, not cut.any()))
    return parts


def _cuts(mask: NDArray[np.bool_], middles: Sequence[float]) -> NDArray[np.float64]:
    """Where to cut between every two places: little ink, and not far from the middle."""
    ink = mask.sum(axis=0).astype(np.float64)
    tall = max(float(mask.any(axis=1).sum()), 1.0)
    cuts = []
    for here, there in pairwise(middles):
        middle, reach = (here + there) / 2, (there - here) / 2
        low = int(np.clip(middle - AWAY * reach, 0, len(ink) - 1))
        high = max(int(np.clip(middle + AWAY * reach, 0, len(ink))), low + 1)
        away = np.abs(np.arange(low, high) + 0.5 - middle) / max(reach, 1.0)
        cuts.append(low + float((ink[low:high] / tall + 0.3 * away**2).argmin()) + 0.5)
    return np.array(cuts)


def _cropped(row: Row, mine: NDArray[np.bool_], frame: _Frame) -> Glyph | None:
    rows, columns = np.flatnonzero(mine.any(axis=1)), np.flatnonzero(mine.any(axis=0))
    if not len(rows):
        return None
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    window = np.s_[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1]
    near = cv2.dilate(mine[window].view(np.uint8), np.ones((3, 3), np.uint8))
    return Glyph(np.asarray(row.ink[window] * near, np.float32), frame.box(x0, y0, x1, y1))
