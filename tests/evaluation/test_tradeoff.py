from __future__ import annotations

import numpy as np
import pytest

from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.tradeoff import POINTS, trade_off
from tests.evaluation.made import answer


def readings(*digitness: float) -> Readings:
    return Readings.of(["1"] * len(digitness), [answer(1, digitness=d) for d in digitness])


def test_each_threshold_has_its_shares() -> None:
    curve = trade_off(readings(1, 2, 3, 4), readings(0, 2), 0.5)
    shares = zip(curve.refused, curve.false_accepts, strict=True)
    at = dict(zip(curve.thresholds, shares, strict=True))
    assert at[0.0] == pytest.approx((0, 1))  # the most lenient accepts all
    assert at[4.0] == pytest.approx((0.75, 0))
    between = min(t for t in at if t > 2)
    assert at[between] == pytest.approx((0.5, 0))  # 1 and 2 refused, and both others
    assert list(curve.thresholds) == sorted(curve.thresholds)
    assert np.all(np.diff(curve.refused) >= 0)
    assert np.all(np.diff(curve.false_accepts) <= 0)
    assert len(curve.thresholds) <= POINTS


def test_what_is_unsure_blank_or_several_is_refused_at_any_threshold() -> None:
    digits = [
        answer(1, digitness=9),
        answer(1, 0.4, digitness=9, reason="unsure"),
        answer(None),
        answer(1, digitness=9, reason="several_digits"),
    ]
    curve = trade_off(Readings.of(["1"] * 4, digits), readings(0, 0), 0.5)
    assert set(curve.refused) == {0.75}
    assert curve.at == (0.75, 1)


def test_what_no_digit_was_refused_for_its_looks_comes_back() -> None:
    digits = [answer(1, digitness=1, reason="not_a_digit"), answer(1, digitness=3)]
    curve = trade_off(Readings.of(["1", "1"], digits), readings(0), 0.5)
    assert curve.at[0] == 0.5
    assert curve.refused[0] == 0


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert trade_off(readings(3, 4), readings(1, 2), 0).auroc == 1
    assert trade_off(readings(1, 2), readings(1, 2), 0).auroc == 0.5
    assert trade_off(readings(2, 0), readings(1, 3), 0).auroc == 0.25
    blank = Readings.of(["x"], [answer(None)])
    assert trade_off(readings(-50), blank, 0).auroc == 1  # a blank looks least like a digit
