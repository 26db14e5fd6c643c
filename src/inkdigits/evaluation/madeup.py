"""Pictures that show no digit, of our own making: what must be refused.

In: how many. Out: the same pictures every time, with what each shows. Needs no files. Knows
nothing of who reads them; training draws from the same hand, but with other seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from inkdigits import strokes
from inkdigits.evaluation import presenter
from inkdigits.evaluation.presenter import Picture
from inkdigits.wild import oddities, paper

Rng = np.random.Generator
Labelled = tuple[str, Picture]
SEED = 42
#: Training's streams start below a million.
STREAM = 7_000_000
#: Width of an empty sheet, pixels, and its height as a part of the width.
SHEET, TALL = (60, 500), (0.6, 1.6)
#: The radius of a dot and of a speck, as parts of the picture's side.
DOT, SPECK = (0.01, 0.05), (0.001, 0.008)


@dataclass(frozen=True)
class MadeUp:
    """A set: its kind, how many pictures it has, and how one is made."""

    kind: str
    count: int
    make: Callable[[Rng], Labelled]


def available() -> tuple[str, ...]:
    """The names of the sets that can be made here: symbols need matplotlib, for its fonts."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return tuple(name for name in SETS if name != "symbols")
    return tuple(SETS)


def pictures(name: str, limit: int | None = None) -> tuple[int, Iterator[Labelled]]:
    """How many pictures a set has, and the pairs (what it shows, picture), always the same."""
    made = SETS[name]
    count = made.count if limit is None else min(limit, made.count)
    first = STREAM + 100_000 * list(SETS).index(name)
    rngs = (np.random.default_rng([SEED, first + index]) for index in range(count))
    return count, (made.make(rng) for rng in rngs)


def _blank(rng: Rng) -> Labelled:
    """An empty sheet of any kind; one in ten is a blackboard."""
    width = int(rng.integers(*SHEET))
    kind, sheet = paper.sheet((round(width * rng.uniform(*TALL)), width), rng)
    if rng.random() < 0.3:
        sheet = sheet + rng.uniform(0, 0.04) * rng.standard_normal(sheet.shape, np.float32)
    sheet = np.clip(sheet, 0, 1).astype(np.float32)
    return (f"{kind}, dark", 1 - sheet) if rng.random() < 0.1 else (kind, sheet)


def _dots(rng: Rng) -> Labelled:
    """One to three dots of a pen, or a speck of dust."""
    side = int(rng.integers(*presenter.CANVAS))
    count = int(rng.integers(0, 4))  # none is a speck
    picture = np.ones((side, side), np.float32)
    for _ in range(max(count, 1)):
        radius = side * rng.uniform(*(DOT if count else SPECK))
        place = rng.uniform(0.1, 0.9, (1, 2)) * side
        picture = np.minimum(picture, strokes.draw([place], (side, side), max(1.5, 2 * radius)))
    name = ("speck", "one dot", "two dots", "three dots")[count]
    return name, _somewhere(picture, rng)


def _scribbles(rng: Rng) -> Labelled:
    kind, lines = oddities.strokes(rng)
    return kind, _somewhere(presenter.drawn(lines, rng), rng)


def _symbols(rng: Rng) -> Labelled:
    character, ink = oddities.glyph(rng)
    return character, _somewhere(presenter.printed(ink, rng), rng)


def _somewhere(picture: Picture, rng: Rng) -> Picture:
    """The picture as it is, as on a canvas, or its ink on some paper."""
    if rng.random() < 0.5:
        return picture
    _, sheet = paper.sheet((picture.shape[0], picture.shape[1]), rng)
    laid = presenter.on_paper(picture, sheet, rng)
    return np.clip(cv2.GaussianBlur(laid, (0, 0), rng.uniform(0.4, 1)), 0, 1)  # rounding passes 1


#: Name -> set, in the order of the tables.
SETS = {
    "blank": MadeUp("nothing", 500, _blank),
    "dots": MadeUp("nothing", 300, _dots),
    "scribbles": MadeUp("oddities", 500, _scribbles),
    "symbols": MadeUp("oddities", 700, _symbols),
}
