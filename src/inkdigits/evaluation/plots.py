"""Charts: a confusion table, a reliability diagram, learning curves.

In: plain arrays and words. Out: a matplotlib figure, which a notebook shows, or a PNG file. Knows
nothing of models. Colours are Okabe and Ito's, told apart by colour-blind readers too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import MissingExtraError
from inkdigits.evaluation.metrics import Bin, wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, VERMILION, INK, GRID = "#0072b2", "#e69f00", "#d55e00", "#222222", "#dddddd"
DPI = 120


def require() -> None:
    """Notice before the work, not after it, that its charts cannot be drawn.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise MissingExtraError("matplotlib", "evaluate") from None


def confusion_png(table: NDArray[np.integer], title: str, path: Path) -> None:
    """Write `draw_confusion(table, title)` to `path`; raises `MissingExtraError` as it does."""
    draw_confusion(table, title).savefig(path, dpi=DPI)


def draw_confusion(table: NDArray[np.integer], title: str = "") -> Figure:
    """Draw a confusion table, so that single errors show beside a thousand right readings.

    What was read rightly is blue, what was not is orange; the depth of the colour goes with the
    logarithm of the count, and empty cells stay white.

    Args:
        table: (10, 10) counts: row the true digit, column the one read
            (`metrics.confusion(truth, predicted)`).
        title: above it.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6.8), layout="constrained")
    axes = figure.subplots()
    same = np.eye(10, dtype=bool)
    for cells, colours in ((same, "Blues"), (~same, "Oranges")):
        shown = np.ma.masked_where(~cells | (table == 0), np.log1p(table))
        most = max(20, int(np.where(cells, table, 0).max()))
        axes.imshow(shown, cmap=colours, vmin=0, vmax=1.25 * np.log1p(most))
    for row, column in zip(*np.nonzero(table), strict=True):
        right = row == column
        deep = right and np.log1p(table[row, column]) > 0.5 * np.log1p(table.max())
        axes.text(
            *(column, row, f"{table[row, column]:,}"),
            ha="center",
            va="center",
            color="white" if deep else INK,
            fontweight="normal" if right else "bold",
        )
    axes.set(xticks=range(10), yticks=range(10), xlabel="digit read", ylabel="true digit")
    axes.set_title(title)
    axes.set_xticks(np.arange(-0.5, 10), minor=True)
    axes.set_yticks(np.arange(-0.5, 10), minor=True)
    axes.grid(which="minor", color=GRID)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    return figure


def draw_reliability(bins: Sequence[Bin], title: str = "") -> Figure:
    """Draw how often the reader is right by how sure it is, and how many images stand behind it.

    Dots on the diagonal are well calibrated; the size of the gap is drawn as a line to it, and the
    share right has its 95 % interval as a thin one.

    Args:
        bins: as `metrics.reliability` gives them.
        title: above it.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, PercentFormatter

    figure = Figure(figsize=(6.4, 6.8), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="#888888", linestyle="--", label="as sure as right")
    full = [bar for bar in bins if bar.count]
    sure = [bar.confidence for bar in full]
    right = [bar.accuracy for bar in full]
    ranges = [wilson(round(bar.accuracy * bar.count), bar.count) for bar in full]
    upper.vlines(sure, *zip(*ranges, strict=True), color="#9fc5dd", linewidth=3)
    upper.vlines(sure, sure, right, color=VERMILION, linewidth=1.5, label="gap")
    upper.plot(sure, right, "o", color=BLUE, label="share right (bar: 95 % interval)")
    upper.set(ylabel="share read rightly", ylim=(-0.02, 1.02), title=title)
    upper.legend(loc="lower right", frameon=False)
    width = bins[0].high - bins[0].low
    middles = [bar.low + width / 2 for bar in bins]
    lower.bar(middles, [bar.count for bar in bins], width=0.9 * width, color=BLUE)
    lower.set_yscale("symlog", linthresh=1)
    lower.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    lower.set(xlabel="confidence", ylabel="images", xlim=(0, 1.01), ylim=(0, None))
    for axes in (upper, lower):
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        tidy(axes)
    upper.yaxis.set_major_formatter(PercentFormatter(1))
    return figure


def draw_learning_curve(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Draw what a training logged, epoch by epoch from 1.

    Args:
        panels: a chart's title -> a curve's name -> its values, one an epoch; `{"Loss":
            {"training": [...], "validation": [...]}}`. A title with "loss" in it gets a
            logarithmic axis; on others the first two epochs, which would flatten all that
            follows, may leave the picture.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    figure = Figure(figsize=(5 * len(panels), 4), layout="constrained")
    charts = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, curves) in zip(charts, panels.items(), strict=True):
        for (name, values), colour in zip(curves.items(), (ORANGE, BLUE, VERMILION), strict=False):
            axes.plot(range(1, len(values) + 1), values, color=colour, label=name, marker=".")
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if "loss" in title.lower():
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
        elif len(later := [value for values in curves.values() for value in values[2:]]) > 2:
            room = 0.05 * (max(later) - min(later)) or 0.5
            axes.set_ylim(min(later) - room, max(later) + room)
        axes.legend(frameon=False)
        tidy(axes)
    return figure


def tidy(axes: Axes) -> None:
    """A faint grid, and no frame but the two axes."""
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
