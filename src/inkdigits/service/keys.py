"""Who may ask: the keys of the API, as requests bring them.

In: a request's headers. Out: its `Key`, or a `Problem`. A key is looked up in the database once in
`REMEMBERED` seconds, so that one that was revoked is refused everywhere after that. A key is never
logged, nor is any part of its secret.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from inkdigits.errors import InkdigitsError
from inkdigits.service import stores
from inkdigits.service.problems import Problem
from inkdigits.service.settings import Settings
from inkdigits.store.apikey import Key, Scope, digest, id_of

if TYPE_CHECKING:
    from inkdigits.store.keys import KeyStore

logger = logging.getLogger("inkdigits.service")
#: Seconds for which an answer of the database is good.
REMEMBERED = 5.0
#: Answers that are remembered at once.
MOST = 10_000
#: Threads that may look up keys, and requests that may wait for one.
THREADS, WAITING = 2, 64
_CHALLENGE = 'Bearer realm="inkdigits"'


class Keys:
    """The keys that are valid, in the store that the settings name."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Take keys where the settings say so."""
        self._settings = settings
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[Key | None, float]] = OrderedDict()
        self._store: KeyStore | None = None
        self._opening = Lock()
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def mode(self) -> str:
        """Whether keys are taken: off, optional or required."""
        return self._settings.keys

    async def start(self) -> None:
        """Open the store; a failure is logged, and tried again later.

        Raises:
            StoreError: `bad-store`, which no time mends.
        """
        self._limiter = anyio.CapacityLimiter(THREADS)
        if self.mode != "off":
            try:
                await anyio.to_thread.run_sync(self._opened)
            except InkdigitsError as error:
                stores.tell(error, "keys")

    async def stop(self) -> None:
        """Close it."""
        if self._store is not None:
            await anyio.to_thread.run_sync(self._store.close)
            self._store = None

    async def of(self, headers: Headers) -> Key | None:
        """The key that a request brings; `None` where it brings none.

        Raises:
            Problem: `unauthorized` (401) for one that is not valid, `keys-unavailable` (503) where
                that cannot be found out, `overloaded` (503).
        """
        text = _given(headers) if self.mode != "off" else None
        if text is None:
            return None
        key = await self._found(text)
        if key is None:
            raise unauthorized("This key is not known.", given=True)
        state = key.state(datetime.now(UTC))
        if state != "active":
            words = "has expired" if state == "expired" else "was revoked"
            raise unauthorized(f"This key {words}: ask for another one.", given=True)
        return key

    async def _found(self, text: str) -> Key | None:
        token = id_of(text)
        if token is None:
            return None
        made = digest(text)
        known = self._known.get(made)
        if known is not None and known[1] > self._clock():
            return known[0]
        key = await self._looked_up(token)
        if key is not None and not key.fits(made):
            key = None
        self._known[made] = (key, self._clock() + REMEMBERED)
        self._known.move_to_end(made)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return key

    async def _looked_up(self, token: str) -> Key | None:
        if self._limiter is not None and self._limiter.statistics().tasks_waiting >= WAITING:
            detail = "Too many keys are being looked up: try again."
            raise Problem("overloaded", detail, headers={"Retry-After": "1"})
        try:
            return await anyio.to_thread.run_sync(
                lambda: self._opened().find(token), limiter=self._limiter
            )
        except InkdigitsError as error:
            logger.warning("keys unavailable: %s", error)
            detail = "Whether the key is valid cannot be found out at present: try again later."
            raise Problem("keys-unavailable", detail, headers={"Retry-After": "5"}) from error

    def _opened(self) -> KeyStore:
        with self._opening:
            if self._store is None:
                self._store = stores.keys(self._settings)
            return self._store


def require(connection: HTTPConnection, scope: Scope) -> Key:
    """See that a request has a key that allows this; for administrative routes.

    Raises:
        Problem: `unauthorized` (401) without a key, `forbidden` (403) where it does not allow it,
            or where this server takes no keys.
    """
    if connection.app.state.protection.keys.mode == "off":
        raise Problem("forbidden", "This server takes no keys, so nobody may do this.")
    key = connection.scope["state"].get("key")
    if not isinstance(key, Key):
        raise unauthorized("This needs a key: send it as Authorization: Bearer KEY.")
    if not key.allows(scope):
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        detail = f"This needs a key with the scope {scope}."
        raise Problem("forbidden", detail, headers={"WWW-Authenticate": challenge})
    return key


def unauthorized(detail: str, *, given: bool = False) -> Problem:
    """401, for a request without a key, or with one that is not valid."""
    challenge = f'{_CHALLENGE}, error="invalid_token"' if given else _CHALLENGE
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": challenge})


def _given(headers: Headers) -> str | None:
    """What a request gives as its key; headers of another kind are not for us."""
    for text in headers.getlist("x-api-key"):
        return text.strip()
    for text in headers.getlist("authorization"):
        kind, _, rest = text.strip().partition(" ")
        if kind.lower() == "bearer":
            return rest.strip()
    return None
