"""What a hand draws when it writes nothing: scrawl, loops, waves, tallies, crossed lines.

In: a random generator. Out: strokes, each (M, 2) float64, y down, about one unit in size. Each has
so many turns, or so few, that no person takes it for a digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from inkdigits.wild.pen import Points


def walk(rng: np.random.Generator) -> list[Points]:
    """A pen that wanders about with no plan."""
    steps = rng.standard_normal((int(rng.integers(90, 180)), 2))
    for _ in range(int(rng.integers(1, 4))):
        steps[1:] += steps[:-1]
        steps *= 0.6
    path = np.cumsum(steps, axis=0)
    path -= 0.8 * np.linspace(0, 1, len(path))[:, None] * (path[-1] - path[len(path) // 4])
    extent = np.ptp(path, axis=0)  # a slim upright one would be a thick 1
    return [_unit(path / extent * (rng.uniform(0.7, 1.6), 1))]


def zigzag(rng: np.random.Generator) -> list[Points]:
    """Back and forth, six times or more."""
    legs = int(rng.integers(6, 18))
    across = np.arange(legs + 1) % 2 + rng.normal(0, 0.1, legs + 1)
    along = np.linspace(0, rng.uniform(0.5, 1.8), legs + 1) + rng.normal(0, 0.03, legs + 1)
    return [_unit(_turn(_through(np.stack([across, along], axis=1), rng), rng))]


def spiral(rng: np.random.Generator) -> list[Points]:
    """Three turns or more about a middle."""
    angle = np.linspace(0, math.tau * rng.uniform(2.8, 4.5), 110)
    radius = rng.uniform(0, 0.1) + (angle / angle[-1]) ** rng.uniform(0.8, 1.3)
    angle = angle * rng.choice([-1, 1]) + rng.uniform(0, math.tau)
    path = radius[:, None] * np.stack([np.cos(angle), rng.uniform(0.6, 1) * np.sin(angle)], axis=1)
    return [_unit(path + _tremble(len(path), rng, 0.03))]


def scrawl(rng: np.random.Generator) -> list[Points]:
    """Dense rubbing out: a patch filled with strokes back and forth."""
    t = np.linspace(0, 1, 200)
    turns = rng.uniform(9, 22)
    swing = np.sin(math.tau * turns * t + 0.8 * np.sin(math.tau * rng.uniform(1, 4) * t))
    path = np.stack([swing * rng.uniform(0.7, 1.2), 2 * t - 1], axis=1)
    return [_unit(_turn(path + _tremble(len(path), rng, 0.2), rng))]


def wave(rng: np.random.Generator) -> list[Points]:
    """A wavy line of three swells or more, more across than down."""
    t = np.linspace(0, 1, 90)
    swell = np.sin(math.tau * rng.uniform(3, 6) * t + rng.uniform(0, 6))
    path = np.stack([t * rng.uniform(2, 4), rng.uniform(0.1, 0.4) * swell], axis=1)
    return [_unit(_turn(path + _tremble(len(t), rng, 0.06), rng, math.radians(30)))]


def coil(rng: np.random.Generator) -> list[Points]:
    """Loop after loop, four or more, as in a pen's first try."""
    turns = int(rng.integers(4, 9))
    t = np.linspace(0, math.tau * turns, 28 * turns)
    pace = rng.uniform(0.22, 0.4)
    path = np.stack([pace * t + np.cos(t), rng.uniform(0.8, 1.6) * np.sin(t)], axis=1)
    path += _tremble(len(t), rng, 0.15)
    return [_unit(_turn(path, rng, math.radians(50)))]  # upright, it would be a thick 1


def corners(rng: np.random.Generator) -> list[Points]:
    """Random points joined by straight lines that cross each other again and again."""
    return [_unit(_through(_crossing(rng, (8, 15), 6), rng))]


def tangle(rng: np.random.Generator) -> list[Points]:
    """One to three smooth curves about random points, each crossing itself again and again."""
    answer = []
    for _ in range(int(rng.integers(1, 4))):
        points = _crossing(rng, (10, 19), 9)
        for _ in range(3):  # corner cutting after Chaikin (1974)
            near, far = points[:-1], points[1:]
            cut = np.stack([0.82 * near + 0.18 * far, 0.18 * near + 0.82 * far], axis=1)
            points = cut.reshape(-1, 2)
        answer.append(points)
    return answer


def crossed_lines(rng: np.random.Generator) -> list[Points]:
    """Two lines that cross near their middles, at no sharp angle."""
    first = rng.uniform(0, math.pi)
    second = first + math.radians(rng.uniform(45, 135))
    answer = []
    for angle in (first, second):
        along = np.array([math.cos(angle), math.sin(angle)]) * rng.uniform(0.35, 0.6)
        t = np.linspace(-1, 1, 12)[:, None] + rng.uniform(-0.2, 0.2)
        bend = rng.uniform(-0.1, 0.1) * (1 - t * t) * along[::-1] * (1, -1)
        answer.append(t * along + bend + 0.5)
    return answer


def tally(rng: np.random.Generator) -> list[Points]:
    """Two to four upright strokes side by side, at times one more across three or four.

    Across two it would be a 4.
    """
    count = int(rng.integers(2, 5))
    lean, gap = rng.uniform(-0.1, 0.3), rng.uniform(0.18, 0.35)
    t = np.linspace(0, 1, 12)
    answer = []
    for i in range(count):
        top, low = rng.normal(0, 0.05, 2)
        x = i * gap + rng.normal(0, 0.02) + lean * (1 - t) + rng.normal(0, 0.03) * t * (1 - t)
        answer.append(np.stack([x, top + t * (1 + low - top)], axis=1))
    if rng.random() < {2: 0.0, 3: 0.15, 4: 0.7}[count]:
        ends = rng.uniform([0.6, 0.1], [0.9, 0.4])
        across = np.stack(
            [-0.2 + t * (count * gap + 0.4 + lean), ends[0] + t * np.diff(ends)], axis=1
        )
        answer.append(across)
    return answer


#: Name -> what draws it.
SCRIBBLES: dict[str, Callable[[np.random.Generator], list[Points]]] = {
    "walk": walk,
    "zigzag": zigzag,
    "spiral": spiral,
    "scrawl": scrawl,
    "wave": wave,
    "coil": coil,
    "corners": corners,
    "tangle": tangle,
    "crossed lines": crossed_lines,
    "tally": tally,
}


def _crossing(rng: np.random.Generator, count: tuple[int, int], least: int) -> Points:
    """Random points whose poly-line crosses itself so often, at least, that it spells nothing."""
    while True:
        points = rng.random((int(rng.integers(*count)), 2))
        steps, gaps = np.diff(points, axis=0), points[:, None] - points[None, :-1]
        side = np.sign(steps[None, :, 0] * gaps[..., 1] - steps[None, :, 1] * gaps[..., 0])
        parted = side[:-1] * side[1:] < 0  # the ends of one step lie on both sides of another
        if np.count_nonzero(parted & parted.T) >= 2 * least:
            return points


def _through(points: Points, rng: np.random.Generator) -> Points:
    """Straight lines through points, their corners sharp or a little round."""
    t = np.linspace(0, len(points) - 1, 10 * (len(points) - 1) + 1)
    line = np.stack([np.interp(t, np.arange(len(points)), axis) for axis in points.T], axis=1)
    for _ in range(int(rng.integers(0, 4))):
        line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return line


def _tremble(count: int, rng: np.random.Generator, size: float) -> Points:
    """Smooth noise (count, 2)."""
    coarse = rng.normal(0, size, (8, 2))
    t = np.linspace(0, 7, count)
    return np.stack([np.interp(t, np.arange(8), axis) for axis in coarse.T], axis=1)


def _turn(path: Points, rng: np.random.Generator, most: float = math.pi) -> Points:
    angle = rng.uniform(-most, most)
    cos, sin = math.cos(angle), math.sin(angle)
    turned: Points = path @ np.array([[cos, sin], [-sin, cos]])
    return turned


def _unit(path: Points) -> Points:
    low = path.min(axis=0)
    answer: Points = (path - low) / max(float(np.ptp(path, axis=0).max()), 1e-9)
    return answer
