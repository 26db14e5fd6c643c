"""Where numbers stand on a sheet: in rows, a column, a table, or anywhere.

In: a kind of paper, a `Style`, a random generator. Out: a `Sheet` with all that is on it. Knows
nothing of light and cameras.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.wild import sheets
from inkdigits.wild.pagestyle import Kind, Layout, Style
from inkdigits.wild.sheets import FIRST, Box, Sheet, Written
from inkdigits.wild.writer import Writer, number, writer

Rng = np.random.Generator
#: Between numbers of a line: heights of a digit, and how many times the gap between digits.
APART, CLEARLY = (2.6, 4.0), 2.4
#: What is left free below, in heights of a digit, without and with something else there.
BELOW, MARGIN = 1.0, 3.5


def written(rng: Rng, kind: Kind, style: Style) -> Sheet:
    """Write a page."""
    (height, _), digit = style.size, style.digit
    sheet = sheets.blank(kind, style, rng)
    if style.hand:
        hand = writer(rng, digit, style.gaps)
    else:
        hand = Writer(digit, digit * rng.uniform(0.06, 0.13), style.gaps)
    below = style.words or style.scribble or style.signature
    lowest = height - (MARGIN if below else BELOW) * digit
    _LAYOUTS[style.layout](sheet, hand, kind, lowest, style, rng)
    sheets.distracted(sheet, hand.pen, style, rng)
    return sheet


def _rows(sheet: Sheet, hand: Writer, kind: Kind, lowest: float, style: Style, rng: Rng) -> None:
    """Line by line, each with as many numbers as go in, or just one."""
    (_, width), digit = style.size, style.digit
    most = style.gaps[1]
    column = style.layout == "column"
    edge = rng.uniform(1.5, max(2.0, 0.5 * width / digit - 5)) * digit if column else 0.0
    for line, baseline in enumerate(_baselines(kind, lowest, style)):
        x = edge + rng.normal(0, 0.1) * digit if column else float(rng.uniform(1.5, 4) * digit)
        while len(sheet.numbers) < style.numbers:
            text = _text(style, rng)
            if x + len(text) * (most + 0.8) * digit > width - 2 * digit:
                break
            paths = number(text, hand, rng)
            box = sheets.put(sheet, text, paths, (x, float(baseline)), hand.pen, line)
            if kind == "boxed":
                sheets.framed(sheet.paper, box, (x, baseline), digit)
            x = box[0] + box[2] + rng.uniform(*APART) * digit + max(0, CLEARLY * most - 2) * digit
            if style.spread or column:
                break


def _table(sheet: Sheet, hand: Writer, kind: Kind, lowest: float, style: Style, rng: Rng) -> None:
    """One number a cell of a printed table, some cells empty."""
    (_, width), digit = style.size, style.digit
    cell = (style.lengths[1] * (style.gaps[1] + 0.85) + 1.6) * digit
    columns = int(rng.integers(1, max(1, int((width - 2 * digit) / cell)) + 1))
    left = rng.uniform(digit, max(width - columns * cell - digit, 1.01 * digit))
    baselines = _baselines("boxed", lowest - 0.6 * digit, style)[: -(-style.numbers // columns)]
    edges = [left + k * cell for k in range(columns + 1)]
    tops = [baselines[0] - 1.6 * digit] if len(baselines) else []
    tops += [baseline + 0.6 * digit for baseline in baselines]
    dark, wide = rng.uniform(0.3, 0.6), max(1, round(digit / rng.uniform(18, 34)))
    for top in tops:
        sheets.ruled(sheet.paper, (edges[0], top), (edges[-1], top), dark, wide)
    for edge in edges if tops else []:
        sheets.ruled(sheet.paper, (edge, tops[0]), (edge, tops[-1]), dark, wide)
    for line, baseline in enumerate(baselines):
        for edge in edges[:-1]:
            if len(sheet.numbers) < style.numbers and rng.random() < 0.92:
                text = _text(style, rng)
                paths = number(text, hand, rng)
                free = cell - np.concatenate(paths)[:, 0].max() - hand.pen
                x = edge + rng.uniform(0.3, max(0.31, free / digit - 0.3)) * digit
                sheets.put(sheet, text, paths, (x, float(baseline)), hand.pen, line)


def _free(sheet: Sheet, hand: Writer, kind: Kind, lowest: float, style: Style, rng: Rng) -> None:
    """Anywhere, well apart; in the end from the top."""
    (_, width), digit = style.size, style.digit
    taken: list[Box] = []
    apart = np.array([max(APART[0], CLEARLY * style.gaps[1]), 0.9]) * digit
    for _ in range(style.numbers):
        text = _text(style, rng)
        paths = number(text, hand, rng)
        every = np.concatenate(paths)
        wide = every[:, 0].max() + digit
        if wide > width - 2 * digit or lowest < FIRST * digit:
            break
        for _ in range(20):
            x = rng.uniform(digit, width - wide)
            y = rng.uniform(FIRST * digit, lowest)
            box = sheets.around([path + np.array([x, y]) for path in paths], hand.pen)
            if all(_clear(box, other, apart) for other in taken):
                taken.append(sheets.put(sheet, text, paths, (x, y), hand.pen, 0))
                if kind == "boxed":
                    sheets.framed(sheet.paper, box, (x, y), digit)
                break
    sheet.numbers = _in_lines(sheet.numbers)


def _in_lines(numbers: list[Written]) -> list[Written]:
    """Numbers whose middles are about level are of one line."""
    lines: list[list[Written]] = []
    for each in sorted(numbers, key=lambda it: it.box[1] + it.box[3] / 2):
        middle = each.box[1] + each.box[3] / 2
        first = lines[-1][0] if lines else None
        if first is not None and middle - (first.box[1] + first.box[3] / 2) < 0.5 * first.box[3]:
            lines[-1].append(each)
        else:
            lines.append([each])
    return [
        replace(each, line=k)
        for k, line in enumerate(lines)
        for each in sorted(line, key=lambda it: it.box[0])
    ]


def _text(style: Style, rng: Rng) -> str:
    few, many = style.lengths
    return "".join(str(digit) for digit in rng.integers(0, 10, rng.integers(few, many + 1)))


def _baselines(kind: Kind, lowest: float, style: Style) -> list[int]:
    leading = max(style.leading, 2.3) if kind == "boxed" else style.leading
    first, step = round(FIRST * style.digit), round(leading * style.digit)
    return list(range(first, math.ceil(lowest), step))


def _clear(box: Box, other: Box, apart: NDArray[np.float64]) -> bool:
    across = max(box[0] - other[0] - other[2], other[0] - box[0] - box[2])
    down = max(box[1] - other[1] - other[3], other[1] - box[1] - box[3])
    return bool(across > apart[0] or down > apart[1])


_LAYOUTS: dict[Layout, Callable[[Sheet, Writer, Kind, float, Style, Rng], None]] = {
    "rows": _rows,
    "column": _rows,
    "table": _table,
    "free": _free,
}
