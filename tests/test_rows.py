from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkdigits import ink, rows
from inkdigits.image import Picture


def paper(height: int = 80, width: int = 300) -> NDArray[np.float32]:
    return np.full((height, width), 0.9, np.float32)


def found(picture: NDArray[np.float32]) -> rows.Row:
    row = rows.only(ink.extract(Picture(picture)))
    assert row is not None
    return row


def digits(picture: NDArray[np.float32], *places: int) -> None:
    for x in places:
        picture[20:60, x : x + 6] = 0.1


def test_the_box_is_around_all_marks() -> None:
    picture = paper()
    digits(picture, 40, 80, 200)
    box = found(picture).box
    assert (box.x, box.y, box.width, box.height) == (40, 20, 166, 40)


def test_a_line_from_edge_to_edge_is_left_out() -> None:
    picture = paper()
    digits(picture, 40, 80, 200)
    picture[66:68] = 0.2
    box = found(picture).box
    assert (box.y, box.height) == (20, 40)


def test_what_hangs_in_from_another_row_is_left_out() -> None:
    picture = paper()
    digits(picture, 40, 80)
    picture[0:8, 120:125] = 0.1
    picture[70:80, 220:225] = 0.1
    box = found(picture).box
    assert (box.x + box.width, box.y + box.height) == (86, 60)


def test_specks_are_left_out_and_a_point_is_not() -> None:
    picture = paper()
    digits(picture, 40, 80)
    picture[30:32, 250:252] = 0.1
    picture[55:60, 100:105] = 0.1
    box = found(picture).box
    assert box.x + box.width == 105


def test_blank_paper_has_no_row() -> None:
    assert rows.only(ink.extract(Picture(paper()))) is None


def test_a_rule_that_does_not_reach_the_edges_is_left_out_and_a_dash_is_not() -> None:
    picture = paper()
    digits(picture, 40, 80, 200)
    picture[66:68, 20:260] = 0.2
    picture[40:43, 220:250] = 0.1
    box = found(picture).box
    assert (box.x, box.y, box.width, box.height) == (40, 20, 210, 40)
