"""A key of the API: who may do what, until when.

In: a name and scopes. Out: a `Key`, and once, the text that its owner has. Knows neither databases
nor HTTP.

What is kept of a key is SHA-256 of its text. That is enough: a slow hash protects passwords, which
people choose and others can guess; the secret of a key is 160 random bits, which nobody can.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from inkdigits.errors import StoreError

Scope = Literal["read", "admin"]
#: What a key may allow: to have digits read; to change the service, which includes the former.
SCOPES: tuple[Scope, ...] = get_args(Scope)
#: Characters of a name, at most.
LONGEST_NAME = 100
#: Bytes of a key's public and of its secret part: multiples of five, which base 32 takes whole.
_ID, _SECRET = 5, 20
_KEY = re.compile(r"ink_([a-z2-7]{8})_[a-z2-7]{32}")


@dataclass(frozen=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: by which it is listed and revoked; no secret.
        name: what its owner calls it.
        scopes: what it allows.
        digest: SHA-256 of its text.
        created_at: UTC, like all times.
        expires_at: from when on it is refused; `None` for never.
        revoked_at: since when it is refused; `None` where it is not.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    digest: bytes
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            StoreError: `bad-key`.
        """
        if not (0 < len(self.name) <= LONGEST_NAME and self.name.isprintable()):
            words = f"A key's name has 1 to {LONGEST_NAME} plain characters."
            raise StoreError(words, code="bad-key")
        if not self.scopes or not set(self.scopes) <= set(SCOPES):
            raise StoreError(f"The scopes of a key are {' and '.join(SCOPES)}.", code="bad-key")

    def allows(self, scope: Scope) -> bool:
        """Whether it may be used for that; who may administer may do all."""
        return scope in self.scopes or "admin" in self.scopes

    def fits(self, digest: bytes) -> bool:
        """Whether that is the digest of its text; takes as long whether or not."""
        return hmac.compare_digest(self.digest, digest)

    def state(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        """How it is at that time."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict, without the digest."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "state": self.state(datetime.now(UTC)),
            **{
                name: None if it is None else it.isoformat(timespec="seconds")
                for name, it in (
                    ("created_at", self.created_at),
                    ("expires_at", self.expires_at),
                    ("revoked_at", self.revoked_at),
                )
            },
        }


def made(name: str, scopes: Iterable[Scope], lasts: timedelta | None = None) -> tuple[Key, str]:
    """A new key, and its text: `ink_ID_SECRET`, which is nowhere else.

    Raises:
        StoreError: the name, the scopes or the time make no sense (`bad-key`).
    """
    token, now = _random(_ID), datetime.now(UTC)
    text = f"ink_{token}_{_random(_SECRET)}"
    try:
        until = None if lasts is None else now + lasts
    except OverflowError:
        raise StoreError("A key cannot last as long as that.", code="bad-key") from None
    ordered = tuple(it for it in SCOPES if it in set(scopes))
    return Key(token, name, ordered, digest(text), now, until), text


def id_of(text: str) -> str | None:
    """The public part of a key's text; `None` where it is no key."""
    found = _KEY.fullmatch(text)
    return None if found is None else found[1]


def digest(text: str) -> bytes:
    """What is kept of a key's text."""
    return hashlib.sha256(text.encode()).digest()


def _random(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode().lower()
