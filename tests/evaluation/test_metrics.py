from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.evaluation.metrics import (
    confusion,
    ece,
    macro,
    nll,
    per_digit,
    reliability,
    weighted,
    wilson,
)

labels = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=200)


def arrays(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    truth, read = np.array(pairs, np.uint8).T
    return truth, read


def test_wilson_as_published() -> None:
    low, high = wilson(9965, 10_000)
    assert low == pytest.approx(0.995136, abs=1e-6)
    assert high == pytest.approx(0.997482, abs=1e-6)
    assert wilson(0, 10)[0] == pytest.approx(0, abs=1e-12)
    assert wilson(10, 10)[1] == pytest.approx(1)
    assert wilson(0, 0) == (0, 1)
    with pytest.raises(ValueError, match="not a share"):
        wilson(3, 2)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share(case: tuple[int, int]) -> None:
    low, high = wilson(*case)
    assert 0 <= low <= case[0] / case[1] + 1e-12
    assert case[0] / case[1] - 1e-12 <= high <= 1


@given(labels)
def test_confusion_counts_every_pair(pairs: list[tuple[int, int]]) -> None:
    truth, read = arrays(pairs)
    table = confusion(truth, read)
    assert table.sum() == len(pairs)
    assert np.trace(table) == (truth == read).sum()
    for true, got in pairs:
        assert table[true, got] == pairs.count((true, got))


@given(labels)
def test_weighted_recall_is_the_accuracy(pairs: list[tuple[int, int]]) -> None:
    truth, read = arrays(pairs)
    scores = per_digit(confusion(truth, read))
    assert weighted(scores).recall == pytest.approx((truth == read).mean())
    assert sum(score.support for score in scores) == len(pairs)


def test_scores_by_hand() -> None:
    truth, read = arrays([(3, 3), (3, 3), (3, 8), (8, 8), (1, 3)])
    scores = per_digit(confusion(truth, read))
    assert scores[3].precision == pytest.approx(2 / 3)
    assert scores[3].recall == pytest.approx(2 / 3)
    assert scores[3].f1 == pytest.approx(2 / 3)
    assert scores[3].support == 3
    assert scores[8].precision == pytest.approx(1 / 2)
    assert scores[1].f1 == 0
    assert macro(scores).recall == pytest.approx((2 / 3 + 1) / 10)


def test_nll_and_ece_by_hand() -> None:
    p = np.full((4, 10), 0.2 / 9)
    p[:, 0] = 0.8
    truth = np.array([0, 0, 1, 1], np.uint8)
    assert nll(p, truth) == pytest.approx((-2 * math.log(0.8) - 2 * math.log(0.2 / 9)) / 4)
    assert ece(p, truth) == pytest.approx(0.8 - 0.5)
    assert ece(np.eye(10), np.arange(10, dtype=np.uint8)) == 0


def test_reliability_by_hand() -> None:
    p = np.full((5, 10), 0.2 / 9)
    p[:, 0] = 0.8
    p[4] = np.eye(10)[3]
    bars = reliability(p, np.array([0, 0, 1, 0, 3], np.uint8), bins=5)
    assert [bar.count for bar in bars] == [0, 0, 0, 4, 1]
    assert (bars[3].low, bars[3].high) == (0.6, 0.8)
    assert bars[3].confidence == pytest.approx(0.8)
    assert bars[3].accuracy == 0.75
    assert (bars[4].confidence, bars[4].accuracy) == (1, 1)
    assert (bars[0].confidence, bars[0].accuracy) == (0, 0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 20))
def test_reliability_holds_every_image_once(seed: int, count: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(10, 0.3), count)
    truth = rng.integers(0, 10, count)
    bars = reliability(p, truth, bins)
    assert sum(bar.count for bar in bars) == count
    right = sum(bar.count * bar.accuracy for bar in bars)
    assert right == pytest.approx((p.argmax(axis=1) == truth).sum())
    for bar in bars:
        assert not bar.count or bar.low - 1e-9 <= bar.confidence <= bar.high + 1e-9
    gap = sum(bar.count * abs(bar.accuracy - bar.confidence) for bar in bars)
    assert ece(p, truth, bins) == pytest.approx(gap / count)
