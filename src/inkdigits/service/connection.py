"""A connection that neither waits for ever for a request's head, nor takes one without end.

In: limits of time and size. Out: a uvicorn protocol that hangs up on who is slower, and answers 431
to who sends more. The body has its own limits, in `reception` and `middleware`; what is left of it
once the answer is out is thrown away here, for a while, since a client that is hung up on while it
sends may never see the answer. What is no HTTP is refused as any bad request is: by a problem, and
a line of the log. Knows HTTP/1.1 only by its beginnings and ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from inkdigits.service.problems import MEDIA_TYPE, Problem
from inkdigits.service.routenames import UNMATCHED
from inkdigits.service.telemetry.metrics import OTHER

logger = logging.getLogger("inkdigits.service")
#: uvicorn's, but for its warnings of what clients sent: the service has its own line for that.
_errors = logging.getLogger("uvicorn.error.of-a-connection")
_errors.setLevel(logging.ERROR)
_nothing = logging.getLogger("uvicorn.error.of-a-socket")
_nothing.setLevel(logging.CRITICAL)
#: The first line and what one read brings of a body may come on top of the headers.
_ROOM = 256 * 2**10
#: How long, and how much of, a body is thrown away after its answer: seconds, bytes.
_REST_SECONDS, _REST_BYTES = 2.0, 16 * 2**20


class _Exit:
    """What an answer knows of its connection: it writes, and it closes by way of the protocol."""

    def __init__(self, protocol: PatientProtocol) -> None:
        self._protocol = protocol
        self.close = protocol.close_gently

    def write(self, data: bytes) -> None:
        """Send, unless what came behind the request has already been refused."""
        if not self._protocol.leaving:
            self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._protocol.leaving or self._protocol.transport.is_closing()


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which gives a client `header_timeout` seconds to send a head."""

    header_timeout = 10.0
    max_head = 16 * 2**10 + _ROOM
    _hang_up: asyncio.TimerHandle | None = None
    _in_body = False
    _begun = False
    _head = 0
    _rest = 0
    leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self.logger = _errors
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on, or stop, waiting for a head."""
        if self.leaving or (self._in_body and self.cycle.response_complete):
            self._rest += len(data)
            if self._rest > _REST_BYTES:
                self.transport.close()
            if self.leaving:
                return
        if not self._in_body:
            self._head += len(data)
        super().data_received(data)
        if self._in_body or self.transport.is_closing():
            return
        if self._head > self.max_head:
            self._refuse("headers-too-large")
        elif self.cycle is None or self.cycle.response_complete:
            self._watch()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._begun = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; none behind the body, where nobody would count them."""
        if not self._in_body:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is here."""
        self._stop()
        self._begun, self._in_body, self._head = False, True, 0
        super().on_headers_complete()
        if self.cycle is not None:  # None before an upgrade
            self.cycle.transport = _Exit(self)  # type: ignore[assignment]

    def on_message_complete(self) -> None:
        """The next is a head again."""
        self._in_body, self._rest = False, 0
        self._stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The next head may have begun before the answer was out; or the body is not here yet."""
        super().on_response_complete()
        if self._in_body:
            self._watch(_REST_SECONDS)
        elif self._begun:
            self._watch()

    def close_gently(self) -> None:
        """Hang up, once a client that is still sending has had the time to see its answer."""
        if self._in_body and not self.leaving and self.transport.can_write_eof():
            self._linger()
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse("bad-request")

    def _refuse(self, code: str) -> None:
        """Answer before there is a request, unless an answer is on its way, and hang up."""
        if self.leaving:
            return
        token, problem = secrets.token_hex(12), Problem(code)
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = json.dumps(problem.to_dict(token)).encode()
            head = (
                f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
                f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
                f"x-content-type-options: nosniff\r\nx-request-id: {token}\r\n"
                "connection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        if self.cycle is not None and not self.cycle.response_complete:  # nobody waits for it
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self._linger()
        else:
            self.transport.close()
        told = {"request_id": token, "method": OTHER, "route": UNMATCHED}
        logger.info("request", extra={**told, "status": problem.status, "problem": code})

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _linger(self) -> None:
        self.leaving = True
        self.transport.write_eof()
        self.flow.resume_reading()
        self._stop()
        self._watch(_REST_SECONDS)

    def _watch(self, seconds: float | None = None) -> None:
        if self._hang_up is None:
            seconds = self.header_timeout if seconds is None else seconds
            self._hang_up = self.loop.call_later(seconds, self.transport.close)

    def _stop(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


class QuietSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, silent of what clients do wrong: the service has a line for each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.logger = _nothing


def patient(header_timeout: float, max_header_bytes: int) -> type[PatientProtocol]:
    """The protocol with other limits: seconds, and bytes of all headers."""
    limits = {"header_timeout": header_timeout, "max_head": max_header_bytes + _ROOM}
    return type("PatientProtocol", (PatientProtocol,), limits)
