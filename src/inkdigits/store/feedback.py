"""Corrections, kept in a database.

In: `Correction`. Out: the same, and their `Summary`. Knows the table; how a database fails is the
database's business, and who may send what, the service's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select

from inkdigits.errors import StoreError
from inkdigits.store.correction import LABELS, Correction, Label, Summary, Tally, answer_of
from inkdigits.store.database import Database
from inkdigits.store.tables import CORRECTIONS

#: Corrections that are kept, unless said otherwise: some 30 MB of drawings.
MAX_ROWS = 10_000
#: How many are held at a time while all are read.
_CHUNK = 200
#: Decimals of a coordinate that are kept, in whatever unit it is.
_DECIMALS = 4


class FeedbackStore:
    """The corrections of one database. Share it between threads and processes; close it.

    A full store refuses: were the oldest to go instead, anyone could drive out what others said
    by sending enough.
    """

    def __init__(self, place: str, *, max_rows: int = MAX_ROWS, create: bool = True) -> None:
        """Open a store.

        Args:
            place: the path of an SQLite file, or the URL of a database.
            max_rows: corrections that it holds at most.
            create: whether a file that is not there is made.

        Raises:
            StoreError: `store-unavailable`, as do all methods when the database fails.
        """
        self._database = Database(place, create=create)
        self._max_rows = max_rows

    @property
    def name(self) -> str:
        """What it is called in messages: its file or its URL, without a password."""
        return self._database.name

    def add(self, correction: Correction) -> str:
        """Keep a correction; answers its id. Raises as `put` does."""
        self.put(correction)
        return correction.id

    def put(self, correction: Correction) -> bool:
        """Keep a correction, unless it is there already; answers whether it is new.

        Raises:
            StoreError: `store-full` where there are `max_rows` already; `conflict` where another
                correction has this id.
        """
        row = _to_row(correction)
        with self._database.writing() as connection:
            held = connection.execute(
                CORRECTIONS.select().where(CORRECTIONS.c.id == correction.id)
            ).one_or_none()
            if held is not None:
                if any(getattr(held, name) != row[name] for name in _SAID):
                    raise StoreError(
                        "With this id something else was said: take that back first.",
                        code="conflict",
                    )
                return False
            if connection.execute(_COUNT).scalar_one() >= self._max_rows:
                raise StoreError(
                    f"The store {self.name} is full: it holds {self._max_rows:,} corrections. "
                    "Export and delete it, or allow more.",
                    code="store-full",
                )
            connection.execute(CORRECTIONS.insert().values(row))
        return True

    def remove(self, token: str) -> bool:
        """Forget the correction with this id; answers whether there was one."""
        with self._database.writing() as connection:
            found = connection.execute(CORRECTIONS.delete().where(CORRECTIONS.c.id == token))
        if found.rowcount > 0:
            self._database.forget()
        return found.rowcount > 0

    def purge(self, before: datetime) -> int:
        """Delete for good what was said before a time; answers how many."""
        old = CORRECTIONS.c.created_at < before.astimezone(UTC)
        with self._database.writing() as connection:
            gone = connection.execute(CORRECTIONS.delete().where(old)).rowcount
        if gone:
            self._database.forget()
        return gone

    def count(self, before: datetime | None = None) -> int:
        """How many there are, or how many were said before a time."""
        ask = _COUNT
        if before is not None:
            ask = ask.where(CORRECTIONS.c.created_at < before.astimezone(UTC))
        with self._database.reading() as connection:
            return int(connection.execute(ask).scalar_one())

    def summary(self) -> Summary:
        """All of them, counted."""
        with self._database.reading() as connection:
            groups = connection.execute(_GROUPED).all()
        labels: Counter[Label] = Counter()
        judged: Counter[tuple[str, str]] = Counter()
        right: Counter[tuple[str, str]] = Counter()
        for it in groups:
            label, key = _label(it.label), (it.model, it.version)
            labels[label] += it.many
            judged[key] += it.many
            right[key] += it.many * (answer_of(it.digit, it.reason) == label)
        models = (Tally(*key, judged[key], right[key]) for key in judged)
        return Summary(
            judged.total(),
            {label: labels[label] for label in LABELS},
            right.total(),
            tuple(sorted(models, key=lambda it: (-it.count, it.name, it.version))),
        )

    def export(self) -> Iterator[Correction]:
        """All of them in the order in which they came; read a few at a time.

        What comes or goes meanwhile may or may not be among them.
        """
        last = 0
        while True:
            ask = select(CORRECTIONS).where(CORRECTIONS.c.number > last)
            with self._database.reading() as connection:
                rows = connection.execute(ask.order_by(CORRECTIONS.c.number).limit(_CHUNK)).all()
            if not rows:
                return
            last = rows[-1].number
            for row in rows:
                yield self._from_row(row)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _from_row(self, row: Row[Any]) -> Correction:
        try:
            strokes = None if row.strokes is None else json.loads(row.strokes)
            return Correction(
                _label(row.label),
                row.digit,
                row.confidence,
                row.reason,
                row.model,
                row.version,
                strokes and tuple(tuple(map(tuple, stroke)) for stroke in strokes),
                row.seen,
                row.id,
                utc(row.created_at),
            )
        except (ValueError, TypeError, AttributeError, StoreError):
            raise StoreError(
                f"The store {self.name} is damaged: correction {row.number} makes no sense. "
                "Bring back a copy, or remove it."
            ) from None


#: What makes two corrections with one id the same.
_SAID = (*("label", "digit", "confidence", "reason", "model", "version", "strokes", "seen"),)
_COUNT = select(func.count()).select_from(CORRECTIONS)
_KEYS = [CORRECTIONS.c[name] for name in ("label", "digit", "reason", "model", "version")]
_GROUPED = select(*_KEYS, func.count().label("many")).group_by(*_KEYS)


def _to_row(it: Correction) -> dict[str, object]:
    strokes = it.strokes and [
        [[round(float(number), _DECIMALS) for number in point] for point in stroke]
        for stroke in it.strokes
    ]
    return {
        "id": it.id,
        "created_at": it.created_at.astimezone(UTC),
        "label": str(it.label),
        "digit": it.digit,
        "confidence": it.confidence,
        "reason": it.reason,
        "model": it.model,
        "version": it.version,
        "strokes": None if it.strokes is None else json.dumps(strokes, separators=(",", ":")),
        "seen": it.seen,
    }


def _label(text: str) -> Label:
    """As the table has it -> as people say it; `ValueError` where it is neither."""
    return "not_a_digit" if text == "not_a_digit" else int(text)


def utc(time: datetime) -> datetime:
    """SQLite knows no time zones; others give the one of the connection."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
