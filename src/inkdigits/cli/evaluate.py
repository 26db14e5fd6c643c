"""`inkdigits evaluate`: how well a model reads MNIST and handwriting that is not MNIST."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkdigits.cli import backend, shifting
from inkdigits.cli.bars import Bars

if TYPE_CHECKING:
    from inkdigits.data.digits import Digits
    from inkdigits.evaluation.framed import Sample
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
    help="Also real handwriting, where it is found, and what is no digit: some two minutes for "
    "all 30,000 pictures.",
)
@click.option(
    "--real-source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the real sets. Default: `real` in $INKDIGITS_DATA.",
)
@click.option(
    "--framing/--no-framing",
    default=False,
    show_default=True,
    help="Also digits in any size, place, pen, colour and light: about two minutes.",
)
@click.option(
    "--strings/--no-strings",
    default=False,
    show_default=True,
    help="Also numbers of several digits, alone and on pages: about three minutes.",
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
    framing: bool,
    strings: bool,
    shifts: int,
    limit: int | None,
    as_json: bool,
) -> None:
    """Measure MODEL on MNIST's test part.

    MODEL is a shipped name, an .onnx file, or, where `inkdigits[train]` is installed, a .keras, .h5
    or .tflite file or a SavedModel folder. Where the real sets are found, they are shown to the
    whole pipeline as users show pictures, beside a plain reader that only shrinks and inverts
    them. Times are for `classic` on two cores; --limit 500 takes a minute for all.
    """
    from inkdigits.data import mnist
    from inkdigits.shifts import shifted

    if out is not None:
        from inkdigits.evaluation import folder

        folder.prepare(out)
    sets, missing = _real_folder(real_source) if real or framing or strings else (None, "as asked")
    reader = shifted(_load(model), shifts)
    every = mnist.load_test(source)
    digits = every[:limit]
    sample = _framed(sets, source, limit) if framing else None
    parts = _Parts(corruptions, real, every if strings else None, sets, limit, sample)
    outcome = _measured(reader, digits, parts, shifts)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), indent=2))
    else:
        _show(outcome, missing if real else "as asked")
    if out is not None:
        names = folder.write(out, outcome, digits)
        click.echo(f"Written to {out}: {', '.join(names)}", err=True)


@dataclass(frozen=True)
class _Parts:
    """What is asked for beside MNIST.

    Attributes:
        corruptions: whether digits are spoilt.
        real: whether real handwriting, and what is no digit, is shown.
        strings: the digits that numbers are composed of, where numbers are shown.
        sets: the folder of the real handwriting, where it was found.
        limit: pictures of each set at most.
        sample: the digits that are framed in many ways, where that is asked for.
    """

    corruptions: bool
    real: bool
    strings: Digits | None
    sets: Path | None
    limit: int | None
    sample: Sample | None


def _measured(reader: DigitModel, digits: Digits, parts: _Parts, shifts: int) -> Outcome:
    """All that is asked for; `shifts` is only written down, `reader` makes them already."""
    from inkdigits.evaluation import numbers
    from inkdigits.evaluation.framed import evaluate_framing
    from inkdigits.evaluation.outcome import Outcome
    from inkdigits.evaluation.plain import PlainReader
    from inkdigits.evaluation.real import evaluate_real
    from inkdigits.evaluation.report import evaluate_mnist
    from inkdigits.evaluation.robustness import evaluate_corruptions
    from inkdigits.evaluation.setresult import RealReport
    from inkdigits.recognizer import Recognizer

    ours, sets, limit, sample = Recognizer(reader), parts.sets, parts.limit, parts.sample
    with Bars() as bars:
        step = bars.update
        mnist = evaluate_mnist(reader, digits, progress=step)
        spoilt = evaluate_corruptions(reader, digits, progress=step) if parts.corruptions else None
        real = framing = found_numbers = None
        if parts.real:
            found = evaluate_real(ours, sets, limit=limit, progress=step)
            real = RealReport(tuple(found), reader.info.accept_threshold, reader.info.coverage)
        if sample is not None:
            framing = evaluate_framing(ours, PlainReader.load(), sample, progress=step)
        if parts.strings is not None:
            found_numbers = numbers.evaluate(ours, parts.strings, sets, limit=limit, progress=step)
    return Outcome(mnist, spoilt, real, shifts, framing, found_numbers)


def _framed(sets: Path | None, source: str | None, limit: int | None) -> Sample:
    """The digits that are framed in many ways, at most `limit`."""
    from inkdigits.evaluation import framed

    return framed.sample(sets, source, min(framed.SHOWN, limit or framed.SHOWN))


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
    if outcome.real is None or not outcome.real.digits:
        console.print(f"Real handwriting was left out: {missing}.", soft_wrap=True)
    if outcome.framing is not None:
        scores.show_framing(console, outcome.framing)
    if outcome.numbers is not None:
        scores.show_numbers(console, outcome.numbers)
