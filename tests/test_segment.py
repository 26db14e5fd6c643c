from __future__ import annotations

import numpy as np
import pytest

from inkdigits.image import Picture
from inkdigits.ink import Ink
from inkdigits.results import Box
from inkdigits.segment import apart, find_glyph, locate
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


def crop(*, height: int = 60, width: int = 40) -> np.ndarray:
    """A ring in the middle of a narrow picture, its ink 0 to 1."""
    ink = np.zeros((height, width), np.float32)
    ink[10:50, 8:32] = 1
    ink[16:44, 14:26] = 0
    return ink


def test_a_neighbour_that_runs_off_the_picture_is_left_out() -> None:
    alone, crowded = crop(), crop()
    crowded[5:55, 36:40] = 1
    one, other = find_glyph(Ink(alone)), find_glyph(Ink(crowded))
    assert one is not None
    assert other is not None
    assert one.box == other.box == Box(8, 10, 24, 40)


def test_a_neighbour_that_leans_along_is_left_out_where_it_runs_off() -> None:
    """Two strokes as steep as in 11, where neither is beside the other's box."""
    ink = np.zeros((60, 60), np.float32)
    for row in range(6, 54):
        ink[row, 44 - row // 2 : 50 - row // 2] = 1
    lone = find_glyph(Ink(ink))
    for row in range(20, 60):
        ink[row, 60 - row // 2 : 64 - row // 2] = 1
    crowded = find_glyph(Ink(ink))
    assert lone is not None
    assert crowded is not None
    assert lone.box == crowded.box
    ink[58:] = 0  # the other one does not run off
    whole = find_glyph(Ink(ink))
    assert whole is not None
    assert whole.box.width > lone.box.width


def test_a_larger_neighbour_does_not_win() -> None:
    ink = np.zeros((60, 80), np.float32)
    ink[10:50, 30:36] = 1  # a 1 in the middle
    ink[0:60, 70:80] = 1  # more ink, but at the rim
    glyph = find_glyph(Ink(ink))
    assert glyph is not None
    assert glyph.box == Box(30, 10, 6, 40)


def test_a_part_above_the_digit_stays_even_where_it_touches_the_edge() -> None:
    ink = crop()
    ink[0:4, 12:34] = 1  # the bar of a 5, cut by the edge
    glyph = find_glyph(Ink(ink))
    assert glyph is not None
    assert glyph.box.y == 0


def test_a_full_stop_beside_the_digit_is_left_out_and_a_1_is_not() -> None:
    ink = np.zeros((80, 80), np.float32)
    ink[10:60, 10:16] = ink[54:60, 10:40] = ink[10:16, 10:40] = 1
    stop, one = ink.copy(), ink.copy()
    stop[54:60, 46:52] = 1
    one[20:60, 50:52] = 1  # as little ink, but tall
    first, second = find_glyph(Ink(stop)), find_glyph(Ink(one))
    assert first is not None
    assert second is not None
    assert first.box.width == 30
    assert second.box.width == 42


@pytest.mark.parametrize("turned", [False, True])
def test_a_ruled_line_from_edge_to_edge_is_left_out(turned: bool) -> None:
    ink = crop(height=90, width=90)
    ink[30:32, :] = 1  # through the ring
    ink[70:73, :] = 1
    glyph = find_glyph(Ink(np.ascontiguousarray(ink.T) if turned else ink))
    assert glyph is not None
    box = glyph.box
    assert (box.x, box.y) == ((10, 8) if turned else (8, 10))
    # the ring's own strokes are whole where the line crossed them
    shown = glyph.ink.T if turned else glyph.ink
    assert (shown[21:23, 2:6] > 0).all()
    assert (shown[21:23, 9:16] == 0).all()


def test_a_stroke_from_edge_to_edge_that_is_no_line_is_kept() -> None:
    ink = np.zeros((60, 60), np.float32)
    ink[10:30, :] = 1
    glyph = find_glyph(Ink(ink))
    assert glyph is not None
    assert glyph.box == Box(0, 10, 60, 20)


def test_glyphs_apart_come_from_left_to_right_with_their_parts() -> None:
    ink = np.zeros((60, 120), np.float32)
    ink[10:50, 80:100] = 1
    ink[20:50, 10:30] = 1
    ink[8:14, 12:34] = 1  # above the first
    ink[58:60, 118:120] = 1  # a speck
    boxes = [glyph.box for glyph in apart(Ink(ink))]
    assert boxes == [Box(10, 8, 24, 42), Box(80, 10, 20, 40)]
    assert apart(Ink(np.zeros((9, 9), np.float32))) == []


@pytest.mark.parametrize(("side", "digit"), [(120, 90), (600, 400), (600, 60), (1000, 20)])
def test_a_digit_is_located_at_any_size(side: int, digit: int) -> None:
    page = np.ones((side, side), np.float32)
    left, top = side // 3 - digit // 3, side // 2 - digit // 2
    page[top : top + digit, left : left + digit // 4] = 0
    glyph = locate(Picture(page))
    assert glyph is not None
    expected = (left, top, digit // 4, digit)
    found = (glyph.box.x, glyph.box.y, glyph.box.width, glyph.box.height)
    # a working pixel either way
    assert np.abs(np.subtract(expected, found)).max() <= max(2, side / 144)


def test_nothing_is_located_on_blank_paper() -> None:
    assert locate(Picture(np.full((500, 400), 0.8, np.float32))) is None


def test_the_box_is_in_the_files_pixels() -> None:
    page = np.ones((750, 1000), np.float32)
    page[300:500, 200:260] = 0
    glyph = locate(Picture(page, scale=4))
    assert glyph is not None
    box = glyph.box
    found = np.array([box.x, box.y, box.width, box.height])
    assert np.abs(found - [800, 1200, 240, 800]).max() <= 4 * 1000 / 144
