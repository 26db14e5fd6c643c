from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkdigits.evaluation import overlays

BLANK = np.zeros((1, 28, 28), np.float32)


@given(st.integers(0, 26), st.integers(0, 26))
def test_a_dotted_line_runs_between_its_rows(start: int, end: int) -> None:
    line = overlays.dotted_line(BLANK, np.array([[start, end]]))[0]
    lit = np.flatnonzero(line.max(axis=0) > 0.5)
    assert lit.tolist() == [c for c in range(27) if c % 4 >= 2]
    for column in lit:
        wanted = start + (end - start) * column / 27
        assert abs(int(line[:, column].argmax()) - wanted) <= 0.5 + 1e-6
    assert 0 <= line.min() <= line.max() <= 1


def test_a_line_fades_as_published() -> None:
    line = overlays.dotted_line(BLANK, np.array([[10, 10]]))[0]
    assert line[10, 2] == 1
    assert line[11, 2] == pytest.approx(1 + np.log(1 - 1 / 2.3), abs=1e-6)
    assert line[12, 2] == 0


def test_a_zigzag_has_six_teeth() -> None:
    level = overlays.zigzag(BLANK, np.array([[14, 0]]))[0]
    assert np.flatnonzero(level.max(axis=0)).tolist() == list(range(2, 25))
    peaks = [int(level[:, column].argmax()) for column in range(4, 25, 4)]
    assert peaks == [16, 12, 16, 12, 16, 12]


@given(st.integers(0, 26), st.integers(-5, 4))
@settings(max_examples=50)
def test_a_zigzag_follows_its_drop(start: int, drop: int) -> None:
    line = overlays.zigzag(BLANK, np.array([[start, drop]]))[0]
    assert 0 <= line.min() <= line.max() <= 1
    rows, columns = np.nonzero(line > 0.3)
    assert np.abs(rows - (start + drop * (columns - 2) / 23)).max() < 4.5


def test_fog_keeps_the_brightness_of_the_digit() -> None:
    image = BLANK.repeat(20, axis=0)
    image[:, 5:20, 14] = 0.8
    luck = np.random.default_rng(0).random((20, overlays.FOG_SIDE**2), np.float32)
    misty = overlays.fog(image, luck)
    assert 0 <= misty.min() <= misty.max() <= 0.8 + 1e-6
    assert misty[:, 5:20, 14].mean() > misty[:, 5:20, 20].mean() + 0.05
    assert misty[:, :, 20].std(axis=1).min() > 0.001  # it drifts within a picture
    np.testing.assert_array_equal(overlays.fog(BLANK, luck[:1]), BLANK)


@given(hnp.arrays(np.float64, (2, 28, 28), elements=st.floats(0, 1.3)))
@settings(deadline=None, max_examples=20)
def test_mud_is_never_brighter_than_mud(drops: np.ndarray) -> None:
    muddy = overlays.spatter(np.stack([BLANK[0], BLANK[0] + 1]), drops)
    assert 0 <= muddy[0].min() <= muddy[0].max() <= 63 / 255 + 1e-6
    assert muddy[1].min() >= 63 / 255 - 1e-6


def test_mud_lies_where_drops_are_dense() -> None:
    drops = np.zeros((1, 28, 28))
    drops[0, :, 14:] = 1
    muddy = overlays.spatter(BLANK + 1, drops)[0]
    np.testing.assert_array_equal(muddy[:, :12], 1)
    np.testing.assert_allclose(muddy[:, 20:], 63 / 255, atol=1e-6)


def test_fog_is_as_smooth_as_published() -> None:
    """Each level adds 1.4 squared less than the one above: neighbours are nearly alike."""
    luck = np.random.default_rng(0).random((40, overlays.FOG_SIDE**2), np.float32)
    haze = overlays.fog(BLANK.repeat(40, axis=0) + 1e-3, luck) / 1e-3
    steps = np.abs(np.diff(haze, axis=2))
    assert steps.mean() == pytest.approx(0.0086, rel=0.15)
