"""Data sets drawn: a bar chart of what is in them, a sheet of what is done to them.

In: counts or images. Out: PIL images. Does not read data and does not write files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

PAPER, INK, GRID = "#ffffff", "#222222", "#dddddd"
#: Okabe & Ito's palette, told apart by colour-blind readers too.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
SCALE = 3
GAP = 6


def sheet(rows: Sequence[NDArray[np.floating]]) -> Image.Image:
    """Rows of digits, the first set off from the others.

    Args:
        rows: each (N, 28, 28) in [0, 1], all with the same N.
    """
    side = 28 * SCALE
    count = len(rows[0])
    width = GAP + count * (side + GAP)
    height = GAP + len(rows) * (side + GAP) + GAP
    picture = Image.new("L", (width, height), 255)
    for number, row in enumerate(rows):
        top = GAP + number * (side + GAP) + (GAP if number else 0)
        for place, image in enumerate(row):
            pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
            tile = Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST)
            picture.paste(tile, (GAP + place * (side + GAP), top))
    return picture


def samples(rows: Sequence[tuple[str, NDArray[np.uint8]]], title: str) -> Image.Image:
    """Digits as they are in a set, each row with its name before it.

    Args:
        rows: names and images (N, 28, 28), the ink bright on black; N may differ and be 0.
        title: stands above.
    """
    side, left, top = 28 * SCALE, 40, 48
    count = max((len(images) for _, images in rows), default=0)
    font = ImageFont.load_default(18)
    wide = round(font.getlength(title)) + 2 * GAP
    size = max(left + count * (side + GAP), wide), top + len(rows) * (side + GAP)
    picture = Image.new("L", size, PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((GAP, 14), title, INK, font)
    for number, (name, images) in enumerate(rows):
        y = top + number * (side + GAP)
        draw.text((left / 2, y + side / 2), name, INK, font, anchor="mm")
        if not len(images):
            draw.text((left, y + side / 2), "none", INK, font, anchor="lm")
        for place, image in enumerate(images):
            tile = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
            picture.paste(tile, (left + place * (side + GAP), y))
    return picture


def bars(counts: Mapping[str, Sequence[int]], title: str) -> Image.Image:
    """How many images each digit has, a stacked bar a digit, a colour a part."""
    picture = Image.new("RGB", (1000, 560), PAPER)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(18)
    left, top, right, bottom = 100, 90, 980, 500
    draw.text((left, 16), title, INK, ImageFont.load_default(22))
    highest = max(sum(part[digit] for part in counts.values()) for digit in range(10))
    step = _round_step(highest)
    reach = step * max(-(-highest // step), 1)
    for mark in range(0, reach + 1, step):
        y = bottom - (bottom - top) * mark / reach
        draw.line((left, y, right, y), GRID)
        draw.text((left - 10, y), f"{mark:,}", INK, font, anchor="rm")
    pitch = (right - left) / 10
    for digit in range(10):
        middle, base = left + pitch * (digit + 0.5), 0
        for colour, part in zip(COLOURS, counts.values(), strict=False):
            low, high = (bottom - (bottom - top) * n / reach for n in (base, base + part[digit]))
            if part[digit]:
                draw.rectangle((middle - pitch * 0.35, high, middle + pitch * 0.35, low), colour)
            base += part[digit]
        draw.text((middle, bottom + 8), str(digit), INK, font, anchor="mt")
    draw.text(((left + right) / 2, bottom + 34), "digit", INK, font, anchor="mt")
    x = float(left)
    for colour, (name, part) in zip(COLOURS, counts.items(), strict=False):
        if not any(part):
            continue  # a set without a test part
        draw.rectangle((x, 56, x + 16, 72), colour)
        draw.text((x + 24, 64), name, INK, font, anchor="lm")
        x += 60 + draw.textlength(name, font)
    return picture


def _round_step(highest: int) -> int:
    """A step of 1, 2 or 5 times a power of ten that gives at most eight grid lines."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if highest <= 8 * factor * power:
                return factor * power
        power *= 10
