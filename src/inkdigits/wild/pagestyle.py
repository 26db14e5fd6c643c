"""What a made-up page may be like: its paper, its hand, how it is laid out and photographed.

In: a random generator, or choices. Out: `Style`. Draws nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np

Kind = Literal["white", "ruled", "squared", "boxed"]
Layout = Literal["rows", "column", "table", "free"]
Spacing = Literal["tight", "normal", "touching", "wide"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
Rng = np.random.Generator
Name = TypeVar("Name", bound=str)
#: Digits of a number; the gap between them, in heights of a digit, of pages with no hand of their
#: own, close and spread.
LENGTHS, TIGHT, SPREAD = (2, 6), (0.1, 0.35), (0.6, 1.1)
#: The gap of a hand, in heights of a digit; it is even to `EVEN` either way.
SPACINGS: dict[Spacing, tuple[float, float]] = {
    "tight": (0.05, 0.12),
    "normal": (0.14, 0.3),
    "touching": (-0.05, 0.0),
    "wide": (0.5, 1.15),
}
EVEN = 0.04
#: How often pages are so, of all.
_SPACED: dict[Spacing, int] = {"tight": 2, "normal": 5, "touching": 2, "wide": 2}
_LAID_OUT: dict[Layout, int] = {"rows": 4, "column": 3, "table": 2, "free": 1}
#: Sides of a snapshot and of a large photo, pixels, the longer one; the shorter one's part of it.
SIDES, SHORTER = (500, 4000), (0.62, 0.8)
#: Height of a digit, pixels, and as a part of the longer side.
DIGIT, RELATIVE = (22, 170), (0.024, 0.06)


@dataclass(frozen=True)
class Style:
    """How a page is written and photographed. Lengths are heights of a digit where not said.

    Attributes:
        size: (height, width) of the sheet, pixels.
        digit: height of a digit, pixels.
        numbers: how many at most.
        spread: whether digits stand widely apart; then a line has one number.
        words: how many words of no digits stand in the margin below.
        shadow: how much of the light a shadow takes, 0 to 1.
        camera: whether the sheet lies askew on a table.
        noise: its deviation, in parts of white.
        layout: rows of numbers, one column, cells of a printed table, or anywhere.
        lengths: digits of a number, from and to.
        hand: whether one hand writes all, each digit always in its form, with one slant and one
            spacing; else each digit is written anyhow.
        gap: between digits, from and to; `None`: as `spread` has it.
        leading: from base line to base line.
        tone: brightness of the paper, 0 to 1; `None`: any.
        rule: brightness of printed rules, as a part of the paper's; `None`: rather pale.
        heading: whether printed words stand above.
        scribble, signature: whether they stand below.
        specks: how many.
        gradient: how much of the light falls off from one side to the other, 0 to 1.
        dim: how much light there is, 0 to 1.
        skew: degrees that the picture is turned by, counter-clockwise.
        turn: quarter turns of the picture, counter-clockwise.
        blur: its deviation, pixels.
        jpeg: quality, 1 to 100; `None`: not compressed.
    """

    size: tuple[int, int] = (900, 1200)
    digit: int = 44
    numbers: int = 12
    spread: bool = False
    words: int = 0
    shadow: float = 0.4
    camera: bool = False
    noise: float = 0.012
    layout: Layout = "rows"
    lengths: tuple[int, int] = LENGTHS
    hand: bool = False
    gap: tuple[float, float] | None = None
    leading: float = 2.6
    tone: float | None = None
    rule: float | None = None
    heading: bool = False
    scribble: bool = False
    signature: bool = False
    specks: int = 0
    gradient: float = 0.0
    dim: float = 1.0
    skew: float = 0.0
    turn: int = 0
    blur: float = 0.8
    jpeg: int | None = None

    @property
    def gaps(self) -> tuple[float, float]:
        """Between digits, from and to."""
        return self.gap or (SPREAD if self.spread else TIGHT)


def style(
    rng: Rng,
    *,
    layout: Layout | None = None,
    spacing: Spacing | None = None,
    longest: tuple[int, int] = SIDES,
    turned: bool = False,
) -> Style:
    """A page as it may come: any layout, spacing, light, camera, with or without distractions.

    Args:
        rng: decides all that is left open.
        layout: one of `LAYOUTS`.
        spacing: one of `SPACINGS`.
        longest: the longer side of the sheet, pixels, from and to.
        turned: whether the picture may lie on a side or upside down.
    """
    spacing = spacing or _chosen(rng, _SPACED)
    layout = layout or _chosen(rng, _LAID_OUT)
    gap = rng.uniform(*SPACINGS[spacing])
    long = round(math.exp(rng.uniform(*np.log(longest))))
    sides = (long, round(long * rng.uniform(*SHORTER)))
    height, width = sides if rng.random() < 0.5 else sides[::-1]
    room = width / (LENGTHS[1] * (gap + 0.9) + 6)
    digit = round(float(np.clip(rng.uniform(*RELATIVE) * long, *DIGIT)))
    camera = rng.random() < 0.5
    return Style(
        size=(height, width),
        digit=max(16, min(digit, int(room))),
        numbers=int(rng.integers(1, 31)),
        words=int(rng.random() < 0.3),
        shadow=rng.uniform(0, 0.5),
        camera=camera,
        noise=rng.uniform(0.002, 0.025),
        layout=layout,
        hand=True,
        gap=(gap - EVEN, gap + EVEN),
        leading=rng.uniform(1.8, 2.8),
        tone=rng.uniform(0.75, 0.98),
        rule=rng.uniform(0.5, 0.85),
        heading=rng.random() < 0.2,
        scribble=rng.random() < 0.15,
        signature=rng.random() < 0.15,
        specks=int(rng.integers(0, 12)) if rng.random() < 0.3 else 0,
        gradient=rng.uniform(0, 0.3),
        dim=rng.uniform(0.55, 1) if rng.random() < 0.4 else 1.0,
        skew=float(np.clip(rng.normal(0, 1.8), -5, 5)),
        turn=int(rng.integers(1, 4)) if turned and rng.random() < 0.3 else 0,
        blur=rng.uniform(0.5, 1.2) * max(1.0, digit / 70),
        jpeg=int(rng.integers(45, 96)) if rng.random() < 0.7 else None,
    )


def _chosen(rng: Rng, weights: dict[Name, int]) -> Name:
    shares = np.array([*weights.values()]) / sum(weights.values())
    return list(weights)[int(rng.choice(len(shares), p=shares))]
