"""A connection that neither waits for ever for a request's head, nor takes one without end.

In: limits of time and size. Out: a uvicorn protocol that hangs up on who is slower, and answers 431
to who sends more. The body has its own limits, in `reception` and `middleware`. Knows HTTP/1.1 only
by its beginnings and ends.
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


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, which gives a client `header_timeout` seconds to send a head."""

    header_timeout = 10.0
    max_head = 16 * 2**10 + _ROOM
    _hang_up: asyncio.TimerHandle | None = None
    _in_body = False
    _begun = False
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on, or stop, waiting for a head."""
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

    def on_message_complete(self) -> None:
        """The next is a head again."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The next head may have begun before the answer was out."""
        super().on_response_complete()
        if self._begun:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self._hang_up is None:
            self._hang_up = self.loop.call_later(self.header_timeout, self.transport.close)

    def _stop(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


def patient(header_timeout: float, max_header_bytes: int) -> type[PatientProtocol]:
    """The protocol with other limits: seconds, and bytes of all headers."""
    limits = {"header_timeout": header_timeout, "max_head": max_header_bytes + _ROOM}
    return type("PatientProtocol", (PatientProtocol,), limits)
