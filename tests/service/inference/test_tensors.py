"""Tensors of the Open Inference Protocol: what is taken, what is refused, what is written."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.service.inference import tensors
from inkdigits.service.problems import Problem

ZEROS = [0.0] * 784


def body(**of_input: Any) -> bytes:
    whole = {"name": "images", "shape": [1, 28, 28, 1], "datatype": "FP32", "data": ZEROS}
    value = {name: it for name, it in {**whole, **of_input}.items() if it is not ...}
    return json.dumps({"inputs": [value]}).encode()


def refused(sent: bytes, head: int | None = None) -> tuple[str, str]:
    """The code of the problem, and the pointer of its first error."""
    with pytest.raises(Problem) as caught:
        tensors.parse(sent, head, 64)
    errors = caught.value.errors
    return caught.value.code, errors[0].pointer if errors else ""


@pytest.mark.parametrize("shape", [[2, 28, 28, 1], [2, 28, 28], [2, 784]])
@pytest.mark.parametrize("nested", [False, True])
def test_images_come_flat_or_nested_and_in_three_shapes(shape: list[int], nested: bool) -> None:
    array = np.arange(2 * 784).reshape(shape) / 2000
    data = array.tolist() if nested else array.ravel().tolist()
    asked = tensors.parse(body(shape=shape, data=data), None, 64)
    assert asked.name == "images"
    assert asked.array.dtype == np.float32
    assert np.array_equal(asked.array, array.reshape(2, 28, 28, 1).astype(np.float32))
    assert asked.outputs == dict.fromkeys(tensors.OUTPUTS, False)


def test_pictures_come_in_any_size() -> None:
    sent = body(name="pictures", shape=[2, 2, 3], datatype="UINT8", data=[*range(12)])
    asked = tensors.parse(sent, None, 64)
    assert asked.array.dtype == np.uint8
    assert asked.array.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


def test_raw_bytes_stand_behind_the_json() -> None:
    array = np.linspace(0, 1, 784, dtype="<f4")
    head = body(data=..., parameters={"binary_data_size": 3136})
    asked = tensors.parse(head + array.tobytes(), len(head), 64)
    assert np.array_equal(asked.array.ravel(), array)


@pytest.mark.parametrize(
    ("of_input", "code", "pointer"),
    [
        ({"name": "other"}, "invalid-field", "/name"),
        ({"name": None}, "invalid-field", "/name"),
        ({"datatype": "FP64"}, "tensor-shape", "/datatype"),
        ({"datatype": ...}, "tensor-shape", "/datatype"),
        ({"datatype": ["FP32"]}, "tensor-shape", "/datatype"),
        ({"shape": ...}, "tensor-shape", "/shape"),
        ({"shape": "1"}, "tensor-shape", "/shape"),
        ({"shape": []}, "tensor-shape", "/shape"),
        ({"shape": [0, 28, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [-1, 28, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [True, 28, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [1.0, 28, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [1, 27, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [1, 28, 28, 3]}, "tensor-shape", "/shape"),
        ({"shape": [1, 28, 28, 1, 1]}, "tensor-shape", "/shape"),
        ({"shape": [2**40, 28, 28, 1]}, "tensor-shape", "/shape"),
        ({"shape": [2**63, 2**63, 2**63]}, "tensor-shape", "/shape"),
        ({"shape": [65, 28, 28, 1]}, "batch-too-large", "/shape"),
        ({"shape": [2, 28, 28, 1]}, "tensor-shape", "/data"),
        ({"data": ...}, "tensor-shape", "/data"),
        ({"data": "0" * 784}, "tensor-shape", "/data"),
        ({"data": ZEROS[1:]}, "tensor-shape", "/data"),
        ({"data": [*ZEROS[1:], True]}, "tensor-shape", "/data"),
        ({"data": [*ZEROS[1:], None]}, "tensor-shape", "/data"),
        ({"data": [*ZEROS[1:], "0"]}, "tensor-shape", "/data"),
        ({"data": [*ZEROS[1:], 1e300]}, "not-finite", ""),
        ({"data": [*ZEROS[1:], 1.01]}, "invalid-field", ""),
        ({"data": [*ZEROS[1:], -0.01]}, "invalid-field", ""),
        ({"parameters": {"binary_data_size": 3136}}, "tensor-shape", "/data"),
        ({"data": ..., "parameters": {"binary_data_size": 3136}}, "tensor-shape", "/parameters"),
        ({"data": ..., "parameters": {"binary_data_size": -1}}, "invalid-field", "/parameters"),
        ({"data": ..., "parameters": {"binary_data_size": True}}, "invalid-field", "/parameters"),
        ({"parameters": [1]}, "invalid-field", ""),
        ({"more": 1}, "invalid-field", "/more"),
    ],
)
def test_wrong_tensors(of_input: dict[str, Any], code: str, pointer: str) -> None:
    found, where = refused(body(**of_input))
    assert found == code
    assert where.endswith(pointer)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "malformed-json"),
        (b"[]", "invalid-field"),
        (b"{}", "invalid-field"),
        (b'{"inputs": []}', "invalid-field"),
        (b'{"inputs": [1]}', "invalid-field"),
        (b'{"inputs": [{}, {}]}', "invalid-field"),
        (body()[:-1] + b', "id": 3}', "invalid-field"),
        (body()[:-1] + b', "outputs": 3}', "invalid-field"),
        (body()[:-1] + b', "outputs": [{"name": "logits"}]}', "invalid-field"),
        (body()[:-1] + b', "outputs": [{"name": "digit", "parameters": 3}]}', "invalid-field"),
        (body()[:-1] + b', "parameters": {"binary_data_output": "yes"}}', "invalid-field"),
        (body(data=[*ZEROS[1:], 0]).replace(b", 0]", b", NaN]"), "not-finite"),
        (body(data=[*ZEROS[1:], 0]).replace(b", 0]", b", 1e999]"), "not-finite"),
    ],
)
def test_wrong_requests(sent: bytes, code: str) -> None:
    assert refused(sent)[0] == code


def test_wrong_raw_bytes() -> None:
    head = body(data=..., parameters={"binary_data_size": 3136})
    for tail in (bytes(3135), bytes(3137), b""):
        assert refused(head + tail, len(head))[0] == "tensor-shape"
    assert refused(head, len(head) + 1)[0] == "bad-request"
    for number in (np.nan, np.inf, -np.inf):
        tail = np.full(784, number, "<f4").tobytes()
        assert refused(head + tail, len(head))[0] == "not-finite"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
        lambda it: (
            st.lists(it, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["name", "shape", "datatype", "data", "parameters", "binary_data_size", "x"]
                ),
                it,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_sent_is_read_or_a_problem(value: Any) -> None:
    for sent in (
        {"inputs": value},
        {"inputs": [value]},
        {"inputs": [{"name": "images", "datatype": "FP32", "shape": value, "data": value}]},
        {"inputs": [], "outputs": value},
    ):
        with suppress(Problem):
            tensors.parse(json.dumps(sent).encode(), None, 64)


@given(st.binary(max_size=200), st.none() | st.integers(0, 220))
def test_whatever_bytes_are_sent_too(sent: bytes, head: int | None) -> None:
    with pytest.raises(Problem):
        tensors.parse(sent, head, 64)


def test_an_answer_holds_what_was_asked_for() -> None:
    asked = tensors.Asked(
        None, "images", np.zeros((2, 28, 28, 1)), {"reason": False, "digit": False}
    )
    values = {"digit": [7, -1], "reason": ["", "blank"]}
    found, head = tensors.dump({"model_name": "m"}, values, asked)
    assert head == 0
    assert json.loads(found) == {
        "model_name": "m",
        "outputs": [
            {"name": "reason", "datatype": "BYTES", "shape": [2], "data": ["", "blank"]},
            {"name": "digit", "datatype": "INT64", "shape": [2], "data": [7, -1]},
        ],
    }


def test_raw_answers_are_as_the_extension_has_them() -> None:
    outputs = {"probabilities": True, "reason": True, "accepted": True, "digit": False}
    asked = tensors.Asked("a", "images", np.zeros((1, 28, 28, 1)), outputs)
    values = {
        "probabilities": np.arange(10)[None] / 45,
        "reason": ["unsure"],
        "accepted": [False],
        "digit": [9],
    }
    found, head = tensors.dump({}, values, asked)
    sizes = [it.get("parameters") for it in json.loads(found[:head])["outputs"]]
    assert sizes == [
        {"binary_data_size": 40},
        {"binary_data_size": 10},
        {"binary_data_size": 1},
        None,
    ]
    assert np.array_equal(
        np.frombuffer(found[head : head + 40], "<f4"), (np.arange(10) / 45).astype("<f4")
    )
    assert found[head + 40 :] == b"\x06\0\0\0unsure\0"
