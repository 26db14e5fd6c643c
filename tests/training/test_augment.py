from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.keras
NONE = {"rotation": 0.0, "shift": 0.0, "zoom": 0.0, "shear": 0.0, "elastic": 0.0}


def distort(images: NDArray[np.float32], seed: int = 1, **ranges: float) -> NDArray[np.float32]:
    from inkdigits.training.augment import RandomDistortion, Ranges

    layer = RandomDistortion(Ranges(**{**NONE, **ranges}), seed=seed)
    return np.asarray(layer(images, training=True))


def bars(count: int = 64) -> NDArray[np.float32]:
    """Upright bars in the middle, (N, 28, 28, 1)."""
    images = np.zeros((count, 28, 28, 1), np.float32)
    images[:, 6:22, 12:16] = 1
    return images


def moments(image: NDArray[np.float32]) -> tuple[float, float, float]:
    """Centre of mass (x, y) in pixels, and the angle of the long axis from upright in degrees."""
    y, x = np.mgrid[0:28, 0:28]
    w = image[..., 0] / image.sum()
    cx, cy = float((w * x).sum()), float((w * y).sum())
    xx, yy, xy = (
        float((w * (x - cx) ** 2).sum()),
        float((w * (y - cy) ** 2).sum()),
        float((w * (x - cx) * (y - cy)).sum()),
    )
    return cx, cy, float(np.degrees(np.arctan2(2 * xy, yy - xx) / 2))


def test_nothing_happens_outside_training() -> None:
    from inkdigits.training.augment import RandomDistortion

    images = bars()
    np.testing.assert_array_equal(np.asarray(RandomDistortion(seed=1)(images)), images)


def test_no_ranges_change_nothing() -> None:
    np.testing.assert_allclose(distort(bars()), bars(), atol=1e-5)


def test_rotation_keeps_to_its_range_and_uses_it() -> None:
    angles = [moments(image)[2] for image in distort(bars(200), rotation=10.0)]
    assert np.abs(angles).max() < 10.6
    assert max(angles) > 8
    assert min(angles) < -8


def test_shift_keeps_to_its_range_and_uses_it() -> None:
    places = np.array([moments(image)[:2] for image in distort(bars(200), shift=0.1)])
    away = places - (13.5, 13.5)
    assert np.abs(away).max() <= 2.8 + 0.01
    assert (away.max(axis=0) > 2.4).all()
    assert (away.min(axis=0) < -2.4).all()


def test_zoom_is_about_the_middle() -> None:
    sizes = distort(bars(200), zoom=0.1).sum(axis=(1, 2, 3)) / bars(1).sum()
    assert 1 / 1.1**2 - 0.02 < sizes.min() < 0.9
    assert 1.1 < sizes.max() < 1 / 0.9**2 + 0.02


def test_shear_slants_without_moving() -> None:
    images = distort(bars(200), shear=10.0)
    angles = [moments(image)[2] for image in images]
    assert 7 < np.abs(angles).max() < 11.5
    np.testing.assert_allclose([moments(image)[0] for image in images], 13.5, atol=0.05)


def test_elastic_bends_a_little() -> None:
    images = distort(bars(100), elastic=1.2)
    change = np.abs(images - bars(100)).sum(axis=(1, 2, 3)) / bars(1).sum()
    assert 0.05 < change.mean() < 0.6
    assert np.abs([moments(image)[0] - 13.5 for image in images]).max() < 1.2


def test_a_blank_stays_blank_and_values_in_range() -> None:
    full: dict[str, Any] = {"rotation": 10, "shift": 0.1, "zoom": 0.1, "shear": 10, "elastic": 1.2}
    assert not distort(np.zeros((9, 28, 28, 1), np.float32), **full).any()
    images = distort(bars(), **full)
    assert images.min() >= 0
    assert images.max() <= 1 + 1e-6


def test_the_seed_decides() -> None:
    one, same, other = (distort(bars(), seed=s, rotation=10.0) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_it_survives_saving() -> None:
    from inkdigits.training.augment import RandomDistortion, Ranges

    layer = RandomDistortion(Ranges(rotation=3.0), seed=7, name="augment")
    again = RandomDistortion.from_config(layer.get_config())
    assert again.ranges == layer.ranges
    assert again.seed == 7
    assert again.name == "augment"
