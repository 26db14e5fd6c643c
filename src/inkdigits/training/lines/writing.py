"""A text -> a picture of it, written by one hand on some paper.

In: a text over `line.ALPHABET`, digits and letters to write with, a random generator. Out: a grey
picture (H, W) float32 in [0, 1]. Knows nothing of how it is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.training.sources import Sources
from inkdigits.wild import line, oddities, rowforms, scene, styles
from inkdigits.wild.scene import Chances, Mark

Rng = np.random.Generator
#: Which digits a row is written with, and how often; `mixed` takes each from anywhere.
HANDS = {
    "styles": 0.3,
    "mnist": 0.27,
    "pendigits": 0.15,
    "mixed": 0.14,
    "numbers16": 0.06,
    "optdigits32": 0.05,
    "hwd1000": 0.03,
}
#: A pen's width, in heights of a digit.
PEN, MIXED_PEN = (0.03, 0.19), (0.08, 0.16)
#: How often somebody writes some digits as they are known among others only, and zeros smaller.
PECULIAR, SMALL_ZEROS = 0.3, 0.12
#: How often zeros that follow one another are joined by a stroke.
JOINED = 0.2
#: Photographed rows: mostly paper with something on it.
CHANCES = Chances(plain=0.3, bright=0.05, coarse=0.12, blurred=0.5, noisy=0.5, compressed=0.25)


@dataclass(frozen=True)
class _Hand:
    """Who writes: `source` of digits, `writer` of that source, `pen` in pixels, `how` the row.

    `peculiar` are the digits that are written in forms of `rowforms`; `zeros` is the height of
    zeros to that of other digits; `alone` says that no digit stands in the row.
    """

    source: str
    writer: str | None
    pen: float
    wide: float
    how: line.Line
    zeros: float = 1.0
    peculiar: dict[int, str] = field(default_factory=dict)
    alone: bool = False


def picture(text: str, sources: Sources, rng: Rng) -> tuple[NDArray[np.float32], int]:
    """Write a text.

    Returns:
        the picture, and about how wide the writing in it is, pixels.
    """
    hand = _hand(text, sources, rng)
    marks, drops = [], []
    for mark in text:
        for ink, drop in _marks(mark, hand, sources, rng):
            marks.append(ink)
            drops.append(drop)
    row, places = line.written(marks, drops, hand.how, rng)
    if "00" in text and rng.random() < JOINED:
        zeros = [k for k in range(len(text) - 1) if text[k : k + 2] == "00" and "?" not in text]
        for k in zeros:
            row = line.joined(row, places[k : k + 2], hand.pen, rng)
    ink = _cropped(line.leaning(row, hand.how))
    wide = ink.shape[1]
    ink = _framed(ink, hand, rng)
    plain = rng.random() < CHANCES.plain
    return scene.photographed(ink, round(hand.how.height), rng, CHANCES, plain=plain), wide


def _hand(text: str, sources: Sources, rng: Rng) -> _Hand:
    names = [name for name in HANDS if name in {"styles", "mnist", "mixed", *sources.sets}]
    shares = np.array([HANDS[name] for name in names])
    source = names[int(rng.choice(len(names), p=shares / shares.sum()))]
    writer = None
    if source == "pendigits":
        writers = sources.sets[source].writers
        if writers is not None:
            writer = str(writers[rng.choice(sources.chosen[source])])
    how = line.line(rng)
    # what is mixed has images, whose pens cannot be chosen
    low, high = (math.log(bound) for bound in (MIXED_PEN if source == "mixed" else PEN))
    pen = max(1.2, how.height * math.exp(rng.uniform(low, high)))
    digits = sum(map(str.isdigit, text))
    peculiar = styles.among(rng) if digits > 1 and rng.random() < PECULIAR else {}
    zeros = 1.0
    if 0 < text.count("0") < digits and rng.random() < SMALL_ZEROS:
        zeros = rng.uniform(0.45, 0.85)
    wide = math.exp(rng.normal(0, 0.15))
    return _Hand(source, writer, pen, wide, how, zeros, peculiar, alone=digits == 0)


def _marks(mark: str, hand: _Hand, sources: Sources, rng: Rng) -> list[tuple[Mark, float]]:
    """The ink of a mark, and how far under the base line it ends; several for something else."""
    height, pen = hand.how.height, hand.pen
    if mark.isdigit():
        return [(_digit(int(mark), hand, sources, rng), 0.0)]
    if mark == ".":
        size = max(2, pen * rng.uniform(1, 1.7))
        drop = -rng.uniform(0.3, 0.5) if rng.random() < 0.08 else rng.normal(0, 0.03)
        if rng.random() < 0.1:  # a colon
            return [(_colon(size, height * rng.uniform(0.25, 0.5)), drop)]
        return [(_stroked([np.zeros((1, 2))], size), drop)]
    if mark == ",":
        tail = np.array([[0.0, 0.0], [-rng.uniform(0, 0.1), rng.uniform(0.1, 0.28)]]) * height
        return [(_stroked([tail], pen), float(np.ptp(tail[:, 1])) / height - 0.06)]
    if mark == "-":
        wide = height * (rng.uniform(0.18, 0.7) if rng.random() < 0.8 else rng.uniform(0.8, 3))
        bow = rng.normal(0, 0.03, 3) * height
        dash = np.stack([np.linspace(0, wide, 3), bow], axis=1)
        lines = [dash]
        if rng.random() < 0.15:  # a double one
            lines.append(dash + np.array([0, height * rng.uniform(0.15, 0.3)]))
        return [(_stroked(lines, pen), -rng.uniform(0.25, 0.6))]
    count = int(rng.integers(1, 6)) if rng.random() < 0.5 else 1
    return [(_other(hand, sources, rng), rng.normal(0, 0.05)) for _ in range(count)]


def _digit(label: int, hand: _Hand, sources: Sources, rng: Rng) -> Mark:
    source = hand.source
    if source == "mixed":
        source = [*sources.sets, "styles", "mnist"][int(rng.integers(len(sources.sets) + 2))]
    height = hand.how.height * math.exp(rng.normal(0, 0.08))
    if label == 0:
        height *= hand.zeros
    if label in hand.peculiar:
        return _written(styles.digit_among(label, hand.peculiar[label], rng), height, hand, rng)
    if source in {"styles", "letters"}:
        return _written(styles.digit(label, rng), height, hand, rng)
    if source == "mnist":
        place = int(rng.choice(sources.of_digit("mnist", label)))
        return _enlarged(sources.mnist.images[place], height / 20, hand, rng)
    kept = sources.sets[source]
    places = sources.of_digit(source, label, hand.writer if source == hand.source else None)
    if not len(places):
        return _written(styles.digit(label, rng), height, hand, rng)
    place = int(rng.choice(places))
    if kept.is_strokes:
        return _written(kept.strokes(place), height, hand, rng)
    image = kept.ink(place)
    tall = len(_cropped(image.astype(np.float32) / np.float32(255)))
    mark = _enlarged(image, height / max(tall, 6), hand, rng)
    if source == "numbers16":  # they were squashed to squares
        share = rng.uniform(0.15, 0.4) if label == 1 else rng.uniform(0.45, 0.85)
        size = (max(2, round(mark.shape[0] * share)), mark.shape[0])
        mark = np.asarray(cv2.resize(mark, size, interpolation=cv2.INTER_AREA), np.float32)
    return mark


def _written(lines: Sequence[NDArray[np.floating]], height: float, hand: _Hand, rng: Rng) -> Mark:
    """Strokes at a height, as wide as the hand writes."""
    every = np.concatenate(lines)
    extent = np.maximum(np.ptp(every, axis=0), 1e-9)
    # flat ones do not become tall: their width has a limit
    scale = min(height / extent[1], 1.3 * height / extent[0])
    wide = hand.wide * math.exp(rng.normal(0, 0.06))
    return _stroked([line * np.array([scale * wide, scale]) for line in lines], hand.pen)


def _stroked(lines: Sequence[NDArray[np.floating]], pen: float) -> Mark:
    every = np.concatenate(lines)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    rim = pen / 2 + 1
    wide, tall = (int(side) for side in np.ceil(extent + 2 * rim))
    return _cropped(1 - strokes.draw([path - low + rim for path in lines], (wide, tall), pen))


def _colon(size: float, apart: float) -> Mark:
    return _stroked([np.zeros((1, 2)), np.array([[0, apart]])], size)


def _enlarged(image: NDArray[np.uint8], scale: float, hand: _Hand, rng: Rng) -> Mark:
    """A small image of bright ink, `scale` times as large, with about the hand's pen."""
    ink = np.pad(_cropped(image.astype(np.float32) / np.float32(255)), 2)
    size = (max(3, round(ink.shape[1] * scale * hand.wide)), max(3, round(ink.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(ink, size, interpolation=how)
    level = rng.uniform(0.35, 0.6)
    sharp = np.float32(rng.uniform(1.5, 4))
    return _cropped(np.clip((large - level) * sharp + np.float32(0.5), 0, 1))


def _other(hand: _Hand, sources: Sources, rng: Rng) -> Mark:
    """A letter, a sign, a scribble: what is no digit, and cannot be one among others either."""
    height = hand.how.height * rng.uniform(0.6, 1.15)
    while True:
        kind = rng.random()
        if kind < 0.45 and "letters" in sources.sets:
            letters = sources.sets["letters"]
            place = int(rng.choice(sources.chosen["letters"]))
            if hand.alone or letters.labels[place] in rowforms.LETTERS:
                return _written(letters.strokes(place), height, hand, rng)
        elif kind < 0.8:
            name, lines = oddities.strokes(rng)
            drawn = name.startswith(("letter", "sign"))
            if hand.alone or not drawn or name in rowforms.SIGNS:
                return _written(lines, height, hand, rng)
        else:
            name, ink = oddities.glyph(rng)
            if hand.alone or name in rowforms.LETTERS:
                scale = height / max(ink.shape)
                size = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
                small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
                return np.asarray(small, np.float32)


def _framed(ink: Mark, hand: _Hand, rng: Rng) -> Mark:
    """The row with its margins, and what else stands in them."""
    height, pen = hand.how.height, hand.pen
    above, below = (round(height * rng.uniform(0.03, 0.5)) for _ in range(2))
    before, behind = (round(height * rng.uniform(0.05, 0.8)) for _ in range(2))
    field = cv2.copyMakeBorder(
        ink, above, below, before, behind, cv2.BORDER_CONSTANT, value=0.0
    ).astype(np.float32)
    tall, wide = field.shape
    if rng.random() < 0.2:  # the line it is written on
        y = tall - below + round(height * rng.uniform(-0.08, 0.3))
        rise = round(rng.normal(0, 0.012) * wide)
        thick = max(1, round(min(pen, height * 0.08) * rng.uniform(0.4, 1)))
        cv2.line(field, (0, y), (wide, y - rise), rng.uniform(0.4, 1), thick, cv2.LINE_AA)
    if rng.random() < 0.08:  # a box around it
        inset = [round(side * rng.uniform(0, 0.6)) for side in (above, below, before, behind)]
        corners = (inset[2], inset[0]), (wide - inset[3] - 1, tall - inset[1] - 1)
        cv2.rectangle(field, *corners, rng.uniform(0.4, 1), 1 + int(height > 40))
    for edge in (0, 1):
        if rng.random() < 0.12:  # what hangs in from another row
            x = int(rng.integers(0, wide))
            deep = round((below if edge else above) * rng.uniform(0.2, 0.8))
            start, end = (tall - deep, tall) if edge else (0, deep)
            lean = round(rng.normal(0, 0.1) * height)
            cv2.line(field, (x, start), (x + lean, end), 1.0, max(1, round(pen)), cv2.LINE_AA)
    return field


def _cropped(mark: Mark) -> Mark:
    rows, columns = np.flatnonzero(mark.max(axis=1) > 0.2), np.flatnonzero(mark.max(axis=0) > 0.2)
    if not len(rows):
        return mark
    return mark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
