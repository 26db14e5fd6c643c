"""Numbers as one hand writes them: its forms of the digits, its slant, its pen, its spacing.

In: a text of digits, a `Writer`, a random generator. Out: strokes along a base line. Knows nothing
of pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits.wild import styles

Rng = np.random.Generator
Path = NDArray[np.float64]
#: A digit's slant in one hand, degrees: usual ones, and its limits.
SLANT, SLANTED_MOST = (6.0, 9.0), (-12.0, 28.0)
#: Heights at which neighbours' distance is looked at, as parts of the height, and how thick.
LEVELS, THICK = np.linspace(-1.05, 0.05, 23), 0.09


@dataclass(frozen=True)
class Writer:
    """How somebody writes numbers. Lengths but `height` and `pen` are parts of the height.

    Attributes:
        height: of a digit, pixels.
        pen: its width, pixels.
        gap: between the ink of neighbours, from and to.
        size: of digits beside one another, from and to.
        unrest: the deviation of a digit's foot from the base line.
        forms: the style of each digit, as in `styles.STYLES`; `None`: any, each time.
        slant: degrees, to the right; `None`: each digit its own.
        nestled: whether the gap is between ink at the same level, and not between boxes.
    """

    height: float
    pen: float
    gap: tuple[float, float]
    size: tuple[float, float] = (0.9, 1.1)
    unrest: float = 0.03
    forms: tuple[str, ...] | None = None
    slant: float | None = None
    nestled: bool = False


def writer(rng: Rng, height: float, gap: tuple[float, float]) -> Writer:
    """Somebody who keeps to one hand."""
    spread = rng.uniform(0.02, 0.12)
    return Writer(
        height,
        height * rng.uniform(0.06, 0.13),
        gap,
        (1 - spread, 1 + spread),
        rng.uniform(0.005, 0.05),
        styles.hand(rng),
        float(np.clip(rng.normal(*SLANT), *SLANTED_MOST)),
        nestled=True,
    )


def number(text: str, hand: Writer, rng: Rng) -> list[Path]:
    """Write digits.

    Returns:
        strokes, each (M, 2) in pixels, y down: the first digit begins at x = 0, the base line is
        y = 0. The pen reaches half its width beyond.
    """
    paths: list[Path] = []
    before: list[Path] = []
    x = 0.0
    for mark in text:
        form = None if hand.forms is None else hand.forms[int(mark)]
        lines = styles.digit(int(mark), rng, style=form, slant=hand.slant)
        every = np.concatenate(lines)
        low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
        tall = hand.height * rng.uniform(*hand.size)
        scale = min(tall / extent[1], 1.4 * tall / extent[0])
        drop = rng.normal(0, hand.unrest) * hand.height - extent[1] * scale
        placed = [(path - low) * scale + [x, drop] for path in lines]
        if hand.nestled and before:
            nearer = _room(before, placed, hand.height)
            placed = [path - [nearer, 0] for path in placed]
            x -= nearer
        paths += placed
        x += extent[0] * scale + rng.uniform(*hand.gap) * hand.height + hand.pen
        gap = x - max(float(path[:, 0].max()) for path in placed)
        before = [path + np.array([gap, 0]) for path in placed]
    return paths


def _room(before: list[Path], after: list[Path], height: float) -> float:
    """How far the later digit may move left until their distance on some level is the gap."""
    ends, starts = _sides(before, height)[1], _sides(after, height)[0]
    between = starts - ends
    between = between[np.isfinite(between)]
    if not len(between):
        return 0.0
    # never so far that a later digit begins before the earlier one's middle
    return float(min(between.min(), 0.45 * height))


def _sides(paths: list[Path], height: float) -> tuple[Path, Path]:
    """On each level, where ink begins and ends; infinite where there is none."""
    dense = np.concatenate([_dense(path, 0.04 * height) for path in paths])
    near = abs(dense[:, 1] - LEVELS[:, None] * height) < THICK * height
    x = dense[:, 0]
    return np.where(near, x, np.inf).min(axis=1), np.where(near, x, -np.inf).max(axis=1)


def _dense(path: Path, step: float) -> Path:
    """More points of the same line, no further apart than `step`."""
    far = np.concatenate([[0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    at = np.linspace(0, far[-1], max(2, int(far[-1] / step) + 1))
    return np.stack([np.interp(at, far, axis) for axis in path.T], axis=1)
