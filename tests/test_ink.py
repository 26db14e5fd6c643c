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


def test_a_shadow_that_bends_is_removed() -> None:
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    shade = (1 - 0.5 * (x * x + 0.5 * y * y)).astype(np.float32)
    assert agreement(extract(Picture(paper(1, 0.8) * shade)).pixels) > 0.85


def test_ink_that_fills_the_picture_does_not_bend_the_paper() -> None:
    """A soft 0, cut out closely: a paper that bends to it takes it for paper."""
    y, x = np.mgrid[-1:1:52j, -1:1:32j]
    ring = np.exp(-(((np.hypot((x - 0.02) / 0.91, (y + 0.03) / 0.9) - 1) / 0.29) ** 2))
    ink = extract(Picture((0.75 - 0.35 * ring).astype(np.float32))).pixels
    assert ink[ring > 0.9].mean() > 0.9
    assert ink[24:28, 14:18].max() < 0.2


@pytest.mark.parametrize(("pace", "start"), [(9.09, 4.58), (15.72, 0.38), (9.75, 2.54)])
def test_where_either_may_be_the_ink_it_is_the_dark(pace: float, start: float) -> None:
    waves = 0.55 + 0.25 * np.sin(pace * np.linspace(-1, 1, 64) + start)
    picture = np.tile(waves.astype(np.float32), (64, 1))
    ink = extract(Picture(picture)).pixels
    assert ink[picture < 0.35].mean() > 0.9
    assert ink[picture > 0.75].max() == 0


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
