from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits.data.mnist import Mnist
from inkdigits.evaluation.corruptions import NAMES, corrupt

Images = NDArray[np.uint8]
#: What a blank picture becomes: nothing at all, or the greatest ink in it.
BLANK = {
    "impulse noise": 255,
    "brightness": 128,
    "stripe": 255,
    "spatter": 63,
    "dotted line": 255,
    "zigzag": 255,
}

#: What is the same for every image.
NO_CHANCE = ("scale", "brightness", "stripe", "canny edges")


def bars(count: int) -> Images:
    """Digits of a kind: an upright bar with a foot, all alike."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:23, 12:15] = 255
    images[:, 20:23, 9:20] = 200
    return images


def test_there_are_fifteen_as_in_the_paper() -> None:
    assert len(NAMES) == 15
    assert (NAMES[0], NAMES[7], NAMES[14]) == ("shot noise", "brightness", "canny edges")


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_changes_and_keeps_its_form(name: str) -> None:
    images = bars(3)
    spoilt = corrupt(name, images)
    assert spoilt.shape == images.shape
    assert spoilt.dtype == np.uint8
    for image, was in zip(spoilt, images, strict=True):
        assert (image != was).mean() > 0.01
    np.testing.assert_array_equal(images, bars(3))
    assert corrupt(name, images[:0]).shape == (0, 28, 28)


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**31), first=st.integers(0, 60_000), cut=st.integers(0, 4))
@settings(deadline=None, max_examples=5)
def test_a_set_is_spoilt_alike_in_parts(name: str, seed: int, first: int, cut: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    whole = corrupt(name, images, seed=seed, first=first)
    parts = [
        corrupt(name, images[:cut], seed=seed, first=first),
        corrupt(name, images[cut:], seed=seed, first=first + cut),
    ]
    np.testing.assert_array_equal(whole, np.concatenate(parts))


def test_blocks_leave_no_seam() -> None:
    images = bars(300)
    whole = corrupt("zigzag", images)
    np.testing.assert_array_equal(whole[290:], corrupt("zigzag", images[290:], first=290))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NO_CHANCE])
def test_chance_differs_by_place_and_seed(name: str) -> None:
    spoilt = corrupt(name, bars(8))
    assert any((image != spoilt[0]).any() for image in spoilt[1:])
    assert (spoilt != corrupt(name, bars(8), seed=7)).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_picture_stays_sane(name: str) -> None:
    spoilt = corrupt(name, np.zeros((20, 28, 28), np.uint8))
    assert spoilt.max() == BLANK.get(name, 0)


def test_the_share_of_noise_is_the_published_one() -> None:
    grey = np.full((50, 28, 28), 100, np.uint8)
    salted = corrupt("impulse noise", grey)
    assert (salted == 255).mean() == pytest.approx(0.085, abs=0.01)
    assert (salted == 0).mean() == pytest.approx(0.085, abs=0.01)
    counts = corrupt("shot noise", grey)
    assert set(np.unique(counts)) == {0, 85, 170, 255}
    assert (counts == 0).mean() == pytest.approx(np.exp(-3 * 100 / 255), abs=0.01)


def test_what_is_not_a_set_of_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="no corruption 'rain'"):
        corrupt("rain", bars(1))
    with pytest.raises(ValueError, match=r"\(N, 28, 28\) uint8, not \(1, 27, 28\)"):
        corrupt("fog", bars(1)[:, 1:])
    with pytest.raises(ValueError, match="float64"):
        corrupt("fog", bars(1) / 255)  # type: ignore[arg-type]


@pytest.mark.data
def test_digits_keep_about_as_much_ink_as_published(mnist: Mnist) -> None:
    """Means over 1,000 validation digits of the published definitions, run elsewhere once."""
    published = {
        "shot noise": 27.6,
        "impulse noise": 49.8,
        "glass blur": 33.5,
        "shear": 36.5,
        "scale": 16.5,
        "rotate": 33.7,
        "fog": 101.5,
        "spatter": 37.7,
        "dotted line": 39.7,
        "zigzag": 45.6,
        "canny edges": 27.8,
    }
    for name, ink in published.items():
        wide = 0.08 if name == "fog" else 0.05
        found = corrupt(name, mnist.validation.images[:1000]).mean()
        assert found == pytest.approx(ink, rel=wide), name
