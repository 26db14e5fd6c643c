"""`inkdigits train`: a network's name and a recipe in; a run folder out."""

from __future__ import annotations

import contextlib
import json
import math
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any

import click

from inkdigits.cli import backend as backends
from inkdigits.errors import DataError
from inkdigits.training.recipe import Recipe

Option = Callable[[Callable[..., None]], Callable[..., None]]
COUNT = click.IntRange(min=1)
INTERRUPTED, TERMINATED = 130, 143  # 128 and the signal's number, as shells have it


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse what `FloatRange` lets pass: NaN and infinity."""
    if not math.isfinite(value):
        raise click.BadParameter("it must be a finite number.")
    return value


def number(name: str, words: str, most: float | None = None, *, open_: bool = False) -> Option:
    """The option of a recipe's number, 0 to `most`."""
    return click.option(
        name,
        type=click.FloatRange(0, most, min_open=open_, max_open=most is not None),
        callback=_finite,
        default=getattr(Recipe, name.removeprefix("--").replace("-", "_")),
        show_default=True,
        help=words,
    )


def _count(name: str, words: str) -> Option:
    """The option of a recipe's count, 1 or more."""
    default = getattr(Recipe, name.removeprefix("--").replace("-", "_"))
    return click.option(name, type=COUNT, default=default, show_default=True, help=words)


precision_option = click.option(
    "--precision",
    type=click.Choice(("auto", "float32", "bfloat16")),
    default="auto",
    show_default=True,
    help="What to compute in; auto takes what is fastest here.",
)


@click.command("train")
@click.argument("network", default=Recipe.network)
@_count("--epochs", "Passes, at most.")
@_count("--batch-size", "Images a step.")
@number("--learning-rate", "At its peak.", open_=True)
@number("--weight-decay", "AdamW's.")
@number("--label-smoothing", "Share of the target given to all digits.", most=1)
@click.option(
    "--augment/--no-augment", default=Recipe.augment, show_default=True, help="Distort the images."
)
@number("--rotation", "How far the distortion turns, in degrees.", most=180)
@number("--shift", "How far it moves, of the side.", most=0.5)
@number("--zoom", "How far it stretches, of the size.", most=0.9)
@number("--shear", "How far it slants, in degrees.", most=80)
@number("--elastic", "How far it bends, in pixels.")
@click.option(
    "--lessons",
    type=click.Path(dir_okay=False),
    default=Recipe.lessons,
    help="Learn from teachers' answers, a file of `inkdigits distil`, not from the labels.",
)
@click.option(
    "--wild",
    type=click.Path(dir_okay=False),
    default=Recipe.wild,
    help="Learn from a file of `inkdigits compose` as well, and to refuse what is no digit.",
)
@click.option(
    "--without", default=Recipe.without, help="Its sources to leave out, as: letters,numbers16."
)
@_count("--repeat", "Times through MNIST for once through the wild.")
@click.option(
    "--start",
    type=click.Path(dir_okay=False),
    default=Recipe.start,
    help="Begin with the weights of this .keras file.",
)
@_count("--patience", "Epochs without progress before it stops.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=Recipe.seed,
    show_default=True,
    help="Of all chance.",
)
@precision_option
@click.option("--limit", type=COUNT, help="Train on this many images only, to try things out.")
@click.option("--source", help="Where MNIST is: folder, mnist.npz, Kaggle CSV, folders of PNGs.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Default: runs/NETWORK."
)
@click.option("--resume", is_flag=True, help="Go on with the run in --out, by its own recipe.")
@backends.option
@click.option(
    "--devices",
    type=COUNT,
    default=1,
    show_default=True,
    help="Share each batch among so many (JAX only).",
)
@click.option("--tensorboard", is_flag=True, help="Also write OUT/tensorboard.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    out: Path | None,
    backend: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Train NETWORK (standard, classic, nano, micro or vit) on MNIST.

    The run's folder gets the best model, the log, its plot and a checkpoint. A run that was
    interrupted or killed goes on with --resume. Exit code 130 tells that it was interrupted, 143
    that it was told to stop.
    """
    if options["resume"]:
        _refuse_recipe(ctx)
    backends.choose(backend)
    from inkdigits.training.networks import NETWORKS

    if options["network"] not in NETWORKS:
        raise click.BadParameter(
            f"there is no network named {options['network']!r}: "
            f"choose one of {', '.join(NETWORKS)}.",
            param_hint="NETWORK",
        )
    out = out or Path("runs") / str(options["network"])
    try:
        # Keras draws its progress on stdout, which belongs to the answer when that is JSON.
        with (
            contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext(),
            told_to_stop(),
        ):
            answer = _train(out, **options)
    except KeyboardInterrupt as stop:
        click.echo(f"\n{_interrupted(out)}", err=True)  # below the progress bar
        ctx.exit(TERMINATED if isinstance(stop, ToldToStop) else INTERRUPTED)
    click.echo(json.dumps(answer, indent=2) if as_json else _readable(answer))


class ToldToStop(KeyboardInterrupt):
    """SIGTERM, which stops a training as Ctrl-C does."""


@contextlib.contextmanager
def told_to_stop() -> Iterator[None]:
    """Within it, SIGTERM raises `ToldToStop`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise ToldToStop

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _train(
    out: Path,
    *,
    source: str | None,
    resume: bool,
    devices: int,
    tensorboard: bool,
    precision: str,
    **recipe: Any,
) -> dict[str, Any]:
    from inkdigits.data import mnist
    from inkdigits.training.fit import train
    from inkdigits.training.fused import best_precision
    from inkdigits.training.log import TrainingLog

    data = mnist.load(source)
    if not len(data.validation):
        raise DataError(f"{len(data.train)} images are too few to train on: 10 are the least.")
    precision = best_precision() if precision == "auto" else precision
    asked = Recipe(precision=precision, **recipe)
    model = train(asked, data, out, resume=resume, devices=devices, tensorboard=tensorboard)
    log = TrainingLog(out)
    best = log.rows[len(log.rows) - 1 - log.waited()]
    return {
        "network": model.stem,
        "folder": str(out),
        "model": str(model),
        "epochs": len(log.rows),
        "best_epoch": int(best["epoch"]),
        "val_accuracy": best["val_accuracy"],
        "val_loss": best["val_loss"],
    }


def _refuse_recipe(ctx: click.Context) -> None:
    given = [
        field.name
        for field in fields(Recipe)
        if field.name != "network"
        and ctx.get_parameter_source(field.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        options = ", ".join("--" + name.replace("_", "-") for name in given)
        raise click.UsageError(
            f"--resume goes on by the run's own recipe: leave out {options}.", ctx
        )


def _interrupted(out: Path) -> str:
    if (out / "config.json").is_file():
        return f"Interrupted: the same command with --resume --out {out} goes on with this run."
    return "Interrupted before the training began."


def _readable(answer: dict[str, Any]) -> str:
    return (
        f"Best epoch: {answer['best_epoch']} of {answer['epochs']}, "
        f"validation accuracy {answer['val_accuracy']:.2%}.\n"
        f"The model is {answer['model']}; the log, its plot and the checkpoint lie beside it."
    )
