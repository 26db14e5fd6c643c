"""The tables of the store, and every change of them there ever was.

In: a connection. Out: tables. A step that was released is never changed: add another one below it.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

from inkdigits.store.database import Step

METADATA = MetaData()

#: As they are now.
CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("number", Integer, primary_key=True),  # the order in which they came
    Column("id", String(43), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),  # UTC
    Column("label", String(16), nullable=False),  # 0 to 9, not_a_digit
    Column("digit", SmallInteger),
    Column("confidence", Float(53), nullable=False),
    Column("reason", String(16)),
    Column("model", String(100), nullable=False),
    Column("version", String(100), nullable=False),
    Column("strokes", Text),  # JSON
    Column("seen", LargeBinary),  # 784 bytes
)


def first(connection: Connection) -> None:
    """Make the table of corrections, as it is in version 1."""
    CORRECTIONS.create(connection)


STEPS: tuple[Step, ...] = (first,)
