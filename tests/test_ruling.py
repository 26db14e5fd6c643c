from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import layout, ruling
from inkdigits.image import Picture

Pixels = NDArray[np.float32]


def rings(page: Pixels, top: int) -> Pixels:
    """Rings, 20 x 40 pixels, two in each of two boxes."""
    for x in (60, 100, 170, 210):
        cv2.ellipse(page, (x + 12, top + 20), (10, 18), 0, 0, 360, 1.0, 4, cv2.LINE_AA)
    return page


def boxes(*, cells: bool = False) -> Pixels:
    """Two printed boxes, from 45 and 155 to 100 further, from 85 to 155."""
    page = np.zeros((400, 900), np.float32)
    for x in (45, 155):
        cv2.rectangle(page, (x, 85), (x + 100, 155), 0.6, 2)
        if cells:
            cv2.line(page, (x + 50, 85), (x + 50, 155), 0.6, 2)
    return page


def tilted(page: Pixels, degrees: float) -> Pixels:
    turn = cv2.getRotationMatrix2D((150, 120), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, turn, page.shape[::-1]), np.float32)


@pytest.mark.parametrize("cells", [False, True])
@pytest.mark.parametrize("degrees", [0.0, 2.0, -2.0])
@pytest.mark.parametrize("top", [100, 114, 122], ids=["clear", "touching", "crossing"])
def test_boxes_go_and_what_is_written_stays(top: int, degrees: float, *, cells: bool) -> None:
    written = tilted(rings(np.zeros((400, 900), np.float32), top), degrees)
    page = np.maximum(tilted(boxes(cells=cells), degrees), written)
    left, frames = ruling.without_frames(page)
    assert len(frames) == 2
    strong, weak = written > 0.6, written > 0.05
    # what lies on a side is lost, where it does not cross it
    assert (left[strong] > 0.5).mean() >= (1.0 if top == 100 else 0.85)
    assert not (
        left[~cv2.dilate(weak.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)] > 0.3
    ).any()
    _, _, stats, _ = cv2.connectedComponentsWithStats((left > 0.3).astype(np.uint8))
    assert (stats[1:, cv2.CC_STAT_HEIGHT] > 30).sum() == 4


def test_the_frames_are_where_the_boxes_were() -> None:
    _, frames = ruling.without_frames(rings(boxes(), 114))
    np.testing.assert_allclose(
        sorted(frames.tolist()), [[45, 85, 145, 155], [155, 85, 255, 155]], atol=2
    )


def test_a_faint_box_with_gaps_goes() -> None:
    page = rings(0.4 * boxes(), 100)
    page[84:88, 70:72] = page[84:88, 90:92] = page[150:158, 60:62] = 0
    left, frames = ruling.without_frames(page)
    assert len(frames) == 2
    assert not left[144:].any()


@pytest.mark.parametrize("side", [26, 40, 80])
def test_a_nought_is_no_box(side: int) -> None:
    page = np.zeros((200, 200), np.float32)
    cv2.ellipse(page, (100, 100), (side // 2, side // 2), 0, 0, 360, 1.0, 3, cv2.LINE_AA)
    left, frames = ruling.without_frames(page)
    assert not len(frames)
    np.testing.assert_array_equal(left, page)


def test_two_rules_with_strokes_between_them_are_no_box() -> None:
    page = np.zeros((200, 500), np.float32)
    page[80:82, 60:440] = page[118:120, 60:440] = 0.5
    page[80:120, 60:63] = page[80:120, 437:440] = page[80:120, 240:243] = 1
    left, frames = ruling.without_frames(page)
    assert not len(frames)
    assert (left[85:115, [61, 241, 438]] == 1).all()


def test_digits_that_touch_their_boxes_are_numbers_of_their_own() -> None:
    paper = np.asarray(0.9 - 0.7 * rings(boxes(), 114), np.float32)
    ((one, other),) = layout.find(Picture(paper)).lines
    for group, x in ((one, 60), (other, 170)):
        assert group.box.x == pytest.approx(x, abs=4)
        assert group.box.width == pytest.approx(65, abs=4)
        count, _ = cv2.connectedComponents((group.ink > 0.3).astype(np.uint8))
        assert count - 1 == 2


@pytest.mark.parametrize("rule", [0.6, 1.0])
@pytest.mark.parametrize("upright", [False, True])
def test_rules_go_and_strokes_across_them_stay(rule: float, *, upright: bool) -> None:
    page = np.zeros((300, 500), np.float32)
    page[100:102] = page[160:162] = rule
    page[80:120, 200:202] = page[140:180, 300:304] = 1
    left = ruling.without_rules(np.ascontiguousarray(page.T) if upright else page)
    left = left.T if upright else left
    assert (left[80:120, 200:202] == 1).all()
    assert (left[140:180, 300:304] == 1).all()
    assert not left[:, 320:].any()
    assert not left[:, :190].any()


def test_only_where_rules_are_even_is_what_is_darker_a_stroke() -> None:
    page = np.zeros((300, 500), np.float32)
    page[100:102] = 0.4
    page[100:102, 200:216] = page[70:102, 200:203] = 1  # an L's foot, on the rule
    assert (ruling.without_rules(page)[100:102, 204:215] == 1).all()
    assert not ruling.without_rules(page, even=False)[100:102, 215:].any()
    assert not ruling.without_rules(page, even=False)[100:102, 206:214].any()
