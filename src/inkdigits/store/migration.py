"""Which tables a database has, which it should have, and the steps from the one to the other.

In: a connection within a transaction, which is also the lock. Out: tables at the newest step, or
`Unfit` and nothing changed. Knows Alembic; not where the database is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, select, text

from inkdigits.store.tables import LEGACY, REVISIONS

#: Alembic's `env.py` and the steps.
SCRIPTS = Path(__file__).parent / "migrations"
#: The step that makes what databases held before there was Alembic, and their number of it then.
_TAKEN_OVER, _LEGACY_VERSION = "0001", 1
#: Alembic's environment is one a process.
_ENVIRONMENT = Lock()


class Unfit(Exception):  # noqa: N818 - what the database is
    """The tables are not as they should be; the words go on after "The store NAME"."""


def newest() -> str:
    """The last step there is."""
    return str(_scripts().get_current_head())


def revision(connection: Connection) -> str | None:
    """The last step that was made; `None` for a database without our tables.

    Raises:
        Unfit: a step is not known, or was half made.
    """
    tables = set(inspect(connection).get_table_names())
    found = _noted(connection, tables)
    _check(connection, found, tables)
    return found


def upgrade(connection: Connection, *, alone: bool) -> None:
    """Make the steps that are missing.

    Args:
        connection: within a transaction that nobody else can be in.
        alone: whether there may be no tables but ours.

    Raises:
        Unfit: a step is not known, was half made, or the tables are another program's.
    """
    tables = set(inspect(connection).get_table_names())
    found = _noted(connection, tables)
    if found is None and alone and tables - {REVISIONS}:
        raise Unfit("holds the tables of another program: give another file")
    _check(connection, found, tables)
    config = _config(connection)
    with _ENVIRONMENT:
        if LEGACY in tables and REVISIONS not in tables:
            command.stamp(config, _TAKEN_OVER)
            Table(LEGACY, MetaData()).drop(connection)
        command.upgrade(config, "head")
    _check(connection, newest(), set(inspect(connection).get_table_names()))


def _noted(connection: Connection, tables: set[str]) -> str | None:
    """The step that the database says was its last."""
    if REVISIONS in tables:
        rows = connection.execute(text(f"SELECT version_num FROM {REVISIONS}")).scalars().all()  # noqa: S608
        if len(rows) > 1:
            raise _half("it names several versions")
        known = {it.revision for it in _scripts().walk_revisions()}
        if rows and rows[0] not in known:
            raise Unfit("was written by a newer inkdigits: update this one")
        return rows[0] if rows else None
    if LEGACY in tables:
        version = Table(LEGACY, MetaData(), autoload_with=connection)
        numbers = connection.execute(select(version.c.version)).scalars().all()
        if list(numbers) != [_LEGACY_VERSION]:
            raise _half("its version makes no sense")
        return _TAKEN_OVER
    return None


def _check(connection: Connection, found: str | None, tables: set[str]) -> None:
    """See that there is what there should be after a step, and nothing that comes later."""
    look = inspect(connection)
    due = found is not None
    for step in reversed(list(_scripts().walk_revisions())):
        for name, columns in step.module.ADDS.items():
            there = {it["name"] for it in look.get_columns(name)} if name in tables else set()
            wrong = sorted(columns - there if due else columns & there)
            if due and not there:
                raise _half(f"there is no table {name}")
            if wrong and due:
                raise _half(f"the table {name} has no column {wrong[0]}")
            if wrong:
                raise _half(f"the table {name} has a column {wrong[0]} already")
        due = due and step.revision != found


def _half(what: str) -> Unfit:
    return Unfit(
        f"is in the middle of a change of its tables ({what}): bring back a copy, "
        "or give another database"
    )


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return _read(SCRIPTS)


@cache
def _read(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(folder)
