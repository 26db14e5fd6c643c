"""The table of the API's keys. A step that was released is never changed: add another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
#: Tables that this step makes or widens, and the columns that it adds to them.
ADDS = {
    "api_keys": {
        *("number", "id", "name", "scopes", "digest"),
        *("created_at", "expires_at", "revoked_at"),
    },
}


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "api_keys",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(8), nullable=False, unique=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("scopes", sa.String(100), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
