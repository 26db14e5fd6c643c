from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.evaluation.report import DISPUTED, GALLERY, OPENING, evaluate_mnist
from inkdigits.model import Model
from tests.evaluation.stand_in import StandIn, sure_of


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


def blank(labels: list[int]) -> Digits:
    return Digits(np.zeros((len(labels), 28, 28), np.uint8), np.array(labels, np.uint8))


@pytest.mark.data
def test_the_shipped_model_reads_validation_digits(model: Model, mnist: Mnist) -> None:
    part = mnist.validation[:1500]
    steps: list[tuple[str, int, int]] = []
    report = evaluate_mnist(model, part, progress=lambda *step: steps.append(step))
    assert steps[-1] == ("mnist", 1500, 1500)
    assert report.set == "another test set"
    assert report.accuracy > 0.985
    assert report.errors == 1500 - round(report.accuracy * 1500)
    assert report.interval[0] < report.accuracy < report.interval[1]
    assert sum(map(sum, report.confusion)) == 1500
    assert report.accepted > 0.95
    assert report.accepted_accuracy >= report.accuracy
    assert 0 < report.loss < 0.05
    assert len(report.mistakes) == report.errors
    assert json.loads(json.dumps(report.to_dict()))["accuracy"] == report.accuracy


def test_wrong_labels_are_counted(model: Model, make_digits: Callable[..., Digits]) -> None:
    ones = np.zeros((20, 28, 28), np.uint8)
    ones[:, 4:24, 13:16] = 255
    labels = np.array([1] * 15 + [4] * 5, np.uint8)
    report = evaluate_mnist(model, Digits(ones, labels))
    assert report.accuracy == 0.75
    assert report.confusion[4][1] == 5
    assert report.digits[1].precision == 0.75
    assert report.digits[1].recall == 1


def test_loss_is_given_calibrated_and_raw() -> None:
    report = evaluate_mnist(StandIn(sure_of([3], 4.0), temperature=2.0), blank([3, 3, 8, 3]))
    for loss, ece, logit in (
        (report.loss, report.ece, 2.0),
        (report.raw_loss, report.raw_ece, 4.0),
    ):
        whole = math.exp(logit) + 9
        expected = -(3 * math.log(math.exp(logit) / whole) + math.log(1 / whole)) / 4
        assert loss == pytest.approx(expected)
        assert ece == pytest.approx(abs(0.75 - math.exp(logit) / whole))
    assert report.temperature == 2
    (bar,) = (bar for bar in report.reliability if bar.count)
    assert (bar.count, bar.accuracy) == (4, 0.75)
    assert bar.low < bar.confidence <= bar.high


def test_mistakes_come_surest_first_with_their_pictures() -> None:
    digits = blank([0, 1, 2, 3])
    digits.images[2] = 7
    answers = sure_of([0, 7, 7, 7])
    answers[1:, 7] = [2, 4, 3]
    report = evaluate_mnist(StandIn(answers, accept=0.8), digits)
    assert [m.index for m in report.mistakes] == [2, 3, 1]
    worst = report.mistakes[0]
    assert (worst.truth, worst.guess, worst.disputed) == (2, 7, False)
    assert worst.confidence == pytest.approx(math.exp(4) / (math.exp(4) + 9))
    assert worst.image.min() == 7
    assert [m.accepted for m in report.mistakes] == [True, False, False]
    assert report.to_dict()["mistakes"][0] == {
        "index": 2,
        "truth": 2,
        "guess": 7,
        "confidence": worst.confidence,
        "disputed": False,
        "accepted": True,
    }


def test_at_most_a_hundred_mistakes_are_kept() -> None:
    report = evaluate_mnist(StandIn(sure_of([1])), blank([2] * 130))
    assert (report.errors, len(report.mistakes)) == (130, GALLERY)


def test_disputed_labels_are_known_in_mnist_alone() -> None:
    labels = [*OPENING, *[0] * 990]
    report = evaluate_mnist(StandIn(sure_of([5])), blank(labels))
    assert report.set == "MNIST test"
    assert report.undisputed_shown == 999
    assert DISPUTED[0] == 947
    guesses = [5] * 1000
    for i in range(1000):
        guesses[i] = labels[i] if i != 947 else 9
    report = evaluate_mnist(StandIn(sure_of(guesses)), blank(labels))
    assert [(m.index, m.disputed) for m in report.mistakes] == [(947, True)]
    assert (report.accuracy, report.undisputed_accuracy) == (0.999, 1)
    other = evaluate_mnist(StandIn(sure_of([5])), blank([0] * 1000))
    assert (other.set, other.undisputed_shown) == ("another test set", 1000)


def test_the_keys_are_stable() -> None:
    said = evaluate_mnist(StandIn(sure_of([1])), blank([1, 2])).to_dict()
    assert set(said) == {
        *("set", "model", "version", "sha256", "shown", "errors", "accuracy", "interval"),
        *("undisputed_shown", "undisputed_accuracy", "digits", "macro", "weighted", "confusion"),
        *("temperature", "loss", "raw_loss", "nll", "ece", "raw_ece", "reliability"),
        *("accepted", "accepted_accuracy", "mistakes"),
    }
    assert set(said["digits"][0]) == {"precision", "recall", "f1", "support"}
    assert set(said["reliability"][0]) == {"low", "high", "count", "confidence", "accuracy"}
    assert said["nll"] == said["loss"]
    json.dumps(said)


def test_nothing_to_evaluate_is_an_error(model: Model) -> None:
    with pytest.raises(ValueError, match="no digits"):
        evaluate_mnist(model, Digits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8)))
