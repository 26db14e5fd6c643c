"""One checker a field: from whatever JSON or a form held to a value that can be used.

In: a parsed value and its JSON pointer. Out: an int, a bool, bytes, an array or strokes. Raises
`Problem` otherwise. Does not know which request has which field, nor what a picture shows.
"""

from __future__ import annotations

import base64
import binascii
import re
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.service.problems import Problem
from inkdigits.service.strict_json import step

MAX_POINTS = 20_000
MAX_COORDINATE = 1e6
_DATA_URL = re.compile(r"data:[^,;]{0,100}(?:;[^,;]{0,100}){0,4}?;base64,", re.IGNORECASE)

Strokes = list[list[list[float]]]


def members(value: Any, allowed: frozenset[str]) -> dict[str, Any]:
    """The members of the request's object.

    Raises:
        Problem: not an object, or a member that is not in `allowed`.
    """
    if not isinstance(value, dict):
        raise Problem.at("", "wrong-type", "The body is a JSON object.")
    for key in value:
        if key not in allowed:
            known = ", ".join(sorted(allowed))
            raise Problem.at(step("", key), "extra", f"Only these fields are known: {known}.")
    return value


def integer(value: Any, pointer: str, low: int, high: int) -> int:
    """An int from `low` to `high`; a bool is not one."""
    if type(value) is not int:
        raise Problem.at(pointer, "wrong-type", "This field is an integer.")
    if not low <= value <= high:
        raise Problem.at(pointer, "out-of-range", f"This field lies in {low} to {high}.")
    return value


def share(value: Any, pointer: str) -> float:
    """A number between 0 and 1, as a float."""
    if type(value) not in (int, float):
        raise Problem.at(pointer, "wrong-type", "This field is a number.")
    if not 0 < value < 1:
        raise Problem.at(pointer, "out-of-range", "This field lies between 0 and 1.")
    return float(value)


def boolean(value: Any, pointer: str) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise Problem.at(pointer, "wrong-type", "This field is true or false.")
    return value


def name(value: Any, pointer: str) -> str:
    """A text that may name something; whether it does is for others to say."""
    if not isinstance(value, str):
        raise Problem.at(pointer, "wrong-type", "This field is a text.")
    return value


def picture(value: Any, pointer: str, max_bytes: int) -> bytes:
    """The bytes of a picture sent as base64 or as a base64 data URL.

    Raises:
        Problem: not base64 (422), or larger than `max_bytes` once decoded (413).
    """
    if not isinstance(value, str):
        raise Problem.at(pointer, "wrong-type", "A picture is a string: base64 or a data URL.")
    if value[:5].lower() == "data:":
        head = _DATA_URL.match(value)
        if head is None:
            raise Problem.at(pointer, "bad-data-url", "A data URL of a picture is base64.")
        value = value[head.end() :]
    if len(value) * 3 // 4 - value[-2:].count("=") > max_bytes:
        message = f"A picture has at most {max_bytes:,} bytes."
        raise Problem.at(pointer, "payload-too-large", message, problem="payload-too-large")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        message = "This is not base64 (RFC 4648, padded, without line breaks)."
        raise Problem.at(pointer, "bad-base64", message) from None


def pixels(value: Any, pointer: str) -> NDArray[np.generic]:
    """An array (H, W) from nested lists, or from a flat list of 784.

    Integers 0 to 255 become uint8. As soon as one number is a float, or none is above 1, all
    are taken as 0 to 1 (JSON writers shorten 1.0 to 1) and become float32.
    """
    if not isinstance(value, list) or not value:
        raise _shape(pointer, "Pixels are a list of rows, or a flat list of 784 numbers.")
    nested = isinstance(value[0], list)
    if not nested and len(value) != 784:
        raise _shape(pointer, f"A flat list of pixels has 784 numbers, not {len(value)}.")
    rows = value if nested else [value]
    if not all(isinstance(row, list) and len(row) == len(rows[0]) and row for row in rows):
        raise _shape(pointer, "All rows of pixels are lists of one and the same length.")
    kinds = set(map(type, chain.from_iterable(rows)))
    if not kinds <= {int, float}:
        raise _shape(pointer, "Each pixel is a number.")
    lowest, highest = min(map(min, rows)), max(map(max, rows))
    unit = float in kinds or highest <= 1
    if lowest < 0 or highest > (1 if unit else 255):
        message = "Pixels are integers 0 to 255, or floats 0 to 1."
        raise Problem.at(pointer, "out-of-range", message)
    array = np.array(rows, np.float32 if unit else np.uint8)
    return array if nested else array.reshape(28, 28)


def strokes(value: Any, pointer: str) -> Strokes:
    """Pen strokes: lists of [x, y] or [x, y, pressure], at most `MAX_POINTS` points in all."""
    if not isinstance(value, list) or not all(isinstance(stroke, list) for stroke in value):
        raise _shape(pointer, "Strokes are a list of strokes, each a list of points.")
    if sum(map(len, value)) > MAX_POINTS:
        raise Problem.at(pointer, "out-of-range", f"A drawing has at most {MAX_POINTS:,} points.")
    for index, stroke in enumerate(value):
        _check_stroke(stroke, f"{pointer}/{index}")
    return value


def _check_stroke(stroke: list[Any], pointer: str) -> None:
    for point in stroke:
        if not isinstance(point, list) or len(point) not in (2, 3):
            raise _shape(pointer, "A point is [x, y] or [x, y, pressure].")
        if len(point) != len(stroke[0]):
            raise _shape(pointer, "All points of a stroke have pressure, or none.")
        if not all(type(number) in (int, float) for number in point):
            raise _shape(pointer, "Coordinates and pressure are numbers.")
        if max(map(abs, point[:2])) > MAX_COORDINATE:
            message = f"Coordinates lie within {MAX_COORDINATE:,.0f} of 0."
            raise Problem.at(pointer, "out-of-range", message)
        if len(point) == 3 and not 0 <= point[2] <= 1:
            raise Problem.at(pointer, "out-of-range", "Pressure lies in 0 to 1.")


def _shape(pointer: str, message: str) -> Problem:
    return Problem.at(pointer, "tensor-shape", message, problem="tensor-shape")
