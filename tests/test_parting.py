from __future__ import annotations

import numpy as np
import pytest

from inkdigits import parting
from inkdigits.results import Box
from inkdigits.rows import Row


def row(*spans: tuple[int, int], wide: int = 120, scale: int = 2) -> Row:
    """Blocks of ink from column to column, 20 pixels tall, in a picture twice as large."""
    ink = np.zeros((22, wide), np.float32)
    for first, last in spans:
        ink[1:21, first:last] = 1
    left, right = min(first for first, _ in spans), max(last for _, last in spans)
    return Row(ink, Box(100, 50, (right - left) * scale, 20 * scale))


def test_marks_apart_go_to_their_places_whole() -> None:
    parts = parting.part(row((1, 11), (30, 36), (60, 90)), [6, 33, 75])
    boxes = [part.glyph.box for part in parts if part is not None]
    assert boxes == [Box(100, 50, 20, 40), Box(158, 50, 12, 40), Box(218, 50, 60, 40)]
    assert all(part is not None and part.alone for part in parts)


def test_touching_marks_are_cut_where_there_is_least_ink() -> None:
    touching = row((1, 41))
    touching.ink[1:18, 19:22] = 0  # a bridge at the foot
    first, second = parting.part(touching, [8, 32])
    assert first is not None
    assert second is not None
    assert not first.alone
    assert not second.alone
    assert first.glyph.box.width == pytest.approx(38, abs=4)
    assert second.glyph.box.x == pytest.approx(100 + 2 * 19, abs=4)


def test_pieces_of_one_digit_stay_together() -> None:
    broken = row((1, 20))
    broken.ink[8:11] = 0  # the bar above, the rest below
    (part,) = parting.part(broken, [10])
    assert part is not None
    assert part.glyph.box == Box(100, 50, 38, 40)
    assert part.alone


def test_a_place_without_ink_has_no_part() -> None:
    assert parting.part(row((1, 11)), [6, 100])[1] is None
    assert parting.part(row((1, 11)), []) == []
