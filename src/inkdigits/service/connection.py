"""A connection that neither waits for ever for a request's head, nor takes one without end.

In: limits of time and size. Out: a uvicorn protocol that hangs up on who is slower, and answers 431
to who sends more. The body has its own limits, in `reception` and `middleware`; what is left of it
once the answer is out is thrown away here, for a while, since a client that is hung up on while it
sends may never see the answer. Knows HTTP/1.1 only by its beginnings and ends.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Said to a head that is too large to be looked at; within the limit the answers are problems.
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)
#: The first line and what one read brings of a body may come on top of the headers.
_ROOM = 256 * 2**10
#: How long, and how much of, a body is thrown away after its answer: seconds, bytes.
_REST_SECONDS, _REST_BYTES = 2.0, 16 * 2**20


class _Exit:
    """What an answer knows of its connection: it writes, and it closes by way of the protocol."""

    def __init__(self, protocol: PatientProtocol) -> None:
        self._protocol = protocol
        self.write = protocol.transport.write
        self.close = protocol.close_gently

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
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self.cycle is None or self.cycle.response_complete:
            self._watch()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._begun = True
        super().on_message_begin()

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
            self.leaving = True
            self.transport.write_eof()
            self.flow.resume_reading()
            self._watch(_REST_SECONDS)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self, seconds: float | None = None) -> None:
        if self._hang_up is None:
            seconds = self.header_timeout if seconds is None else seconds
            self._hang_up = self.loop.call_later(seconds, self.transport.close)

    def _stop(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


def patient(header_timeout: float, max_header_bytes: int) -> type[PatientProtocol]:
    """The protocol with other limits: seconds, and bytes of all headers."""
    limits = {"header_timeout": header_timeout, "max_head": max_header_bytes + _ROOM}
    return type("PatientProtocol", (PatientProtocol,), limits)
