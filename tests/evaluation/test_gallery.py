from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from inkdigits.evaluation.gallery import draw_corruptions, draw_mistakes
from inkdigits.evaluation.report import Mistake
from tests.evaluation.test_plots import words


def mistake(index: int, *, sure: float = 0.7, disputed: bool = False) -> Mistake:
    image = np.full((28, 28), index, np.uint8)
    return Mistake(index, 4, 9, sure, disputed, accepted=False, image=image)


def test_each_mistake_is_shown_with_its_words() -> None:
    shown = [mistake(3, sure=0.99996), mistake(8, disputed=True), *map(mistake, range(20, 29))]
    figure = draw_mistakes(shown, "eleven of them")
    axes = figure.axes[0]
    said = words(figure)
    assert said.count("4 read as 9") == 11
    assert ">99.9%  #3" in said
    assert "70.0%  #8*" in said
    assert [int(np.asarray(image.get_array()).max()) for image in axes.images] == [
        mistake.index for mistake in shown
    ]
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [frame.get_linewidth() > 2 for frame in frames] == [False, True, *[False] * 9]
    assert frames[10].get_xy()[0] == frames[0].get_xy()[0]  # the eleventh starts a row
    figure.canvas.draw()


def test_no_mistakes_are_said_so() -> None:
    assert words(draw_mistakes([])) == ["No digit was read wrongly."]


def test_a_hundred_fit() -> None:
    figure = draw_mistakes([mistake(i) for i in range(100)])
    assert len(figure.axes[0].images) == 100
    assert max(figure.axes[0].get_ylim()) == 10 * 45  # ten rows
    figure.canvas.draw()


def test_corruptions_stand_in_rows_beside_their_rates() -> None:
    clean = np.full((3, 28, 28), 10, np.uint8)
    spoilt = {"fog": clean + 20, "rain": clean + 40}
    figure = draw_corruptions(clean, spoilt, {"as it is": 0.0, "fog": 0.25, "rain": 1.0}, "title")
    left, right = figure.axes
    sheet = np.asarray(left.images[0].get_array())
    assert sheet.shape == (3 * 32 - 4, 3 * 32 - 4)
    assert sheet[14::32, 14::32].tolist() == [[10] * 3, [30] * 3, [50] * 3]
    assert [label.get_text() for label in left.get_yticklabels()] == ["as it is", "fog", "rain"]
    widths = [bar.get_width() for bar in right.patches]  # type: ignore[attr-defined]
    assert widths == [0, 0.25, 1]
    assert words(figure) == ["0.0%", "25.0%", "100.0%"]
    figure.canvas.draw()
