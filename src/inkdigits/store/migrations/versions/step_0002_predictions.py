"""The table of predictions. A step that was released is never changed: add another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
#: Tables that this step makes or widens, and the columns that it adds to them.
ADDS = {
    "predictions": {
        *("number", "id", "created_at", "request_id", "model", "version", "digit", "reason"),
        *("confidence", "probabilities", "seconds", "kind", "seen"),
    },
}


def upgrade() -> None:
    """Make it, and an index to find what is old by."""
    op.create_table(
        "predictions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.String(22), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("digit", sa.SmallInteger),
        sa.Column("reason", sa.String(16)),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("probabilities", sa.LargeBinary, nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("seen", sa.LargeBinary),
    )
    op.create_index("predictions_created_at", "predictions", ["created_at"])
