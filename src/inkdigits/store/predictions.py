"""Predictions, kept in a database for a while.

In: `Kept`. Out: the same, and what there is of them. Knows the table; when to write and how long to
keep is the service's business.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select

from inkdigits.errors import StoreError
from inkdigits.store.database import Database
from inkdigits.store.feedback import utc
from inkdigits.store.prediction import Holdings, Kept, packed, short_name, unpacked
from inkdigits.store.tables import PREDICTIONS

#: How many are held at a time while all are read, and deleted at a time: others write meanwhile.
_CHUNK, _PURGED = 1_000, 5_000


class PredictionStore:
    """The predictions of one database. Share it between threads and processes; close it."""

    def __init__(self, place: str, *, create: bool = True) -> None:
        """Open a store.

        Args:
            place: the path of an SQLite file, or the URL of a database.
            create: whether a file that is not there is made.

        Raises:
            StoreError: as `Database`, as do all methods when the database fails.
        """
        self._database = Database(place, create=create)

    @property
    def name(self) -> str:
        """What it is called in messages: its file or its URL, without a password."""
        return self._database.name

    def add(self, many: Sequence[Kept]) -> None:
        """Keep them, all or none; those that are there already are left as they are."""
        if many:
            insert = self._database.insert_new(PREDICTIONS)
            with self._database.writing(alone=False) as connection:
                connection.execute(insert, [_to_row(it) for it in many])

    def count(self, before: datetime | None = None) -> int:
        """How many there are, or how many were read before a time."""
        ask = select(func.count()).select_from(PREDICTIONS)
        if before is not None:
            ask = ask.where(PREDICTIONS.c.created_at < before.astimezone(UTC))
        with self._database.reading() as connection:
            return int(connection.execute(ask).scalar_one())

    def holdings(self) -> Holdings:
        """What there is."""
        time, model = PREDICTIONS.c.created_at, (PREDICTIONS.c.model, PREDICTIONS.c.version)
        with self._database.reading() as connection:
            groups = connection.execute(
                select(
                    *model,
                    func.count().label("many"),
                    func.count(PREDICTIONS.c.seen).label("seen"),
                    func.min(time).label("first"),
                    func.max(time).label("last"),
                ).group_by(*model)
            ).all()
        return Holdings(
            sum(it.many for it in groups),
            sum(it.seen for it in groups),
            min((utc(it.first) for it in groups), default=None),
            max((utc(it.last) for it in groups), default=None),
            tuple(
                sorted(((it.model, it.version, it.many) for it in groups), key=lambda it: -it[2])
            ),
        )

    def purge(self, before: datetime) -> int:
        """Delete for good what was read before a time; answers how many.

        A few at a time, so that others get to write meanwhile.
        """
        gone, before = 0, before.astimezone(UTC)
        old = select(PREDICTIONS.c.number).where(PREDICTIONS.c.created_at < before).limit(_PURGED)
        while True:
            with self._database.writing(alone=False) as connection:
                done = connection.execute(
                    PREDICTIONS.delete().where(PREDICTIONS.c.number.in_(old))
                ).rowcount
            gone += done
            if done < _PURGED:
                break
        if gone:
            self._database.forget()
        return gone

    def export(self, since: datetime | None = None) -> Iterator[Kept]:
        """Those read since a time, or all, in the order in which they came; a few at a time."""
        last = 0
        ask = select(PREDICTIONS).order_by(PREDICTIONS.c.number).limit(_CHUNK)
        if since is not None:
            ask = ask.where(PREDICTIONS.c.created_at >= since.astimezone(UTC))
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(ask.where(PREDICTIONS.c.number > last)).all()
            if not rows:
                return
            last = rows[-1].number
            for row in rows:
                yield self._from_row(row)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _from_row(self, row: Row[Any]) -> Kept:
        try:
            return Kept(
                row.request_id,
                row.model,
                row.version,
                row.digit,
                row.reason,
                row.confidence,
                unpacked(row.probabilities),
                row.seconds,
                row.kind,
                row.seen,
                row.id,
                utc(row.created_at),
            )
        except (struct.error, TypeError, AttributeError):
            raise StoreError(
                f"The store {self.name} is damaged: prediction {row.number} makes no sense. "
                "Bring back a copy, or purge it.",
                code="bad-store",
            ) from None


def _to_row(it: Kept) -> dict[str, object]:
    return {
        "id": it.id,
        "created_at": it.created_at.astimezone(UTC),
        "request_id": it.request_id,
        "model": short_name(it.model),
        "version": short_name(it.version),
        "digit": it.digit,
        "reason": it.reason,
        "confidence": it.confidence,
        "probabilities": packed(it.probabilities),
        "seconds": it.seconds,
        "kind": it.kind,
        "seen": it.seen,
    }
