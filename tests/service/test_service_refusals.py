"""The catalogue of bad requests: each is refused in our words, and the service lives on."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.service import strict_json
from inkdigits.service.problems import CATALOGUE, Problem
from inkdigits.service.settings import Settings

from .harness import BASE64, BATCH, CLASSIFY, MARK, PNG, READ, Service, check, serving


def ints(text: str) -> str:
    return '{"pixels": [[' + text + "]]}"


JSON_CASES: dict[str, tuple[str | bytes, int, str]] = {
    "NaN": (ints("NaN"), 422, "not-finite"),
    "Infinity": (ints("-Infinity"), 422, "not-finite"),
    "1e999": (ints("1e999"), 422, "not-finite"),
    "ragged": ('{"pixels": [[1, 2], [3]]}', 422, "tensor-shape"),
    "flat of another length": ('{"pixels": [1, 2, 3]}', 422, "tensor-shape"),
    "rank 3": ('{"pixels": [[[1]]]}', 422, "tensor-shape"),
    "rank 0": ('{"pixels": 1}', 422, "tensor-shape"),
    "empty": ('{"pixels": []}', 422, "tensor-shape"),
    "empty row": ('{"pixels": [[]]}', 422, "tensor-shape"),
    "mixed ranks": ('{"pixels": [[1], 2]}', 422, "tensor-shape"),
    "strings for pixels": (ints(f'"{MARK}"'), 422, "tensor-shape"),
    "bools for pixels": (ints("true, false"), 422, "tensor-shape"),
    "nulls for pixels": (ints("null"), 422, "tensor-shape"),
    "negative pixel": (ints("-1, 3"), 422, "invalid-field"),
    "pixel over 255": (ints("256"), 422, "invalid-field"),
    "float over 1": (ints("1.5"), 422, "invalid-field"),
    "pixel of 5,000 digits": (ints("1" * 5000), 422, "invalid-field"),
    "strokes of numbers": ('{"strokes": [1]}', 422, "tensor-shape"),
    "point of one": ('{"strokes": [[[1]]]}', 422, "tensor-shape"),
    "point of bools": ('{"strokes": [[[true, false]]]}', 422, "tensor-shape"),
    "ragged points": ('{"strokes": [[[1, 2], [1, 2, 0.5]]]}', 422, "tensor-shape"),
    "huge coordinate": ('{"strokes": [[[1, 1e300]]]}', 422, "invalid-field"),
    "pressure of 2": ('{"strokes": [[[1, 2, 2]]]}', 422, "invalid-field"),
    "too many points": (json.dumps({"strokes": [[[1, 2]] * 20_001]}), 422, "invalid-field"),
    "the reader's own refusal": ('{"strokes": []}', 422, "tensor-shape"),
    "depth 100,000": ("[" * 100_000, 400, "malformed-json"),
    "depth 17": ("[" * 17 + "]" * 17, 400, "malformed-json"),
    "invalid UTF-8": (b'{"image": "\xff"}', 400, "malformed-json"),
    "UTF-8 with a mark": (b'\xef\xbb\xbf{"image": ""}', 400, "malformed-json"),
    "UTF-16": ('{"image": ""}'.encode("utf-16"), 400, "malformed-json"),
    "UTF-16 without a mark": ('{"image": ""}'.encode("utf-16-le"), 400, "malformed-json"),
    "duplicate keys": ('{"image": "a", "image": "b"}', 400, "malformed-json"),
    "syntax": (f'{{"image": {MARK}}}', 400, "malformed-json"),
    "open string": ('{"image": "' + '\\"' * 5000, 400, "malformed-json"),
    "empty body": ("", 400, "malformed-json"),
    "raw NUL": ('{"image": "\0"}', 400, "malformed-json"),
    "lone surrogate": ('{"image": "\\ud800"}', 422, "invalid-field"),
    "lone surrogate in a key": ('{"\\udfff": 1}', 422, "invalid-field"),
    "escaped NUL": ('{"image": "\\u0000"}', 422, "invalid-field"),
    "null": ('{"image": null}', 422, "invalid-field"),
    "not an object": ("[]", 422, "invalid-field"),
    "missing": ("{}", 422, "invalid-field"),
    "two sources": (f'{{"image": "{BASE64}", "pixels": [[1]]}}', 422, "invalid-field"),
    "extra": (f'{{"image": "{BASE64}", "<b>": "{MARK}"}}', 422, "invalid-field"),
    "bool for top_k": (f'{{"image": "{BASE64}", "top_k": true}}', 422, "invalid-field"),
    "float for top_k": (f'{{"image": "{BASE64}", "top_k": 1.0}}', 422, "invalid-field"),
    "top_k of 11": (f'{{"image": "{BASE64}", "top_k": 11}}', 422, "invalid-field"),
    "int for seen": (f'{{"image": "{BASE64}", "seen": 1}}', 422, "invalid-field"),
    "text for coverage": (f'{{"image": "{BASE64}", "coverage": "0.9"}}', 422, "invalid-field"),
    "null for coverage": (f'{{"image": "{BASE64}", "coverage": null}}', 422, "invalid-field"),
    "bool for coverage": (f'{{"image": "{BASE64}", "coverage": true}}', 422, "invalid-field"),
    "coverage of 1": (f'{{"image": "{BASE64}", "coverage": 1}}', 422, "invalid-field"),
    "coverage of 5,000 digits": (f'{{"coverage": 9{"0" * 5000}}}', 422, "invalid-field"),
    "coverage not there": (f'{{"image": "{BASE64}", "coverage": 0.5}}', 422, "invalid-field"),
    "not base64": (f'{{"image": "{MARK}"}}', 422, "invalid-field"),
    "base64 not ASCII": ('{"image": "é==="}', 422, "invalid-field"),
    "base64 with line breaks": ('{"image": "QUJD\\nQUJD"}', 422, "invalid-field"),
    "data URL without base64": (f'{{"image": "data:text/html,{MARK}"}}', 422, "invalid-field"),
    "text as a picture": ('{"image": "aGVsbG8="}', 415, "unsupported-format"),
    "empty picture": ('{"image": ""}', 415, "unsupported-format"),
}


@pytest.mark.parametrize("name", JSON_CASES)
def test_json(service: Service, name: str) -> None:
    body, status, code = JSON_CASES[name]
    check(service, service.post_json(CLASSIFY, body), status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"images": []}, 422, "tensor-shape"),
        ({"images": [BASE64] * 65}, 413, "batch-too-large"),
        ({"images": BASE64}, 422, "invalid-field"),
        ({}, 422, "invalid-field"),
        ({"images": [BASE64], "top_k": 0}, 422, "invalid-field"),
        ({"images": [BASE64], "coverage": "high"}, 422, "invalid-field"),
        ({"images": [BASE64], "coverage": 0.5}, 422, "invalid-field"),
        ({"images": ["!"], "coverage": 0.5}, 422, "invalid-field"),
    ],
)
def test_batch(service: Service, body: Any, status: int, code: str) -> None:
    check(service, service.post(BATCH, json=body), status, code)


def test_a_coverage_that_is_not_there_is_pointed_at(service: Service) -> None:
    for answer in (
        service.post(CLASSIFY, json={"strokes": [[[1, 2]]], "coverage": 0.5}),
        service.post(CLASSIFY, files={"image": ("x.png", PNG)}, data={"coverage": "0.5"}),
        service.post(BATCH, json={"images": [BASE64], "coverage": 0.5}),
    ):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"]) == (422, "/coverage")
        assert error["code"] == "unknown-coverage"
        assert "one of 0.9, 0.99" in answer.json()["detail"]


@pytest.mark.parametrize("body", ["{}", '{"image": 1}', '{"image": "?"}', "[", '{"x": 1}'])
def test_legacy_problems_have_a_sentence_for_old_pages(service: Service, body: str) -> None:
    answer = service.post_json("/predict", body)
    check(service, answer, 400 if body == "[" else 422, answer.json()["type"].split(":")[-1])
    assert answer.json()["error"] == answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "identity, gzip"},
        [("Content-Type", "application/json"), ("Content-Type", "text/html")],
        [
            ("Content-Type", "application/json"),
            ("Content-Encoding", "identity"),
            ("Content-Encoding", "gzip"),
        ],
    ],
)
@pytest.mark.parametrize("path", ["/predict", CLASSIFY, BATCH, READ])
def test_content_type(service: Service, path: str, headers: Any) -> None:
    answer = service.post(path, content=b"{}", headers=headers)
    check(service, answer, 415, "unsupported-media-type")


def test_errors_point_at_their_field(service: Service) -> None:
    answer = service.post_json(CLASSIFY, f'{{"image": "{BASE64}", "top_k": null}}')
    assert answer.json()["errors"] == [
        {"pointer": "/top_k", "code": "wrong-type", "message": "This field is an integer."}
    ]


def test_unknown_failure_says_nothing_and_is_logged_once(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "inkdigits.service")
    for path in (CLASSIFY, READ):
        caplog.clear()
        answer = service.post(path, files={"image": ("x", PNG + b"crash")})
        check(service, answer, 500, "internal")
        assert "secret" not in answer.text
        assert [bool(record.exc_info) for record in caplog.records] == [True]


def test_model_that_cannot_be_loaded() -> None:
    with serving(Settings(model="no-such-model"), None) as service:
        assert service.get("/livez").status_code == 200
        ready = service.get("/readyz")
        check(service, ready, 503, "not-ready")
        assert ready.json()["detail"]
        check(service, service.post("/predict", json={"image": BASE64}), 503, "not-ready")


def test_every_problem_has_a_status_and_a_title() -> None:
    for code in CATALOGUE:
        assert Problem(code).to_dict("id")["title"]


@given(st.binary(max_size=200) | st.text('[]{}":,\\u0d8 1e9-.tfn').map(str.encode))
def test_json_parser_refuses_or_answers(body: bytes) -> None:
    try:
        value = strict_json.loads(body)
    except Problem as problem:
        status = problem.status
    else:
        status = 200
        assert value == json.loads(body)
        json.dumps(value, allow_nan=False).encode()
    assert status in (200, 400, 422)
