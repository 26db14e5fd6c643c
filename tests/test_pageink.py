from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import pageink
from inkdigits.image import Picture
from inkdigits.wild import pages
from inkdigits.wild.pages import Style
from tests.pictures import drawing

Pixels = NDArray[np.float32]


def ink(pixels: NDArray[np.floating]) -> Pixels:
    return pageink.extract(Picture(np.clip(pixels, 0, 1).astype(np.float32))).pixels


def paper(height: int = 400, width: int = 600) -> Pixels:
    return np.full((height, width), 0.9, np.float32)


@pytest.mark.parametrize("side", [200, 300, 400])
@pytest.mark.parametrize("digit", [0, 1, 4, 7])
def test_a_broad_pen_is_not_taken_for_paper(side: int, digit: int) -> None:
    drawn = drawing(digit, side=side, part=0.9, pen=side / 14)
    truth = drawn < 128
    for page in (drawn, 255 - drawn):
        found = ink(page.astype(np.float32) / 255) > 0.5
        assert (found & truth).sum() / (found | truth).sum() > 0.9


@pytest.mark.parametrize(("seed", "shadow"), [(39, 0.7), (1000, 0.4), (1002, 0.4), (1004, 0.4)])
def test_the_lit_part_of_a_ruled_page_is_no_broad_stroke(seed: int, shadow: float) -> None:
    style = Style(spread=True, numbers=6, shadow=shadow)
    page = pages.page(np.random.default_rng(seed), "ruled", style)
    found = ink(page.pixels.astype(np.float32) / 255) > 0.5
    around = np.zeros(page.pixels.shape, bool)
    for x, y, wide, tall in (number.box for number in page.numbers):
        assert found[y : y + tall, x : x + wide].mean() > 0.05
        around[y - 3 : y + tall + 3, x - 3 : x + wide + 3] = True
    assert (found & ~around).mean() < 0.0005


@pytest.mark.parametrize(
    ("sigma", "shape"),
    [(1, (60, 90)), (3, (60, 90)), (1, (480, 640)), (3, (480, 640)), (8, (480, 640))],
)
def test_a_texture_is_no_ink(sigma: float, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    cloth = cv2.GaussianBlur(rng.standard_normal(shape), (0, 0), sigma)
    assert not ink(0.5 + 0.12 * cloth / cloth.std()).any()


def test_white_noise_is_no_ink_however_small_the_picture() -> None:
    assert not ink(np.random.default_rng(1).random((60, 90))).any()


@pytest.mark.parametrize("upright", [False, True])
def test_a_bar_on_a_paler_rule_is_kept_and_the_rule_is_not(upright: bool) -> None:
    page = paper()
    for y in range(50, 400, 50):
        page[y : y + 2] = 0.5
    page[200:202, 300:330] = 0.1  # the foot of an L, on a rule
    page[160:202, 300:306] = 0.1
    page = page.T if upright else page
    found = ink(page)
    found = found.T if upright else found
    assert (found[200:202, 302:328] > 0.5).all()
    assert found[:, 340:].max() < 0.3
    assert found[:, :290].max() < 0.3


def test_a_rule_as_dark_as_ink_goes_too() -> None:
    page = paper()
    page[200:202] = page[160:195, 300:306] = 0.1
    found = ink(page)
    assert (found[165:190, 301:305] > 0.5).all()
    assert not found[199:204].any()


def squared(pencil: float) -> tuple[Pixels, NDArray[np.bool_]]:
    """A 7 on squared paper, most of which lies in a deep shadow; and where it is.

    Args:
        pencil: how much of the light the 7 takes; the squares take an eighth.
    """
    rng = np.random.default_rng(2)
    left = np.ones((604, 902), np.float32)
    left[10::20] = left[:, 10::20] = 0.87
    seven = np.zeros(left.shape, bool)
    seven[400:520, 700:820] = cv2.resize(drawing(7), (120, 120)) < 128
    left[seven] = 1 - pencil
    light = np.where(np.add.outer(np.arange(604) * 0.6, np.arange(902)) < 950, 0.28, 0.5)
    light = cv2.GaussianBlur(light, (0, 0), 12)
    return (light * left + rng.normal(0, 0.02, left.shape)).astype(np.float32), seven


@pytest.mark.parametrize("pencil", [0.9, 0.55])
def test_squares_that_come_to_pieces_in_a_shadow_are_no_ink(pencil: float) -> None:
    page, seven = squared(pencil)
    found = ink(page) > 0.3
    _, _, stats, _ = cv2.connectedComponentsWithStats(found.view(np.uint8), connectivity=8)
    sides = stats[1:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1)
    assert (sides >= 6).sum() <= 5
    assert (found & seven).sum() > 0.8 * seven.sum()


def test_pencil_beside_pen_is_kept_on_a_ruled_page() -> None:
    page = paper(500, 700)
    page[30::40] = 0.75
    sevens = np.zeros(page.shape, bool)
    for k in range(30):
        y, x = 50 + 80 * (k // 6), 40 + 100 * (k % 6)
        sevens[y : y + 60, x : x + 60] = cv2.resize(drawing(7), (60, 60)) < 128
    page[sevens] = 0.6
    page[440:480, 640:644] = 0.3  # one stroke of a pen
    assert ((ink(page) > 0.3) & sevens).sum() > 0.9 * sevens.sum()
