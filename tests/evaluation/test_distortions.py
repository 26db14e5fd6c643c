from __future__ import annotations

import math

import numpy as np
import pytest

from inkdigits.evaluation import distortions
from inkdigits.evaluation.distortions import Floats


def dots(*places: tuple[int, int]) -> Floats:
    """One picture with a soft dot at each (row, column)."""
    rows, columns = np.mgrid[:28, :28]
    near = [np.exp(-((rows - r) ** 2 + (columns - c) ** 2) / 3) for r, c in places]
    return np.asarray(np.sum(near, axis=0), np.float32)[None]


def middle(image: Floats) -> tuple[float, float]:
    """The centre of mass, (row, column), from the middle of the picture."""
    rows, columns = np.mgrid[:28, :28] - 13.5
    return float((rows * image).sum() / image.sum()), float((columns * image).sum() / image.sum())


ONE = np.zeros(1, np.intp)


@pytest.mark.parametrize(("side", "turn"), [(0, -0.4), (1, 0.4)])
def test_rotate_turns_by_its_angle(side: int, turn: float) -> None:
    row, column = middle(distortions.rotate(dots((13, 21)), ONE + side)[0])
    was_row, was_column = middle(dots((13, 21))[0])
    assert math.hypot(row, column) == pytest.approx(math.hypot(was_row, was_column), abs=0.05)
    angle = math.atan2(row, column) - math.atan2(was_row, was_column)
    assert angle == pytest.approx(turn, abs=0.01)


@pytest.mark.parametrize(("side", "way"), [(0, 1), (1, -1)])
def test_shear_slants_and_stretches(side: int, way: int) -> None:
    row, column = middle(distortions.shear(dots((8, 13)), ONE + side)[0])
    was_row, was_column = middle(dots((8, 13))[0])
    assert row == pytest.approx(was_row / math.cos(0.4), abs=0.05)
    assert column == pytest.approx(was_column + way * math.tan(0.4) * was_row, abs=0.05)


def test_shrink_brings_all_nearer_the_middle() -> None:
    row, column = middle(distortions.shrink(dots((6, 20)), ONE)[0])
    was_row, was_column = middle(dots((6, 20))[0])
    assert row == pytest.approx(0.7 * was_row, abs=0.05)
    assert column == pytest.approx(0.7 * was_column, abs=0.05)


@pytest.mark.parametrize(
    ("sides", "place"),
    [((0, 0), (13, 17)), ((1, 0), (13, 11)), ((0, 1), (7, 17)), ((1, 1), (7, 11))],
)
def test_translate_moves_by_three(sides: tuple[int, int], place: tuple[int, int]) -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 10, 14] = 1
    moved = distortions.translate(image, np.array([sides]))[0]
    assert moved.sum() == 1
    assert moved[place] == 1


def test_motion_smears_along_its_direction() -> None:
    image = np.zeros((3, 28, 28), np.float32)
    image[:, 14, 14] = 1
    level, down, up = distortions.motion(image, np.array([0.0, 45.0, -45.0]))
    assert level.sum() == pytest.approx(1, abs=1e-3)
    assert np.flatnonzero(level.sum(axis=1)).tolist() == [14]
    weights = np.exp(-(np.arange(21) ** 2) / 18)
    assert level[14, 14] == pytest.approx(1 / weights.sum(), abs=1e-6)
    assert level[14, 11] == pytest.approx(math.exp(-0.5) / weights.sum(), abs=1e-6)
    assert level[14, 15] == 0
    assert down[10, 10] > 0.02
    assert up[18, 10] > 0.02


def test_glass_swaps_with_the_neighbour_above_and_left() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 14, 14] = 1
    never = np.full((1, 2, 28, 28), 4)
    still = distortions.glass(image, never)[0]
    assert np.flatnonzero(still.sum(axis=0)).tolist() == [14]  # it blurs down the columns only
    assert still.sum() == pytest.approx(1, abs=0.02)
    once = never.copy()
    once[0, 0, 14, 14] = 2  # swap with the column to the left
    moved = distortions.glass(image, once)[0]
    assert moved[14, 13] == pytest.approx(still[13, 14], abs=0.2)
    assert moved[14, 13] > 0.2
    once[0, 0, 14, 14] = 1  # with the row above
    np.testing.assert_array_equal(np.flatnonzero(distortions.glass(image, once)[0].sum(axis=0)), 14)


def test_brightness_and_stripe_are_exact() -> None:
    image = np.full((1, 28, 28), 0.25, np.float32)
    assert set(np.unique(distortions.brighten(image, ONE))) == {0.75}
    striped = distortions.stripe(image, ONE)[0]
    assert set(np.unique(striped[:, 7:21])) == {0.25}
    assert set(np.unique(striped[:, :7])) == set(np.unique(striped[:, 21:])) == {0.75}


def test_edges_are_a_thin_outline() -> None:
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 8:20, 8:20] = 1
    found = distortions.edges(image, ONE)[0]
    assert set(np.unique(found)) == {0, 1}
    assert found[10:18, 10:18].sum() == 0
    assert found[14].sum() == found[:, 14].sum() == 2
