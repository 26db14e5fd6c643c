"""Marks in a row, as one hand writes them: apart, touching or overlapping, on one line.

In: marks (h, w) in [0, 1] with what they are, a random generator. Out: the ink of the row. Knows
nothing of paper, nor of what the marks mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.wild.scene import Mark

Rng = np.random.Generator
#: How the gaps of a row come about: how often, and between which bounds, in heights of a digit.
#: Gaps are between ink and ink on the same level; negative ones overlap.
SPACINGS = (
    (0.28, 0.08, 0.35),  # apart
    (0.12, 0.3, 1.2),  # wide
    (0.25, 0.0, 0.12),  # close
    (0.22, -0.07, 0.02),  # touching
    (0.13, -0.22, -0.06),  # overlapping
)


@dataclass(frozen=True)
class Line:
    """How a row is written.

    Attributes:
        height: of a digit, pixels.
        gap, gap_spread: between marks, and its deviation, in heights.
        unrest: the deviation of a mark's place up and down, in heights.
        slant: degrees, to the right.
        slope: degrees, upwards.
    """

    height: float
    gap: tuple[float, float]
    unrest: float
    slant: float
    slope: float


def line(rng: Rng) -> Line:
    """How one hand writes a row."""
    kind = SPACINGS[int(rng.choice(len(SPACINGS), p=[share for share, _, _ in SPACINGS]))]
    return Line(
        rng.uniform(22, 60),
        kind[1:],
        abs(rng.normal(0, 0.05)),
        float(np.clip(rng.normal(4, 11), -20, 38)),
        rng.normal(0, 1.5),
    )


def written(
    marks: Sequence[Mark], drops: Sequence[float], how: Line, rng: Rng
) -> tuple[Mark, list[tuple[float, float]]]:
    """The row's ink, and of each mark the place (x, y) near its top.

    Args:
        marks: left to right, each at its size in pixels.
        drops: of each, how far its lower end lies under the base line, in heights.
        how: how it is written.
        rng: decides the rest.
    """
    height = how.height
    bottoms = [round(height * (2.5 + drop + rng.normal(0, how.unrest))) for drop in drops]
    width = sum(mark.shape[1] for mark in marks) + round(1.4 * height * len(marks))
    field = np.zeros((round(4 * height), width), np.float32)
    ends = np.full(len(field), -math.inf)  # where ink ends on each level
    begun = 0
    places: list[tuple[float, float]] = []
    for mark, bottom in zip(marks, bottoms, strict=True):
        tall, wide = mark.shape
        top = int(np.clip(bottom - tall, 0, len(field) - tall))
        inked = mark > 0.3
        starts = np.where(inked.any(axis=1), inked.argmax(axis=1), math.inf)
        room = ends[top : top + tall] - starts
        place = begun
        if np.isfinite(room.max()):
            gap = rng.uniform(*how.gap) * height
            place = max(round(float(room.max()) + gap), begun + 1)
        elif places:  # none stands on its level
            place = round(ends.max() + max(rng.uniform(*how.gap), -0.05) * height)
        place = min(max(place, 0), field.shape[1] - wide)
        spot = field[top : top + tall, place : place + wide]
        np.maximum(spot, mark, out=spot)
        last = np.where(inked.any(axis=1), wide - 1 - inked[:, ::-1].argmax(axis=1), -math.inf)
        # marks that are a little higher or lower shall not slip past one another
        reach = max(1, round(height * 0.12))
        grown = cv2.dilate((last + place).astype(np.float32)[:, None], np.ones((2 * reach + 1, 1)))
        ends[top : top + tall] = np.maximum(ends[top : top + tall], grown[:, 0])
        begun = place
        places.append((place + wide / 2, top + tall * 0.12))
    return field, places


def joined(field: Mark, places: Sequence[tuple[float, float]], pen: float, rng: Rng) -> Mark:
    """The row with strokes from the top of one mark to the next, as hurried zeros have them."""
    for (x0, y0), (x1, y1) in pairwise(places):
        if rng.random() < 0.5:
            ends = [(round(x0), round(y0)), (round(x1), round(y1))]
            cv2.line(field, ends[0], ends[1], 1.0, max(1, round(pen)), cv2.LINE_AA)
    return field


def leaning(field: NDArray[np.float32], how: Line) -> Mark:
    """The row slanted and turned, cropped."""
    shear, turn = math.tan(math.radians(how.slant)), math.tan(math.radians(how.slope))
    tall, wide = field.shape
    rise = abs(turn) * wide
    lean = abs(shear) * tall
    size = (math.ceil(wide + lean), math.ceil(tall + rise))
    there = np.array(
        [[1, -shear, lean if shear > 0 else 0], [-turn, 1, rise if turn > 0 else 0]], np.float64
    )
    warped = cv2.warpAffine(field, there, size, flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.float32)
