"""`inkdigits compose`: digits, and what is none, on paper, to learn from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inkdigits.cli.bars import Bars
from inkdigits.cli.train import COUNT
from inkdigits.errors import DataError, InkdigitsError

if TYPE_CHECKING:
    from inkdigits.data.real import Handwriting


@click.command("compose")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("wild.npz"),
    show_default=True,
    help="The file to write: about 100 MB a view.",
)
@click.option(
    "--images", type=click.IntRange(min=100), default=120_000, show_default=True, help="A view."
)
@click.option("--views", type=COUNT, default=5, show_default=True, help="Made anew in each.")
@click.option(
    "--real-source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of other handwriting to draw on. Default: `real` in $INKDIGITS_DATA.",
)
@click.option("--seed", type=click.IntRange(0, 999_999), default=42, help="Of all chance.")
@click.option("--jobs", type=COUNT, help="Processes; default: one a core.")
@click.option("--source", help="Where MNIST is, as for `train`.")
def command(
    out: Path,
    images: int,
    views: int,
    real_source: Path | None,
    seed: int,
    jobs: int | None,
    source: str | None,
) -> None:
    """Put digits, letters, symbols and scrawls on paper and read them back as pictures are read.

    What comes of it is learnt with `inkdigits train NETWORK --wild FILE`. Without other handwriting
    it is made of MNIST, drawn digits and drawn oddities alone.
    """
    if out.exists():
        raise InkdigitsError(f"{out} is already there: choose another --out, or take it away.")
    from inkdigits.data import mnist
    from inkdigits.training import composing, composition

    sets = found_sets(real_source)
    data = mnist.load(source)
    with Bars() as bars:
        learn, check = composing.make(
            data, sets, images=images, views=views, seed=seed, jobs=jobs, progress=bars.update
        )
    about: dict[str, Any] = {"images": images, "views": views, "seed": seed, "sets": sorted(sets)}
    composition.save(out, learn, check, about)
    click.echo(
        f"{views:,} views of {learn.labels.shape[1]:,} images from {len(sets)} sets of "
        f"handwriting besides MNIST: {out} ({out.stat().st_size / 1e6:.0f} MB)."
    )


def found_sets(given: Path | None) -> dict[str, Handwriting]:
    """The sets there are, by name."""
    from inkdigits.data import real

    data = os.environ.get("INKDIGITS_DATA")
    folder = given or (Path(data) / "real" if data else None)
    if folder is None:
        return {}
    there = [name for name, file in real.FILES.items() if (folder / file).is_file()]
    if given is not None and not there:
        raise DataError(f"{given} holds none of the sets.", code="data-not-found")
    return {name: real.load(folder, name) for name in there}
