"""The table of corrections. A step that was released is never changed: add another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
#: Tables that this step makes or widens, and the columns that it adds to them.
ADDS = {
    "corrections": {
        *("number", "id", "created_at", "label", "digit", "confidence", "reason"),
        *("model", "version", "strokes", "seen"),
    }
}


def upgrade() -> None:
    """Make it, as it was before there were steps of Alembic's."""
    op.create_table(
        "corrections",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(43), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("digit", sa.SmallInteger),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("strokes", sa.Text),
        sa.Column("seen", sa.LargeBinary),
    )
