"""`inkdigits train`: a network's name and a recipe in; a run folder out."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from inkdigits.cli import backend as backends
from inkdigits.errors import DataError

#: What belongs to the recipe, which a resumed run brings along.
RECIPE = (
    "network",
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "augment",
    "patience",
    "seed",
    "limit",
)
COUNT = click.IntRange(min=1)


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """Refuse what `FloatRange` lets pass: NaN and infinity."""
    if not math.isfinite(value):
        raise click.BadParameter("it must be a finite number.")
    return value


# The defaults are training.fit.Recipe's, which cannot be read without importing Keras; a test
# holds the two together.
@click.command("train")
@click.argument("network", default="classic")
@click.option("--epochs", type=COUNT, default=36, show_default=True, help="Passes, at most.")
@click.option("--batch-size", type=COUNT, default=128, show_default=True, help="Images a step.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    default=2.5e-3,
    show_default=True,
    help="At its peak.",
)
@click.option(
    "--weight-decay",
    type=click.FloatRange(min=0),
    callback=_finite,
    default=0.02,
    show_default=True,
    help="AdamW's.",
)
@click.option("--augment/--no-augment", default=True, show_default=True, help="Distort the images.")
@click.option(
    "--patience",
    type=COUNT,
    default=12,
    show_default=True,
    help="Epochs without progress before it stops.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=42,
    show_default=True,
    help="Of all chance.",
)
@click.option("--limit", type=COUNT, help="Train on this many images only, to try things out.")
@click.option("--source", help="Where MNIST is: folder, mnist.npz, Kaggle CSV, folders of PNGs.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Default: runs/NETWORK."
)
@click.option("--resume", is_flag=True, help="Go on with the run in --out, by its own recipe.")
@click.option(
    "--backend",
    type=click.Choice(backends.BACKENDS),
    default="tensorflow",
    envvar="KERAS_BACKEND",
    show_envvar=True,
    show_default=True,
    help="What Keras computes with.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    network: str,
    source: str | None,
    out: Path | None,
    resume: bool,
    backend: str,
    as_json: bool,
    **recipe: Any,
) -> None:
    """Train NETWORK (default: classic) on MNIST.

    The run's folder gets the best model, the log, its plot and a checkpoint. A run that was
    interrupted goes on with --resume. Exit code 130 tells that it was interrupted.
    """
    if resume:
        _refuse_recipe(ctx)
    backends.choose(backend)
    from inkdigits.training.networks import NETWORKS

    if network not in NETWORKS:
        raise click.BadParameter(
            f"there is no network named {network!r}: choose one of {', '.join(NETWORKS)}.",
            param_hint="NETWORK",
        )
    out = out or Path("runs") / network
    try:
        # Keras draws its progress on stdout, which belongs to the answer when that is JSON.
        with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
            answer = _train({"network": network, **recipe}, source, out, resume=resume)
    except KeyboardInterrupt:
        click.echo(f"\n{_interrupted(out)}", err=True)  # below the progress bar
        ctx.exit(130)
    click.echo(json.dumps(answer, indent=2) if as_json else _readable(answer))


def _train(
    recipe: dict[str, Any], source: str | None, out: Path, *, resume: bool
) -> dict[str, Any]:
    from inkdigits.data import mnist
    from inkdigits.training.fit import Recipe, train
    from inkdigits.training.log import TrainingLog

    data = mnist.load(source)
    if not len(data.validation):
        raise DataError(f"{len(data.train)} images are too few to train on: 10 are the least.")
    model = train(Recipe(**recipe), data, out, resume=resume)
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
        name
        for name in RECIPE
        if name != "network"
        and ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
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
