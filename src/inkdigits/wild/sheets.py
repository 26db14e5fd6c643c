"""Paper, and what is drawn on it with a pen or a printer.

In: strokes, places, a `Style`. Out: `Sheet`. Does not choose where numbers stand; knows nothing of
light and cameras.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.wild import oddities
from inkdigits.wild.pagestyle import Kind, Style
from inkdigits.wild.scribbles import SCRIBBLES
from inkdigits.wild.writer import Path

Box = tuple[int, int, int, int]
Point = tuple[float, float]
Pixels = NDArray[np.float32]
Rng = np.random.Generator
#: The first base line, in heights of a digit; a rule runs a tenth below each.
FIRST = 3.2
HEADINGS = ("Name", "Date", "Total", "Amount", "Results", "Sheet", "List")
#: What a signature looks like from afar.
SIGNATURES = ("wave", "coil", "zigzag")


@dataclass(frozen=True)
class Written:
    """One number on a page.

    Attributes:
        text: its digits.
        box: left, top, width, height: around its ink, in the picture's pixels.
        line: of the page, from 0 at the top.
    """

    text: str
    box: Box
    line: int


@dataclass
class Sheet:
    """Paper (H, W) in [0, 1], the ink on it (H, W) in [0, 1], and the numbers that are written."""

    paper: Pixels
    ink: Pixels
    numbers: list[Written] = field(default_factory=list)


def blank(kind: Kind, style: Style, rng: Rng) -> Sheet:
    """A sheet with its rules or squares; boxes come with the numbers in them."""
    (height, width), digit = style.size, style.digit
    tone = rng.uniform(0.82, 0.98) if style.tone is None else style.tone
    paper: Pixels = np.full(style.size, tone, np.float32)
    if kind == "ruled":
        pitch = round((style.leading / 2 if style.leading > 2.2 else style.leading) * digit)
        dark = tone * (style.rule or 0.65)
        for y in range(round((FIRST + 0.1) * digit) - pitch, height, pitch):
            cv2.line(paper, (0, y), (width, y), dark, max(1, digit // 22), cv2.LINE_AA)
    if kind == "squared":
        dark = tone * (style.rule or 0.72)
        for along in range(digit // 2, max(style.size), round(0.7 * digit)):
            cv2.line(paper, (0, along), (width, along), dark, 1, cv2.LINE_AA)
            cv2.line(paper, (along, 0), (along, height), dark, 1, cv2.LINE_AA)
    return Sheet(paper, np.zeros(style.size, np.float32))


def put(sheet: Sheet, text: str, paths: list[Path], at: Point, pen: float, line: int) -> Box:
    """Write a number there, its left end and base line, and say where its ink is."""
    placed = [path + at for path in paths]
    box = around(placed, pen)
    _drawn(sheet.ink, placed, pen)
    sheet.numbers.append(Written(text, box, line))
    return box


def around(paths: list[Path], pen: float) -> Box:
    """The box of what a pen draws along these paths."""
    every = np.concatenate(paths)
    low, high = every.min(axis=0) - pen / 2, every.max(axis=0) + pen / 2
    left, top = (int(side) for side in np.floor(low))
    right, bottom = (int(side) for side in np.ceil(high))
    return left, top, right - left, bottom - top


def framed(paper: Pixels, box: Box, at: Point, digit: int) -> None:
    """Print a box around a number."""
    corner = (round(at[0] - 0.4 * digit), round(at[1] - 1.5 * digit))
    other = (box[0] + box[2] + round(0.5 * digit), round(at[1] + 0.45 * digit))
    cv2.rectangle(paper, corner, other, 0.35, max(1, digit // 22))


def ruled(paper: Pixels, start: Point, end: Point, dark: float, wide: int) -> None:
    """Print a line."""
    ends = [(round(x), round(y)) for x, y in (start, end)]
    cv2.line(paper, ends[0], ends[1], dark, wide)


def distracted(sheet: Sheet, pen: float, style: Style, rng: Rng) -> None:
    """Add what is no number, in the margins; specks anywhere."""
    (height, width), digit = style.size, style.digit
    foot = float(height - digit)
    for _ in range(style.words):
        _word(sheet.ink, (rng.uniform(2 * digit, width / 2), foot), pen, style, rng)
    if style.scribble:
        name = tuple(SCRIBBLES)[rng.integers(len(SCRIBBLES))]
        place = (rng.uniform(0.5, 0.65) * width, foot)
        _drawing(sheet.ink, SCRIBBLES[name](rng), place, 1.6 * digit, pen)
    if style.signature:
        lines = SCRIBBLES[SIGNATURES[rng.integers(len(SIGNATURES))]](rng)
        place = (max(width - 7.0 * digit, 0.1 * width), foot)
        _drawing(sheet.ink, lines, place, 5.0 * digit, pen)
    if style.heading:
        words = rng.choice(HEADINGS, int(rng.integers(1, 4)), replace=False)
        _printed(sheet.paper, "   ".join(words), digit)
    for _ in range(style.specks):
        place = (rng.uniform(0.02, 0.98) * width, rng.uniform(0.02, 0.98) * height)
        _drawn(sheet.ink, [np.array([place])], max(1.5, rng.uniform(0.02, 0.07) * digit))


def _printed(paper: Pixels, text: str, digit: int) -> None:
    """Print words at the top."""
    strip = np.zeros((2 * digit, paper.shape[1]), np.uint8)
    place, thick = (round(1.5 * digit), round(1.5 * digit)), max(1, round(digit / 20))
    cv2.putText(strip, text, place, cv2.FONT_HERSHEY_DUPLEX, digit / 44, 255, thick, cv2.LINE_AA)
    paper[: len(strip)] *= 1 - strip * np.float32(0.75 / 255)


def _word(ink: Pixels, at: Point, pen: float, style: Style, rng: Rng) -> None:
    """Signs and letters that are no digits, in a row."""
    x, baseline = at
    for _ in range(int(rng.integers(3, 7))):
        lines = oddities.strokes(rng)[1]
        x += _drawing(ink, lines, (x, baseline), 0.8 * style.digit, pen) + 0.25 * style.digit


def _drawing(ink: Pixels, lines: list[Path], at: Point, longest: float, pen: float) -> float:
    """Draw strokes at a size, from there up, unless they run off; says how wide they are."""
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
    scale = longest / extent.max()
    paths = [(path - low) * scale + [at[0], at[1] - extent[1] * scale] for path in lines]
    end = np.concatenate(paths).max(axis=0) + pen
    if end[0] < ink.shape[1] - 4 and end[1] < ink.shape[0] - 4:
        _drawn(ink, paths, pen)
    return float(extent[0] * scale)


def _drawn(ink: Pixels, paths: list[Path], pen: float) -> None:
    """Draw on just as much of the sheet as is needed."""
    left, top, wide, tall = around(paths, pen)
    rim = 3
    size = (wide + 2 * rim, tall + 2 * rim)
    drawn = 1 - strokes.draw([path - [left - rim, top - rim] for path in paths], size, pen)
    y, x = max(top - rim, 0), max(left - rim, 0)
    drawn = drawn[y - top + rim :, x - left + rim :]
    spot = ink[y : y + drawn.shape[0], x : x + drawn.shape[1]]
    np.maximum(spot, drawn[: spot.shape[0], : spot.shape[1]], out=spot)
