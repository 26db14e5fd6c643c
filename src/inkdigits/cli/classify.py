"""`inkdigits classify`: pictures in; a table, JSON or CSV out."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from inkdigits import InkdigitsError, Prediction, Recognizer
from inkdigits.cli import inputs as files
from inkdigits.cli import shifting
from inkdigits.image import UNLIMITED

Answer = Prediction | InkdigitsError
_COLUMNS = (
    *("source", "digit", "confidence", "accepted", "reason", "error"),
    *("candidates", "set"),  # digits with spaces between them
)


@click.command("classify")
@click.argument("inputs", nargs=-1, required=True, metavar="PICTURE...")
@click.option(
    "--model", default="standard", show_default=True, help="A shipped model or an ONNX file."
)
@shifting.option
@click.option(
    "--top-k", type=click.IntRange(1, 10), default=3, show_default=True, help="Digits to list."
)
@click.option(
    "--coverage",
    type=float,
    metavar="LEVEL",
    help="Also list the digits that it may be, such that of digits drawn as those the model was "
    "calibrated on at least that share, 0.99 say, have their true digit among them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--no-limits", is_flag=True, help="Read pictures of any size.")
def command(
    inputs: tuple[str, ...],
    model: str,
    shifts: int,
    top_k: int,
    coverage: float | None,
    as_json: bool,
    as_csv: bool,
    no_limits: bool,
) -> None:
    """Read one digit from each PICTURE.

    A PICTURE is a file, a pattern such as 'scans/*.png', a folder (every picture in it), or - for
    standard input. Exit code 1 tells that some could not be read; the others are answered.
    """
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    recognizer = Recognizer.load(model, shifts=shifts)
    recognizer.check_coverage(coverage)  # before a folder is looked through
    names, errors = files.expand(inputs), dict[int, InkdigitsError]()
    read = iter(
        recognizer.classify_many(
            (
                sys.stdin.buffer if name == "-" else Path(name)
                for name in files.with_progress(names)
            ),
            coverage=coverage,
            limits=UNLIMITED if no_limits else None,
            on_error=errors.__setitem__,
        )
    )
    answers: list[tuple[str, Answer]] = [
        (name, errors[place] if place in errors else next(read)) for place, name in enumerate(names)
    ]
    if as_json:
        click.echo(json.dumps([_row(name, answer, top_k) for name, answer in answers], indent=2))
    elif as_csv:
        click.echo(_csv(answers), nl=False)
    else:
        _print_table(answers, top_k, sets=coverage is not None)
    if any(isinstance(answer, InkdigitsError) for _, answer in answers):
        sys.exit(1)


def _row(name: str, answer: Answer, top_k: int) -> dict[str, Any]:
    if isinstance(answer, InkdigitsError):
        return {"source": name, "error": {"code": answer.code, "message": str(answer)}}
    return {"source": name, **answer.to_dict(top_k=top_k)}


def _csv(answers: list[tuple[str, Answer]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for name, answer in answers:
        # a leading = + - @ would be a formula to a spreadsheet
        safe = f"'{name}" if name != "-" and name[:1] in "=+-@\t\r" else name
        if isinstance(answer, InkdigitsError):
            writer.writerow([safe, "", "", "", "", answer.code, "", ""])
        else:
            digit = "" if answer.digit is None else answer.digit
            accepted = str(answer.accepted).lower()
            row = [safe, digit, f"{answer.confidence:.4f}", accepted, answer.reason or "", ""]
            candidates = [digit for digit, _ in answer.candidates]
            writer.writerow([*row, _spaced(candidates), _spaced(answer.prediction_set or ())])
    return text.getvalue()


def _spaced(digits: Iterable[int]) -> str:
    return " ".join(map(str, digits))


def _print_table(answers: list[tuple[str, Answer]], top_k: int, *, sets: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Picture", overflow="fold")
    table.add_column("Digit", justify="center")
    table.add_column("Confidence", justify="right")
    table.add_column(f"Top {top_k}" if top_k > 1 else "Top", overflow="fold")
    if sets:
        table.add_column("Set", overflow="fold")
    table.add_column("Remark", overflow="fold")
    between = ("",) if sets else ()
    for name, answer in answers:
        if isinstance(answer, InkdigitsError):
            table.add_row(Text(name), "", "", "", *between, Text(str(answer), style="red"))
            continue
        blank = answer.digit is None
        top = "  ".join(f"{digit}: {p:.1%}" for digit, p in answer.top(top_k))
        table.add_row(
            Text(name),
            Text("-" if blank else str(answer.digit), style="bold" if answer.accepted else "dim"),
            "" if blank else f"{answer.confidence:.1%}",
            "" if blank else top,
            *(_spaced(answer.prediction_set or ()) for _ in between),
            Text(_remark(answer), style="yellow"),
        )
    Console(width=None if sys.stdout.isatty() else 120).print(table)


_REMARKS = {
    None: "",
    "blank": "no ink found",
    "not_a_digit": "does not look like a digit",
    "several_digits": "several digits: cut the picture into one each",
}


def _remark(prediction: Prediction) -> str:
    if prediction.reason == "unsure":
        *most, last = (str(digit) for digit, _ in prediction.candidates)
        words = f"not sure: {', '.join(most)} or {last}"
    else:
        words = _REMARKS[prediction.reason]
    ignored = prediction.frames_ignored
    return words + (f" (first of {ignored + 1} frames)" if ignored else "")
