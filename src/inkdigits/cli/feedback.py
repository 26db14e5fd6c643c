"""`inkdigits feedback`: what people said of the answers, counted, exported, deleted.

In: the file or URL of a store. Out: a table, JSON, or a file.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli.cells import safe
from inkdigits.cli.storeplace import needing_store
from inkdigits.cli.storeplace import place as placed
from inkdigits.errors import InkdigitsError

if TYPE_CHECKING:
    from inkdigits.store.correction import Correction, Summary
    from inkdigits.store.feedback import FeedbackStore

ENDINGS = (".csv", ".jsonl")
COLUMNS = (
    *("id", "created_at", "label", "digit", "confidence", "reason", "model", "version"),
    *("strokes", "seen"),
)


@click.command("feedback")
@click.argument("store", required=False, metavar="[STORE]")
@click.option("--summary", "summary", is_flag=True, help="Count them; done where nothing is asked.")
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write all of them to FILE.csv or FILE.jsonl.",
)
@click.option("--remove", "token", metavar="ID", help="Delete one for good.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def command(
    store: str | None,
    summary: bool,
    target: Path | None,
    token: str | None,
    as_json: bool,
    force: bool,
) -> None:
    """Look at what people said of the answers.

    STORE is the file, or the URL of the database, that `inkdigits serve` was given; what
    INKDIGITS_DATABASE or INKDIGITS_FEEDBACK says where it is left out.
    """
    store = placed(store)
    if target is not None:
        _check_target(target, store, force=force)
    opened = _open(store)
    try:
        done = {}
        if token is not None:
            if not opened.remove(token):
                raise InkdigitsError(f"There is no correction {token!r} in {opened.name}.")
            done["removed"] = 1
        if target is not None:
            done["exported"] = _export(opened.export(), target)
        counted = opened.summary() if summary or not done else None
    finally:
        opened.close()
    if as_json:
        answer = {**done, **({} if counted is None else {"summary": counted.to_dict()})}
        click.echo(json.dumps(answer, indent=2))
        return
    for what, number in done.items():
        place = f" to {target}" if what == "exported" else ""
        click.echo(f"{number} correction{'' if number == 1 else 's'} {what}{place}.", err=True)
    if counted is not None:
        for line in _told(counted):
            click.echo(line)


def _open(store: str) -> FeedbackStore:
    with needing_store():
        from inkdigits.store.feedback import FeedbackStore
    return FeedbackStore(store, create=False)


def _check_target(target: Path, store: str, *, force: bool) -> None:
    from inkdigits.data import output

    if target.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"Export to a file that ends in {' or '.join(ENDINGS)}.")
    output.check_target(target, sources=[Path(store)], force=force)


def _export(corrections: Iterator[Correction], target: Path) -> int:
    from inkdigits.data import output

    kept = list(corrections)
    text = _csv(kept) if target.suffix.lower() == ".csv" else _json_lines(kept)
    output.write_all({target: text.encode()})
    return len(kept)


def _json_lines(corrections: Iterable[Correction]) -> str:
    return "".join(f"{json.dumps(it.to_dict())}\n" for it in corrections)


def _csv(corrections: Iterable[Correction]) -> str:
    """A row a correction; strokes as JSON, what the model saw as 784 numbers with spaces between.

    No cell can be taken for a formula.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for it in corrections:
        row = it.to_dict()
        row["strokes"] = None if it.strokes is None else json.dumps(row["strokes"])
        row["seen"] = None if it.seen is None else " ".join(map(str, it.seen))
        writer.writerow({name: safe(cell) for name, cell in row.items()})
    return out.getvalue()


def _told(summary: Summary) -> Iterator[str]:
    if summary.count == 0:
        yield "No corrections yet."
        return
    yield f"{summary.count} answers were judged: {_judged(summary.count, summary.confirmed)}."
    yield "What people say they are:"
    for label, number in summary.labels.items():
        yield f"  {str(label).replace('_', ' '):12} {number:6}"
    yield "By model:"
    for it in summary.models:
        yield f"  {it.name} {it.version}: {it.count}, {_judged(it.count, it.confirmed)}"
    yield "People speak up sooner where an answer is wrong: this is no measured accuracy."


def _judged(count: int, right: int) -> str:
    return f"{right} right, {count - right} wrong ({100 * right / count:.1f} % right)"
