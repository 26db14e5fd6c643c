"""Pictures of a report.

In: a `Report`. Out: a PNG file. The only home of matplotlib beside the training log.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inkdigits.errors import MissingExtraError
from inkdigits.evaluation.report import Report


def confusion_png(report: Report, path: Path) -> None:
    """Draw the confusion table, so that single errors show beside a thousand right readings.

    Colour goes with the logarithm of the count; empty cells stay white.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.colors import LogNorm
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "evaluate") from None
    table = np.array(report.confusion)
    figure = Figure(figsize=(7, 6.6), layout="constrained")
    axes = figure.subplots()
    shades = np.ma.masked_equal(table, 0)
    axes.imshow(shades, cmap="Blues", norm=LogNorm(0.5, max(int(table.max()), 2) * 2))
    for row, column in zip(*np.nonzero(table), strict=True):
        count = int(table[row, column])
        on_dark = count > table.max() / 8
        axes.text(
            column,
            row,
            str(count),
            ha="center",
            va="center",
            color="white" if on_dark else "black" if row == column else "#b00020",
            fontweight="normal" if row == column else "bold",
        )
    axes.set(
        xticks=range(10),
        yticks=range(10),
        xlabel="digit read",
        ylabel="true digit",
        title=f"{report.model} {report.version}: {report.accuracy:.2%} right, n = {report.shown:,}",
    )
    axes.set_xticks(np.arange(-0.5, 10), minor=True)
    axes.set_yticks(np.arange(-0.5, 10), minor=True)
    axes.grid(which="minor", color="#e0e0e0")
    axes.tick_params(which="minor", length=0)
    figure.savefig(path, dpi=120)
