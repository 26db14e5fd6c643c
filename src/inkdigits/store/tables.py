"""The tables of the store, as they are now. How they came to be is in `migrations/`.

In: nothing. Out: tables for queries; a test compares them with what the migrations make.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

METADATA = MetaData()
#: The table in which Alembic notes which step was the last.
REVISIONS = "inkdigits_revision"
#: The table in which that was noted before there was Alembic.
LEGACY = "inkdigits_version"

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

PREDICTIONS = Table(
    "predictions",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String(22), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),  # UTC
    Column("request_id", String(64), nullable=False),
    Column("model", String(100), nullable=False),
    Column("version", String(100), nullable=False),
    Column("digit", SmallInteger),
    Column("reason", String(16)),
    Column("confidence", Float(53), nullable=False),
    Column("probabilities", LargeBinary, nullable=False),  # 20 bytes: ten 16-bit fractions
    Column("seconds", Float(53), nullable=False),
    Column("kind", String(16), nullable=False),  # image, pixels, strokes, page
    Column("seen", LargeBinary),  # 784 bytes
    Index("predictions_created_at", "created_at"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("number", Integer, primary_key=True),  # the order in which they were made
    Column("id", String(8), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("scopes", String(100), nullable=False),  # words with spaces between
    Column("digest", LargeBinary, nullable=False),  # 32 bytes
    Column("created_at", DateTime(timezone=True), nullable=False),  # UTC
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)
