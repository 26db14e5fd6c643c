from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.image import Picture
from inkdigits.ink import WORKING_SIDE, extract
from tests.pictures import drawing

TRUTH = drawing(7) < 128


def agreement(ink: NDArray[np.float32]) -> float:
    """Intersection over union of the ink found and the ink drawn."""
    found = ink > 0.5
    return float((found & TRUTH).sum() / (found | TRUTH).sum())


def paper(level: float, contrast: float) -> NDArray[np.float32]:
    """A 7 of some contrast on paper of some brightness."""
    return (level - contrast * (1 - drawing(7) / 255)).astype(np.float32)


@pytest.mark.parametrize("level", [1.0, 0.8, 0.5])
@pytest.mark.parametrize("contrast", [0.4, 0.2, 0.1])
def test_faint_ink_on_any_paper(level: float, contrast: float) -> None:
    assert agreement(extract(Picture(paper(level, contrast))).pixels) > 0.97


def test_polarity_does_not_matter() -> None:
    dark = extract(Picture(paper(1, 1))).pixels
    light = extract(Picture(1 - paper(1, 1))).pixels
    np.testing.assert_allclose(dark, light, atol=1e-4)


@pytest.mark.parametrize("angle", [0, 45, 90, 200])
def test_a_smooth_shadow_is_removed(angle: float) -> None:
    y, x = np.mgrid[0:1:200j, 0:1:200j]
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    shade = (0.45 + 0.5 * (along - along.min()) / np.ptp(along)).astype(np.float32)
    assert agreement(extract(Picture(paper(1, 0.8) * shade)).pixels) > 0.9


def test_noise_is_not_ink() -> None:
    rng = np.random.default_rng(7)
    noise = rng.normal(0, 0.02, (200, 200)).astype(np.float32)
    assert not extract(Picture(np.clip(0.8 + noise, 0, 1))).pixels.any()
    assert agreement(extract(Picture(np.clip(paper(0.9, 0.5) + noise, 0, 1))).pixels) > 0.95


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 2), (7, 7), (8, 8), (300, 400)])
@pytest.mark.parametrize("level", [0.0, 0.4, 1.0])
def test_an_even_page_has_no_ink(shape: tuple[int, int], level: float) -> None:
    assert not extract(Picture(np.full(shape, level, np.float32))).pixels.any()


def test_a_large_picture_is_worked_on_smaller() -> None:
    ink = extract(Picture(np.ones((3000, 1500), np.float32)))
    assert ink.pixels.shape == (WORKING_SIDE, WORKING_SIDE // 2)
    assert ink.scale == pytest.approx(3000 / WORKING_SIDE)
