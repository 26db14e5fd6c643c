from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.wild.paper import DARKEST, KINDS, sheet

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(8, 160), st.integers(8, 160))
@settings(max_examples=150, deadline=None)
def test_paper_is_brightness(seed: int, height: int, width: int) -> None:
    kind, paper = sheet((height, width), np.random.default_rng(seed))
    assert kind in KINDS
    assert paper.shape == (height, width)
    assert paper.dtype == np.float32
    assert paper.min() >= 0
    assert paper.max() <= 1


def test_the_same_chance_makes_the_same_sheet() -> None:
    one, other = (sheet((50, 60), np.random.default_rng(5)) for _ in range(2))
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])


def test_every_kind_is_made() -> None:
    rng = np.random.default_rng(0)
    assert {sheet((20, 20), rng)[0] for _ in range(400)} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_ink_is_darker_than_any_paper(kind: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        _, paper = sheet((100, 100), rng, kind=kind)
        dark, usual = np.quantile(paper, [0.002, 0.5])
        assert dark > 0.25
        assert dark > 0.5 * usual
        assert usual > 0.7 * DARKEST


@pytest.mark.parametrize("kind", ["ruled", "squared", "guilloche"])
def test_lines_are_at_most_a_third_darker_than_the_paper_beside_them(kind: str) -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        _, paper = sheet((100, 100), rng, kind=kind)
        patch = paper[40:60, 40:60]  # so small that the light is even
        assert np.quantile(patch, 0.01) > 0.58 * np.quantile(patch, 0.95)


def test_a_cheque_has_lines_and_white_paper_has_none() -> None:
    rng = np.random.default_rng(3)
    lined = [np.std(sheet((100, 100), rng, kind="guilloche")[1]) for _ in range(20)]
    plain = [np.std(sheet((100, 100), rng, kind="white")[1]) for _ in range(20)]
    assert np.median(lined) > 0.03
    assert max(plain) < 0.025
