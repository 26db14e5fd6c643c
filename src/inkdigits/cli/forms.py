"""What `inkdigits read --template` does: filled-in forms in; a table and a page to review out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli.template import warnings
from inkdigits.errors import ImageError

if TYPE_CHECKING:
    from inkdigits.forms.filling import Filled, ReadsNumbers
    from inkdigits.image import ImageSource, Limits


def read(
    template: Path,
    names: Sequence[str],
    reader: ReadsNumbers,
    *,
    table: Path | None = None,
    review: Path | None = None,
    confidences: bool = False,
    limits: Limits | None = None,
    force: bool = False,
) -> None:
    """Read sheets of one form; exit with 1 when some could not be read.

    Args:
        template: the form's YAML file.
        names: the sheets' pictures, or PDFs of them; - is standard input.
        reader: a `Recognizer`.
        table: the CSV to write; `None` for standard output.
        review: the HTML page of doubtful cells to write; `None` for none.
        confidences: whether the table has a column of confidences behind each field.
        limits: sizes to refuse; `None` for the usual ones.
        force: whether files that exist may be overwritten.
    """
    from inkdigits.data import output as files
    from inkdigits.forms import notation
    from inkdigits.forms import review as reviewing
    from inkdigits.forms import table as tables
    from inkdigits.forms.filling import FormReader

    if table is not None and table == review:
        raise click.UsageError("The table and the page to review need files of their own.")
    form = notation.read(template)
    sources = [template, *([] if form.reference is None else [form.reference])]
    sources += [Path(name) for name in names if name != "-"]
    for path in (table, review):
        if path is not None:
            files.check_target(path, sources=sources, force=force)
    for words in warnings(form):
        click.echo(words, err=True)
    sheets = list(FormReader(form, reader).read_all(_pictures(names, limits), limits))
    text = tables.table(form, sheets, confidences=confidences)
    contents = {} if table is None else {table: text.encode()}
    if review is not None:
        contents[review] = reviewing.page(form, sheets).encode()
    files.write_all(contents)
    if table is None:
        click.echo(text, nl=False)
    _tell(sheets, table, review)


def _pictures(names: Sequence[str], limits: Limits | None) -> Iterator[tuple[str, ImageSource]]:
    """A name and a picture for each sheet: each page of a PDF is one."""
    for name in _with_progress(names):
        if not name.lower().endswith(".pdf"):
            yield name, sys.stdin.buffer if name == "-" else Path(name)
            continue
        from inkdigits import pdf

        try:
            for number, page in enumerate(pdf.pages(name, limits=limits), 1):
                yield f"{name}#page={number}", page
        except ImageError as error:  # the other files are read all the same
            click.echo(f"{name}: {error}", err=True)
            yield name, Path(name)


def _tell(sheets: Sequence[Filled], table: Path | None, review: Path | None) -> None:
    """What came of it, on the error stream: the other may be the table's."""
    failed = [sheet for sheet in sheets if sheet.problem is not None]
    for sheet in failed:
        click.echo(f"{sheet.sheet}: {sheet.remark}", err=True)
    doubts = sum(len(sheet.doubtful) for sheet in sheets)
    cells = sum(len(sheet.cells) for sheet in sheets)
    read = len(sheets) - len(failed)
    words = f"{read:,} of {len(sheets):,} sheets read, {doubts:,} of {cells:,} cells doubtful"
    places = [f"the table is {table}"] if table is not None else []
    places += [f"review {review}"] if review is not None else []
    click.echo("; ".join([words, *places]) + ".", err=True)
    if failed:
        sys.exit(1)


def _with_progress(names: Sequence[str]) -> Iterator[str]:
    """The names, with a bar on a terminal when there are many."""
    if len(names) < 5 or not sys.stderr.isatty():
        yield from names
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(names, "Reading", console=Console(stderr=True), transient=True)
