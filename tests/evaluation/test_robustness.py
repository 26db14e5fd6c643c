from __future__ import annotations

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from inkdigits.evaluation.corruptions import NAMES, corrupt
from inkdigits.evaluation.robustness import (
    Corrupted,
    Robustness,
    evaluate_corruptions,
    examples,
)
from tests.conftest import SetMaker
from tests.evaluation.stand_in import StandIn, sure_of


def test_errors_are_counted_under_each_corruption(make_digits: SetMaker) -> None:
    digits = make_digits(20)
    guesses = np.tile(digits.truth, len(NAMES)).astype(int)
    guesses[0] = 9  # one error in shot noise, three in the last
    guesses[-3:] = 0
    model, steps = StandIn(sure_of(guesses.tolist())), []
    found = evaluate_corruptions(model, digits, seed=3, progress=lambda *step: steps.append(step))
    assert [r.errors for r in found.results] == [1, *[0] * 13, 3]
    assert found.mean_error == pytest.approx((1 / 20 + 3 / 20) / 15)
    assert steps[0] == ("corruptions", 20, 300)
    assert steps[-1] == ("corruptions", 300, 300)
    shown = np.concatenate(model.shown)[..., 0]
    for turn, name in enumerate(NAMES):
        expected = corrupt(name, digits.images, seed=3) / 255
        np.testing.assert_allclose(shown[20 * turn : 20 * turn + 20], expected, atol=1e-6)


def test_batches_are_places_in_the_whole_set(make_digits: SetMaker) -> None:
    digits = make_digits(600)
    model = StandIn(sure_of([0]))
    evaluate_corruptions(model, digits)
    last = np.concatenate(model.shown)[599]
    expected = corrupt("shot noise", digits.images[599:], first=599)[0]
    np.testing.assert_array_equal(np.rint(last[..., 0] * 255), expected)


def test_examples_are_the_pictures_that_were_evaluated(make_digits: SetMaker) -> None:
    digits = make_digits(30)
    part = Digits(digits.images[3:], digits.truth[3:])
    clean, spoilt = examples(part)
    assert tuple(spoilt) == NAMES
    np.testing.assert_array_equal(clean[0], part.images[7])  # the first 0 is the eighth
    whole = corrupt("zigzag", part.images)
    np.testing.assert_array_equal(spoilt["zigzag"][0], whole[7])
    assert len(examples(digits[:4])[0]) == 4


def test_the_keys_are_stable() -> None:
    found = Robustness(42, (Corrupted("fog", 4, 1), Corrupted("scale", 4, 0))).to_dict()
    assert found == {
        "suite": "the corruptions of MNIST-C, drawn by inkdigits",
        "seed": 42,
        "mean_error": 0.125,
        "sets": [
            {"name": "fog", "shown": 4, "errors": 1, "error": 0.25},
            {"name": "scale", "shown": 4, "errors": 0, "error": 0.0},
        ],
    }


def test_nothing_to_evaluate_is_an_error(make_digits: SetMaker) -> None:
    with pytest.raises(ValueError, match="no digits"):
        evaluate_corruptions(StandIn(sure_of([0])), make_digits(1)[:0])
