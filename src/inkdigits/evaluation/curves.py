"""Curves: accuracy against how a digit is shown, and what refusing costs.

In: results. Out: a matplotlib figure. Does not read digits and does not write files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkdigits.evaluation.framed import Curve, Framing
from inkdigits.evaluation.plots import BLUE, INK, ORANGE, VERMILION, require, tidy
from inkdigits.evaluation.tradeoff import Tradeoff

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4
PLAIN = "shrunk and inverted only"


def draw_framing(framing: Framing, name: str) -> Figure:
    """Draw a small chart an axis, all with the same scale of accuracy.

    Args:
        framing: the curves.
        name: of the reader.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure

    rows = -(-(len(framing.curves) + 1) // COLUMNS)
    figure = Figure(figsize=(13, 2.9 * rows + 0.6), layout="constrained")
    charts = figure.subplots(rows, COLUMNS, squeeze=False, sharey=True).ravel().tolist()
    for axes, curve in zip(charts, framing.curves, strict=False):
        _panel(axes, curve, framing)
    key, *spare = charts[len(framing.curves) :]
    handles, words = charts[0].get_legend_handles_labels()
    key.legend(handles, words, loc="center", frameon=False, fontsize=11)
    for axes in (key, *spare):
        axes.axis("off")
    figure.suptitle(f"{name}: {framing.shown} digits a point ({framing.source})")
    return figure


def draw_tradeoff(curve: Tradeoff, name: str) -> Figure:
    """Draw what is accepted of what is no digit against the digits refused.

    Args:
        curve: the shares.
        name: of the reader.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require()
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(6.8, 5.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(curve.refused, curve.false_accepts, color=BLUE, label="other thresholds")
    axes.plot(*curve.at, "o", color=VERMILION, markersize=8, label="as it is")
    words = f"{curve.at[1]:.1%} accepted,\n{curve.at[0]:.1%} refused"
    axes.annotate(words, curve.at, (12, 8), textcoords="offset points", color=INK)
    most = min(1.0, max(0.1, 2.5 * curve.at[0]))
    seen = [y for x, y in zip(curve.refused, curve.false_accepts, strict=True) if x <= most]
    axes.set(
        xlim=(0, most),
        ylim=(0, min(1.02, 1.25 * max([*seen, curve.at[1], 0.01]))),
        xlabel=f"real digits refused (of {curve.digits:,})",
        ylabel=f"letters, scribbles, symbols accepted (of {curve.others:,})",
        title=f"{name}: AUROC {curve.auroc:.4f}",
    )
    for side in (axes.xaxis, axes.yaxis):
        side.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.legend(frameon=False, loc="upper right")
    tidy(axes)
    return figure


def _panel(axes: Axes, curve: Curve, framing: Framing) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

    axis = curve.axis
    names = isinstance(axis.values[0], str)
    places = list(range(len(axis.values))) if names else [float(v) for v in axis.values]
    style = "o" if names else "o-"
    # the lower line is the broader one, so that it shows where both run together
    lines = ((curve.plain_right, ORANGE, PLAIN, 3.4), (curve.right, BLUE, "inkdigits", 1.6))
    for counts, colour, label, width in lines:
        shares = framing.shares(counts)
        if names:
            axes.vlines(places, 0, shares, color=colour, linewidth=1, alpha=0.4)
        size = 2.5 + width
        axes.plot(
            places, shares, style, color=colour, label=label, markersize=size, linewidth=width
        )
    if axis.log:
        axes.set_xscale("log")
    if names:
        axes.set_xticks(places, list(map(axis.show, axis.values)), rotation=60, ha="right", size=7)
    elif axis.log:
        axes.xaxis.set_major_locator(FixedLocator(places))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xticklabels([f"{value:g}" for value in places], size=8)
    elif axis.unit == "%":
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    if axis.of == "quality":
        axes.invert_xaxis()
    usual = getattr(axis.base, axis.of)
    if usual in axis.values and not names:
        axes.axvline(usual, color="#888888", linestyle=":", linewidth=1, label="plain value")
    unit = f", {axis.unit}" if axis.unit not in ("", "%") else ""
    axes.set_title(f"{axis.name}{unit}", size=11)
    axes.set_ylim(0, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    tidy(axes)
