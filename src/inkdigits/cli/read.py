"""`inkdigits read`: pictures of numbers in; a table, JSON, CSV or drawings out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits import ArrayError, ImageError, InkdigitsError, Recognizer
from inkdigits.cli import drawings, forms, inputs, numbering, readings
from inkdigits.cli.inputs import Sheet
from inkdigits.cli.readings import Answer

if TYPE_CHECKING:
    from inkdigits.image import ImageSource, Limits
    from inkdigits.layout import Grouping
    from inkdigits.results import Reading
    from inkdigits.rules import Rules

STREAM = Path("-")


@click.command("read")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--model", default="standard", show_default=True, help="A shipped model or an ONNX file."
)
@click.option("--single", is_flag=True, help="Each picture shows one number, and nothing else.")
@numbering.group
@numbering.rules
@forms.options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE.csv",
    help="Write a CSV of one row a number, with --template of one a sheet; - for standard output.",
)
@click.option(
    "--annotate",
    "drawing",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Draw what was read: on a picture, a .png, .jpg or .webp; on several, into a folder.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--no-limits", is_flag=True, help="Read pictures of any size, PDFs of any length.")
def command(  # noqa: PLR0913  # click hands each option over by its name
    files: tuple[str, ...],
    *,
    model: str,
    single: bool,
    group: Grouping,
    rules: Rules,
    form: forms.Form | None,
    as_json: bool,
    table: Path | None,
    drawing: Path | None,
    force: bool,
    no_limits: bool,
) -> None:
    """Read every handwritten number on pictures, in reading order.

    A FILE is a picture, a PDF, a pattern such as 'scans/*.jpg', a folder (every picture and PDF in
    it), or - for standard input. What is no number is left out, and counted.

    A number must satisfy all of --length, --pattern, --checksum and --range: of its likely readings
    the likeliest that does is taken; where none does, it is not accepted.

    With --template the pictures are filled-in forms: the CSV has a row a sheet and a column a
    field. `inkdigits template` makes FORM.yaml of a blank one.

    Exit code 1 tells that some could not be read; the others are answered.
    """
    if as_json and table == STREAM:
        raise click.UsageError("--json and the CSV cannot both go to standard output.")
    if single and group != "gap":
        raise click.UsageError("--group goes with pages: with --single all is one number.")
    if form is not None and (single or as_json or drawing or group != "gap" or rules.any):
        raise click.UsageError(
            "--template takes none of --single, --group, --json, --annotate and the rules, which "
            "stand in the template."
        )
    from inkdigits.data import output
    from inkdigits.image import UNLIMITED

    names = inputs.expand(files, inputs.PICTURES | {inputs.PDF})
    limits = UNLIMITED if no_limits else None
    if form is not None:
        forms.read(form, names, Recognizer.load(model), table=table, limits=limits, force=force)
        return
    if table is not None and table != STREAM:
        sources = [Path(name) for name in names if name != "-"]
        output.check_target(table, sources=sources, force=force)
    draw = drawings.drawer(drawing, names, limits, force=force)
    recognizer = Recognizer.load(model)

    def read(source: ImageSource) -> Reading:
        if single:
            return _single(recognizer, source, rules, limits)
        return recognizer.read(source, group=group, rules=rules, limits=limits)

    sheets = inputs.sheets(names, limits, any_count=no_limits)
    shown = inputs.sheets_with_progress(sheets, len(names))
    answers = list(_answers(shown, read, draw))
    if table is not None and table != STREAM:
        output.write_all({table: readings.table(answers).encode()})
    _print(answers, as_json=as_json, as_csv=table == STREAM)
    if any(isinstance(answer.said, InkdigitsError) for answer in answers):
        sys.exit(1)


def _answers(
    sheets: Iterable[Sheet],
    read: Callable[[ImageSource], Reading],
    draw: Callable[[Sheet, Reading], None],
) -> Iterator[Answer]:
    for sheet in sheets:
        said: Reading | InkdigitsError
        if isinstance(sheet.source, InkdigitsError):
            said = sheet.source
        else:
            try:
                said = read(sheet.source)
            except (ImageError, ArrayError) as error:
                said = error
            else:
                draw(sheet, said)
        yield Answer(sheet.name, sheet.page, said)


def _single(
    recognizer: Recognizer, source: ImageSource, rules: Rules, limits: Limits | None
) -> Reading:
    """The reading of a picture that is one number."""
    from inkdigits import image
    from inkdigits.results import Reading

    number = recognizer.read_number(source, rules=rules, limits=limits)
    picture = image.load(source, limits)
    height, width = (round(side * picture.scale) for side in picture.pixels.shape)
    return Reading(
        () if number is None else (number,),
        width,
        height,
        recognizer.name,
        recognizer.version,
        frames_ignored=picture.frames_ignored,
    )


def _print(answers: Sequence[Answer], *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        click.echo(json.dumps(readings.rows(answers), indent=2))
    elif as_csv:
        click.echo(readings.table(answers), nl=False)
        for answer in answers:
            if isinstance(answer.said, InkdigitsError):
                words = str(answer.said)
                named = answer.name in words
                click.echo(words if named else f"{answer.name}: {words}", err=True)
    else:
        readings.show(answers)
