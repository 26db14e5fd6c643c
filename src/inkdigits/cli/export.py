"""`inkdigits export`: a trained Keras file becomes a checked, calibrated ONNX model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.errors import MissingExtraError

if TYPE_CHECKING:
    from inkdigits.training.export import ExportReport


@click.command()
@click.argument("keras_file", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write to. Default: beside it."
)
@click.option("--name", help="What to call the model. Default: the file's name.")
@click.option("--model-version", default="1", show_default=True, help="The model's version.")
@click.option("--source", help="Where MNIST is: folder, mnist.npz or Kaggle CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    keras_file: Path,
    out: Path | None,
    name: str | None,
    model_version: str,
    source: str | None,
    as_json: bool,
) -> None:
    """Turn the trained KERAS_FILE into NAME.onnx and its card NAME.json.

    Temperature and thresholds are chosen on MNIST's validation part, and the ONNX model must
    agree with Keras on 1,000 digits of it; otherwise nothing is written.
    """
    try:
        from inkdigits.training.export import to_onnx
    except ImportError as error:
        raise MissingExtraError((error.name or "keras").split(".")[0], "train") from None
    from inkdigits.data import mnist

    name = name or keras_file.stem
    target = (out or keras_file.parent) / f"{name}.onnx"
    report = to_onnx(keras_file, target, data=mnist.load(source), version=model_version, name=name)
    click.echo(json.dumps(report.to_dict(), indent=2) if as_json else _readable(report))


def _readable(report: ExportReport) -> str:
    chosen = report.calibration
    rows = (
        ("model", f"{report.name} {report.version} -> {report.onnx}"),
        ("card", str(report.card)),
        ("size", f"{report.bytes:,} bytes (Keras: {report.keras_bytes:,})"),
        ("labels agree", f"{report.labels_agree:.2%} of {report.checked:,} validation digits"),
        ("max difference", f"{report.max_difference:.1e} of any probability"),
        ("validation", f"{chosen.accuracy:.2%} of {chosen.size:,} read rightly"),
        (
            "temperature",
            f"{chosen.temperature:g} (ECE {chosen.ece_before:.4f} -> {chosen.ece:.4f})",
        ),
        (
            "accept from",
            f"{chosen.accept_threshold:g} (accepts {chosen.accepted:.2%}, "
            f"of which {chosen.accuracy_accepted:.2%} right)",
        ),
        ("digit from", f"energy {chosen.energy_threshold:g}"),
    )
    return "\n".join(f"{label:<15} {value}" for label, value in rows)
