"""Small images of digits -> the lines that a pen followed, so that any pen can draw them again.

In: images as MNIST has them. Out: lines, as pen strokes are. Knows nothing of the digits.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
#: Images are made so many times larger before they are thinned.
FINE = 4
#: The eight neighbours (down, across), clockwise from above.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_AHEAD = ((0, 1), (1, -1), (1, 0), (1, 1))


def trace(image: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    """The centre lines of a bright digit on black.

    Args:
        image: (H, W) with some ink.

    Returns:
        Short lines (2, 2) of x and y in pixels of the image, or a dot (1, 2) where there is but
        one.
    """
    large = cv2.resize(image, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(large, (0, 0), FINE / 2)
    shape = soft > 0.5 * float(soft.max())
    line = np.pad(thinned(shape), 1)  # every pixel has neighbours
    if not line.any():  # thinning takes the whole of a small square
        return [(np.argwhere(shape).mean(axis=0)[None, ::-1] + 0.5) / FINE]
    rows, columns = np.nonzero(line)
    place = np.full(line.shape, -1)
    place[rows, columns] = np.arange(len(rows))
    edges = [
        (int(place[y, x]), int(place[y + dy, x + dx]))
        for y, x in zip(rows, columns, strict=True)
        for dy, dx in _AHEAD
        if place[y + dy, x + dx] >= 0
    ]
    points = np.stack([columns, rows], axis=1).astype(np.float64) - 0.5
    if not edges:
        return [points[:1] / FINE]
    points = _smooth(points, np.array(edges)) / FINE
    return [points[list(edge)] for edge in edges]


def thinned(shape: Mask) -> Mask:
    """A shape (H, W) worn down to lines one pixel wide.

    Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", CACM 1984.
    """
    line = np.pad(shape, 1)
    while True:
        before = int(line.sum())
        for turn in (0, 1):
            near = np.stack([np.roll(line, (-dy, -dx), axis=(0, 1)) for dy, dx in _AROUND])
            count = near.sum(axis=0)
            rises = (~near & np.roll(near, -1, axis=0)).sum(axis=0)
            up, right, down, left = near[::2]
            if turn == 0:
                free = ~(up & right & down) & ~(right & down & left)
            else:
                free = ~(up & right & left) & ~(up & down & left)
            line = line & ~((count >= 2) & (count <= 6) & (rises == 1) & free)
        if int(line.sum()) == before:
            return np.asarray(line[1:-1, 1:-1], np.bool_)


def _smooth(points: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Without the stairs of the pixels: each point moves to the mean of its neighbours, thrice.

    Ends, which have one neighbour, and crossings, which have many, stay.
    """
    ends = np.concatenate([edges, edges[:, ::-1]])
    degree = np.bincount(ends[:, 0], minlength=len(points))
    for _ in range(3):
        total = np.zeros_like(points)
        np.add.at(total, ends[:, 0], points[ends[:, 1]])
        middle = (total + points) / (degree[:, None] + 1)
        points = np.where((degree == 2)[:, None], middle, points)
    return points
