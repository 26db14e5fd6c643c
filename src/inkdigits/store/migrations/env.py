"""What Alembic runs to change a database: its connection and transaction are given.

In: `connection`, among the configuration's attributes. Out: tables. `inkdigits.store.migration`
calls it; nobody else imports it.
"""

from __future__ import annotations

from alembic import context

from inkdigits.store.tables import METADATA, REVISIONS

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=REVISIONS,
)
with context.begin_transaction():
    context.run_migrations()
