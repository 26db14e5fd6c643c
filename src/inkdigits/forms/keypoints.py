"""Points that two pictures of one thing share, however it is turned or seen.

In: maps of ink. Out: the projection of one into the other. SIFT keypoints (Lowe, 2004), compared
by Lowe's ratio, and RANSAC. Does not know of forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

#: Longer side of the maps that are compared, pixels, and how many keypoints of each are kept.
SIDE, MOST = 1000, 3000
#: A keypoint's partner must be nearer than this part of the second best.
RATIO = 0.8
#: Partners that must agree on a projection, and within this part of the map's sides.
AGREE, CLOSE = 8, 0.006


@dataclass(frozen=True)
class Keypoints:
    """Keypoints of a map.

    Attributes:
        places: (N, 2) x and y in parts of the map's sides.
        around: (N, 128) float32, what is around each.
    """

    places: NDArray[np.float64]
    around: NDArray[np.float32]


def of(ink: NDArray[np.float32]) -> Keypoints | None:
    """The keypoints of a map, (H, W) in [0, 1]; `None` for next to none."""
    levels = np.round(ink * 255).astype(np.uint8)
    points, around = cv2.SIFT.create(MOST).detectAndCompute(levels, None)
    if len(points) < AGREE:
        return None
    places = np.array([point.pt for point in points]) + 0.5
    return Keypoints(places / [ink.shape[1], ink.shape[0]], np.asarray(around, np.float32))


def carried(ours: Keypoints | None, theirs: Keypoints | None) -> NDArray[np.float64] | None:
    """The (3, 3) projection of one map into another, both in parts of their sides, or `None`."""
    if ours is None or theirs is None:
        return None
    matches = cv2.BFMatcher(cv2.NORM_L2).knnMatch(ours.around, theirs.around, k=2)
    good = [m[0] for m in matches if len(m) == 2 and m[0].distance < RATIO * m[1].distance]
    if len(good) < AGREE:
        return None
    here = ours.places[[it.queryIdx for it in good]]
    there = theirs.places[[it.trainIdx for it in good]]
    found, inside = cv2.findHomography(here, there, cv2.RANSAC, CLOSE)
    agree = inside is not None and int(inside.sum()) >= AGREE
    return np.asarray(found, np.float64) if agree else None
