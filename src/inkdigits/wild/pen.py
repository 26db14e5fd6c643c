"""A drawn form -> the strokes of a hand: control points moved, joined into curves, warped, slanted.

In: a `Form`, made from text, and a `Hand`, how far that hand may stray. Out: strokes, each
(M, 2) float64, y down, about one unit tall. Knows nothing of what a form means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
#: Samples of a stroke: so many a control point, within these limits.
SAMPLES, FEWEST, MOST = 5, 12, 40
#: Natural limits of width over height before slanting; a form may have its own.
ASPECTS = (0.4, 1.1)


@dataclass(frozen=True, eq=False)
class Form:
    """Control points between which a hand chooses, and how they become curves.

    `shapes` (K, N, 2) are K extremes of the same strokes, in units; `curves` (3, M, N) takes
    control points to samples: smooth, straight from point to point, smooth with rounded corners;
    `ends` are where strokes end among the samples, `strokes` their numbers of control points;
    `aspects` limit width over height before slanting (None: leave the width alone).
    """

    shapes: Points
    curves: Points
    ends: tuple[int, ...]
    strokes: tuple[int, ...]
    weight: float
    aspects: tuple[float, float] | None


@dataclass(frozen=True)
class Hand:
    """How far a hand strays: shares of the height, degrees for the angles."""

    jitter: float = 0.017
    drift: float = 0.012  # of a whole stroke
    wobble: float = 0.008
    bend: float = 0.05
    taper: float = 0.12  # how much wider one end is than the other
    slant: tuple[float, float] = (-15, 35)
    usual_slant: float = 9
    lean: float = 9  # deviation of the slant
    turn: float = 4
    stretch: float = 0.17  # spread of the logarithm of the width
    roundness: float = 0.9  # the most that corners are rounded, a share


def form(texts: Sequence[str], weight: float, aspects: tuple[float, float] | None) -> Form:
    """A form from the text of its skeletons, of as many points each; the first has the corners."""
    strokes = [stroke.split() for stroke in texts[0].split("/")]
    sharp = [[point.endswith("!") for point in stroke] for stroke in strokes]
    shapes = np.array([_numbers(text) for text in texts]) / 100
    typical, start, blocks = shapes.mean(axis=0), 0, []
    for corners in sharp:
        blocks.append(_curves(typical[start : start + len(corners)], corners))
        start += len(corners)
    curves = np.zeros((3, sum(block.shape[1] for block in blocks), start))
    row = column = 0
    ends = []
    for block in blocks:
        curves[:, row : row + block.shape[1], column : column + block.shape[2]] = block
        row, column = row + block.shape[1], column + block.shape[2]
        ends.append(row)
    return Form(shapes, curves, tuple(ends), tuple(map(len, strokes)), weight, aspects)


def write(drawn: Form, rng: np.random.Generator, hand: Hand) -> list[Points]:
    """One drawing of a drawn."""
    points = _control_points(drawn, rng, hand)
    angular, rounded, much = rng.random(3)
    angular = 0.3 * angular if much < 0.85 else 0.6 * angular
    rounded *= (1 - angular) * hand.roundness
    weights = np.array([1 - angular - rounded, angular, rounded])
    line = np.einsum("k,kmn->mn", weights, drawn.curves) @ points
    line = _warp(line, drawn, rng, hand)
    strokes = np.split(line, drawn.ends[:-1])
    return [_end(stroke, rng) for stroke in strokes]


def _control_points(drawn: Form, rng: np.random.Generator, hand: Hand) -> Points:
    shapes = drawn.shapes
    points: Points = shapes[0]
    if len(shapes) > 1:
        share = rng.dirichlet(np.full(len(shapes), 0.8))
        points = np.asarray(np.tensordot(share, shapes, 1))
    points = points + hand.jitter * np.clip(rng.standard_normal(points.shape), -2.2, 2.2)
    if len(drawn.strokes) > 1:
        drift = hand.drift * np.clip(rng.standard_normal((len(drawn.strokes), 2)), -2, 2)
        points += np.repeat(drift, drawn.strokes, axis=0)
    return points


def _warp(line: Points, drawn: Form, rng: np.random.Generator, hand: Hand) -> Points:
    """Bend, taper, wobble, stretch, slant and turn the whole, in that order."""
    bend, sway, taper, slant, turn, stretch = np.clip(rng.standard_normal(6), -2, 2)
    phases = rng.random(4) * math.tau
    pace = np.linspace(0, rng.uniform(2, 9), len(line))[:, None]
    x, y = line[:, 0] - 0.3, line[:, 1]
    height = y - 0.5
    x = x * (1 + hand.taper * taper * height)
    x = x + hand.bend * bend * (0.25 - height * height)
    y = y + hand.bend * sway * (0.25 - height * height)
    wobble = np.sin(pace * (1, 1.3) + phases[:2]) + np.sin(pace * (2.3, 2.9) + phases[2:])
    line = np.stack([x, y], axis=1) + hand.wobble * rng.random() * wobble
    wide = math.exp(hand.stretch * stretch)
    if drawn.aspects is not None:
        natural = float(np.ptp(line[:, 0]) / np.ptp(line[:, 1]))
        low, high = drawn.aspects
        wide = min(max(wide, low / natural), high / natural)
    low, high = hand.slant
    lean = math.tan(math.radians(min(max(hand.usual_slant + hand.lean * slant, low), high)))
    angle = math.radians(hand.turn * turn)
    cos, sin = math.cos(angle), math.sin(angle)
    slanted = np.array([[wide, 0], [-lean, 1]]) @ np.array([[cos, sin], [-sin, cos]])
    answer: Points = (line - (0, 0.5)) @ slanted + 0.5
    return answer


def _end(stroke: Points, rng: np.random.Generator) -> Points:
    """Let the stroke run over at either end, or stop a little early."""
    luck = rng.random(4)
    for side in (0, 1):
        if luck[side] < 0.25:
            step = stroke[0] - stroke[2]
            size = math.hypot(*step)
            if size > 1e-6:
                more = stroke[0] + step / size * 0.06 * luck[2 + side]
                stroke = np.concatenate([more[None], stroke])
        elif luck[side] < 0.4 and len(stroke) > 20:
            stroke = stroke[1:]
        stroke = stroke[::-1]
    return stroke


def _numbers(text: str) -> list[list[float]]:
    points = text.replace("/", " ").replace("!", "").split()
    return [[float(number) for number in point.split(",")] for point in points]


def _curves(points: Points, corners: Sequence[bool]) -> Points:
    """(3, M, N): the samples of one stroke as weights of its N control points."""
    count = len(points)
    samples = min(max(SAMPLES * (count - 1), FEWEST), MOST)
    chords = np.hypot(*np.diff(points, axis=0).T)
    knots = np.concatenate([[0], np.cumsum(np.sqrt(np.maximum(chords, 1e-3)))])
    breaks = [0, *(i for i in range(1, count - 1) if corners[i]), count - 1]
    at = [knots[0]]
    for first, last in pairwise(breaks):
        share = max(2, round(samples * (knots[last] - knots[first]) / knots[-1]))
        at.extend(np.linspace(knots[first], knots[last], share + 1)[1:])
    where, each = np.array(at), np.eye(count)
    smooth = np.zeros((len(where), count))
    for first, last in pairwise(breaks):
        run = slice(first, last + 1)
        inside = (where >= knots[first]) & (where <= knots[last])
        smooth[inside] = _hermite(knots[run], each[run], where[inside])
    straight = np.stack([np.interp(where, knots, column) for column in each.T], axis=1)
    padded = np.pad(smooth, ((2, 2), (0, 0)), mode="edge")
    rounded = sum(w * padded[i : i + len(where)] for i, w in enumerate((1, 2, 3, 2, 1)))
    rounded = np.asarray(rounded) / 9
    rounded[[0, -1]] = smooth[[0, -1]]
    return np.stack([smooth, straight, rounded])


def _hermite(knots: Points, values: Points, where: Points) -> Points:
    """Cubic curve through values (N, D) at knots, tangents as of Catmull and Rom (1974)."""
    steps = np.diff(knots)[:, None]
    slopes = np.diff(values, axis=0) / steps
    if len(knots) == 2:
        line: Points = values[0] + (where - knots[0])[:, None] * slopes[0]
        return line
    inner = (steps[1:] * slopes[:-1] + steps[:-1] * slopes[1:]) / (steps[1:] + steps[:-1])
    tangents = np.concatenate(
        [(3 * slopes[:1] - inner[:1]) / 2, inner, (3 * slopes[-1:] - inner[-1:]) / 2]
    )
    i = np.clip(np.searchsorted(knots, where, side="right") - 1, 0, len(knots) - 2)
    t = (where[:, None] - knots[i][:, None]) / steps[i]
    answer: Points = (
        (1 + 2 * t) * (1 - t) ** 2 * values[i]
        + t * (1 - t) ** 2 * steps[i] * tangents[i]
        + t**2 * (3 - 2 * t) * values[i + 1]
        + t**2 * (t - 1) * steps[i] * tangents[i + 1]
    )
    return answer
