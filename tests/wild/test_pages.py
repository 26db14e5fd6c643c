from __future__ import annotations

import numpy as np
import pytest

from inkdigits.wild import pages
from inkdigits.wild.pages import KINDS, Kind, Style


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("camera", [False, True])
def test_numbers_are_where_they_are_said_to_be(kind: Kind, camera: bool) -> None:
    style = Style(size=(500, 700), numbers=6, camera=camera, shadow=0.1)
    page = pages.page(np.random.default_rng(3), kind, style)
    height, width = page.pixels.shape
    assert 1 <= len(page.numbers) <= 6
    for number in page.numbers:
        assert number.text.isdigit()
        assert 2 <= len(number.text) <= 6
        x, y, wide, tall = number.box
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + tall <= height
        inside = page.pixels[y : y + tall, x : x + wide]
        assert inside.min() < 0.65 * np.median(inside)  # ink


def test_lines_are_counted_from_the_top() -> None:
    page = pages.page(np.random.default_rng(1))
    tops = [number.box[1] for number in page.numbers]
    lines = [number.line for number in page.numbers]
    assert lines == sorted(lines)
    assert np.corrcoef(tops, lines)[0, 1] > 0.99


def test_the_same_generator_gives_the_same_page() -> None:
    one, other = (pages.page(np.random.default_rng(9), "squared") for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.numbers == other.numbers
    assert pages.page(np.random.default_rng(10), "squared").numbers != one.numbers


def test_spread_digits_stand_one_number_a_line() -> None:
    page = pages.page(np.random.default_rng(2), "white", Style(spread=True))
    lines = [number.line for number in page.numbers]
    assert len(set(lines)) == len(lines)
    wide = [number.box[2] / number.box[3] / len(number.text) for number in page.numbers]
    assert np.median(wide) > 1
