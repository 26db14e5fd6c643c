from __future__ import annotations

import numpy as np
import pytest

from inkdigits.decode import softmax
from inkdigits.evaluation.metrics import ece, nll
from inkdigits.training.calibrate import accept_threshold, calibrate, energy_threshold, temperature

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
    found = energy_threshold(energies, np.ones(1000, bool), loss=0.01)
    assert (energies < found).mean() == pytest.approx(0.01, abs=0.001)


def test_calibrate_measures_on_what_it_was_given() -> None:
    logits, truth = sample(2.0)
    result = calibrate(logits, truth).to_dict()
    assert result["temperature"] == pytest.approx(2, rel=0.05)
