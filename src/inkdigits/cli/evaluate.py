"""`inkdigits evaluate`: how well a model reads MNIST and handwriting that is not MNIST."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli import backend, shifting
from inkdigits.cli.bars import Bars

if TYPE_CHECKING:
    from inkdigits.data.digits import Digits
    from inkdigits.evaluation.outcome import Outcome
    from inkdigits.model import DigitModel


@click.command()
@click.argument("model", default="standard")
@click.option("--source", help="Where MNIST is: folder of IDX files or mnist.npz.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write report.md, report.json and their pictures to.",
)
@click.option(
    "--corruptions/--no-corruptions",
    default=True,
    show_default=True,
    help="Also each digit spoilt in the fifteen ways of MNIST-C: about a minute.",
)
@click.option(
    "--real/--no-real",
    default=True,
    show_default=True,
    help="Also real handwriting, where it is found: some ten minutes for all 26,000 pictures.",
)
@click.option(
    "--real-source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the real sets. Default: `real` in $INKDIGITS_DATA.",
)
@shifting.option
@click.option("--limit", type=click.IntRange(min=1), help="Show this many of each set at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(  # noqa: PLR0913  # click hands each option over by its name
    model: str,
    *,
    source: str | None,
    out: Path | None,
    corruptions: bool,
    real: bool,
    real_source: Path | None,
    shifts: int,
    limit: int | None,
    as_json: bool,
) -> None:
    """Measure MODEL on MNIST's test part.

    MODEL is a shipped name, an .onnx file, or, where `inkdigits[train]` is installed, a .keras, .h5
    or .tflite file or a SavedModel folder. Where the real sets are found, they are shown to the
    whole pipeline as users show pictures. Times are for `classic` on two cores; --limit 500 takes
    a minute for all.
    """
    from inkdigits.data import mnist
    from inkdigits.shifts import shifted

    if out is not None:
        from inkdigits.evaluation import folder

        folder.prepare(out)
    sets, missing = _real_folder(real_source) if real else (None, "as asked")
    reader = shifted(_load(model), shifts)
    digits = mnist.load_test(source)[:limit]
    outcome = _measured(reader, digits, sets, limit, corruptions=corruptions, shifts=shifts)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), indent=2))
    else:
        _show(outcome, missing)
    if out is not None:
        names = folder.write(out, outcome, digits)
        click.echo(f"Written to {out}: {', '.join(names)}", err=True)


def _measured(
    reader: DigitModel,
    digits: Digits,
    sets: Path | None,
    limit: int | None,
    *,
    corruptions: bool,
    shifts: int,
) -> Outcome:
    """All that is asked for; `shifts` is only written down, `reader` makes them already."""
    from inkdigits.evaluation.outcome import Outcome
    from inkdigits.evaluation.real import evaluate_real
    from inkdigits.evaluation.report import evaluate_mnist
    from inkdigits.evaluation.robustness import evaluate_corruptions
    from inkdigits.recognizer import Recognizer

    with Bars() as bars:
        return Outcome(
            evaluate_mnist(reader, digits, progress=bars.update),
            evaluate_corruptions(reader, digits, progress=bars.update) if corruptions else None,
            tuple(evaluate_real(Recognizer(reader), sets, limit=limit, progress=bars.update))
            if sets
            else None,
            shifts,
        )


def _load(given: str) -> DigitModel:
    """The model of a shipped name, or of a file or folder of any format."""
    from inkdigits.model import Model, shipped

    path = Path(given)
    if given in shipped() or not (path.exists() or path.suffix or path.name != given):
        return Model.load(given)
    from inkdigits.training import formats
    from inkdigits.training.noise import hushed

    if path.suffix.lower() in {".keras", ".h5"} and path.is_file():
        backend.choose()
    with hushed():
        return formats.load(path)


def _real_folder(given: Path | None) -> tuple[Path | None, str]:
    """The folder of the real sets, or why there is none."""
    from inkdigits.errors import DataError
    from inkdigits.evaluation.real import holds_sets

    if given is not None:
        if not holds_sets(given):
            raise DataError(f"{given} holds none of the real sets.", code="data-not-found")
        return given, ""
    data = os.environ.get("INKDIGITS_DATA")
    folder = Path(data) / "real" if data else None
    if folder is None or not folder.is_dir():
        return None, "it was not found"
    return (folder, "") if holds_sets(folder) else (None, f"{folder} holds none of its sets")


def _show(outcome: Outcome, missing: str) -> None:
    from rich.console import Console

    from inkdigits.cli import scores
    from inkdigits.evaluation.page import shifts_note

    console = Console(highlight=False)
    if outcome.shifts:
        console.print(shifts_note(outcome.shifts), soft_wrap=True)
    scores.show_mnist(console, outcome.mnist)
    if outcome.corruptions is not None:
        scores.show_corruptions(console, outcome.corruptions)
    if outcome.real is not None:
        scores.show_real(console, outcome.real)
    else:
        console.print(f"Real handwriting was left out: {missing}.", soft_wrap=True)
