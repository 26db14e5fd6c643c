from __future__ import annotations

import numpy as np
import pytest

from inkdigits.decode import prediction_set, softmax
from inkdigits.evaluation.metrics import ece, nll
from inkdigits.training.calibrate import (
    LEVELS,
    REFUSED,
    accept_threshold,
    calibrate,
    coverage_thresholds,
    energy_threshold,
    rate_threshold,
    temperature,
)

RNG = np.random.default_rng(3)


def sample(heat: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are `heat` times too bold, and labels drawn from the honest ones."""
    honest = RNG.normal(0, 2, (count, 10))
    chances = softmax(honest)
    truth = (chances.cumsum(axis=1) > RNG.random((count, 1))).argmax(axis=1)
    return honest * heat, truth.astype(np.uint8)


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_boldness(heat: float) -> None:
    logits, truth = sample(heat)
    found = temperature(logits, truth)
    assert found == pytest.approx(heat, rel=0.05)
    assert ece(softmax(logits, found), truth) < 0.02
    assert nll(softmax(logits, found), truth) <= nll(softmax(logits), truth) + 1e-9


def test_the_accept_threshold_is_the_smallest_that_serves() -> None:
    confidence = np.linspace(0.5, 1, 1001)
    right = confidence > 0.8  # all under 0.8 are wrong
    found = accept_threshold(confidence, right, wanted=0.99)
    kept = right[confidence >= found]
    assert kept.mean() >= 0.99
    assert right[confidence >= found - 0.01].mean() < 0.99


def test_all_right_needs_no_high_threshold() -> None:
    assert accept_threshold(np.array([0.6, 0.9]), np.array([True, True])) == 0.5


def test_the_energy_threshold_gives_up_the_share_asked_for() -> None:
    energies = np.arange(1000.0)
    assert energy_threshold(energies, np.ones(1000, bool), loss=0.01) == 10  # 0 to 9 are refused
    right = energies % 2 == 1
    assert energy_threshold(energies, right, loss=0.01) == 11  # 1, 3, 5, 7 and 9
    assert energy_threshold(energies[:300], np.ones(300, bool), loss=0.005) == 1  # not 2 of 300


def test_calibrate_measures_on_what_it_was_given() -> None:
    logits, truth = sample(2.0)
    result = calibrate(logits, truth).to_dict()
    assert result["temperature"] == pytest.approx(2, rel=0.05)
    assert (result["outliers"], result["outliers_accepted"]) == (None, None)


def certain(energies: np.ndarray) -> np.ndarray:
    """Logits of an 8 beyond doubt with these energy scores."""
    logits = np.full((len(energies), 10), -100.0)
    logits[:, 8] = energies
    return logits


def test_with_outliers_what_slips_through_is_told() -> None:
    logits = certain(np.arange(1000) / 100)  # energies 0.00 to 9.99
    truth = np.full(1000, 8, np.uint8)
    assert calibrate(logits, truth).energy_threshold == pytest.approx(0.03)
    outliers = certain(np.array([-3, 0.02, 0.03, 2]))
    result = calibrate(logits, truth, outliers)
    assert result.energy_threshold == pytest.approx(0.03)  # 0.00 to 0.02: 3 of 1,000
    assert result.accepted == 0.997
    assert (result.outliers, result.outliers_accepted) == (4, 0.5)
    none = calibrate(logits, truth, np.zeros((0, 10)))
    assert (none.outliers, none.outliers_accepted) == (0, None)


def test_the_rate_threshold_refuses_the_share_and_no_more() -> None:
    confidence = np.linspace(0.6, 0.999, 200)
    found = rate_threshold(confidence, share=0.03)
    assert (confidence < found).sum() == 6
    refused = np.where(np.arange(200) < 4, 0, confidence)  # four are refused already
    assert (refused < rate_threshold(refused, share=0.03)).sum() == 6
    assert rate_threshold(np.array([0.2, 0.3, 0.4]), share=0.5) == 0.5  # whatever the rate
    assert rate_threshold(np.ones(5), share=0) == 1


def test_with_outliers_a_share_of_digits_is_refused() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 10, 4000).astype(np.uint8)
    logits = rng.normal(0, 1, (4000, 10))
    logits[np.arange(4000), truth] += rng.normal(9, 3, 4000)
    found = calibrate(logits, truth, certain(np.array([-9.0])))
    assert found.accepted == pytest.approx(1 - REFUSED, abs=0.001)
    assert found.accuracy_accepted > found.accuracy
    assert found.outliers_accepted == 0


def test_an_outlier_that_is_unsure_is_not_accepted() -> None:
    logits, truth = certain(np.full(1000, 5.0)), np.full(1000, 8, np.uint8)
    torn = np.zeros((1, 10))
    torn[0, [3, 5, 8]] = 50
    assert calibrate(logits, truth, torn).outliers_accepted == 0


def test_the_thresholds_of_coverage_by_hand() -> None:
    shares = np.linspace(0.05, 0.95, 19)[::-1]  # 0.95, 0.90 ... 0.05
    # of (19 + 1) ranks, 0.9 is the 18th and 0.95 the 19th; 19 images cannot promise 0.98
    found = dict(coverage_thresholds(np.random.default_rng(1).permutation(shares)))
    assert found == {0.9: pytest.approx(0.10), 0.95: pytest.approx(0.05)}
    assert coverage_thresholds(np.ones(8)) == ()
    assert coverage_thresholds(np.full(9, 0.7)) == ((0.9, 0.7),)


@pytest.mark.parametrize("count", [998, 999, 1000])
def test_a_level_is_promised_from_the_first_count_that_can(count: int) -> None:
    promised = [level for level, _ in coverage_thresholds(np.linspace(0, 1, count))]
    assert promised == list(LEVELS if count >= 999 else LEVELS[:-1])


def test_the_coverage_is_kept_on_average_over_calibrations() -> None:
    level, covered, sizes = 0.9, [], []
    for _ in range(40):
        logits, truth = sample(1.0, 300)
        shares = softmax(logits)
        own = shares[np.arange(200), truth[:200]]
        (threshold,) = (t for known, t in coverage_thresholds(own) if known == level)
        sets = [prediction_set(tuple(row), threshold) for row in shares[200:]]
        covered += [label in held for label, held in zip(truth[200:], sets, strict=True)]
        sizes += [len(held) for held in sets]
    # 4,000 digits over 40 calibrations: one standard error is about 0.006
    assert 0.885 < np.mean(covered) < 0.93
    assert 1 < np.mean(sizes) < 4


def test_calibrate_tells_the_thresholds_of_calibrated_probabilities() -> None:
    logits, truth = sample(3.0, 5000)
    result = calibrate(logits, truth)
    shares = softmax(logits, result.temperature)[np.arange(5000), truth]
    assert result.coverage == coverage_thresholds(shares)
    assert result.to_dict()["coverage_thresholds"] == result.coverage_by_level
    assert list(result.coverage_by_level) == ["0.9", "0.95", "0.98", "0.99", "0.995", "0.999"]
