from __future__ import annotations

import json

from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.report import evaluate_mnist
from tests.evaluation.made import report as real_report
from tests.evaluation.stand_in import StandIn, sure_of
from tests.evaluation.test_curves import FRAMING
from tests.evaluation.test_page import SPOILT
from tests.evaluation.test_report import blank


def test_the_keys_are_stable() -> None:
    report = evaluate_mnist(StandIn(sure_of([0, 2])), blank([0, 1]))
    whole = Outcome(report, SPOILT, real_report(), framing=FRAMING).to_dict()
    assert whole["mnist"]["accuracy"] == 0.5
    assert whole["corruptions"]["mean_error"] == 0.125
    assert whole["real"]["mean_accuracy"] == 0.9
    assert whole["real"]["sets"][0]["accuracy"] == 0.9
    assert whole["framing"]["axes"][0]["accuracy"][0] == 1
    assert json.loads(json.dumps(whole))["mnist"]["mistakes"][0]["guess"] == 2
    assert Outcome(report).to_dict() == {
        "mnist": report.to_dict(),
        "corruptions": None,
        "real": None,
        "shifts": 0,
        "framing": None,
        "numbers": None,
    }
    assert Outcome(report, shifts=2).to_dict()["shifts"] == 2
