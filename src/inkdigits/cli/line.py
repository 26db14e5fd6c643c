"""`inkdigits line`: how the reader of rows is made: compose, train, blend, export."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click

from inkdigits.cli import backend
from inkdigits.cli.bars import Bars
from inkdigits.cli.compose import found_sets
from inkdigits.cli.train import COUNT
from inkdigits.errors import InkdigitsError

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_SEED = click.IntRange(0, 999_999)


@click.group("line")
def command() -> None:
    """Make a reader of rows: compose rows of writing, train on them, blend, export to ONNX."""


@command.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rows", "count", type=COUNT, default=50_000, show_default=True)
@click.option("--held-out", is_flag=True, help="Write with what validates, not with what teaches.")
@click.option(
    "--real-source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of other handwriting to write with. Default: `real` in $INKDIGITS_DATA.",
)
@click.option("--seed", type=_SEED, default=1, show_default=True, help="Of all chance.")
@click.option("--jobs", type=COUNT, help="Processes; default: one a core.")
@click.option("--source", help="Where MNIST is, as for `train`.")
def compose(
    out: Path,
    count: int,
    held_out: bool,
    real_source: Path | None,
    seed: int,
    jobs: int | None,
    source: str | None,
) -> None:
    """Write rows of digits on paper, read them back as pictures are read, keep them in OUT."""
    if out.exists():
        raise InkdigitsError(f"{out} is already there: choose another name, or take it away.")
    from inkdigits.data import mnist
    from inkdigits.training.lines import composing

    sets = found_sets(real_source)
    data = mnist.load(source)
    with Bars() as bars:
        made = composing.make(
            data,
            sets,
            count=count,
            seed=seed,
            held_out=held_out,
            jobs=jobs,
            progress=lambda done, total: bars.update("rows", done, total),
        )
    made.save(out)
    click.echo(f"{len(made):,} rows: {out} ({out.stat().st_size / 1e6:.0f} MB).")


@command.command()
@click.argument("rows", nargs=-1, required=True, type=_FILE)
@click.option("--check", type=_FILE, required=True, help="Rows to validate on (--held-out).")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/line"),
    show_default=True,
    help="Folder of the run.",
)
@click.option(
    "--start", type=_FILE, help="Weights to begin with: a .keras of a line reader or of `standard`."
)
@click.option("--epochs", type=COUNT, default=3, show_default=True)
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), default=1e-3)
@click.option("--seed", type=_SEED, default=0, show_default=True)
@backend.option
def train(
    rows: tuple[Path, ...],
    check: Path,
    out: Path,
    start: Path | None,
    epochs: int,
    learning_rate: float,
    seed: int,
    backend: str | None,
) -> None:
    """Train on the rows of one or more files; the network is kept after each epoch."""
    from inkdigits.cli.backend import choose

    choose(backend)
    from inkdigits.training.lines import composing, fit, network

    learn = composing.joined([composing.load(path) for path in rows])
    validation = composing.load(check)
    reader = network.line()
    if start is not None:
        network.begin(reader, start)
    out.mkdir(parents=True, exist_ok=True)
    log = out / "training_log.csv"
    log.unlink(missing_ok=True)

    def keep(epoch: int, trained: Any, figures: dict[str, float]) -> None:
        trained.save(out / "line.keras")
        share = fit.right(fit.greedy(trained, validation), validation.texts)
        row = {"epoch": epoch, **figures, "val_rows_right": share}
        fresh = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        click.echo(f"epoch {epoch}: loss {figures['loss']:.4f}, {share:.2%} of rows right")

    with Bars() as bars:
        fit.fit(
            reader,
            learn,
            fit.Course(epochs, learning_rate, seed=seed),
            keep,
            lambda done, total: bars.update("batches", done, total),
        )
    about = {"rows": len(learn), "files": [path.name for path in rows], "epochs": epochs}
    about |= {"learning_rate": learning_rate, "seed": seed, "start": start and start.name}
    (out / "config.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    click.echo(f"The network: {out / 'line.keras'}; `inkdigits line export` makes it usable.")


@command.command()
@click.argument("start", type=_FILE)
@click.argument("end", type=_FILE)
@click.option("--rows", type=_FILE, required=True, help="Rows like those that were learnt from.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Of END's weights; the rest are START's.",
)
@click.option("--seed", type=_SEED, default=0, show_default=True, help="Of the rows looked at.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("line.keras"))
@backend.option
def blend(
    start: Path, end: Path, rows: Path, share: float, seed: int, out: Path, backend: str | None
) -> None:
    """Mix the weights of a line reader with those of one that was trained on from it."""
    from inkdigits.cli.backend import choose

    choose(backend)
    from inkdigits.training.lines import composing, fit, network

    if out.exists():
        raise InkdigitsError(f"{out} is already there: choose another name, or take it away.")
    mixed = network.load(start)
    fit.blend(mixed, network.load(end), share, composing.load(rows), seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    mixed.save(out)
    click.echo(f"{share:.0%} of {end}, the rest of {start}: {out}")


@command.command()
@click.argument("network", type=_FILE)
@click.option("--check", type=_FILE, required=True, help="Rows to calibrate on (--held-out).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option("--name", default="line", show_default=True)
@click.option("--model-version", default="1", show_default=True)
def export(network: Path, check: Path, out: Path, name: str, model_version: str) -> None:
    """Turn a trained line reader into ONNX and its card, checked against each other."""
    from inkdigits.cli.backend import choose

    choose("tensorflow")
    from inkdigits.training.lines import composing
    from inkdigits.training.lines import export as exporting
    from inkdigits.training.lines import network as networks

    out.mkdir(parents=True, exist_ok=True)
    reader = networks.load(network)
    config = network.with_name("config.json")
    about = {"recipe": json.loads(config.read_text("utf-8"))} if config.is_file() else {}
    path = exporting.export(
        reader, composing.load(check), out, name=name, version=model_version, about=about
    )
    size = path.stat().st_size / 1e6
    click.echo(f"{path} ({size:.2f} MB): Recognizer.load(line='{path}') reads with it.")
