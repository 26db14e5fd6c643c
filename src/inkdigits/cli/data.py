"""`inkdigits data`: fetch MNIST, say what is in it, and show what augmentation does to it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli import backend as backends
from inkdigits.errors import DataError, InkdigitsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from inkdigits.data.digits import Digits
    from inkdigits.data.fetch import Progress

PARTS = ("train", "validation", "test")
Source = click.option(
    "--source", help="Where MNIST is: folder, mnist.npz, Kaggle CSV, folders of PNGs."
)
Seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=42,
    show_default=True,
    help="Of all chance.",
)
NewFile = click.Path(dir_okay=False, path_type=Path)


@click.group("data")
def command() -> None:
    """Fetch, check and preview data sets."""


@command.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put it in. Default: the cache, where every command finds it.",
)
def fetch(folder: Path | None) -> None:
    """Download MNIST (11 MB) from public mirrors, and check it against the originals.

    What is there and whole is not downloaded again.
    """
    from inkdigits.data import fetch as fetching

    with _bar() as progress:
        place = fetching.fetch(folder, progress=progress)
    click.echo(f"MNIST is in {place}, each file as the original.")


@contextmanager
def _bar() -> Iterator[Progress | None]:
    """A progress bar a file on a terminal; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, object] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total or None)  # type: ignore[arg-type]

        yield show


@command.command()
@Source
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--plot", type=NewFile, metavar="FILE.png", help="Draw it as a bar chart, too.")
@click.option(
    "--sheet", type=NewFile, metavar="FILE.png", help="Draw ten images of each digit, too."
)
@Seed
def describe(
    source: str | None, as_json: bool, plot: Path | None, sheet: Path | None, seed: int
) -> None:
    """Say how many images each digit has in each part of the data.

    The images of --sheet are drawn by --seed from the part that is trained on.
    """
    from inkdigits.data import mnist, pictures

    parts = mnist.load_parts(source)
    place = mnist.find(source)
    labelled = "unlabelled" not in parts
    if plot is not None and not labelled:
        raise DataError(f"{place} has no labels to count: leave out --plot (--sheet works).")
    counts = {name: part.counts().tolist() for name, part in parts.items() if labelled}
    if as_json:
        told = {n: {"total": len(part), "counts": counts.get(n)} for n, part in parts.items()}
        click.echo(json.dumps({"source": str(place), "parts": told}, indent=2))
    elif labelled:
        _print_counts(counts, str(place))
    else:
        click.echo(f"{place} has {len(parts['unlabelled']):,} images and no labels.")
    if plot is not None:
        _save(pictures.bars(counts, "Images of each digit"), plot)
        click.echo(f"The plot is {plot}.", err=as_json)
    if sheet is not None:
        name, digits = next(iter(parts.items()))
        title = f"{place.name}: {name}, seed {seed}"
        _save(pictures.samples(_rows(digits, seed), title), sheet)
        click.echo(f"The sheet is {sheet}.", err=as_json)


def _print_counts(counts: dict[str, list[int]], place: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Digit", justify="center")
    for heading in (*PARTS, "total"):
        table.add_column(heading.capitalize(), justify="right")
    for digit in range(10):
        row = [counts[part][digit] for part in PARTS]
        table.add_row(str(digit), *(f"{n:,}" for n in (*row, sum(row))), end_section=digit == 9)
    totals = [sum(counts[part]) for part in PARTS]
    table.add_row("all", *(f"{n:,}" for n in (*totals, sum(totals))), style="bold")
    Console(width=None if sys.stdout.isatty() else 100).print(table)
    click.echo(f"Read from {place}.")


@command.command()
@Source
@click.option(
    "--out", type=NewFile, default=Path("preview.png"), show_default=True, help="PNG to write."
)
@Seed
@click.option(
    "--count", type=click.IntRange(1, 50), default=10, show_default=True, help="Digits in a row."
)
@click.option(
    "--rows", type=click.IntRange(1, 50), default=5, show_default=True, help="Augmented rows."
)
def preview(source: str | None, out: Path, seed: int, count: int, rows: int) -> None:
    """Draw digits as they are (first row) and as the training distorts them (below)."""
    backends.choose()
    from inkdigits.data import mnist, pictures

    train = mnist.load(source).train
    if not len(train):
        raise DataError("There are no images to show.")
    originals = _some(train.images, train.truth, count, seed)
    _save(pictures.sheet([originals, *_distorted(originals, rows, seed)]), out)
    click.echo(f"The preview is {out}.")


def _rows(digits: Digits, seed: int) -> list[tuple[str, NDArray[np.uint8]]]:
    """Ten images of each digit, drawn at random; without labels, a hundred of any."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(digits))
    if digits.labels is None:
        some = order[:100]
        return [("", digits.images[some[at : at + 10]]) for at in range(0, len(some), 10)]
    found = [order[digits.labels[order] == digit][:10] for digit in range(10)]
    return [(str(digit), digits.images[chosen]) for digit, chosen in enumerate(found)]


def _some(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], count: int, seed: int
) -> NDArray[np.float32]:
    """`count` images drawn at random, the digits in turn, as floats in [0, 1]."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(images))
    queues = [order[labels[order] == digit] for digit in range(10)]
    longest = max(map(len, queues))
    turns = [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
    return (images[turns[:count]] / np.float32(255)).astype(np.float32)


def _distorted(images: NDArray[np.float32], rows: int, seed: int) -> Iterator[NDArray[np.float32]]:
    import numpy as np

    from inkdigits.training.augment import RandomDistortion

    layer = RandomDistortion(seed=seed)
    for _ in range(rows):
        yield np.asarray(layer(images[..., None], training=True))[..., 0]


def _save(picture: Image.Image, path: Path) -> None:
    from inkdigits.data import output

    content = io.BytesIO()
    picture.save(content, format="PNG")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InkdigitsError(f"{path} could not be written: {error.strerror}.") from None
    output.check_target(path, force=True)
    output.write_all({path: content.getvalue()})
