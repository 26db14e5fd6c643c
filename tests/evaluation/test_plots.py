from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from inkdigits import MissingExtraError
from inkdigits.evaluation import plots
from inkdigits.evaluation.metrics import confusion, reliability


def words(figure: Figure) -> list[str]:
    """All that is written inside the axes of a figure."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_a_confusion_is_drawn_from_labels_and_guesses(tmp_path: Path) -> None:
    truth = np.repeat(np.arange(10), 50)
    guesses = truth.copy()
    guesses[:3] = 6
    figure = plots.draw_confusion(confusion(truth, guesses), "three zeros are sixes")
    assert sorted(words(figure)) == sorted(["47", "3", *["50"] * 9])
    assert figure.axes[0].get_title() == "three zeros are sixes"
    plots.confusion_png(confusion(truth, guesses), "the same", tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape[1] == 840
    red, _, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    assert 9 * ((red - blue) > 60).sum() < ((blue - red) > 60).sum()  # one orange cell, ten blue
    assert ((red - blue) > 60).sum() > 1000


@pytest.mark.parametrize("table", [np.zeros((10, 10), int), np.full((10, 10), 3)])
def test_a_confusion_may_be_empty_or_all_alike(table: np.ndarray) -> None:
    assert len(words(plots.draw_confusion(table))) == (table > 0).sum()
    plots.draw_confusion(table).canvas.draw()


def test_a_reliability_diagram_shows_full_bins_only() -> None:
    p = np.full((5, 10), 0.2 / 9)
    p[:, 0] = 0.8
    p[4] = np.eye(10)[3]
    bars = reliability(p, np.array([0, 0, 1, 0, 3], np.uint8))
    figure = plots.draw_reliability(bars, "title")
    upper, lower = figure.axes
    points = upper.lines[-1]
    np.testing.assert_allclose(np.asarray(points.get_xdata()), [0.8, 1])
    np.testing.assert_allclose(np.asarray(points.get_ydata()), [0.75, 1])
    assert sum(bar.get_height() for bar in lower.patches) == 5  # type: ignore[attr-defined]
    figure.canvas.draw()


def test_a_learning_curve_takes_plain_numbers() -> None:
    figure = plots.draw_learning_curve(
        {"Loss": {"training": [1.0, 0.1], "validation": [0.5, 0.2]}, "Accuracy": {"training": [1]}}
    )
    loss, accuracy = figure.axes
    assert [line.get_label() for line in loss.lines] == ["training", "validation"]
    assert np.asarray(loss.lines[1].get_ydata()).tolist() == [0.5, 0.2]
    assert np.asarray(loss.lines[1].get_xdata()).tolist() == [1, 2]
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")
    figure.canvas.draw()


def test_the_first_epochs_flatten_nothing() -> None:
    curves = {"training": [10, 80, 97, 98], "validation": [20, 90, 98, 99]}
    for values, expected in ((curves, (96.9, 99.1)), ({"flat": [0, 0, 5, 5, 5]}, (4.5, 5.5))):
        figure = plots.draw_learning_curve({"Accuracy (%)": values})
        assert figure.axes[0].get_ylim() == pytest.approx(expected)


def test_missing_matplotlib_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for draw in (
        plots.require,
        lambda: plots.draw_confusion(np.eye(10, dtype=int)),
        lambda: plots.draw_reliability([]),
        lambda: plots.draw_learning_curve({}),
    ):
        with pytest.raises(MissingExtraError, match=r"inkdigits\[evaluate\]"):
            draw()
