from __future__ import annotations

import numpy as np

from inkdigits.evaluation.readings import REASONS, Readings
from tests.evaluation.made import answer


def test_answers_become_arrays() -> None:
    given = [answer(3, 0.9), answer(None), answer(8, 0.4, reason="unsure", digitness=-2.5)]
    readings = Readings.of(["3", "0", "A"], given)
    assert len(readings) == 3
    assert readings.digits.tolist() == [3, -1, 8]
    np.testing.assert_allclose(readings.confidence, [0.9, 0, 0.4])
    np.testing.assert_allclose(readings.probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(readings.digitness, [5, np.nan, -2.5])
    assert readings.right.tolist() == [True, False, False]  # no ink is no digit, not the digit 0
    assert readings.accepted.tolist() == [True, False, False]
    assert readings.reasons.tolist() == ["", "blank", "unsure"]


def test_refusals_are_counted_by_reason() -> None:
    readings = Readings.of(["1"] * 3, [answer(1), answer(None), answer(1, reason="not_a_digit")])
    assert tuple(readings.refusals) == REASONS
    assert readings.refusals["blank"] == readings.refusals["not_a_digit"] == 1
    assert sum(readings.refusals.values()) == 2


def test_sets_are_joined_in_order() -> None:
    one, other = Readings.of(["1"], [answer(1)]), Readings.of(["22"], [answer(2)])
    joined = Readings.joined([one, other])
    assert joined.labels.tolist() == ["1", "22"]
    assert joined.probabilities.shape == (2, 10)
    assert joined.digits.tolist() == [1, 2]


def test_no_answers_are_empty_arrays() -> None:
    readings = Readings.of([], [])
    assert readings.probabilities.shape == (0, 10)
    assert readings.right.shape == (0,)
    assert sum(readings.refusals.values()) == 0
