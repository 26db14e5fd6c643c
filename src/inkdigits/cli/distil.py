"""`inkdigits distil`: trained networks in; a file of lessons for others out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from inkdigits.cli import backend as backends
from inkdigits.cli.bars import Bars
from inkdigits.cli.train import COUNT, number, precision_option
from inkdigits.errors import InkdigitsError


@click.command("distil")
@click.argument("teachers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("lessons.npz"),
    show_default=True,
    help="The file to write: 42 MB a view.",
)
@click.option("--views", type=COUNT, default=16, show_default=True, help="Distortions an image.")
@click.option(
    "--temperature",
    type=click.FloatRange(1, 20),
    default=2.0,
    show_default=True,
    help="How much the teachers' answers are flattened.",
)
@number("--rotation", "How far each view turns, in degrees.", most=180)
@number("--shift", "How far it moves, of the side.", most=0.5)
@number("--zoom", "How far it stretches, of the size.", most=0.9)
@number("--shear", "How far it slants, in degrees.", most=80)
@number("--elastic", "How far it bends, in pixels.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, help="Of the views.")
@precision_option
@click.option("--limit", type=COUNT, help="Only so many images, to try things out.")
@click.option("--source", help="Where MNIST is, as for `train`.")
@backends.option
def command(
    teachers: tuple[Path, ...],
    out: Path,
    precision: str,
    limit: int | None,
    source: str | None,
    backend: str | None,
    **options: Any,
) -> None:
    """Show distorted training images to TEACHERS and write down what they answer.

    TEACHERS are Keras files or folders of runs. A network then learns from the file with
    `inkdigits train NETWORK --lessons FILE`.
    """
    if out.exists():
        raise InkdigitsError(f"{out} is already there: choose another --out, or take it away.")
    backends.choose(backend)
    from inkdigits.data import mnist
    from inkdigits.training import distil
    from inkdigits.training.augment import Ranges
    from inkdigits.training.exports.source import keras_file
    from inkdigits.training.fused import best_precision

    files = [keras_file(teacher) for teacher in teachers]
    digits = mnist.load(source).train[:limit]
    made = {key: options.pop(key) for key in ("views", "temperature", "seed")}
    ranges = Ranges(**options)
    computing = best_precision() if precision == "auto" else precision
    with Bars() as bars:
        lessons = distil.ask(
            files, digits, ranges, **made, precision=computing, progress=bars.update
        )
    distil.save(lessons, out, distil.about(files, ranges, **made))
    click.echo(
        f"{lessons.views:,} views of {len(lessons):,} images, answered by {len(files)} "
        f"teacher{'s' * (len(files) > 1)}: {out} ({out.stat().st_size / 1e6:.0f} MB)."
    )
