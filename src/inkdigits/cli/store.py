"""`inkdigits store`: what the service keeps, counted, exported, deleted; its tables, migrated.

In: a database. Out: a table, JSON, or a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from inkdigits.cli.storeplace import ago, needing_store, place

_DATABASE = click.argument("database", required=False, metavar="[DATABASE]")


@click.group("store")
def command() -> None:
    """Look after what the service keeps: predictions and corrections.

    DATABASE is the file or the URL that `inkdigits serve --database` was given; what
    INKDIGITS_DATABASE says where it is left out. Corrections have a verb of their own too:
    `inkdigits feedback`.
    """


@command.command("status")
@_DATABASE
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(database: str | None, as_json: bool) -> None:
    """Tell what there is; change nothing."""
    found = _status(place(database))
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for line in _told(found):
        click.echo(line)


@command.command("migrate")
@_DATABASE
def migrate(database: str | None) -> None:
    """Make the tables, or bring them to the version of this inkdigits.

    `inkdigits serve` does it too, when it starts; several at once do not collide.
    """
    with needing_store():
        from inkdigits.store import migration
        from inkdigits.store.database import Database
    opened = Database(place(database), upgrade=False)
    try:
        before, after = opened.revision, migration.newest()
        opened.upgrade()
    finally:
        opened.close()
    if before == after:
        click.echo(f"{opened.name} is at version {after} already.")
    else:
        click.echo(f"{opened.name}: version {before or 'none'} -> {after}.")


@command.command("purge")
@_DATABASE
@click.option(
    "--older-than",
    "before",
    callback=ago,
    required=True,
    metavar="SPAN",
    help="Delete what is older than 30d, 12h, 90m, 4w.",
)
@click.option("--corrections", is_flag=True, help="Delete corrections that old too.")
@click.option("--dry-run", is_flag=True, help="Count them, and delete nothing.")
def purge(database: str | None, before: datetime, corrections: bool, dry_run: bool) -> None:
    """Delete old predictions for good."""
    with needing_store():
        from inkdigits.store.feedback import FeedbackStore
        from inkdigits.store.predictions import PredictionStore
    where = place(database)
    kinds: list[type[PredictionStore] | type[FeedbackStore]] = [PredictionStore]
    kinds += [FeedbackStore] if corrections else []
    for kind in kinds:
        store = kind(where, create=False)
        try:
            count = store.count(before) if dry_run else store.purge(before)
        finally:
            store.close()
        what = "prediction" if kind is PredictionStore else "correction"
        done = "would be deleted" if dry_run else "deleted"
        click.echo(f"{count:,} {what}{'' if count == 1 else 's'} {done}.")


@command.command("export")
@_DATABASE
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="A file that ends in .csv, .jsonl or .parquet.",
)
@click.option(
    "--since", callback=ago, metavar="SPAN", help="Only those of the last 7d, 12h, 90m, 4w."
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def export(database: str | None, target: Path, since: datetime | None, force: bool) -> None:
    """Write the predictions to a file."""
    from inkdigits.cli import storefiles
    from inkdigits.data import output

    if target.suffix.lower() not in storefiles.FORMATS:
        endings = ", ".join(storefiles.FORMATS)
        raise click.UsageError(f"Export to a file that ends in one of {endings}.")
    where = place(database)
    output.check_target(target, sources=[Path(where)], force=force)
    with needing_store():
        from inkdigits.store.predictions import PredictionStore
    store = PredictionStore(where, create=False)
    try:
        count = storefiles.write(store.export(since), target)
    finally:
        store.close()
    click.echo(f"{count:,} prediction{'' if count == 1 else 's'} exported to {target}.", err=True)


def _status(where: str) -> dict[str, Any]:
    with needing_store():
        from inkdigits.store import migration
        from inkdigits.store.database import Database
        from inkdigits.store.feedback import FeedbackStore
        from inkdigits.store.predictions import PredictionStore
    database = Database(where, create=False, upgrade=False)
    try:
        found: dict[str, Any] = {
            "database": database.name,
            "bytes": database.size,
            "version": database.revision,
            "newest": migration.newest(),
        }
    finally:
        database.close()
    if found["version"] == found["newest"]:
        predictions, corrections = PredictionStore(where), FeedbackStore(where)
        try:
            found["predictions"] = predictions.holdings().to_dict()
            found["corrections"] = corrections.count()
        finally:
            predictions.close()
            corrections.close()
    return found


def _told(found: dict[str, Any]) -> Iterator[str]:
    size = "" if found["bytes"] is None else f", {found['bytes'] / 1e6:,.1f} MB"
    yield f"{found['database']}{size}"
    if found["version"] != found["newest"]:
        yield (
            f"Its tables are at version {found['version'] or 'none'}, the newest is "
            f"{found['newest']}: `inkdigits store migrate` brings them there."
        )
        return
    yield f"Its tables are at version {found['version']}, the newest."
    kept = found["predictions"]
    span = f", from {kept['oldest']} to {kept['newest']}" if kept["count"] else ""
    yield f"predictions: {kept['count']:,}{span}; with what the model saw: {kept['pictures']:,}"
    for it in kept["models"]:
        yield f"  {it['name']} {it['version']}: {it['count']:,}"
    yield f"corrections: {found['corrections']:,}"
