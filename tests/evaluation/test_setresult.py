from __future__ import annotations

import json

import pytest

from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.setresult import RealReport, SetResult
from tests.evaluation.made import answer, report, result


def test_a_set_of_digits_is_summed_up() -> None:
    found = result("usps", "digits", 4, 3, 2)
    assert (found.shown, found.right, found.accepted, found.accepted_right) == (4, 3, 2, 2)
    assert (found.accuracy, found.plain_accuracy) == (0.75, 1)
    said = found.to_dict()
    assert said["accuracy"] == 0.75
    assert said["interval"] == pytest.approx((0.3006, 0.9544), abs=1e-4)  # Wilson, 3 of 4
    assert said["refusals"]["unsure"] == 2
    assert said["plain"] == {"shown": 4, "accuracy": 1, "accepted": 4}
    assert "digitness" not in json.dumps(said)  # a summary only


def test_of_what_is_no_digit_the_accepted_count() -> None:
    found = result("letters", "letters", 8, 0, 2)
    assert (found.right, found.false_accepts, found.plain_false_accepts) == (0, 0.25, 1)
    said = found.to_dict()
    assert said["accuracy"] is None
    assert said["plain"]["accuracy"] is None
    assert said["interval"][0] < 0.25 < said["interval"][1]


def test_the_mean_needs_all_six() -> None:
    whole = report()
    assert whole.mean_accuracy == pytest.approx(0.9)
    assert whole.plain_mean_accuracy == 1
    assert RealReport(whole.sets[1:]).mean_accuracy is None


def test_the_worst_set_is_one_of_digits() -> None:
    sets = (result("letters", "letters", 9, 0, 1), result("usps", "digits", 4, 3, 1))
    whole = RealReport((*sets, result("hwd1000", "digits", 4, 1, 1)))
    assert whole.worst is not None
    assert whole.worst.name == "hwd1000"
    assert RealReport(sets[:1]).worst is None


def test_calibration_leaves_out_what_had_no_ink() -> None:
    answers = [answer(1, 0.8), answer(1, 0.8), answer(1, 0.8), answer(7, 0.8), answer(None)]
    readings = Readings.of(["1"] * 5, answers)
    whole = RealReport((SetResult("usps", "digits", readings, readings),))
    assert whole.ece == pytest.approx(0.05)
    assert sum(bar.count for bar in whole.reliability) == 4


def test_prediction_sets_are_counted_by_level() -> None:
    answers = [answer(1, 0.8), answer(2, 0.8), answer(3, 0.46), answer(None)]
    readings = Readings.of(["1"] * 4, answers)
    sets = (SetResult("usps", "digits", readings, readings),)
    # others have 0.0222 and 0.06; the best guess is always in the set
    narrow, wide = RealReport(sets, levels=((0.9, 0.9), (0.99, 0.05))).coverage
    assert (narrow.level, narrow.covered, narrow.size) == pytest.approx((0.9, 1 / 3, 1))
    assert (wide.covered, wide.size) == pytest.approx((2 / 3, (1 + 1 + 10) / 3))
    assert RealReport(sets).coverage == ()
    assert RealReport(sets, levels=((0.9, 0.9),)).to_dict()["coverage"][0]["size"] == 1


def test_letters_scribbles_and_symbols_stand_against_all_digits() -> None:
    odd = (result("letters", "letters", 6, 0, 3), result("symbols", "oddities", 4, 0, 1))
    curve = report(result("blank", "nothing", 9, 0, 9), *odd).tradeoff
    assert curve is not None
    assert (curve.digits, curve.others) == (60, 10)  # the blank are not counted
    assert curve.at == pytest.approx((0.2, 0.4))
    assert report().tradeoff is None
    assert RealReport(odd).tradeoff is None


def test_a_report_is_json() -> None:
    whole = report(result("letters", "letters", 6, 0, 3)).to_dict()
    again = json.loads(json.dumps(whole))
    assert len(again["sets"]) == 7
    assert again["mean_accuracy"] == pytest.approx(0.9)
    assert again["worst"] == "pendigits"
    assert again["ece"] == pytest.approx(0.05)
    assert len(again["reliability"]) == 15
    assert again["tradeoff"]["others"] == 6
    empty = RealReport((result("blank", "nothing", 3, 0, 0),)).to_dict()
    assert (empty["mean_accuracy"], empty["worst"], empty["ece"]) == (None, None, None)
    assert empty["tradeoff"] is None
