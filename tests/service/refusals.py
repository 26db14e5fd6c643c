"""What every refused request has in common, whatever it was: one place that asserts all of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

import httpx2

from inkdigits.service.problems import CATALOGUE

from .harness import MARK
from .targets import Line, Target, growth, rows

#: Megabytes that the answer to a bad request may cost: a body of 5 MiB, some copies of it, and what
#: the allocator holds back.
BOUND = 64.0
PROBLEM = {"type", "title", "status", "detail", "instance", "request_id", "errors"}
#: Long words that requests and answers share because both name the fields.
_SHARED = {"confidence", "Content-Disposition", "multipart", "not_a_digit"}
_WORD = re.compile(r"[A-Za-z0-9_+/=-]{9,}")


def assert_refused(
    target: Target,
    status: int,
    code: str,
    method: str,
    path: str,
    *,
    pointer: str | None = None,
    bound: float = BOUND,
    headers: Any = None,
    **how: Any,
) -> dict[str, Any]:
    """Send a request that must be refused; answers the problem.

    Sees that the answer is the problem `code`, tells no more than it may, and costs at most `bound`
    megabytes; that one line of the log tells of it; that no row was written; and that the service
    lives on.
    """
    answer, line = _sent(target, method, path, bound, headers, how)
    problem = assert_problem(answer.status_code, answer.headers, answer.content, status, code)
    assert line["status"] == status
    assert line["problem"] == code
    assert "exception" not in line
    if pointer is not None:
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    sent = _text(how.get("content")) + _text(how.get("json"))
    echoed = set(_WORD.findall(sent)) & set(_WORD.findall(answer.text)) - _SHARED
    assert not echoed, f"the answer repeats {echoed}"
    return problem


def assert_read(
    target: Target, method: str, path: str, *, bound: float = BOUND, headers: Any = None, **how: Any
) -> Any:
    """Send a request that looks bad and must be answered; answers the JSON."""
    answer, line = _sent(target, method, path, bound, headers, how)
    assert answer.status_code == 200, answer.text
    assert "problem" not in line
    return answer.json()


def assert_problem(
    status: int, headers: Mapping[str, str], body: bytes, expected: int, code: str
) -> dict[str, Any]:
    """An answer is the problem it should be (RFC 9457), and says nothing that it should not."""
    answer = httpx2.Response(status, content=body)
    assert status == expected, answer.text
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    problem = answer.json()
    assert set(problem) - {"error"} == PROBLEM
    assert problem["type"] == f"urn:inkdigits:problem:{code}"
    assert (problem["status"], problem["title"]) == CATALOGUE[code]
    assert problem["detail"] is None or problem["detail"].endswith((".", "?"))
    assert problem["request_id"] == headers["x-request-id"]
    assert problem["instance"] == f"urn:inkdigits:request:{problem['request_id']}"
    for error in problem["errors"]:
        assert set(error) == {"pointer", "code", "message"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")
        assert error["code"]
        assert error["message"]
    for word in ("Traceback", 'File "', ".py", "site-packages", MARK):
        assert word not in answer.text
    return dict(problem)


def _sent(
    target: Target, method: str, path: str, bound: float, headers: Any, how: dict[str, Any]
) -> tuple[httpx2.Response, Line]:
    """The answer, and the one line that tells of it."""
    token = secrets.token_hex(8)
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or ())
    kept = rows(target.store)
    with target.listening() as lines, growth(target.pid) as grown:
        answer = target.send(method, path, headers=[*pairs, ("X-Request-ID", token)], **how)
    assert all(it < bound for it in grown), f"{grown} MB"
    assert answer.headers["x-request-id"] == token
    told = [line for line in lines if line.get("request_id") == token]
    assert len(told) == 1, lines
    assert MARK not in str(lines)
    assert target.send("GET", "/livez").status_code == 200
    assert rows(target.store) == kept
    return answer, told[0]


def _text(sent: Any) -> str:
    if isinstance(sent, list) and all(isinstance(it, bytes) for it in sent):
        sent = b"".join(sent)
    if isinstance(sent, bytes):
        sent = sent.decode("latin-1")
    return str(sent)[:100_000] if sent is not None else ""
