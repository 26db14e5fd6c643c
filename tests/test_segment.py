from __future__ import annotations

import numpy as np
import pytest

from inkdigits.ink import Ink
from inkdigits.results import Box
from inkdigits.segment import find_glyph
from tests.pictures import drawing


def page() -> np.ndarray:
    """A 7 on (30, 20) of an empty page, its ink 0 to 1."""
    ink = np.zeros((200, 300), np.float32)
    seven = 1 - drawing(7, side=100, part=0.8, pen=8) / np.float32(255)
    ink[30:130, 20:120] = seven
    return ink


def test_the_box_is_the_inks() -> None:
    ink = page()
    glyph = find_glyph(Ink(ink))
    assert glyph is not None
    rows, columns = np.nonzero(ink > 0.3)
    expected = Box(
        int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    )
    assert glyph.box == expected


def test_the_box_is_in_the_pictures_pixels() -> None:
    small, large = find_glyph(Ink(page())), find_glyph(Ink(page(), scale=2.5))
    assert small is not None
    assert large is not None
    assert large.box.width == round(small.box.width * 2.5)
    assert large.box.x == round(small.box.x * 2.5)


def test_specks_and_faint_marks_are_dropped() -> None:
    clean, dirty = page(), page()
    dirty[180:182, 280:282] = 1  # a speck
    dirty[150:190, 200:260] = 0.4  # a smudge that is nowhere strong
    one, other = find_glyph(Ink(clean)), find_glyph(Ink(dirty))
    assert one is not None
    assert other is not None
    assert one.box == other.box
    np.testing.assert_array_equal(one.ink, other.ink)


def test_a_separate_bar_of_the_digit_is_kept() -> None:
    ink = page()
    ink[20:24, 60:100] = 1
    glyph = find_glyph(Ink(ink))
    assert glyph is not None
    assert glyph.box.y == 20


@pytest.mark.parametrize("level", [0.0, 0.2, 0.5])
def test_no_strong_ink_is_a_blank(level: float) -> None:
    assert find_glyph(Ink(np.full((50, 50), level, np.float32))) is None
