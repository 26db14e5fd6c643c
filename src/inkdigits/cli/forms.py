"""What `inkdigits read --template` does: filled-in forms in; a table and a page to review out."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inkdigits.cli import inputs
from inkdigits.cli.template import warnings

if TYPE_CHECKING:
    from inkdigits.forms.filling import Filled, ReadsNumbers
    from inkdigits.image import Limits


@dataclass(frozen=True)
class Form:
    """What is asked of forms.

    Attributes:
        template: the form's YAML file.
        review: the HTML page of doubtful cells to write; `None` for none.
        confidences: whether the table has a column of confidences behind each field.
    """

    template: Path
    review: Path | None = None
    confidences: bool = False


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--template`, `--review` and `--confidence`: the parameter `form`, or `None`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any, template: Path | None, review: Path | None, confidence: bool, **others: Any
    ) -> Any:
        if template is None and (review is not None or confidence):
            raise click.UsageError("--review and --confidence go with --template.")
        form = None if template is None else Form(template, review, confidence)
        return command(*args, form=form, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


_OPTIONS = (
    click.option(
        "--template",
        type=click.Path(path_type=Path),
        metavar="FORM.yaml",
        help="The pictures are sheets of a form: read its fields, one row a sheet.",
    ),
    click.option(
        "--review",
        type=click.Path(path_type=Path),
        metavar="PAGE.html",
        help="With --template: write a page of the doubtful cells, to look at and correct.",
    ),
    click.option(
        "--confidence",
        is_flag=True,
        help="With --template: a column of confidences behind each field.",
    ),
)


def read(
    asked: Form,
    names: Sequence[str],
    reader: ReadsNumbers,
    *,
    table: Path | None = None,
    limits: Limits | None = None,
    force: bool = False,
) -> None:
    """Read sheets of one form; exit with 1 when some could not be read.

    Args:
        asked: the form, and what is wanted besides the table.
        names: the sheets' pictures, or PDFs of them; - is standard input.
        reader: a `Recognizer`.
        table: the CSV to write; `None` or - for standard output.
        limits: sizes to refuse; `None` for the usual ones.
        force: whether files that exist may be overwritten.
    """
    from inkdigits.data import output as files
    from inkdigits.forms import notation
    from inkdigits.forms import review as reviewing
    from inkdigits.forms import table as tables
    from inkdigits.forms.filling import FormReader

    if table == Path("-"):
        table = None
    review = asked.review
    if table is not None and table == review:
        raise click.UsageError("The table and the page to review need files of their own.")
    form = notation.read(asked.template)
    sources = [asked.template, *([] if form.reference is None else [form.reference])]
    sources += [Path(name) for name in names if name != "-"]
    for path in (table, review):
        if path is not None:
            files.check_target(path, sources=sources, force=force)
    for words in warnings(form):
        click.echo(words, err=True)
    form_reader = FormReader(form, reader)
    found = inputs.sheets(names, limits, any_count=limits is not None)
    sheets = [
        form_reader.read(
            it.source, it.name if it.page is None else f"{it.name}#page={it.page}", limits
        )
        for it in inputs.sheets_with_progress(found, len(names))
    ]
    text = tables.table(form, sheets, confidences=asked.confidences)
    contents = {} if table is None else {table: text.encode()}
    if review is not None:
        contents[review] = reviewing.page(form, sheets).encode()
    files.write_all(contents)
    if table is None:
        click.echo(text, nl=False)
    _tell(sheets, table, review)


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
