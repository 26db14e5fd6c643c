"""Photographed pages of handwritten numbers, made up, with what stands on them.

In: a random generator and what kind of page. Out: `Page`: a grey picture, and every number with
its box. One hand writes a page. Knows nothing of how it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.wild import oddities, styles

Kind = Literal["white", "ruled", "squared", "boxed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Rng = np.random.Generator
#: Digits of a number; the gap between them, and between numbers of a line, in heights of a digit.
LENGTHS, TIGHT, SPREAD, APART = (2, 6), (0.1, 0.35), (0.6, 1.1), (2.6, 4.0)


@dataclass(frozen=True)
class Written:
    """One number on a page.

    Attributes:
        text: its digits.
        box: left, top, width, height: around its ink, in the picture's pixels.
        line: of the page, from 0 at the top.
    """

    text: str
    box: tuple[int, int, int, int]
    line: int


@dataclass(frozen=True)
class Page:
    """A picture of a page.

    Attributes:
        pixels: (H, W) uint8.
        numbers: line by line, from the left.
    """

    pixels: NDArray[np.uint8]
    numbers: tuple[Written, ...]


@dataclass(frozen=True)
class Style:
    """How a page is written and photographed.

    Attributes:
        size: (height, width) of the sheet, pixels.
        digit: height of a digit, pixels.
        numbers: how many at most.
        spread: whether digits stand widely apart; then a line has one number.
        words: how many words of no digits stand in the margin below.
        shadow: how much of the light a shadow takes, 0 to 1.
        camera: whether the sheet lies askew on a table.
        noise: its deviation, in parts of white.
    """

    size: tuple[int, int] = (900, 1200)
    digit: int = 44
    numbers: int = 12
    spread: bool = False
    words: int = 0
    shadow: float = 0.4
    camera: bool = False
    noise: float = 0.012


def page(rng: Rng, kind: Kind = "white", style: Style | None = None) -> Page:
    """Write a page and photograph it; the same generator state gives the same page."""
    style = style or Style()
    paper, ink, numbers = _written(rng, kind, style)
    strength = rng.uniform(0.6, 0.9)
    sheet = paper * (1 - ink * np.float32(strength)) * _light(style, rng)
    picture, there = _photographed(sheet, rng) if style.camera else (sheet, np.eye(3))
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.8)
    noisy = blurred + np.float32(style.noise) * rng.standard_normal(picture.shape, np.float32)
    pixels = np.round(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    moved = tuple(Written(n.text, _moved(n.box, there), n.line) for n in numbers)
    return Page(pixels, moved)


def _written(
    rng: Rng, kind: Kind, style: Style
) -> tuple[NDArray[np.float32], NDArray[np.float32], list[Written]]:
    """The paper with its rules and boxes, the ink, and what it says."""
    (height, width), digit = style.size, style.digit
    paper = _paper(kind, style, rng)
    ink = np.zeros(style.size, np.float32)
    pen = digit * rng.uniform(0.06, 0.13)
    numbers: list[Written] = []
    lowest = height - (3.5 if style.words else 1) * digit
    baselines = np.arange(round(3.2 * digit), lowest, round(2.6 * digit))
    for line, baseline in enumerate(baselines):
        x = float(rng.uniform(1.5, 4) * digit)
        while len(numbers) < style.numbers:
            text = "".join(
                str(d) for d in rng.integers(0, 10, rng.integers(LENGTHS[0], LENGTHS[1] + 1))
            )
            wide = (SPREAD[1] if style.spread else TIGHT[1]) + 0.8
            if x + len(text) * wide * digit > width - 2 * digit:
                break
            box = _number(ink, text, x, float(baseline), pen, style, rng)
            numbers.append(Written(text, box, line))
            if kind == "boxed":
                corner = (round(x - 0.4 * digit), round(baseline - 1.5 * digit))
                other = (box[0] + box[2] + round(0.5 * digit), round(baseline + 0.45 * digit))
                cv2.rectangle(paper, corner, other, 0.35, max(1, digit // 22))
            x = box[0] + box[2] + rng.uniform(*APART) * digit
            if style.spread:
                break
    for _ in range(style.words):
        _word(ink, rng.uniform(2 * digit, width / 2), float(height - digit), pen, style, rng)
    return paper, ink, numbers


def _paper(kind: Kind, style: Style, rng: Rng) -> NDArray[np.float32]:
    (height, width), digit = style.size, style.digit
    tone = rng.uniform(0.82, 0.98)
    paper: NDArray[np.float32] = np.full(style.size, tone, np.float32)
    if kind == "ruled":
        for y in range(2 * digit, height, round(1.3 * digit)):
            cv2.line(paper, (0, y), (width, y), tone * 0.65, max(1, digit // 22), cv2.LINE_AA)
    if kind == "squared":
        for along in range(digit // 2, max(style.size), round(0.7 * digit)):
            cv2.line(paper, (0, along), (width, along), tone * 0.72, 1, cv2.LINE_AA)
            cv2.line(paper, (along, 0), (along, height), tone * 0.72, 1, cv2.LINE_AA)
    return paper


def _number(
    ink: NDArray[np.float32],
    text: str,
    x: float,
    baseline: float,
    pen: float,
    style: Style,
    rng: Rng,
) -> tuple[int, int, int, int]:
    """Write a number and say where its ink is."""
    paths = []
    for mark in text:
        lines = styles.digit(int(mark), rng)
        every = np.concatenate(lines)
        low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
        tall = style.digit * rng.uniform(0.9, 1.1)
        scale = min(tall / extent[1], 1.4 * tall / extent[0])
        drop = baseline + rng.normal(0, 0.03) * style.digit
        paths += [(path - low) * scale + [x, drop - extent[1] * scale] for path in lines]
        gap = rng.uniform(*(SPREAD if style.spread else TIGHT))
        x += extent[0] * scale + gap * style.digit + pen
    every = np.concatenate(paths)
    low, high = every.min(axis=0) - pen / 2, every.max(axis=0) + pen / 2
    left, top = (int(side) for side in np.floor(low))
    right, bottom = (int(side) for side in np.ceil(high))
    _laid(ink, paths, (left, top, right, bottom), pen)
    return left, top, right - left, bottom - top


def _laid(
    ink: NDArray[np.float32],
    paths: list[NDArray[np.float64]],
    around: tuple[int, int, int, int],
    pen: float,
) -> None:
    """Draw on just as much of the sheet as is needed."""
    left, top, right, bottom = around
    rim = 3
    drawn = 1 - strokes.draw(
        [path - [left - rim, top - rim] for path in paths],
        (right - left + 2 * rim, bottom - top + 2 * rim),
        pen,
    )
    y, x = max(top - rim, 0), max(left - rim, 0)
    drawn = drawn[y - top + rim :, x - left + rim :]
    spot = ink[y : y + drawn.shape[0], x : x + drawn.shape[1]]
    np.maximum(spot, drawn[: spot.shape[0], : spot.shape[1]], out=spot)


def _word(
    ink: NDArray[np.float32], x: float, baseline: float, pen: float, style: Style, rng: Rng
) -> None:
    """Signs and letters that are no digits, in a row."""
    for _ in range(int(rng.integers(3, 7))):
        lines = oddities.strokes(rng)[1]
        every = np.concatenate(lines)
        low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
        scale = 0.8 * style.digit / extent.max()
        paths = [(path - low) * scale + [x, baseline - extent[1] * scale] for path in lines]
        x += extent[0] * scale + 0.25 * style.digit
        points = np.concatenate(paths)
        left, top = (int(side) for side in np.floor(points.min(axis=0) - pen))
        right, bottom = (int(side) for side in np.ceil(points.max(axis=0) + pen))
        if right < ink.shape[1] - 4 and bottom < ink.shape[0] - 4:
            _laid(ink, paths, (left, top, right, bottom), pen)


def _light(style: Style, rng: Rng) -> NDArray[np.float32]:
    """A shadow's soft edge across the sheet, (H, W)."""
    height, width = style.size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn = rng.uniform(0, 2 * np.pi)
    across = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    edge = np.quantile(across[::16, ::16], rng.uniform(0.2, 0.8))
    lit = 1 / (1 + np.exp(-(across - np.float32(edge)) / np.float32(0.03 * width)))
    return np.asarray(1 - style.shadow + style.shadow * lit, np.float32)


def _photographed(
    sheet: NDArray[np.float32], rng: Rng
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The sheet on a darker table, seen askew; and where each of its pixels went, (3, 3)."""
    height, width = sheet.shape
    big = (round(1.25 * height), round(1.25 * width))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inset = rng.uniform(0.02, 0.09, (4, 2)) * [big[1], big[0]]
    ends = np.array([[0, 0], [big[1], 0], [big[1], big[0]], [0, big[0]]])
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    there = cv2.getPerspectiveTransform(corners, (ends + inset * inwards).astype(np.float32))
    mask = cv2.warpPerspective(np.ones_like(sheet), there, big[::-1])
    seen = cv2.warpPerspective(sheet, there, big[::-1])
    table = np.float32(rng.uniform(0.15, 0.35)) + 0.02 * rng.standard_normal(big, np.float32)
    return np.asarray(seen * mask + table * (1 - mask), np.float32), np.asarray(there, np.float64)


def _moved(box: tuple[int, int, int, int], there: NDArray[np.float64]) -> tuple[int, int, int, int]:
    x, y, wide, tall = box
    corners = np.array([[x, x + wide, x + wide, x], [y, y, y + tall, y + tall], [1, 1, 1, 1]])
    mapped = there @ corners
    points = mapped[:2] / mapped[2]
    left, top = (int(side) for side in np.floor(points.min(axis=1)))
    right, bottom = (int(side) for side in np.ceil(points.max(axis=1)))
    return left, top, right - left, bottom - top
