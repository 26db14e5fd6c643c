from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits.evaluation.framing import AXES, COLOURS, PLAIN, Axis, Setting, present
from tests.pictures import STROKES

BAR = [np.array([[0.0, 0.0], [0.0, 3.0]])]
SEVEN = [np.array(line) for line in STROKES[7]]
CLEAN = replace(PLAIN, noise=0)


def shown(lines: list[NDArray[np.float64]] = BAR, **changes: float | str) -> NDArray[np.uint8]:
    setting = CLEAN
    for name, value in changes.items():
        setting = setting.having(name, value)
    return present(lines, setting, np.random.default_rng(5))


def box(picture: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is darker than grey."""
    rows, columns = np.nonzero(picture < 128)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("pen", [0.05, 0.1, 0.3])
def test_the_pen_is_as_wide_as_asked(pen: float) -> None:
    picture = shown(size=200, pen=pen)
    across = (255 - picture[len(picture) // 2].astype(float)).sum() / 255
    assert across == pytest.approx(200 * pen, abs=1.2)


@given(st.integers(16, 400), st.floats(0, 3))
@settings(deadline=None, max_examples=30)
def test_size_and_margin_are_as_asked(size: int, margin: float) -> None:
    picture = shown(SEVEN, size=size, margin=margin)
    assert picture.shape == (round(size * (1 + 2 * margin)),) * 2
    left, top, right, bottom = box(picture)
    assert max(right - left, bottom - top) == pytest.approx(size, abs=2.5)
    assert top == pytest.approx(size * margin, abs=2.5)
    assert left == pytest.approx(len(picture) - right, abs=2.5)  # in the middle


def test_the_corner_is_reached_and_the_way_is_even() -> None:
    def middle(place: float) -> float:
        left, _, right, _ = box(shown(SEVEN, place=place, margin=1.0))
        return (left + right) / 2

    picture = shown(SEVEN, place=1, margin=1.0)
    assert box(picture)[2:] == pytest.approx((300, 300), abs=2)
    assert middle(0) == pytest.approx(150, abs=1.5)
    assert middle(0.5) == pytest.approx((middle(0) + middle(1)) / 2, abs=1.5)


@pytest.mark.parametrize(("turn", "wide", "tall"), [(0, 10, 100), (90, 100, 10), (45, 100, 100)])
def test_a_bar_turns(turn: float, wide: int, tall: int) -> None:
    left, top, right, bottom = box(shown(turn=turn))
    assert (right - left, bottom - top) == pytest.approx((wide, tall), abs=2)


def test_it_turns_clockwise() -> None:
    picture = shown(turn=20)
    assert np.nonzero(picture[30] < 128)[0].mean() > np.nonzero(picture[110] < 128)[0].mean()


@pytest.mark.parametrize("aspect", [0.4, 1.0, 2.5])
def test_it_is_stretched_in_width(aspect: float) -> None:
    square = [np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])]
    left, top, right, bottom = box(shown(square, aspect=aspect, size=300, pen=0.02))
    assert (right - left) / (bottom - top) == pytest.approx(aspect, rel=0.05)


@pytest.mark.parametrize("contrast", [0.05, 0.5, 1.0])
def test_contrast_is_that_of_ink_and_paper(contrast: float) -> None:
    picture = shown(contrast=contrast)
    assert int(picture.max()) - int(picture.min()) == pytest.approx(255 * contrast, abs=1)


def test_a_shadow_takes_its_share_of_the_light() -> None:
    paper = shown(shadow=0.6, margin=2.0)
    assert int(paper.max()) == pytest.approx(255, abs=1)
    corners = paper[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.min() == pytest.approx(255 * 0.4, abs=1)


def test_noise_has_the_deviation_asked_for() -> None:
    grey = replace(CLEAN, noise=0.1, contrast=0.0, colours="blue on kraft", margin=1.0)
    noisy = present(BAR, grey, np.random.default_rng(1))
    assert noisy.ndim == 3
    assert np.std(noisy[..., 1] / 255) == pytest.approx(0.1, rel=0.05)


def test_jpeg_quality_is_that_of_a_file() -> None:
    good, bad = (shown(SEVEN, quality=quality).astype(int) for quality in (95, 5))
    plain = shown(SEVEN).astype(int)
    assert 0 < np.abs(good - plain).mean() < np.abs(bad - plain).mean() / 3
    ours = shown(SEVEN, quality=40)
    data = cv2.imencode(".jpg", shown(SEVEN), [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    np.testing.assert_array_equal(ours, cv2.imdecode(data, cv2.IMREAD_UNCHANGED))


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("quality", [100, 90])
def test_colours_are_red_green_blue(name: str, quality: int) -> None:
    picture = shown(colours=name, size=200, quality=quality).astype(int)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    ink, paper = COLOURS[name]
    np.testing.assert_allclose(picture[len(picture) // 2, len(picture) // 2], ink, atol=20)
    np.testing.assert_allclose(picture[3, 3], paper, atol=20)


def test_every_setting_is_varied_once_and_the_rest_stays() -> None:
    assert sorted(axis.of for axis in AXES) == sorted(field.name for field in fields(Setting))
    for axis in AXES:
        assert len(axis.settings) == len(axis.values) == len(set(axis.values))
        for value, setting in zip(axis.values, axis.settings, strict=True):
            assert getattr(setting, axis.of) == value
            assert setting.having(axis.of, getattr(axis.base, axis.of)) == axis.base


def test_the_same_state_shows_the_same_picture() -> None:
    noisy = replace(PLAIN, noise=0.1, shadow=0.3)
    one, same, other = (present(SEVEN, noisy, np.random.default_rng(k)) for k in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_values_are_shown_with_their_units() -> None:
    shares, pixels = Axis("margin", "margin", "%", (0.075,)), Axis("size", "size", "px", (16,))
    assert (shares.show(0.075), pixels.show(16)) == ("7.5 %", "16 px")
    assert Axis("", "quality", "", (5,)).show(5) == "5"
    assert Axis("", "colours", "", ("red",)).show("red") == "red"
