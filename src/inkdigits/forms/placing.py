"""A form's place in a picture.

In: a picture and the projection that carries the form's sheet into it. Out: parts of the sheet, cut
out upright. Does not know how the place was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.image import Picture

Grey = NDArray[np.float32]
Projection = NDArray[np.float64]
#: Bends count by how near they are: the deviation of a Gaussian, in parts of the sheet.
NEAR = 0.05


class Bends(NamedTuple):
    """Places (N, 2) of a sheet and by how much each is displaced, both in parts of the sheet."""

    places: NDArray[np.float64]
    shifts: NDArray[np.float64]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The displacement around a place: the mean of those near it, the nearest counting most."""
        away = np.hypot(self.places[:, 0] - x, self.places[:, 1] - y)
        weight = np.exp(-0.5 * (away / NEAR) ** 2) + 1e-9
        shift = weight @ self.shifts / weight.sum()
        return float(shift[0]), float(shift[1])


class Window(NamedTuple):
    """A part of the sheet, in parts of its width and height; it may reach past its sides."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Placed:
    """Where a sheet is.

    Attributes:
        picture: what it is seen in.
        there: (3, 3), carries (x, y, 1) in parts of the sheet to homogeneous pixels of `picture`.
        size: the sheet's width and height in those pixels, about.
        score: how much of the form's print was seen where it should be, 0 to 1; 1 where the
            template has no reference to compare with.
        bends: how paper that is not flat lies off `there`.
    """

    picture: Picture
    there: Projection
    size: tuple[float, float]
    score: float = 1.0
    bends: Bends | None = None

    def points(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """Places (N, 2) in parts of the sheet -> pixels of the picture, (N, 2)."""
        given = np.asarray(places, np.float64).reshape(-1, 1, 2)
        return np.asarray(cv2.perspectiveTransform(given, self.there), np.float64).reshape(-1, 2)

    def cut(self, window: Window, shape: tuple[int, int]) -> Grey:
        """A part of the sheet and of what is around it, upright, of `shape` (h, w).

        Pixels outside the picture are as the nearest ones inside.
        """
        height, width = shape
        x, y = window.x, window.y
        if self.bends is not None:
            dx, dy = self.bends.at(x + window.width / 2, y + window.height / 2)
            x, y = x + dx, y + dy
        part = np.array(
            [[window.width / width, 0, x], [0, window.height / height, y], [0, 0, 1]]
        ) @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        back = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]) @ self.there @ part
        cut = cv2.warpPerspective(
            self.picture.pixels,
            back,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(cut, np.float32)


def placed(picture: Picture, there: Projection, score: float = 1.0) -> Placed:
    """A place, its size measured along the sheet's middle."""
    cross = np.array([[0, 0.5], [1, 0.5], [0.5, 0], [0.5, 1]])
    left, right, top, bottom = cv2.perspectiveTransform(cross[:, None], there)[:, 0]
    size = (float(np.hypot(*(right - left))), float(np.hypot(*(bottom - top))))
    return Placed(picture, there, size, score)


def from_corners(corners: NDArray[np.floating]) -> Projection:
    """The projection of a sheet whose corners lie there: upper left, then clockwise, (4, 2)."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    return np.asarray(
        cv2.getPerspectiveTransform(unit, np.asarray(corners, np.float32)), np.float64
    )
