"""Any tensor and any strokes are read, or refused in our words: made up by Hypothesis."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import Recognizer
from inkdigits.errors import InkdigitsError
from inkdigits.results import Prediction
from inkdigits.service import fields, payload
from inkdigits.service.problems import CATALOGUE, Problem, from_exception
from inkdigits.service.settings import Settings

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.integers(0, 255)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(0, 1)
    | st.text(max_size=3)
)
ANYTHING = st.recursive(
    LEAVES,
    lambda it: st.lists(it, max_size=5) | st.dictionaries(st.text(max_size=3), it),
    max_leaves=40,
)
ROWS = st.integers(0, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(-1, 256) | st.floats(0, 1.01), min_size=width, max_size=width)
    )
)
TENSORS = ANYTHING | ROWS | st.lists(st.integers(0, 256), min_size=784, max_size=784)
POINTS = st.lists(st.floats(-2e6, 2e6) | st.integers(-(10**7), 10**7), min_size=1, max_size=4)
STROKES = ANYTHING | st.lists(st.lists(POINTS, max_size=6), max_size=4)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load("nano")


@settings(max_examples=200, deadline=None)
@given(TENSORS)
def test_a_tensor_becomes_an_array_or_a_problem(value: Any) -> None:
    try:
        array = fields.pixels(value, "/pixels")
    except Problem as problem:
        refused = problem
    else:
        _check_array(array, value)
        return
    assert refused.status == 422
    assert refused.errors


def _check_array(array: NDArray[np.generic], value: Any) -> None:
    assert array.ndim == 2
    assert array.size > 0
    assert array.dtype in (np.uint8, np.float32)
    shown = array.astype(np.float64).ravel()
    assert 0 <= shown.min() <= shown.max() <= (1 if array.dtype == np.float32 else 255)
    assert np.allclose(shown, np.array(value, np.float64).ravel(), atol=1e-7)  # none is another one


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["pixels", "strokes"]), TENSORS | STROKES, min_size=1))
def test_whatever_is_sent_is_read_or_refused(recognizer: Recognizer, body: dict[str, Any]) -> None:
    """From the bytes of a body to a prediction, by the way that the service takes."""
    try:
        sent = payload.read_classify(payload.JSON, json.dumps(body).encode(), Settings())
        if sent.image is None:
            found = recognizer.classify_strokes(sent.strokes or [])
        else:
            found = recognizer.classify(sent.image)
    except (Problem, InkdigitsError) as error:
        problem = from_exception(error)
    else:
        _check_prediction(found)
        return
    assert problem.status in (400, 422)
    assert CATALOGUE[problem.code][0] == problem.status


def _check_prediction(found: Prediction) -> None:
    assert np.isfinite(found.probabilities).all()
    assert sum(found.probabilities) == pytest.approx(1, abs=1e-5)
    assert 0 <= found.confidence <= 1
    json.dumps(found.to_dict(), allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), max_size=8), max_size=5))
def test_any_strokes_within_the_limits_are_read(
    recognizer: Recognizer, strokes: list[list[tuple[float, float]]]
) -> None:
    found = recognizer.classify_strokes(fields.strokes(json.loads(json.dumps(strokes)), "/strokes"))
    assert np.isfinite(found.probabilities).all()
