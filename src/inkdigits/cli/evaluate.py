"""`inkdigits evaluate`: how well a model reads MNIST and handwriting that is not MNIST."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from inkdigits.evaluation.real import SetResult
    from inkdigits.evaluation.report import Progress, Report
    from inkdigits.model import Model


@click.command()
@click.argument("model", default="classic")
@click.option("--source", help="Where MNIST is: folder of IDX files or mnist.npz.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write report.md, report.json and confusion.png to.",
)
@click.option("--real/--no-real", default=True, show_default=True, help="Also real handwriting.")
@click.option(
    "--real-source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the real sets. Default: `real` in $INKDIGITS_DATA.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Show this many of each set at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    model: str,
    source: str | None,
    out: Path | None,
    real: bool,
    real_source: Path | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Measure MODEL (a shipped name, or the path of an .onnx file) on MNIST's test part.

    Where the real sets are found, they are shown to the whole pipeline as users show pictures.
    """
    from rich.console import Console

    from inkdigits.model import Model

    loaded = Model.load(model)
    results: list[SetResult] | None = None
    with _Bars() as bars:
        report = _mnist(loaded, source, limit, bars.update)
        folder = _real_folder(real_source) if real else None
        if folder is not None:
            results = _real(loaded, folder, limit, bars.update)
    if as_json:
        click.echo(json.dumps(_as_dict(report, results), indent=2))
    else:
        console = Console(highlight=False)
        _show_mnist(console, report)
        _show_real(console, results, asked=real)
    if out is not None:
        _write(out, report, results)
        click.echo(f"Written to {out}: report.md, report.json, confusion.png", err=True)


class _Bars:
    """Progress bars on the error stream; nothing where that is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, TaskID

        console = Console(stderr=True)
        self._progress = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, name: str, done: int, total: int) -> None:
        """Set the bar called `name` to `done` of `total`."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done)


def _mnist(model: Model, source: str | None, limit: int | None, progress: Progress) -> Report:
    from inkdigits.data import mnist
    from inkdigits.evaluation.report import evaluate_mnist

    return evaluate_mnist(model, mnist.load_test(source)[:limit], progress=progress)


def _real_folder(given: Path | None) -> Path | None:
    if given is not None:
        return given
    data = os.environ.get("INKDIGITS_DATA")
    folder = Path(data) / "real" if data else None
    return folder if folder is not None and folder.is_dir() else None


def _real(model: Model, folder: Path, limit: int | None, progress: Progress) -> list[SetResult]:
    from inkdigits.evaluation.real import evaluate_real
    from inkdigits.recognizer import Recognizer

    return evaluate_real(Recognizer(model), folder, limit=limit, progress=progress)


def _mean_real(results: list[SetResult]) -> float | None:
    """The mean accuracy over the quoted sets; `None` unless all of them are there."""
    from inkdigits.evaluation.real import MEAN_OF

    found = {result.name: result.accuracy for result in results}
    if not set(MEAN_OF) <= set(found):
        return None
    return sum(found[name] for name in MEAN_OF) / len(MEAN_OF)


def _as_dict(report: Report, results: list[SetResult] | None) -> dict[str, Any]:
    real = None
    if results is not None:
        sets = [result.to_dict() for result in results]
        real = {"sets": sets, "mean_accuracy": _mean_real(results)}
    return {"mnist": report.to_dict(), "real": real}


def _write(out: Path, report: Report, results: list[SetResult] | None) -> None:
    from inkdigits.evaluation.plots import confusion_png

    out.mkdir(parents=True, exist_ok=True)
    page = report.to_markdown()
    if results is not None:
        rows = ["| " + " | ".join(cells) + " |" for cells in _real_rows(results)]
        head = ["", "## Real handwriting", "", f"| {' | '.join(_HEAD)} |", "|---|" + "---:|" * 4]
        page += "\n".join([*head, *rows]) + "\n"
    (out / "report.md").write_text(page, encoding="utf-8")
    answer = json.dumps(_as_dict(report, results), indent=2)
    (out / "report.json").write_text(answer + "\n", encoding="utf-8")
    confusion_png(report, out / "confusion.png")


_HEAD = ("set", "shown", "read rightly", "accepted", "right when accepted")


def _real_rows(results: list[SetResult]) -> list[tuple[str, ...]]:
    """The table of the real sets; of letters, `accepted` is the false-accept rate."""
    rows: list[tuple[str, ...]] = []
    for r in results:
        share = f"{r.accepted / r.shown:.2%}" if r.shown else "-"
        if r.kind == "letters":
            rows.append((f"{r.name} (to reject)", f"{r.shown:,}", "-", share, "-"))
        else:
            kept = f"{r.accepted_right / r.accepted:.2%}" if r.accepted else "-"
            rows.append((r.name, f"{r.shown:,}", f"{r.accuracy:.2%}", share, kept))
    mean = _mean_real(results)
    if mean is not None:
        rows.append(("mean of the five", "", f"{mean:.2%}", "", ""))
    return rows


def _show_mnist(console: Console, report: Report) -> None:
    from rich.table import Table

    low, high = report.interval
    console.print(
        f"{report.model} {report.version} on MNIST test: [bold]{report.accuracy:.2%}[/] right "
        f"(95 % interval {low:.2%} to {high:.2%}; n = {report.shown:,}, {report.errors:,} errors)\n"
        f"without the disputed labels {report.undisputed_accuracy:.2%}; accepted "
        f"{report.accepted:.2%}, of which {report.accepted_accuracy:.2%} right; "
        f"ECE {report.ece:.4f}",
        soft_wrap=True,
    )
    table = Table("digit", *("precision", "recall", "F1", "images"))
    for column in table.columns[1:]:
        column.justify = "right"
    named = [(str(digit), score) for digit, score in enumerate(report.digits)]
    for label, s in [*named, ("macro", report.macro), ("weighted", report.weighted)]:
        figures = (f"{value:.2%}" for value in (s.precision, s.recall, s.f1))
        table.add_row(label, *figures, f"{s.support:,}", end_section=label == "9")
    console.print(table)


def _show_real(console: Console, results: list[SetResult] | None, *, asked: bool) -> None:
    from rich.table import Table

    if results is None:
        why = "it was not found" if asked else "as asked"
        console.print(f"Real handwriting was left out: {why}.")
        return
    table = Table(*_HEAD, title="Real handwriting, through the whole pipeline")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in _real_rows(results):
        table.add_row(*row)
    console.print(table)
