"""Tensors as the Open Inference Protocol writes them: JSON, and raw bytes behind it.

In: the body of a request. Out: `Asked`: an array that has proved to be what its name says; and
back from arrays to the bytes of an answer. Knows the tensors' types and shapes; not what reads
them.

The protocol: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol;
raw bytes are its binary tensor data extension.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.service import fields, strict_json
from inkdigits.service.problems import Problem

#: What a request may send; -1 stands for any number.
INPUTS: dict[str, tuple[str, tuple[int, ...]]] = {
    "images": ("FP32", (-1, 28, 28, 1)),
    "pictures": ("UINT8", (-1, -1, -1)),
}
#: What an answer may hold.
OUTPUTS: dict[str, tuple[str, tuple[int, ...]]] = {
    "digit": ("INT64", (-1,)),
    "confidence": ("FP32", (-1,)),
    "accepted": ("BOOL", (-1,)),
    "reason": ("BYTES", (-1,)),
    "probabilities": ("FP32", (-1, 10)),
}
_DTYPES: dict[str, str] = {"FP32": "<f4", "UINT8": "u1", "INT64": "<i8", "BOOL": "?"}
_REQUEST = frozenset({"id", "parameters", "inputs", "outputs"})
_INPUT = frozenset({"name", "shape", "datatype", "data", "parameters"})
_OUTPUT = frozenset({"name", "parameters"})


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        id: to be repeated in the answer; `None` where there is none.
        name: which of `INPUTS` was sent.
        array: it, of at most `max_batch` members.
        outputs: what to answer, each with whether as raw bytes.
    """

    id: str | None
    name: str
    array: NDArray[Any]
    outputs: dict[str, bool]


def parse(body: bytes, head: int | None, max_batch: int) -> Asked:
    """Read the body of an inference request.

    Args:
        body: JSON, and raw bytes behind it where `head` says how long the JSON is.
        head: the header Inference-Header-Content-Length.
        max_batch: how many pictures there may be.

    Raises:
        Problem: `malformed-json` (400), `batch-too-large` (413), `tensor-shape`, `not-finite` or
            `invalid-field` (422).
    """
    size = len(body) if head is None else head
    if size > len(body):
        raise Problem("bad-request", "Inference-Header-Content-Length is more than the body.")
    value = fields.members(strict_json.loads(body[:size]), _REQUEST)
    given = value.get("inputs")
    if not isinstance(given, list) or len(given) != 1:
        words = f"Send exactly one input: {' or '.join(INPUTS)}."
        raise Problem.at("/inputs", "wrong-type", words)
    name, array, rest = _input(given[0], memoryview(body)[size:], max_batch)
    if rest:
        raise _shape("/inputs/0", f"{rest:,} bytes lie behind the last tensor.")
    return Asked(
        fields.name(value["id"], "/id") if value.get("id") is not None else None,
        name,
        array,
        dict(_wanted(value)),
    )


def dump(answer: dict[str, Any], outputs: Mapping[str, Any], asked: Asked) -> tuple[bytes, int]:
    """The body of an answer, and how much of it is JSON where raw bytes follow, or 0.

    Args:
        answer: the members beside `outputs`.
        outputs: the values of each of `OUTPUTS`, numbers or texts, (N,) or (N, 10).
        asked: says which are wanted, and how.
    """
    written, tail = [], b""
    for name, raw in asked.outputs.items():
        datatype, shape = OUTPUTS[name]
        values = outputs[name]
        entry: dict[str, Any] = {"name": name, "datatype": datatype}
        entry["shape"] = [len(values), *shape[1:]]
        if raw:
            packed = _packed(datatype, values)
            entry["parameters"] = {"binary_data_size": len(packed)}
            tail += packed
        elif datatype == "BYTES":
            entry["data"] = list(values)
        else:
            entry["data"] = np.asarray(values, _DTYPES[datatype]).ravel().tolist()
        written.append(entry)
    head = json.dumps({**answer, "outputs": written}, separators=(",", ":")).encode()
    return head + tail, len(head) if any(asked.outputs.values()) else 0


def _input(given: Any, tail: memoryview, max_batch: int) -> tuple[str, NDArray[Any], int]:
    """The name and the array of an input, and how many raw bytes are left over."""
    at = "/inputs/0"
    value = fields.members(given, _INPUT)
    name = value.get("name")
    if not isinstance(name, str) or name not in INPUTS:
        raise Problem.at(f"{at}/name", "unknown", f"An input is {' or '.join(INPUTS)}.")
    datatype, expected = INPUTS[name]
    if value.get("datatype") != datatype:
        raise _shape(f"{at}/datatype", f"The input {name} is of the type {datatype}.")
    shape = _dimensions(value.get("shape"), name, expected)
    if shape[0] > max_batch:
        words = f"A batch holds at most {max_batch} pictures."
        raise Problem.at(f"{at}/shape", "batch-too-large", words, problem="batch-too-large")
    raw = fields.members(value.get("parameters") or {}, frozenset({"binary_data_size"}))
    if "binary_data_size" in raw:
        if "data" in value:
            raise _shape(f"{at}/data", "Raw bytes stand in the place of data.")
        size = fields.integer(raw["binary_data_size"], f"{at}/parameters", 0, 2**62)
        if size > len(tail) or size != math.prod(shape) * np.dtype(_DTYPES[datatype]).itemsize:
            raise _shape(f"{at}/parameters", "There are not as many bytes as the shape needs.")
        array = np.frombuffer(tail[:size], _DTYPES[datatype])
        left = len(tail) - size
    else:
        array, left = (
            _numbers(value.get("data"), datatype, math.prod(shape), f"{at}/data"),
            len(tail),
        )
    if datatype == "FP32":
        _check_range(array, at)
    return name, array.reshape(shape), left


def _dimensions(given: Any, name: str, expected: Sequence[int]) -> tuple[int, ...]:
    """The shape, once it fits: as it is, or without the last 1, or flat."""
    at, words = "/inputs/0/shape", f"The input {name} has the shape {list(expected)}."
    if not isinstance(given, list) or not all(type(it) is int for it in given):
        raise _shape(at, f"A shape is a list of whole numbers. {words}")
    if name == "images" and given[1:] in ([28, 28], [784]):
        given = [given[0], *expected[1:]]
    fits = len(given) == len(expected) and all(
        size >= 1 and wanted in (-1, size) for size, wanted in zip(given, expected, strict=True)
    )
    if not fits or math.prod(given) >= 2**31:
        raise _shape(at, words)
    return tuple(given)


def _numbers(data: Any, datatype: str, count: int, at: str) -> NDArray[Any]:
    """The numbers of a tensor, flat or nested, row by row."""
    if not isinstance(data, list):
        raise _shape(at, "Send the numbers as data, or as raw bytes.")
    flat = list(_flat(data))
    if len(flat) != count:
        raise _shape(at, f"The shape needs {count:,} numbers; here are {len(flat):,}.")
    kinds = {int, float} if datatype == "FP32" else {int}
    if not set(map(type, flat)) <= kinds:
        raise _shape(at, f"The numbers are not of the type {datatype}.")
    if datatype == "UINT8" and not 0 <= min(flat) <= max(flat) <= 255:
        raise Problem.at(at, "out-of-range", "UINT8 holds 0 to 255.")
    with np.errstate(over="ignore"):  # too large becomes infinite, which is refused
        return np.array(flat, _DTYPES[datatype])


def _flat(data: list[Any]) -> Iterator[Any]:
    for it in data:
        if isinstance(it, list):
            yield from _flat(it)
        else:
            yield it


def _check_range(array: NDArray[Any], at: str) -> None:
    if not np.isfinite(array).all():
        words = "A number is not finite, or too large for its type."
        raise Problem.at(at, "not-finite", words, problem="not-finite")
    if array.min() < 0 or array.max() > 1:
        raise Problem.at(at, "out-of-range", "The numbers of images lie in 0 to 1.")


def _wanted(value: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Which outputs, each with whether as raw bytes; all where none is named."""
    every = _flag(value.get("parameters"), "binary_data_output", "/parameters")
    given = value.get("outputs") or [{"name": name} for name in OUTPUTS]
    if not isinstance(given, list):
        raise Problem.at("/outputs", "wrong-type", "Outputs are a list.")
    for index, it in enumerate(given):
        at = f"/outputs/{index}"
        name = fields.members(it, _OUTPUT).get("name")
        if not isinstance(name, str) or name not in OUTPUTS:
            raise Problem.at(f"{at}/name", "unknown", f"An output is one of {', '.join(OUTPUTS)}.")
        yield name, _flag(it.get("parameters"), "binary_data", f"{at}/parameters", every)


def _flag(parameters: Any, name: str, at: str, other: bool = False) -> bool:
    if parameters is None:
        return other
    if not isinstance(parameters, dict):
        raise Problem.at(at, "wrong-type", "Parameters are an object.")
    return fields.boolean(parameters.get(name, other), at)


def _packed(datatype: str, values: Any) -> bytes:
    if datatype != "BYTES":
        return np.asarray(values, _DTYPES[datatype]).tobytes()
    texts = [it.encode() for it in values]
    return b"".join(len(it).to_bytes(4, "little") + it for it in texts)


def _shape(pointer: str, message: str) -> Problem:
    return Problem.at(pointer, "tensor-shape", message, problem="tensor-shape")
