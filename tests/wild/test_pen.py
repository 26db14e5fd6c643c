from __future__ import annotations

import numpy as np
import pytest

from inkdigits.wild.copybook import read
from inkdigits.wild.pen import Form, Hand, form, write

STILL = Hand(jitter=0, drift=0, wobble=0, bend=0, taper=0, slant=(0, 0), turn=0, stretch=0)
LIMITS = (0.4, 1.1)


def smooth(drawn: Form) -> np.ndarray:
    line: np.ndarray = drawn.curves[0] @ drawn.shapes[0]
    return line


def test_a_curve_passes_through_its_points() -> None:
    line = smooth(form(["0,0 30,40 10,80 50,100"], 1, LIMITS))
    for point in ([0, 0], [0.3, 0.4], [0.1, 0.8], [0.5, 1]):
        assert np.hypot(*(line - point).T).min() < 0.04


def test_a_curve_turns_slowly_but_at_a_corner() -> None:
    def sharpest(text: str) -> float:
        steps = np.diff(smooth(form([text], 1, LIMITS)), axis=0)
        turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
        return float(np.degrees(np.abs(turns).max()))

    assert sharpest("0,0 40,0 60,2! 40,60 30,100") > 80
    assert sharpest("0,0 40,0 60,2 40,60 30,100") < 50


def test_straight_curves_and_rounded_corners() -> None:
    drawn = form(["0,0 50,0 100,0! 100,50 100,100"], 1, LIMITS)
    smooth_line, straight, rounded = drawn.curves @ drawn.shapes[0]
    corner = np.array([1.0, 0.0])
    assert np.hypot(*(smooth_line - corner).T).min() < 1e-9
    assert 0.01 < np.hypot(*(rounded - corner).T).min() < 0.2
    assert (np.minimum(straight[:, 1], 1 - straight[:, 0]) < 1e-9).all()
    np.testing.assert_allclose(rounded[[0, -1]], [[0, 0], [1, 1]])


def test_a_still_hand_writes_the_form() -> None:
    drawn = form(["50,0 50,50 50,100 / 30,100 50,100 70,100"], 1, LIMITS)
    stem, foot = write(drawn, np.random.default_rng(0), STILL)
    assert np.ptp(stem[:, 0]) < 1e-9
    assert np.ptp(stem[:, 1]) == pytest.approx(1, abs=0.15)  # the ends run over
    assert np.ptp(foot[:, 1]) < 1e-9


def test_the_hand_keeps_between_the_extremes() -> None:
    drawn = form(["0,0 0,50 0,100 20,100", "0,0 0,50 0,100 80,100"], 1, None)
    wide = [
        np.ptp(write(drawn, np.random.default_rng(n), STILL)[0][:, 0], axis=0) for n in range(200)
    ]
    assert min(wide) == pytest.approx(0.2, abs=0.1)
    assert max(wide) == pytest.approx(0.8, abs=0.1)
    assert 0.3 < np.median(wide) < 0.7


@pytest.mark.parametrize("limits", [(0.2, 0.3), (1.5, 1.6)])
def test_width_over_height_is_limited(limits: tuple[float, float]) -> None:
    drawn = form(["0,0 60,0! 60,100! 0,100! 0,0"], 1, limits)
    hand = Hand(slant=(0, 0), turn=0, jitter=0, wobble=0, bend=0)
    (stroke,) = write(drawn, np.random.default_rng(1), hand)
    width, height = np.ptp(stroke, axis=0)
    assert limits[0] - 0.07 < width / height < limits[1] + 0.07


def test_the_slant_leans_to_the_right() -> None:
    drawn = form(["50,0 50,50 50,100"], 1, None)
    hand = Hand(slant=(30, 30), jitter=0, drift=0, wobble=0, bend=0, taper=0, turn=0)
    (stem,) = write(drawn, np.random.default_rng(2), hand)
    top, bottom = stem[stem[:, 1].argmin()], stem[stem[:, 1].argmax()]
    lean = np.degrees(np.arctan2(top[0] - bottom[0], bottom[1] - top[1]))
    assert lean == pytest.approx(30, abs=1)


def test_a_table_is_read() -> None:
    table = read("""
    7: plain; 4; 0.5 1.1
      - 0,3 60,0! 28,100
      - 0,5 60,2!
        34,100
    7: barred; 0.5
      - 0,3 60,0! 28,100 / 16,50 62,46
    1: stick; 3; as drawn
      - 50,0 50,100
    """)
    assert {letter: tuple(styles) for letter, styles in table.items()} == {
        "7": ("plain", "barred"),
        "1": ("stick",),
    }
    plain, barred, stick = table["7"]["plain"], table["7"]["barred"], table["1"]["stick"]
    np.testing.assert_allclose(plain.shapes[1], [[0, 0.05], [0.6, 0.02], [0.34, 1]])
    assert (plain.weight, plain.aspects) == (4, (0.5, 1.1))
    assert (barred.weight, barred.aspects, barred.strokes) == (0.5, LIMITS, (3, 2))
    assert stick.aspects is None
