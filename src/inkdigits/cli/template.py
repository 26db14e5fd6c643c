"""`inkdigits template`: a blank form in; a template to edit, and a picture of it, out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from PIL import Image

    from inkdigits.forms.template import Template
    from inkdigits.image import Picture

AnyFile = click.Path(path_type=Path)


@click.command("template")
@click.argument("blank", type=AnyFile, required=False, metavar="BLANK")
@click.option(
    "-o",
    "--output",
    type=AnyFile,
    metavar="FORM.yaml",
    help="Where the template goes; FORM.reference.png and FORM.preview.png beside it.",
)
@click.option("--name", help="What the form is called; the file's name where it is left out.")
@click.option("--check", type=AnyFile, metavar="FORM.yaml", help="Check a template; draw it anew.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
def command(
    blank: Path | None, output: Path | None, name: str | None, check: Path | None, force: bool
) -> None:
    """Make a template of a form to read filled-in sheets with.

    BLANK is a picture of the form that nothing is written on, a scan or a photo, or a PDF, whose
    first page is taken. Its empty boxes and lines become fields; name them in FORM.yaml, which says
    how, and look at FORM.preview.png. FORM.reference.png is the blank form, which filled-in
    sheets are compared with: keep it beside the template.
    """
    if (blank is None) == (check is None):
        raise click.UsageError("Give either BLANK, a picture of the blank form, or --check.")
    if check is not None:
        if output is not None or name is not None:
            raise click.UsageError("--check takes neither --output nor --name.")
        _check(check)
        return
    if output is None:
        raise click.UsageError("Say with -o where the template goes: -o form.yaml.")
    if output.suffix.lower() not in (".yaml", ".yml"):
        raise click.UsageError(f"A template ends in .yaml, {output.name} does not.")
    assert blank is not None
    _make(blank, output, name or output.stem, force=force)


def _make(blank: Path, output: Path, name: str, *, force: bool) -> None:
    from inkdigits import image
    from inkdigits.data import output as files
    from inkdigits.forms import blanks, drawing, rendition
    from inkdigits.forms.template import Template, TemplateError

    reference, preview = output.with_suffix(".reference.png"), _preview(output)
    for path in (output, reference, preview):
        files.check_target(path, sources=[blank], force=force)
    picture = blanks.sheet_of(image.load(_page(blank)))
    found = blanks.find(picture)
    if not found:
        raise TemplateError(
            f"{blank} shows no empty box and no line to write on: is it the blank form, upright? "
            "A template can also be written by hand, see docs/forms.md."
        )
    height, width = picture.pixels.shape
    template = Template(name, (width, height), found, "print", reference=reference)
    files.write_all(
        {
            reference: _png(_grey(picture)),
            preview: _png(drawing.drawn(template, picture)),
            output: rendition.write(template, output.name).encode(),
        }
    )
    click.echo(
        f"{output} has {len(found)} fields: look at {preview}, then name them in {output}.",
        err=True,
    )


def _page(blank: Path) -> Path | Image.Image:
    """The picture's file, or the first page of a PDF."""
    if blank.suffix.lower() != ".pdf":
        return blank
    from inkdigits import pdf

    return next(pdf.pages(blank))


def _check(path: Path) -> None:
    from inkdigits.data import output as files
    from inkdigits.forms import drawing, notation
    from inkdigits.forms.registration import Finder

    template = notation.read(path)
    for words in warnings(template):
        click.echo(words, err=True)
    said = f"{path} is right: {len(template.fields)} fields"
    reference = Finder(template).reference
    if reference is not None:
        preview = _preview(path)
        files.write_all({preview: _png(drawing.drawn(template, reference))})
        said += f"; {preview} shows them"
    click.echo(f"{said}.", err=True)


def warnings(template: Template) -> list[str]:
    """What is allowed in a template, but likely wrong."""
    return [f"Warning: the fields {one} and {other} overlap." for one, other in template.overlaps]


def _preview(path: Path) -> Path:
    return path.with_suffix(".preview.png")


def _grey(picture: Picture) -> Image.Image:
    from PIL import Image

    return Image.fromarray((picture.pixels * 255).round().astype("uint8"))


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
