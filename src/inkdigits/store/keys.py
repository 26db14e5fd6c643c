"""The keys of the API, kept in a database.

In: `Key`. Out: the same. Knows the table; what a key is worth, `apikey` and the service know.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from inkdigits.errors import StoreError
from inkdigits.store.apikey import Key
from inkdigits.store.database import Database
from inkdigits.store.tables import API_KEYS


class KeyStore:
    """The keys of one database. Share it between threads and processes; close it."""

    def __init__(self, place: str, *, create: bool = True) -> None:
        """Open a store.

        Args:
            place: the path of an SQLite file, or the URL of a database.
            create: whether a file that is not there is made.

        Raises:
            StoreError: `bad-place`, `bad-store` or `store-unavailable`; the methods raise the last.
        """
        self._database = Database(place, create=create)

    @property
    def name(self) -> str:
        """What it is called in messages: its file or its URL, without a password."""
        return self._database.name

    def add(self, key: Key) -> None:
        """Keep a key."""
        row = {
            "id": key.id,
            "name": key.name,
            "scopes": " ".join(key.scopes),
            "digest": key.digest,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }
        with self._database.writing() as connection:
            connection.execute(API_KEYS.insert().values(row))

    def find(self, token: str) -> Key | None:
        """The key with this id."""
        with self._database.reading() as connection:
            row = connection.execute(select(API_KEYS).where(API_KEYS.c.id == token)).one_or_none()
        return None if row is None else self._from_row(row)

    def all_of(self) -> list[Key]:
        """All keys, the oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(API_KEYS).order_by(API_KEYS.c.number)).all()
        return [self._from_row(row) for row in rows]

    def revoke(self, token: str) -> bool:
        """Have a key refused from now on; answers whether there is one, revoked before or now."""
        there, now = API_KEYS.c.id == token, datetime.now(UTC)
        with self._database.writing() as connection:
            still = there & API_KEYS.c.revoked_at.is_(None)
            connection.execute(API_KEYS.update().where(still).values(revoked_at=now))
            return connection.execute(select(API_KEYS.c.id).where(there)).one_or_none() is not None

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _from_row(self, row: Row[Any]) -> Key:
        try:
            created, expires, revoked = map(_utc, (row.created_at, row.expires_at, row.revoked_at))
            assert created is not None
            scopes = tuple(row.scopes.split())
            return Key(row.id, row.name, scopes, bytes(row.digest), created, expires, revoked)
        except (AssertionError, AttributeError, TypeError, StoreError):
            raise StoreError(
                f"The store {self.name} is damaged: key {row.number} makes no sense. "
                "Bring back a copy, or remove it.",
                code="bad-store",
            ) from None


def _utc(time: datetime | None) -> datetime | None:
    """SQLite knows no time zones; others give the one of the connection."""
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
