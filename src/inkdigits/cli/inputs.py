"""What a caller names on the command line -> pictures, one by one.

Files, folders, patterns and standard input; the pages of a PDF are pictures, too.
"""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.errors import ImageError, InkdigitsError

if TYPE_CHECKING:
    from PIL import Image

    from inkdigits.image import Limits

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".heic", ".heif"})
PDF = ".pdf"
ANY_COUNT = 10**9


@dataclass(frozen=True)
class Sheet:
    """A picture to read, or why there is none.

    Attributes:
        name: the file's name as it was given, or -.
        page: the page of a PDF, from 1; `None` for a picture.
        source: what the library reads; an error where it cannot even be had.
        pages: how many pages the PDF has, 1 for a picture.
    """

    name: str
    page: int | None
    source: Path | bytes | Image.Image | InkdigitsError
    pages: int = 1


def expand(inputs: Sequence[str], suffixes: frozenset[str] = PICTURES) -> list[str]:
    """The names of all files: of each folder, those with a suffix; of each pattern, its matches.

    Raises:
        click.UsageError: a folder without any, or a pattern that nothing matches.
    """
    names: list[str] = []
    for given in inputs:
        path = Path(given)
        if given == "-" or path.is_file():
            names.append(given)
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in suffixes)
            if not found:
                raise click.UsageError(f"There are no pictures in the folder {given}.")
            names += map(str, found)
        else:
            matches = _matches(given)
            if not matches:
                raise click.UsageError(f"Nothing matches {given}.")
            names += matches
    return names


def _matches(pattern: str) -> list[str]:
    if not glob.has_magic(pattern):
        return [pattern]  # a missing file is answered as such, and the others go on
    return sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  # Path.glob needs a base


def sheets(names: Iterable[str], limits: Limits | None, *, any_count: bool) -> Iterator[Sheet]:
    """Every picture of files, and every page of PDFs, each when its turn comes.

    Args:
        names: files; - is standard input.
        limits: how large a page of a PDF may be; `None` for the usual.
        any_count: whether a PDF may have any number of pages.
    """
    from inkdigits import pdf

    for name in names:
        try:
            source = sys.stdin.buffer.read(pdf.MAX_BYTES + 1) if name == "-" else Path(name)
            if not pdf.is_pdf(source if isinstance(source, bytes) else _start(source)):
                yield Sheet(name, None, source)
                continue
            most = ANY_COUNT if any_count else pdf.MAX_PAGES
            found = pdf.pages(source, limits=limits, max_pages=most)
        except InkdigitsError as error:
            yield Sheet(name, None, error)
            continue
        for page in range(1, len(found) + 1):
            try:
                yield Sheet(name, page, next(found), len(found))
            except ImageError as error:
                yield Sheet(name, page, error, len(found))


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except (OSError, ValueError):
        return b""  # whoever reads it says what is wrong


def with_progress(names: Sequence[str], many: int = 20) -> Iterator[str]:
    """The names, with a bar on a terminal when there are many."""
    if len(names) < many or not sys.stderr.isatty():
        yield from names
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(names, "Reading", console=Console(stderr=True), transient=True)


def sheets_with_progress(found: Iterable[Sheet], count: int, many: int = 5) -> Iterator[Sheet]:
    """Sheets of `count` files, with a bar on a terminal when there are many, by their pages."""
    if not sys.stderr.isatty():
        yield from found
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=count, visible=count >= many)
        total = count
        for sheet in found:
            if sheet.page == 1:
                total += sheet.pages - 1
                bar.update(task, total=total, visible=total >= many)
            yield sheet
            bar.advance(task)
