"""Where the parts of one picture are in another that is nearly the same.

In: two maps of ink of one size, a reference and what should lie on it. Out: pairs of points.
The reference is cut into windows around its corners, and each is sought near its place (template
matching by normalised correlation). Does not know of forms or sheets.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
Points = NDArray[np.float64]
#: Windows that agree less than this with the best place are not found.
LIKE = 0.45
#: What a window's agreement loses where it is found at the edge of its reach: of places that
#: are as good as each other, as along a line, the nearest is meant.
FAR = 0.08
#: Windows that are looked for at most, and that must agree on a change, and the share of them.
MOST, AGREE, MOSTLY = 90, 8, 0.25
#: Of the bends around a window so many are compared with its own.
NEIGHBOURS = 6


@dataclass(frozen=True)
class Search:
    """How windows are sought.

    Attributes:
        side: of a window, pixels.
        reach: how far from its place it may be, pixels.
        close: how far from where a change of the whole carries it, pixels.
    """

    side: int
    reach: int
    close: float


def pairs(reference: Map, other: Map, how: Search) -> tuple[Points, Points]:
    """Points of the reference and where they are in the other map.

    Returns:
        two (N, 2) arrays of (x, y), pixels.
    """
    here, there = [], []
    for x, y in _corners(reference, how.side):
        shift = offset(reference, other, (x, y, how.side, how.side), how.reach)
        if shift is not None:
            here.append((x + how.side / 2, y + how.side / 2))
            there.append((x + how.side / 2 + shift[0], y + how.side / 2 + shift[1]))
    return np.array(here).reshape(-1, 2), np.array(there).reshape(-1, 2)


def offset(
    reference: Map, other: Map, window: tuple[int, int, int, int], reach: int, like: float = LIKE
) -> tuple[float, float] | None:
    """By how much a window (x, y, width, height) is displaced; `None` where it is not seen."""
    x, y, width, height = window
    patch = reference[y : y + height, x : x + width]
    if np.ptp(patch) < 0.1:
        return None
    x0, y0 = max(x - reach, 0), max(y - reach, 0)
    around = other[y0 : y + height + reach, x0 : x + width + reach]
    if around.shape[0] < patch.shape[0] or around.shape[1] < patch.shape[1]:
        return None
    found = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED)
    found[~np.isfinite(found)] = -1
    across = (np.arange(found.shape[1]) + (x0 - x)) / reach
    down = (np.arange(found.shape[0]) + (y0 - y)) / reach
    near = found - np.float32(FAR) * (across[None, :] ** 2 + down[:, None] ** 2).astype(np.float32)
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    if found[row, column] < like:
        return None
    dx = _peak(near[row], int(column)) + x0 - x
    dy = _peak(near[:, column], int(row)) + y0 - y
    return dx, dy


def change(here: Points, moved: Points, how: Search, *, affine: bool) -> NDArray[np.float64] | None:
    """The (3, 3) projection that carries most windows to where they were found, or `None`.

    Args:
        here, moved: as `pairs` gives them.
        how: the search they are from.
        affine: whether it keeps parallels, which wrong pairs mislead less.
    """
    if len(here) < AGREE:
        return None
    if affine:
        found, inside = cv2.estimateAffine2D(
            here, moved, method=cv2.RANSAC, ransacReprojThreshold=how.close, maxIters=2000
        )
    else:
        found, inside = cv2.findHomography(here, moved, cv2.RANSAC, how.close, maxIters=2000)
    whole = np.eye(3)
    if found is not None:  # where OpenCV finds none, whatever its annotations say
        whole[: len(found)] = found
    enough = inside is not None and int(inside.sum()) >= max(AGREE, MOSTLY * len(here))
    return whole if enough and abs(np.linalg.det(whole)) > 0.1 else None


def bends(here: Points, moved: Points, most: float) -> tuple[Points, Points]:
    """The pairs that are away as their neighbours are, and by how much: what paper does.

    Args:
        here, moved: as `pairs` gives them, N >= 1.
        most: how far from the median of its neighbours' a pair's displacement may be, pixels.

    Returns:
        places and displacements, each (M, 2), M <= N.
    """
    away = moved - here
    apart = np.hypot(*(here[:, None] - here[None]).transpose(2, 0, 1))
    near = np.argsort(apart, axis=1)[:, 1 : NEIGHBOURS + 1]
    if not near.size:
        return here[:0], away[:0]
    usual = np.median(away[near], axis=1)
    good = np.hypot(*(away - usual).T) <= most
    return here[good], away[good]


def _peak(line: Map, at: int) -> float:
    """The place of a maximum between pixels, by the parabola through three of them."""
    if not 0 < at < len(line) - 1:
        return float(at)
    before, here, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _corners(reference: Map, side: int) -> list[tuple[int, int]]:
    """Upper left corners of windows around what is unlike its surroundings, strongest first."""
    height, width = reference.shape
    found = cv2.goodFeaturesToTrack(reference, MOST, 0.02, side * 0.45, blockSize=max(3, side // 8))
    corners = []
    for x, y in np.empty((0, 2)) if found is None else found.reshape(-1, 2):
        left, top = round(float(x)) - side // 2, round(float(y)) - side // 2
        corners.append((int(np.clip(left, 0, width - side)), int(np.clip(top, 0, height - side))))
    return corners
