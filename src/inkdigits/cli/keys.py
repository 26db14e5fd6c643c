"""`inkdigits keys`: make, list and revoke keys of the API.

In: the file or URL of a store. Out: a key, once; a table or JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from inkdigits.errors import InkdigitsError, MissingExtraError

if TYPE_CHECKING:
    from inkdigits.store.keys import KeyStore

VARIABLE = "INKDIGITS_DATABASE"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _lasts(_: click.Context, __: click.Parameter, text: str | None) -> timedelta | None:
    """Such as 90d."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", text or "")
    if text is not None and found is None:
        raise click.BadParameter(f"{text!r} is no time: give one such as 90d, 12h or 2w.")
    return None if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])})


_store = click.option(
    "--store",
    metavar="STORE",
    help="The file or URL of the database.  [default: that of the service's settings]",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("keys")
def command() -> None:
    """Make, list and revoke keys of the API.

    They are kept in the database that INKDIGITS_DATABASE names, beside corrections. A server
    that is to take them has INKDIGITS_KEYS=optional or required.
    """


@command.command("create")
@click.option("--name", required=True, help="What it is for, or whose it is.")
@click.option(
    "--scope",
    "scopes",
    default="read",
    show_default=True,
    metavar="SCOPES",
    help="What it allows: read, or read,admin.",
)
@click.option("--expires", callback=_lasts, metavar="TIME", help="Such as 90d; else it lasts.")
@_store
@_json
def create(
    name: str, scopes: str, expires: timedelta | None, store: str | None, as_json: bool
) -> None:
    """Make a key, and print it: this once, for what is kept of it cannot be turned back."""
    from inkdigits.store.apikey import SCOPES, made

    wanted = {it.strip() for it in scopes.split(",")}
    if not wanted <= set(SCOPES):
        raise click.UsageError(f"The scopes are {' and '.join(SCOPES)}, with commas between.")
    key, text = made(name, [it for it in SCOPES if it in wanted], expires)
    with _opened(store) as opened:
        opened.add(key)
    if as_json:
        click.echo(json.dumps({"key": text, **key.to_dict()}, indent=2))
        return
    click.echo(text)
    until = "" if key.expires_at is None else f", valid until {key.expires_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"Keep it well, it is not shown again: key {key.id}{until}.", err=True)


@command.command("list")
@_store
@_json
def list_keys(store: str | None, as_json: bool) -> None:
    """List the keys, the oldest first; never their secrets."""
    with _opened(store, create=False) as opened:
        found = [it.to_dict() for it in opened.all_of()]
    if as_json:
        click.echo(json.dumps({"keys": found}, indent=2))
        return
    if not found:
        click.echo("There are no keys.")
    for it in found:
        told = it["state"]
        if it["state"] == "active" and it["expires_at"]:
            told = f"until {it['expires_at'][:10]}"
        row = (it["id"], told.ljust(16), ",".join(it["scopes"]).ljust(10), it["created_at"][:10])
        click.echo("  ".join((*row, it["name"])))


@command.command("revoke")
@click.argument("key_id", metavar="ID")
@_store
@_json
def revoke(key_id: str, store: str | None, as_json: bool) -> None:
    """Have a key refused, for good: by every server within five seconds."""
    with _opened(store, create=False) as opened:
        if not opened.revoke(key_id):
            raise InkdigitsError("There is no such key: `inkdigits keys list` shows their ids.")
    if as_json:
        click.echo(json.dumps({"revoked": key_id}))
    else:
        click.echo(f"Key {key_id} is revoked.")


@contextmanager
def _opened(store: str | None, *, create: bool = True) -> Iterator[KeyStore]:
    from inkdigits.service import configuration

    place = store or configuration.load().place
    if not place:
        raise click.UsageError(f"Give the --store of keys, or set {VARIABLE}.")
    try:
        from inkdigits.store.keys import KeyStore
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sqlalchemy", "alembic"):
            raise
        raise MissingExtraError("SQLAlchemy", "store") from None
    opened = KeyStore(place, create=create)
    try:
        yield opened
    finally:
        opened.close()
