"""`inkdigits predict-csv`: a Kaggle CSV of digits in; Kaggle's submission out."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from inkdigits.cli import shifting
from inkdigits.errors import InkdigitsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inkdigits.data.digits import Digits
    from inkdigits.recognizer import Recognizer

CsvFile = click.Path(path_type=Path, allow_dash=True)
STREAM = Path("-")
#: Rows read at once: with more, the network's intermediate results outgrow the processor's cache.
ROWS = 64


@dataclass(frozen=True)
class Answers:
    """What was read: digits (N,), probabilities (N, 10) where asked for, wrong ones if known."""

    digits: NDArray[np.int64]
    probabilities: NDArray[np.float32] | None
    wrong: int | None


@click.command("predict-csv")
@click.argument("source", type=CsvFile, metavar="TEST.csv")
@click.option(
    "-o",
    "--output",
    type=CsvFile,
    default=Path("submission.csv"),
    show_default=True,
    help="Where the submission goes; - for standard output.",
)
@click.option(
    "--model", default="standard", show_default=True, help="A shipped model or an ONNX file."
)
@shifting.option
@click.option(
    "--probabilities",
    "table",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Also write the ten probabilities of each row.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
def command(
    source: Path,
    output: Path,
    model: str,
    shifts: int,
    table: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read the digits of a CSV as Kaggle's Digit Recognizer has it, and write a submission.

    TEST.csv has 784 pixels a row (- for standard input); where a label stands before them, the
    accuracy is told, too. The submission has the columns ImageId, counted from 1, and Label.
    Nothing is written unless every row could be read.
    """
    if as_json and output == STREAM:
        raise click.UsageError("--json and the submission cannot both go to standard output.")
    if table is not None and table in (output, STREAM):
        raise click.UsageError("--probabilities needs a file of its own.")
    from inkdigits.data import output as files
    from inkdigits.data import submission
    from inkdigits.recognizer import Recognizer

    for path in (output, table):
        if path is not None and path != STREAM:
            files.check_target(path, sources=[source], force=force)
    recognizer = Recognizer.load(model, shifts=shifts)
    began = time.perf_counter()
    with _opened(source) as file, _bar(file, source) as progress:
        answers = _read(recognizer, file, source, progress, keep=table is not None)
    seconds = time.perf_counter() - began
    texts = {output: submission.submission(answers.digits)}
    if table is not None and answers.probabilities is not None:
        texts[table] = submission.probability_table(answers.probabilities)
    printed = texts.pop(STREAM, "")
    files.write_all({path: text.encode() for path, text in texts.items()})
    _print(printed)
    summary = _summary(answers, recognizer, source, output, table, seconds)
    if as_json:
        click.echo(json.dumps(summary, indent=2))
    else:
        _tell(summary)


@contextmanager
def _opened(source: Path) -> Iterator[TextIO]:
    from inkdigits.data.kaggle import open_csv

    if source != STREAM:
        with open_csv(source) as file:
            yield file
        return
    file = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
    try:
        yield file
    finally:
        file.detach()  # whose it is closes it


def _read(
    recognizer: Recognizer,
    file: TextIO,
    source: Path,
    progress: Callable[[int], None],
    *,
    keep: bool,
) -> Answers:
    """All rows, a block at a time: of each, one number stays, and with `keep` ten more."""
    import numpy as np

    from inkdigits.data.kaggle import blocks

    name = "The standard input" if source == STREAM else str(source)
    digits: list[NDArray[np.int64]] = []
    kept: list[NDArray[np.float32]] = []
    wrong: int | None = None
    for block in blocks(file, name, size=ROWS):
        probabilities = recognizer.predict_proba(block.images)
        digits.append(probabilities.argmax(axis=1).astype(np.int64))
        wrong = _wrong(wrong, digits[-1], block)
        if keep:
            kept.append(probabilities)
        progress(len(block))
    return Answers(np.concatenate(digits), np.concatenate(kept) if keep else None, wrong)


def _wrong(before: int | None, digits: NDArray[np.int64], block: Digits) -> int | None:
    if block.labels is None:
        return None
    return (before or 0) + int((digits != block.labels).sum())


@contextmanager
def _bar(file: TextIO, source: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, by the bytes read; of standard input, only the rows."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    size = None if source == STREAM else source.stat().st_size
    columns = (TextColumn("{task.fields[rows]:,} rows"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Reading", total=size, rows=0)
        rows = 0

        def show(more: int) -> None:
            nonlocal rows
            rows += more
            done = None if size is None else file.buffer.tell()
            bars.update(task, completed=done, rows=rows)

        yield show


def _print(text: str) -> None:
    """Write to standard output, and say so where it is full."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader has had enough; click knows what to do
            raise
        # what is left in the buffer would fail once more at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise InkdigitsError(
            f"The standard output could not be written: {error.strerror}."
        ) from None


def _summary(
    answers: Answers,
    recognizer: Recognizer,
    source: Path,
    output: Path,
    table: Path | None,
    seconds: float,
) -> dict[str, Any]:
    import numpy as np

    rows = len(answers.digits)
    return {
        "source": str(source),
        "output": str(output),
        "probabilities": None if table is None else str(table),
        "model": {"name": recognizer.name, "version": recognizer.version},
        "rows": rows,
        "counts": np.bincount(answers.digits, minlength=10).tolist(),
        "wrong": answers.wrong,
        "accuracy": None if answers.wrong is None else 1 - answers.wrong / rows,
        "seconds": round(seconds, 3),
    }


def _tell(summary: dict[str, Any]) -> None:
    """The summary in words, on the error stream: the other may be the submission's."""
    rows, model = summary["rows"], summary["model"]
    place = "" if summary["output"] == "-" else f"; the submission is {summary['output']}"
    also = f", the probabilities {summary['probabilities']}" if summary["probabilities"] else ""
    click.echo(
        f"{model['name']} {model['version']} read {rows:,} digits in {summary['seconds']:.1f} s"
        f"{place}{also}.",
        err=True,
    )
    if summary["wrong"] is not None:
        click.echo(
            f"Accuracy: {summary['accuracy']:.2%} ({summary['wrong']:,} of {rows:,} are not as "
            "labelled).",
            err=True,
        )
