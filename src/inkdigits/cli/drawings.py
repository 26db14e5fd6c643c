"""What `--annotate` does: each reading drawn on its picture, and where the drawings go."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli.inputs import Sheet
from inkdigits.errors import InkdigitsError

if TYPE_CHECKING:
    from inkdigits.image import Limits
    from inkdigits.results import Reading

#: What drawings can be written as, by suffix.
KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def drawer(
    target: Path | None, names: Sequence[str], limits: Limits | None, *, force: bool
) -> Callable[[Sheet, Reading], None]:
    """What draws a reading where the caller wants it; without a target, what does nothing.

    Args:
        target: a picture, for one; a folder, which is made, for any number.
        names: all files that are read; - is standard input.
        limits: as the pictures are read with.
        force: whether files that exist may be overwritten.

    Raises:
        click.UsageError: the target does not go with so many files.
        InkdigitsError: it cannot, or may not, be written.
    """
    if target is None:
        return lambda *_: None
    from inkdigits.data import output

    one = target.suffix.lower() in KINDS and not target.is_dir()
    if one and len(names) > 1:
        raise click.UsageError(f"{target} is one picture: give --annotate a folder for several.")
    if one:
        sources = [Path(name) for name in names if name != "-"]
        output.check_target(target, sources=sources, force=force)
    else:
        _make(target, force=force)
    taken: set[str] = set()

    def draw(sheet: Sheet, reading: Reading) -> None:
        from inkdigits.annotate import annotated

        assert not isinstance(sheet.source, InkdigitsError)
        if one and sheet.pages > 1:
            raise InkdigitsError(
                f"{sheet.name} has {sheet.pages} pages: give --annotate a folder for them."
            )
        path = target if one else target / _file_name(sheet, taken)
        out = io.BytesIO()
        annotated(sheet.source, reading, limits).save(out, KINDS[path.suffix.lower()], quality=90)
        output.write_all({path: out.getvalue()})

    return draw


def _make(folder: Path, *, force: bool) -> None:
    if folder.suffix and not folder.is_dir():
        raise click.UsageError(f"A drawing ends in one of {', '.join(KINDS)}; {folder} does not.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = any(folder.iterdir())
    except OSError as error:
        raise InkdigitsError(f"{folder} cannot be written to: {error.strerror}.") from None
    if filled and not force:
        raise InkdigitsError(
            f"The folder {folder} is not empty: choose another, or overwrite what is in it with "
            "--force."
        )


def _file_name(sheet: Sheet, taken: set[str]) -> str:
    """A name of its own for each drawing: pictures of one name may lie in several folders."""
    stem = "stdin" if sheet.name == "-" else Path(sheet.name).stem
    stem += "" if sheet.page is None else f"-page-{sheet.page}"
    name, count = f"{stem}.png", 1
    while name.lower() in taken:  # as file systems tell names apart
        count += 1
        name = f"{stem}-{count}.png"
    taken.add(name.lower())
    return name
