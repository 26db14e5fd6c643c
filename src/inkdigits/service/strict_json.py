"""JSON without its loopholes.

In: the bytes of a body. Out: dicts, lists, strings, finite numbers, booleans, None. Refuses
what Python's parser lets through: NaN, numbers beyond a float, duplicate keys, other encodings
than UTF-8, depth that exhausts the stack, strings that are not text. Does not know which fields
a request has.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from inkdigits.service.problems import Problem

MAX_DEPTH = 16
MAX_DIGITS = 20
# A string, closed or not (possessive, so that no input makes it slow), or one bracket.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def loads(body: bytes) -> Any:
    """Parse a body.

    Raises:
        Problem: `malformed-json` (400), `not-finite` or `invalid-field` (422).
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("JSON is sent as UTF-8; this is not.") from None
    if text.startswith("\ufeff"):
        raise _malformed("JSON is sent without a byte order mark.")
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_not_finite,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"The body is not valid JSON: see {place}.") from None
    if "\\u" in text:
        _check_strings(value, "")
    return value


def step(pointer: str, key: str) -> str:
    """The JSON pointer one key further; a key that is no plain word is not repeated to anyone."""
    return f"{pointer}/{key}" if _WORD.fullmatch(key) else pointer


def _malformed(detail: str) -> Problem:
    return Problem("malformed-json", detail)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # as of most bodies
        return
    depth = 0
    for match in _TOKEN.finditer(text):
        first = text[match.start()]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _malformed(f"JSON is nested at most {MAX_DEPTH} deep.")
        elif first != '"':
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _malformed("An object holds the same key twice.")
    return made


def _not_finite(_: str) -> NoReturn:
    raise Problem("not-finite", "Numbers are finite: NaN and Infinity are not JSON.")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Problem("not-finite", "A number is too large for a 64-bit float.")
    return number


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise Problem("invalid-field", f"An integer has at most {MAX_DIGITS} digits.")
    return int(text)


def _check_strings(value: Any, pointer: str) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            message = "A string holds a NUL or half of a surrogate pair."
            raise Problem.at(pointer, "bad-string", message)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_strings(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_strings(key, pointer)
            _check_strings(item, step(pointer, key))
