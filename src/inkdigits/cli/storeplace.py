"""Which database a verb works on, opened; and how long ago something was.

In: what was given on the command line. Out: the place of a database, its stores, a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click

from inkdigits.errors import MissingExtraError
from inkdigits.service import configuration

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def ago(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """A span of time such as 30d, 12h, 90m or 4w as the moment so long ago, UTC."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,4})([mhdw])", value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r} is no span of time: give 30d, 12h, 90m or 4w.")
    return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})


def place(given: str | None) -> str:
    """The database that was given, or that the settings name.

    Raises:
        UsageError: there is none.
    """
    found = given or configuration.load().place
    if not found:
        raise click.UsageError("Give the DATABASE, a file or a URL, or set INKDIGITS_DATABASE.")
    return found


@contextmanager
def needing_store() -> Iterator[None]:
    """Around the imports of the store.

    Raises:
        MissingExtraError: what it needs is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sqlalchemy", "alembic"):
            raise
        raise MissingExtraError("SQLAlchemy or Alembic", "store") from None
