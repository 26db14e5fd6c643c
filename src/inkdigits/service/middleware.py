"""What surrounds every request: an id, security headers, limits, one log line, no tracebacks.

In: ASGI. Out: ASGI. Plain ASGI classes, so that nothing is buffered. Knows no route.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkdigits.service import health
from inkdigits.service.problems import Problem, from_exception, respond
from inkdigits.service.routenames import RouteNames
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import exposition, tracecontext
from inkdigits.service.telemetry.metrics import METHODS, OTHER
from inkdigits.service.telemetry.tracing import Spanned
from inkdigits.service.telemetry.watch import Watch

logger = logging.getLogger("inkdigits.service")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
#: Asked every few seconds; told in the log only when they go wrong, or at level debug.
_QUIET = health.PROBES | {exposition.PATH}


class Envelope:
    """Wraps each request: id in, headers on, one log line out; any exception is a problem."""

    def __init__(self, app: ASGIApp, settings: Settings, watch: Watch) -> None:
        self.app = app
        self.settings = settings
        self.watch = watch
        self._names = RouteNames()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # uvicorn leaves out the body of an answer to HEAD by itself.
        method, headers = scope["method"], Headers(scope=scope)
        trace = tracecontext.read(headers.getlist("traceparent"), headers.getlist("tracestate"))
        state = {**scope.get("state", {}), "request_id": request_id(headers)}
        scope = {**scope, "method": "GET" if method == "HEAD" else method, "state": state}
        began = time.perf_counter()
        outgoing = _Outgoing(send, state, bodiless=method == "HEAD")
        failure: Exception | None = None
        with self.watch.traces.request(trace) as span:
            try:
                check_head(scope, self.settings)
                await self.app(scope, receive, outgoing)
            except Exception as error:
                problem = from_exception(error)
                failure = error if problem.code == "internal" else None
                if outgoing.status:
                    raise
                await respond(scope, problem)(scope, receive, outgoing)
            finally:
                seconds = time.perf_counter() - began
                self._tell(method, scope, outgoing, span, seconds, failure)

    def _tell(
        self,
        method: str,
        scope: Scope,
        outgoing: _Outgoing,
        span: Spanned,
        seconds: float,
        failure: Exception | None,
    ) -> None:
        """What became of a request: one line, one observation, the end of its span."""
        method = method if method in METHODS else OTHER
        route = self._names.of(scope)
        status = outgoing.status or 499  # nobody waited for the answer
        self.watch.metrics.served(method, route, status, seconds)
        self.watch.metrics.rejected(scope["state"].get("problem", ""))
        span.done(method, route, status)
        told: dict[str, Any] = {"method": method, "route": route, "status": status}
        told["duration_ms"] = round(seconds * 1000, 3)
        told |= {"bytes_in": scope["state"].get("bytes_in", 0), "bytes_out": outgoing.bytes}
        told |= {"trace_id": span.trace_id, "span_id": span.span_id}
        self._log(told, scope, failure)

    def _log(self, told: dict[str, Any], scope: Scope, failure: Exception | None) -> None:
        route, status = told["route"], told["status"]
        level = logging.INFO if status < 500 else logging.ERROR if failure else logging.WARNING
        if route in _QUIET and status < 400:
            level = logging.DEBUG
        if not logger.isEnabledFor(level):
            return
        state = scope["state"]
        told = {"request_id": state["request_id"], **told}
        if "problem" in state:
            told["problem"] = state["problem"]
        if self.settings.log_client:
            told["client"] = (scope.get("client") or ["unknown"])[0]
        if logger.isEnabledFor(logging.DEBUG):
            told["path"] = scope["path"][:200]
        logger.log(level, "request", exc_info=failure, extra=told)


class _Outgoing:
    """`send` with the common headers added, and those that the request's state asks for.

    `status` stays 0 until the response has begun.
    """

    def __init__(self, send: Send, state: dict[str, Any], *, bodiless: bool) -> None:
        self.send = send
        self.state = state
        self.bodiless = bodiless
        self.status = 0
        self.bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.state["request_id"]
            headers.update(SECURITY_HEADERS)
            for name, value in self.state.get("headers", {}).items():
                if name == "Vary":
                    headers.add_vary_header(value)
                else:
                    headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        elif self.bodiless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        self.bytes += len(message.get("body", b""))
        await self.send(message)


class BodyLimit:
    """Refuses a body over `limit` bytes: unread by its Content-Length, else at the limit."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if len(length) > 18 or not (length.isascii() and length.isdigit()):
            raise self._too_large() if length.isdigit() else Problem("bad-request")
        if int(length) > self.limit:
            raise self._too_large()
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            scope.setdefault("state", {})["bytes_in"] = received
            if received > self.limit:
                raise self._too_large()
            return message

        await self.app(scope, counted, send)

    def _too_large(self) -> Problem:
        return Problem(
            "payload-too-large",
            f"A request body has at most {self.limit:,} bytes.",
            headers={"Connection": "close"},
        )


def request_id(headers: Headers) -> str:
    """The id that a request brings, if it is a sound one, or a new one."""
    given = headers.getlist("x-request-id")
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return given[0]
    return secrets.token_hex(12)


def check_head(scope: Scope, settings: Settings) -> None:
    """See that the headers are few and small, and that Host is one.

    Raises:
        Problem: `headers-too-large` (431) or `bad-host` (400).
    """
    headers = Headers(scope=scope)
    size = sum(len(name) + len(value) for name, value in headers.raw)
    if len(headers.raw) > settings.max_headers or size > settings.max_header_bytes:
        raise Problem("headers-too-large", headers={"Connection": "close"})
    hosts = headers.getlist("host")
    missing = not hosts and scope.get("http_version") != "1.0"
    if missing or len(hosts) > 1 or not all(map(_HOST.fullmatch, hosts)):
        raise Problem("bad-host")
