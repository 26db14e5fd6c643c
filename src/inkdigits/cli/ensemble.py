"""`inkdigits ensemble`: several ONNX models in; one ONNX model that averages them out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli import backend

if TYPE_CHECKING:
    from inkdigits.training.exports.assembly import EnsembleReport


@click.command("ensemble")
@click.argument("members", metavar="MEMBER.onnx...", nargs=-1, required=True)
@click.option(
    "--choose",
    "most",
    type=click.IntRange(min=2),
    metavar="K",
    help="Take only those that help, K at most. Default: all of them.",
)
@click.option("--name", default="ensemble", show_default=True, help="What to call it.")
@click.option(
    "--version",
    "--model-version",
    "version",
    default="1",
    show_default=True,
    help="The new model's version.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder to write to. Default: this one.",
)
@click.option("--source", help="Where MNIST is: folder, mnist.npz, Kaggle CSV, folders of PNGs.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    members: tuple[str, ...],
    most: int | None,
    name: str,
    version: str,
    out: Path,
    source: str | None,
    as_json: bool,
) -> None:
    """Join ONNX models, as `inkdigits export` writes them, into one that averages their logits.

    MNIST's validation part tells the new model's temperature and thresholds. With --choose it
    also tells which members to take: the best one, then each time the one that leaves the fewest
    errors, until none helps any more. A figure that was chosen for is a little flattered: measure
    the result with `inkdigits evaluate`.
    """
    backend.choose()
    from rich.console import Console

    from inkdigits.data import mnist
    from inkdigits.training.exports.assembly import assemble

    with Console(stderr=True).status("Reading MNIST") as status:
        data = mnist.load(source)
        report = assemble(
            members,
            out,
            data=data,
            most=most,
            name=name,
            version=version,
            tell=lambda what: status.update(f"Ensemble: {what}"),
        )
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        _show(report)


def _show(report: EnsembleReport) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    found = report.calibration
    heads = ("model", "taken", "right", "errors", "bytes")
    table = Table(*heads, box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in table.columns[1:]:
        column.no_wrap, column.justify = True, "right"
    table.columns[0].overflow = "fold"
    for it in report.candidates:
        place = "-" if it.place is None else str(it.place)
        bytes_ = f"{it.member.bytes:,}"
        table.add_row(
            it.member.given,
            *(place, f"{it.accuracy:.2%}", str(it.errors), bytes_),
            end_section=it is report.candidates[-1],
        )
    errors = round((1 - found.accuracy) * found.size)
    row = ("", f"{found.accuracy:.2%}", str(errors), f"{report.bytes:,}")
    table.add_row(report.path.name, *row)
    console.print(table)
    console.print(
        f"Of {found.size:,} validation digits; temperature {found.temperature:g}, "
        f"{found.accepted:.2%} accepted, of which {found.accuracy_accepted:.2%} right.\n"
        f"Written: {report.path} and {report.card.name}.",
        soft_wrap=True,
    )
