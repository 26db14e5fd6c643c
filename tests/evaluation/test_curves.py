from __future__ import annotations

import sys

import numpy as np
import pytest

from inkdigits import MissingExtraError
from inkdigits.evaluation import curves
from inkdigits.evaluation.framed import Curve, Framing
from inkdigits.evaluation.framing import AXES
from inkdigits.evaluation.tradeoff import Tradeoff

FRAMING = Framing(
    "made up",
    4,
    tuple(
        Curve(axis, (4,) * (n := len(axis.values)), (3,) * n, (3,) * n, (1,) * n) for axis in AXES
    ),
)
TRADE = Tradeoff((0.0, 1.0, 2.0), (1.0, 0.4, 0.1), (0.0, 0.02, 0.3), (0.03, 0.25), 0.97, 1200, 300)


def test_every_axis_has_its_chart_with_both_readers() -> None:
    figure = curves.draw_framing(FRAMING, "standard 9")
    charts = figure.axes[: len(AXES)]
    for axes, axis in zip(charts, AXES, strict=True):
        assert axes.get_title().startswith(axis.name)
        plain, ours = axes.lines[:2]
        np.testing.assert_allclose(np.asarray(plain.get_ydata(), float), 0.25)
        np.testing.assert_allclose(np.asarray(ours.get_ydata(), float), 1)
        assert len(np.asarray(ours.get_xdata())) == len(axis.values)
        assert axes.get_ylim() == charts[0].get_ylim()
    assert "standard 9" in figure.get_suptitle()
    assert "made up" in figure.get_suptitle()
    figure.canvas.draw()


def test_a_tradeoff_has_its_curve_and_where_it_stands() -> None:
    figure = curves.draw_tradeoff(TRADE, "standard 9")
    (axes,) = figure.axes
    line, here = axes.lines
    np.testing.assert_allclose(np.asarray(line.get_xdata(), float), TRADE.refused)
    np.testing.assert_allclose(np.asarray(line.get_ydata(), float), TRADE.false_accepts)
    assert (np.asarray(here.get_xdata())[0], np.asarray(here.get_ydata())[0]) == TRADE.at
    assert axes.get_xlim()[1] > TRADE.at[0]
    assert axes.get_ylim()[1] >= 1  # all that the curve has in sight
    assert "1,200" in axes.get_xlabel()
    figure.canvas.draw()


def test_matplotlib_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError):
        curves.draw_framing(FRAMING, "x")
    with pytest.raises(MissingExtraError):
        curves.draw_tradeoff(TRADE, "x")
