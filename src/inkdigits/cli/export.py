"""`inkdigits export`: a trained Keras model in; checked files of other formats out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli import backend
from inkdigits.training.exports.targets import FORMATS, QUANTISATIONS, Target

if TYPE_CHECKING:
    from inkdigits.training.calibrate import Calibration
    from inkdigits.training.exports.artefacts import Exported
    from inkdigits.training.exports.export import ExportReport


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "formats",
    type=click.Choice(tuple(FORMATS)),
    multiple=True,
    default=("onnx",),
    help="What to write; may be given several times. Default: onnx.",
)
@click.option(
    "--quantize",
    type=click.Choice(QUANTISATIONS),
    help="Write it in fewer bits: ONNX and TFLite only.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to. Default: beside it."
)
@click.option("--name", help="What to call the files. Default: mnist_digit_classifier and kin.")
@click.option("--model-version", default="1", show_default=True, help="The ONNX model's version.")
@click.option("--source", help="Where MNIST is: folder, mnist.npz, Kaggle CSV, folders of PNGs.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    model: Path,
    formats: tuple[str, ...],
    quantize: str | None,
    out: Path | None,
    name: str | None,
    model_version: str,
    source: str | None,
    as_json: bool,
) -> None:
    """Turn the trained MODEL, a .keras file or the folder of a run, into other formats.

    ONNX files are called after MODEL and get a card beside them; temperature and thresholds are
    chosen on MNIST's validation part. Every file is loaded again and compared with MODEL on
    2,000 digits of that part. Where one of them disagrees, nothing is written.
    """
    targets = [Target(kind, quantize) for kind in formats]
    backend.choose("tensorflow")  # which alone can write all formats; a .keras file fits any
    from inkdigits.data import mnist
    from inkdigits.training.exports.export import export

    with _status() as tell:
        tell("MNIST")
        data = mnist.load(source)
        report = export(model, targets, out, data=data, name=name, version=model_version, tell=tell)
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _show(report)


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """Says what is being made, on the error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    # a descriptor of its own: the usual one is shut while TensorFlow works
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as file:
        console = Console(file=file)
        with console.status("Starting") as status:
            yield lambda what: status.update(f"Exporting: {what}")


def _show(report: ExportReport) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(
        f"{report.source} ({report.bytes:,} bytes) reads {report.accuracy:.2%} of "
        f"{report.checked:,} validation digits rightly. What came of it:",
        soft_wrap=True,
    )
    heads = ("file", "bytes", "labels\nalike", "differ\nby", "accuracy\n(points)")
    table = Table(*heads, box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.justify = True, "left" if column.header == "file" else "right"
    for made in report.artefacts:
        table.add_row(made.path.name, *_figures(made))
    console.print(table)
    for made in report.artefacts:
        if made.calibration is not None:
            console.print(f"{made.path.name}: {_calibrated(made.calibration)}", soft_wrap=True)
    console.print(f"All written to {report.artefacts[0].path.parent}.", soft_wrap=True)


def _figures(made: Exported) -> tuple[str, ...]:
    found = made.agreement
    return (
        f"{made.bytes:,}",
        f"{found.labels_agree:.2%}",
        f"{found.max_difference:.1e}",
        f"{100 * found.accuracy_change:+.2f}",
    )


def _calibrated(chosen: Calibration) -> str:
    refused = ""
    if chosen.outliers_accepted is not None:
        refused = (
            f", and {chosen.outliers_accepted:.2%} of {chosen.outliers:,} images that show no digit"
        )
    return (
        f"{chosen.accuracy:.2%} of {chosen.size:,} validation digits right; "
        f"temperature {chosen.temperature:g} (ECE {chosen.ece_before:.4f} -> {chosen.ece:.4f}); "
        f"accepts from {chosen.accept_threshold:g}, energy {chosen.energy_threshold:g}: "
        f"{chosen.accepted:.2%} accepted, of which {chosen.accuracy_accepted:.2%} right{refused}"
    )
