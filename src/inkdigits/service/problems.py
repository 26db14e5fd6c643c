"""What the service says when it cannot answer: RFC 9457 problems.

In: an exception. Out: an `application/problem+json` response with a stable `type`. Never holds
a traceback nor what the client sent. Does not know the routes, but for those whose clients read
`error`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import Scope

from inkdigits.errors import InkdigitsError

MEDIA_TYPE = "application/problem+json"
LEGACY_PATH = "/predict"
#: Where the Open Inference Protocol wants `error`.
INFERENCE = "/v2"

#: code -> (status, title). `type` is `urn:inkdigits:problem:` and the code.
CATALOGUE: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request is not understood"),
    "bad-host": (400, "The Host header is not a host name"),
    "malformed-json": (400, "The body is not the JSON it should be"),
    "malformed-multipart": (400, "The form data are damaged"),
    "unauthorized": (401, "This needs a key"),
    "forbidden": (403, "The key does not allow this"),
    "forbidden-origin": (403, "Pages of this origin may not do this"),
    "not-found": (404, "There is nothing here"),
    "unknown-model": (404, "There is no such model"),
    "feedback-off": (404, "Feedback is switched off"),
    "method-not-allowed": (405, "This address does not take this method"),
    "request-timeout": (408, "The body came too slowly"),
    "conflict": (409, "Something else is here already"),
    "payload-too-large": (413, "The request is too large"),
    "batch-too-large": (413, "There are too many pictures in the batch"),
    "unsupported-media-type": (415, "This type of body is not read here"),
    "unsupported-format": (415, "This is not a picture that can be read"),
    "corrupt-image": (422, "The picture is damaged"),
    "image-too-large": (422, "The picture has too many pixels"),
    "invalid-field": (422, "A field does not hold what it should"),
    "not-finite": (422, "A number is not finite"),
    "bad-rule": (422, "The rules for numbers cannot be kept"),
    "tensor-shape": (422, "The numbers do not have the right shape"),
    "rate-limited": (429, "Too many requests"),
    "headers-too-large": (431, "The request headers are too large"),
    "client-closed": (499, "The client went away"),
    "internal": (500, "Something broke on our side"),
    "bad-model": (503, "The model cannot be used"),
    "not-ready": (503, "The service is not ready"),
    "overloaded": (503, "The service is busy"),
    "keys-unavailable": (503, "Keys cannot be looked up"),
    "store-unavailable": (503, "Feedback cannot be stored"),
    "store-full": (507, "The store of feedback is full"),
}
_OF_STATUS = {
    400: "bad-request",
    401: "not-found",  # a page file that may not be read
    403: "not-found",
    404: "not-found",
    405: "method-not-allowed",
    413: "payload-too-large",
    415: "unsupported-media-type",
}


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: where (JSON pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that is an error. `code` is a key of `CATALOGUE`; `detail` is for a person."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.status, self.title = CATALOGUE[code]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(f"{self.status} {code}")

    @classmethod
    def at(
        cls, pointer: str, code: str, message: str, *, problem: str = "invalid-field"
    ) -> Problem:
        """A problem with one field; its detail is the message."""
        return cls(problem, message, errors=[FieldError(pointer, code, message)])

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """The JSON members of RFC 9457, plus `request_id` and `errors`."""
        return {
            "type": f"urn:inkdigits:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:inkdigits:request:{request_id}",
            "request_id": request_id,
            "errors": [asdict(error) for error in self.errors],
        }


def from_exception(error: Exception, pointer: str = "") -> Problem:
    """The problem that stands for an exception; `internal`, without detail, for an unknown one.

    `pointer` names the field that an `InkdigitsError` is about.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, InkdigitsError) and error.code in CATALOGUE:
        return Problem.at(pointer, error.code, str(error), problem=error.code)
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, ClientDisconnect):
        return Problem("client-closed")
    return Problem("internal")


def _from_http(error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code != 405:
        return Problem(_OF_STATUS.get(error.status_code, "internal"), headers=headers)
    methods = {method.strip() for method in headers.get("Allow", "").split(",")}
    if "GET" in methods:
        methods.add("HEAD")
    allowed = ", ".join(sorted(methods))
    return Problem("method-not-allowed", f"Use {allowed}.", headers={"Allow": allowed})


def respond(scope: Scope, problem: Problem) -> JSONResponse:
    """The response for a problem; leaves the problem's code in the scope for the log."""
    state = scope.setdefault("state", {})
    state["problem"] = problem.code
    body = problem.to_dict(state.get("request_id", ""))
    path = scope["path"]
    if path in (LEGACY_PATH, INFERENCE) or path.startswith(f"{INFERENCE}/"):
        body["error"] = problem.detail or problem.title
    return JSONResponse(body, problem.status, problem.headers, MEDIA_TYPE)
