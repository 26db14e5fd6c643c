"""Four printed marks of a form, found on its scan.

In: a map of ink, and where on the sheet the marks' centres are. Out: where the sheet is. A mark is
a filled square or disc, the only solid thing of its size near its corner. Marks that look alike
do not tell a sheet from the same upside down: without a reference it must be upright.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.forms.placing import Projection

#: The side of a mark, as a part of the picture's longer side.
SMALLEST, LARGEST = 0.006, 0.06
#: How much of its box a mark fills at least (a disc: 0.785), and how much longer one side may be.
FILLED, LONGER = 0.7, 1.5
#: How far from its place a mark may be, as a part of the picture's longer side.
AWAY = 0.2
#: Candidates looked at for each mark; the largest of four may be so much larger than the least.
EACH, UNLIKE = 4, 1.6


def find(ink: NDArray[np.float32], places: Sequence[tuple[float, float]]) -> Projection | None:
    """The projection from parts of the sheet to the map's pixels; `None` without four marks."""
    centres, sizes = _solid(ink)
    height, width = ink.shape
    chosen: list[NDArray[np.int64]] = []
    for x, y in places:
        away = np.hypot(centres[:, 0] - x * width, centres[:, 1] - y * height)
        near = np.argsort(away)[:EACH]
        chosen.append(near[away[near] < AWAY * max(ink.shape)])
    wanted = np.array(places, np.float32)
    best: tuple[float, Projection] | None = None
    for four in product(*chosen):
        if len(set(four)) < 4 or sizes[list(four)].max() > UNLIKE * sizes[list(four)].min():
            continue
        found = centres[list(four)].astype(np.float32)
        if not _same_shape(wanted, found):
            continue
        there = np.asarray(cv2.getPerspectiveTransform(wanted, found), np.float64)
        wrong = _distortion(there, width, height)
        if best is None or wrong < best[0]:
            best = (wrong, there)
    return None if best is None else best[1]


def _solid(ink: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (N, 2) and sides (N,) of what could be marks."""
    side = max(ink.shape)
    core = max(3, round(SMALLEST * side * 0.6))
    # opened: lines and writing that touch a mark go
    solid = cv2.morphologyEx((ink > 0.5).astype(np.uint8), cv2.MORPH_OPEN, np.ones((core, core)))
    _, _, stats, centres = cv2.connectedComponentsWithStats(solid, connectivity=8)
    _, _, width, height, area = stats.T.astype(np.float64)
    longest, least = np.maximum(width, height), np.minimum(width, height)
    good = (longest >= SMALLEST * side) & (longest <= LARGEST * side)
    good &= (longest <= LONGER * least) & (area >= FILLED * width * height)
    good[0] = False
    return centres[good] + 0.5, longest[good]


def _same_shape(wanted: NDArray[np.float32], found: NDArray[np.float32]) -> bool:
    """Whether every three of four points turn the same way: no mirror, no fold."""
    triples = ((0, 1, 2), (1, 2, 3), (2, 3, 0), (3, 0, 1))
    return all(_turn(wanted[list(it)]) * _turn(found[list(it)]) > 0 for it in triples)


def _turn(three: NDArray[np.float32]) -> float:
    (ax, ay), (bx, by), (cx, cy) = three.astype(np.float64)
    return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))


def _distortion(there: Projection, width: int, height: int) -> float:
    """How far the sheet's corners are from the picture's, pixels: the plainest place is meant."""
    unit = np.array([[[0, 0]], [[1, 0]], [[1, 1]], [[0, 1]]], np.float64)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    return float(np.abs(cv2.perspectiveTransform(unit, there)[:, 0] - corners).sum())
