"""A blank sheet of paper, as a camera or scanner sees it.

In: a size, a random generator. Out: the brightness of each pixel and what kind of paper it is.
What is printed on it stays paler than ink: no line is more than about a third darker than the
paper beside it. Knows nothing of what is written on it.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
#: The darkest that paper may be, and the palest share that its printed lines may be of it.
DARKEST, PALEST_LINE = 0.45, 0.65


def sheet(
    shape: tuple[int, int], rng: np.random.Generator, *, kind: str | None = None
) -> tuple[str, Pixels]:
    """Make a sheet.

    Args:
        shape: (height, width), pixels.
        rng: decides all that is left open.
        kind: one of `KINDS`; where it is left out, common ones are chosen more often.

    Returns:
        the kind, and the brightness (height, width) float32 in [0, 1], white 1.
    """
    if kind is None:
        kind = KINDS[bisect(_WEIGHTS, rng.random() * _WEIGHTS[-1])]
    paper = _PAPERS[kind][1](shape, rng)
    if kind not in ("white", "shaded", "shadow") and rng.random() < 0.3:
        paper = paper * _gradient(shape, rng, 0.2)
    if rng.random() < 0.5:
        paper = paper + rng.uniform(0.002, 0.02) * rng.standard_normal(shape, np.float32)
    return kind, np.clip(paper, 0, 1).astype(np.float32, copy=False)


def _tone(rng: np.random.Generator) -> float:
    """Paper is mostly pale."""
    return 1 - (1 - DARKEST) * float(rng.beta(1, 1.8))


def _white(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    return np.full(shape, 1 if rng.random() < 0.5 else rng.uniform(0.92, 1), np.float32)


def _grey(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    return np.full(shape, rng.uniform(DARKEST, 1), np.float32)


def _shaded(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    return _gradient(shape, rng, 0.4) * np.float32(rng.uniform(0.7, 1))


def _shadow(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """The soft edge of a shadow crosses the sheet."""
    across, _ = _turned(shape, rng.uniform(0, math.tau))
    span = max(shape)
    edge = (across - rng.uniform(-0.35, 0.35) * span) / (span * rng.uniform(0.02, 0.2))
    depth = rng.uniform(0.12, 0.4)
    lit: Pixels = np.float32(rng.uniform(0.75, 1)) * (1 - depth / (1 + np.exp(-edge)))
    return lit


def _ruled(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    across, down = _turned(shape, math.radians(rng.uniform(-4, 4)))
    lines = _rules(down, rng.uniform(14, 45), rng)
    if rng.random() < 0.2:  # the margin's line
        lines = np.maximum(lines, _rules(across, 4.0 * max(shape), rng))
    return _printed(lines, rng)


def _squared(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    across, down = _turned(shape, math.radians(rng.uniform(-4, 4)))
    gap = rng.uniform(7, 26)
    return _printed(np.maximum(_rules(across, gap, rng), _rules(down, gap, rng)), rng)


def _guilloche(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """One or two families of fine lines, as on a cheque."""
    lines = _family(shape, rng)
    if rng.random() < 0.5:
        lines = np.maximum(lines, rng.uniform(0.4, 1) * _family(shape, rng))
    if rng.random() < 0.7:
        lines = np.asarray(cv2.GaussianBlur(lines, (0, 0), rng.uniform(0.4, 0.9)), np.float32)
    tone = rng.uniform(0.55, 0.98)
    contrast = min(rng.uniform(0.05, 0.25), 0.35 * tone)
    return np.asarray(tone - contrast * lines, np.float32)


def _woven(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Threads across and down, each a little paler or darker than the next."""
    across, down = _turned(shape, math.radians(rng.uniform(-10, 10)))
    pace = math.tau / rng.uniform(2.5, 6)
    threads = np.cos(across * pace) * np.cos(down * pace)
    rows = rng.standard_normal((shape[0], 1), np.float32)
    columns = rng.standard_normal((1, shape[1]), np.float32)
    threads = threads + 0.3 * (rows + columns)
    return np.asarray(_tone(rng) - rng.uniform(0.01, 0.06) * threads, np.float32)


def _crumpled(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Facets that meet in creases, and softer dents."""
    relief = 0.5 * _smooth(shape, rng, int(rng.integers(3, 6)))
    for _ in range(int(rng.integers(3, 8))):
        across, _ = _turned(shape, rng.uniform(0, math.tau))
        span = max(shape)
        relief += rng.uniform(-2, 2) * np.abs(across / span - np.float32(rng.uniform(-0.4, 0.4)))
    relief -= relief.mean()
    return np.asarray(_tone(rng) - rng.uniform(0.03, 0.1) * np.clip(relief, -1.5, 1.5), np.float32)


def _speckle(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Grain, and the odd darker fibre or speck, as in recycled paper."""
    grain = rng.standard_normal(shape, np.float32)
    if rng.random() < 0.6:
        grain = 1.8 * cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.1))
    tone = _tone(rng)
    specks = (grain > rng.uniform(2.2, 3)) * np.float32(rng.uniform(0, 0.25))
    strength = rng.uniform(0.01, 0.05)
    return np.asarray(tone * (1 - specks) - strength * np.clip(grain, -2, 2), np.float32)


def _printed(lines: Pixels, rng: np.random.Generator) -> Pixels:
    """Lines (H, W) in [0, 1] printed on paper of some tone."""
    depth = rng.uniform(0.08, 1 - PALEST_LINE)
    return np.asarray(_tone(rng) * (1 - depth * lines), np.float32)


def _rules(along: Pixels, gap: float, rng: np.random.Generator) -> Pixels:
    """Lines one to two pixels wide, every `gap` pixels of the coordinate `along`."""
    off = np.abs((along + rng.uniform(0, gap)) % np.float32(gap) - np.float32(gap / 2))
    lines: Pixels = np.clip(np.float32(rng.uniform(0.7, 1.5)) - off, 0, 1)
    return lines


def _family(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Fine lines, wavy or round, 3 to 8 pixels apart: (H, W) in [0, 1]."""
    across, down = _turned(shape, rng.uniform(0, math.tau))
    span = max(shape)
    if rng.random() < 0.6:
        wave = np.sin(across * (math.tau / rng.uniform(0.25, 1.2) / span) + rng.uniform(0, 6))
        where = down + rng.uniform(0, 0.09) * span * wave
    else:
        middle = rng.uniform(-1, 1, 2) * span
        where = np.hypot(across - middle[0], (down - middle[1]) * rng.uniform(0.6, 1.6))
    where = where + rng.uniform(0, 0.05) * span * _smooth(shape, rng, 4)
    lines = 0.5 + 0.5 * np.cos(where.astype(np.float32) * (math.tau / rng.uniform(3, 8)))
    if rng.random() < 0.6:
        lines *= lines
    return np.asarray(lines, np.float32)


def _gradient(shape: tuple[int, int], rng: np.random.Generator, most: float) -> Pixels:
    """Light that falls off to one side or from a middle: 1 down to at least 1 - most."""
    across, down = _turned(shape, rng.uniform(0, math.tau))
    if rng.random() < 0.5:
        fall = across - across.min()
    else:
        middle = rng.uniform(-0.5, 0.5, 2) * max(shape)
        fall = (across - middle[0]) ** 2 + (down - middle[1]) ** 2
    return np.asarray(1 - rng.uniform(0.03, most) * fall / (fall.max() + 1e-6), np.float32)


def _smooth(shape: tuple[int, int], rng: np.random.Generator, cells: int) -> Pixels:
    """Smooth noise, so many bumps each way, about one in size."""
    coarse = rng.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _turned(shape: tuple[int, int], angle: float) -> tuple[Pixels, Pixels]:
    """Coordinates from the middle, pixels, turned by an angle: across and down."""
    x, y = _grid(shape)
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    return x * cos + y * sin, y * cos - x * sin


@lru_cache(maxsize=64)
def _grid(shape: tuple[int, int]) -> tuple[Pixels, Pixels]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return x - np.float32(shape[1] / 2), y - np.float32(shape[0] / 2)


#: Kind -> how common it is, and how it is made.
_PAPERS: dict[str, tuple[float, Callable[[tuple[int, int], np.random.Generator], Pixels]]] = {
    "white": (3, _white),
    "grey": (2, _grey),
    "shaded": (2, _shaded),
    "shadow": (1.5, _shadow),
    "ruled": (1.5, _ruled),
    "squared": (1.5, _squared),
    "guilloche": (3, _guilloche),
    "woven": (1, _woven),
    "crumpled": (1.5, _crumpled),
    "speckle": (1.5, _speckle),
}
#: The names of all kinds.
KINDS = tuple(_PAPERS)
_WEIGHTS = list(accumulate(weight for weight, _ in _PAPERS.values()))
