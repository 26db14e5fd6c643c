from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import layout, pageink
from inkdigits.image import Picture
from inkdigits.layout import Grouping

Pixels = NDArray[np.float32]


def page(*spots: tuple[int, int], size: tuple[int, int] = (400, 900)) -> Pixels:
    """Ring-shaped marks, 24 x 40 pixels, at (x, y) of their upper left corners."""
    paper = np.full(size, 0.9, np.float32)
    for x, y in spots:
        cv2.ellipse(paper, (x + 12, y + 20), (10, 18), 0, 0, 360, 0.2, 4, cv2.LINE_AA)
    return paper


def found(paper: Pixels, group: Grouping = "gap") -> list[list[int]]:
    """How wide the groups of each line are, in digits."""
    lines = layout.find(Picture(paper), group).lines
    return [[round(row.box.width / 40 + 0.4) for row in line] for line in lines]


def row(y: int, *starts: int) -> list[tuple[int, int]]:
    return [(x, y) for x in starts]


def test_lines_come_from_the_top_and_groups_from_the_left() -> None:
    paper = page(*row(250, 500, 540), *row(100, 60, 100, 140), *row(90, 400, 440))
    boxes = [
        [(r.box.x // 10, r.box.y // 10) for r in line] for line in layout.find(Picture(paper)).lines
    ]
    assert boxes == [[(6, 10), (40, 9)], [(50, 25)]]


def test_wide_but_even_gaps_do_not_part_a_number() -> None:
    assert len(found(page(*row(100, 50, 120, 190, 260, 330)))[0]) == 1


def test_a_gap_wider_than_the_others_does() -> None:
    paper = page(*row(100, 50, 90, 130, 250, 290, 330))
    assert len(found(paper)[0]) == 2
    assert len(found(paper, "row")[0]) == 1
    assert len(found(paper, "digit")[0]) == 6


def test_printed_boxes_part_numbers_and_go() -> None:
    paper = page(*row(100, 60, 100), *row(100, 170, 210))
    for x in (45, 155):
        cv2.rectangle(paper, (x, 85), (x + 100, 155), 0.4, 2)
    lines = layout.find(Picture(paper)).lines
    assert [len(line) for line in lines] == [2]
    assert all(r.box.height <= 44 for r in lines[0])
    assert len(pageink.extract(Picture(paper)).frames) == 2


def test_the_loops_of_an_8_are_one_mark() -> None:
    paper = page((100, 100), (160, 100))
    cv2.circle(paper, (240, 110), 9, 0.2, 3, cv2.LINE_AA)
    cv2.circle(paper, (240, 129), 11, 0.2, 3, cv2.LINE_AA)
    assert len(layout.find(Picture(paper)).lines) == 1


def test_ruled_lines_go_and_what_crosses_them_stays() -> None:
    paper = page(*row(100, 60, 100, 140))
    for y in range(20, 400, 60):
        cv2.line(paper, (0, y), (900, y), 0.5, 2)
    cv2.line(paper, (0, 125), (900, 125), 0.5, 2)
    ((only,),) = layout.find(Picture(paper)).lines
    assert only.box.width == pytest.approx(106, abs=6)
    count, _ = cv2.connectedComponents((only.ink > 0.3).astype(np.uint8))
    assert count - 1 == 3


def test_blots_are_left_out_and_counted() -> None:
    paper = page(*row(100, 60, 100, 140))
    paper[200:260, 300:380] = 0.15
    answer = layout.find(Picture(paper))
    assert [len(line) for line in answer.lines] == [1]
    assert answer.left_out == 1


def test_points_belong_to_their_line() -> None:
    paper = page(*row(100, 60, 110))
    cv2.circle(paper, (96, 138), 3, 0.2, -1, cv2.LINE_AA)
    ((only,),) = layout.find(Picture(paper)).lines
    count, _ = cv2.connectedComponents((only.ink > 0.3).astype(np.uint8))
    assert count - 1 == 3


def test_a_shadow_is_no_ink() -> None:
    paper = page(*row(100, 60, 100, 640, 680))
    x = np.arange(900, dtype=np.float32)
    paper *= 1 - 0.5 / (1 + np.exp(-(x - 450) / 20))
    lines = layout.find(Picture(np.asarray(paper, np.float32))).lines
    assert [len(line) for line in lines] == [2]


@pytest.mark.parametrize("even", [False, True])
def test_a_page_full_of_marks_takes_no_minutes(*, even: bool) -> None:
    """Halftone and spray: some 20 000 marks, which took half a minute when each met each."""
    paper = np.full((1200, 1600), 0.92, np.float32)
    if even:
        y, x = np.mgrid[:1200, :1600]
        paper[(y % 10 < 5) & (x % 10 < 5)] = 0.1
    else:
        for left, top in np.random.default_rng(0).integers(0, [1600, 1200], (20_000, 2)).tolist():
            cv2.circle(paper, (left, top), 2, 0.1, -1)
    start = time.process_time()
    layout.find(Picture(paper))
    assert time.process_time() - start < 6
