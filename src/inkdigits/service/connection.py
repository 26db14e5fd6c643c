"""A connection that does not wait for ever for a request's head.

In: a time limit. Out: a uvicorn protocol that hangs up on a client slower than that. The body
has its own limit, in `routes`. Knows HTTP/1.1 only by its state.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which gives a client `header_timeout` seconds to send a head."""

    header_timeout = 10.0
    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Go on, or stop, waiting for a head."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._hang_up is None:
            self._hang_up = self.loop.call_later(self.header_timeout, self.transport.close)

    def _stop(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


def patient(header_timeout: float) -> type[PatientProtocol]:
    """The protocol with another limit, in seconds."""
    return type("PatientProtocol", (PatientProtocol,), {"header_timeout": header_timeout})
