"""`inkdigits blend`: a network before and after it was taught; one between them out."""

from __future__ import annotations

from pathlib import Path

import click

from inkdigits.cli import backend as backends


@click.command("blend")
@click.argument("start", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.7,
    show_default=True,
    help="Of the run's weights; the rest are START's.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Default: RUN-blend.")
@click.option("--source", help="Where MNIST is, as for `train`.")
@backends.option
def command(
    start: Path, run: Path, share: float, out: Path | None, source: str | None, backend: str | None
) -> None:
    """Mix the weights of START with those that RUN, which began with them, arrived at.

    What the run learnt and what it forgot both come by degrees: try a few shares and look at
    `inkdigits evaluate`. The new folder can be exported as a run's.
    """
    backends.choose(backend)
    from inkdigits.data import mnist
    from inkdigits.training.blend import blend
    from inkdigits.training.noise import hushed

    folder = out or run.with_name(f"{run.name}-blend")
    with hushed():
        made = blend(start, run, share, folder, mnist.load(source))
    click.echo(f"{share:.0%} of {run}, the rest of {start}: {made}")
