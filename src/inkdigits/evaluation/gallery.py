"""Sheets of digits: the worst mistakes, and what corruptions do to a digit and to a reader.

In: a report's mistakes, or images and error rates. Out: a matplotlib figure. Does not read digits
and does not write files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.plots import BLUE, GRID, INK, VERMILION, require
from inkdigits.evaluation.report import Mistake

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Images = NDArray[np.uint8]
COLUMNS = 10
SIDE = 28
GAP = 4


def draw_mistakes(mistakes: Sequence[Mistake], title: str = "") -> Figure:
    """Draw digits read wrongly, in rows of ten in the order given.

    Under each stand its label, what it was read as and how surely; a frame and a star mark labels
    that people dispute too.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    rows = max(1, -(-len(mistakes) // COLUMNS))
    high = SIDE + 17  # a tile and two lines of words
    figure = Figure(figsize=(11, 0.75 + rows * 11 * high / (COLUMNS * (SIDE + GAP))))
    axes = figure.add_axes((0, 0, 1, 1 - 0.7 / figure.get_figheight()))
    axes.set(xlim=(-GAP, COLUMNS * (SIDE + GAP)), ylim=(rows * high, -1))
    axes.axis("off")
    figure.text(0.5, 1 - 0.35 / figure.get_figheight(), title, ha="center", va="center", size=13)
    for place, mistake in enumerate(mistakes):
        top, left = place // COLUMNS * high, place % COLUMNS * (SIDE + GAP)
        axes.imshow(
            mistake.image,
            cmap="gray_r",
            vmin=0,
            vmax=255,
            extent=(left, left + SIDE, top + SIDE, top),
            interpolation="nearest",
        )
        edge = VERMILION if mistake.disputed else GRID
        width = 2.5 if mistake.disputed else 1
        frame = Rectangle((left, top), SIDE, SIDE, fill=False, edgecolor=edge, linewidth=width)
        axes.add_patch(frame)
        words = f"{mistake.truth} read as {mistake.guess}"
        sure = ">99.9%" if mistake.confidence > 0.999 else f"{mistake.confidence:.1%}"
        below = f"{sure}  #{mistake.index}" + ("*" if mistake.disputed else "")
        middle = left + SIDE / 2
        axes.text(middle, top + SIDE + 2, words, ha="center", va="top", size=8.5, color=INK)
        axes.text(middle, top + SIDE + 8, below, ha="center", va="top", size=7, color="#555555")
    if not mistakes:
        axes.text(COLUMNS * (SIDE + GAP) / 2, high / 2, "No digit was read wrongly.", ha="center")
    axes.set(xlim=(-GAP, COLUMNS * (SIDE + GAP)), ylim=(rows * high, -1), aspect="auto")
    return figure


def draw_corruptions(
    clean: Images,
    corrupted: Mapping[str, Images],
    errors: Mapping[str, float],
    title: str = "",
) -> Figure:
    """Draw the same digits under each corruption, with the reader's error rate as a bar.

    Args:
        clean: (D, 28, 28), the first row, called "as it is".
        corrupted: the same digits under each corruption, a row each.
        errors: the error rate of every row, 0 to 1, that of "as it is" too.
        title: above it.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure

    rows = {"as it is": clean, **corrupted}
    pitch = SIDE + GAP
    sheet = np.full((len(rows) * pitch - GAP, len(clean) * pitch - GAP), 200, np.uint8)
    for row, images in enumerate(rows.values()):
        for column, image in enumerate(images):
            top, left = row * pitch, column * pitch
            sheet[top : top + SIDE, left : left + SIDE] = image
    figure = Figure(figsize=(11, 0.55 * len(rows) + 0.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(len(clean), 5))
    left.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    middles = [row * pitch + (SIDE - 1) / 2 for row in range(len(rows))]
    left.set_yticks(middles, list(rows))
    left.set_xticks([])
    rates = [errors[name] for name in rows]
    colours = [BLUE, *[VERMILION] * len(corrupted)]
    right.barh(middles, rates, height=0.55 * SIDE, color=colours)
    for middle, rate in zip(middles, rates, strict=True):
        right.text(rate + 0.015, middle, f"{rate:.1%}", va="center", color=INK)
    right.set(xlim=(0, 1.2), ylim=left.get_ylim(), yticks=[], xticks=[])
    right.set_title("read wrongly", loc="left", size=10)
    right.axvline(0, color="#888888", linewidth=1)
    for axes in (left, right):
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    figure.suptitle(title)
    return figure
