from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkdigits.decode import (
    coverage_threshold,
    decode,
    energy_score,
    prediction_set,
    softmax,
)
from inkdigits.errors import CoverageError
from inkdigits.model import ModelInfo

logits = hnp.arrays(np.float32, (3, 10), elements=st.floats(-1e4, 1e4, width=32))


def info(**changes: float | None) -> ModelInfo:
    said = {"temperature": 1.0, "accept_threshold": 0.5, "energy_threshold": None} | changes
    return ModelInfo("m", "1", sha256="", path=Path("m.onnx"), **said)  # type: ignore[arg-type]


@given(logits, st.floats(0.05, 20))
def test_probabilities_sum_to_one_and_keep_the_order(x: np.ndarray, heat: float) -> None:
    p = softmax(x, heat)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p >= 0).all()
    best = p[np.arange(3), x.argmax(axis=1)]
    np.testing.assert_array_equal(best, p.max(axis=1))


def test_softmax_by_hand() -> None:
    row = np.zeros((1, 10))
    row[0, 3] = np.log(9) * 2
    assert softmax(row, 2.0)[0, 3] == pytest.approx(0.5)


def test_energy_by_hand() -> None:
    assert energy_score(np.zeros((1, 10)))[0] == pytest.approx(np.log(10))
    assert energy_score(np.full((1, 10), 1e4))[0] == pytest.approx(1e4 + np.log(10))


def test_the_three_answers() -> None:
    sure, torn, dull = np.zeros((3, 10))
    sure[7] = 20
    torn[4], torn[9] = 20, 20.1
    answers = decode(np.stack([sure, torn, dull]), info(accept_threshold=0.9, energy_threshold=5))
    assert [a.digit for a in answers] == [7, 9, 0]
    assert [a.reason for a in answers] == [None, "unsure", "not_a_digit"]
    assert [a.accepted for a in answers] == [True, False, False]
    assert answers[0].confidence == max(answers[0].probabilities)
    assert answers[2].digitness == pytest.approx(np.log(10))


@given(hnp.arrays(np.float32, (2, 10), elements=st.floats(-30, 30, width=32)))
def test_digitness_is_the_log_odds_against_an_eleventh_logit_of_0(x: np.ndarray) -> None:
    eleven = softmax(np.pad(x, ((0, 0), (0, 1))))
    for answer, shares in zip(decode(x, info(temperature=1.7)), eleven, strict=True):
        assert answer.digitness == pytest.approx(
            np.log(shares[:10].sum()) - np.log(shares[10]), abs=1e-5
        )


def test_the_prediction_set_by_hand() -> None:
    shares = (0.0, 0.02, 0.0, 0.6, 0.0, 0.38, 0.0, 0.0, 0.0, 0.0)
    assert prediction_set(shares, 0.01) == (1, 3, 5)
    assert prediction_set(shares, 0.38) == (3, 5)
    assert prediction_set(shares, 0.39) == (3,)
    assert prediction_set(shares, 0.99) == (3,)  # the best guess always


def test_a_coverage_is_looked_up_or_refused_in_one_sentence() -> None:
    promising = replace(info(), coverage=((0.9, 0.7), (0.995, 0.01)))
    assert coverage_threshold(promising, 0.9) == 0.7
    for wrong in (0.8, 1, True, float("nan"), "0.9", None, [0.9]):
        with pytest.raises(CoverageError, match=r"one of 0\.9, 0\.995, not") as caught:
            coverage_threshold(promising, wrong)  # type: ignore[arg-type]
    assert caught.value.code == "unknown-coverage"
    with pytest.raises(CoverageError, match="promises no coverage"):
        coverage_threshold(info(), 0.9)


def test_without_an_energy_threshold_nothing_is_called_no_digit() -> None:
    assert decode(np.zeros((1, 10)), info())[0].reason == "unsure"
