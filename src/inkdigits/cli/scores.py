"""What an evaluation found, as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from inkdigits.evaluation.page import REAL_HEAD, real_rows, score_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from inkdigits.evaluation.real import SetResult
    from inkdigits.evaluation.report import Report
    from inkdigits.evaluation.robustness import Robustness


def show_mnist(console: Console, report: Report) -> None:
    """Print the headline figures and the score of each digit."""
    low, high = report.interval
    undisputed = f"without the disputed labels {report.undisputed_accuracy:.2%}; "
    console.print(
        f"{report.model} {report.version} on {report.set}: [bold]{report.accuracy:.2%}[/] right "
        f"(95 % interval {low:.2%} to {high:.2%}; n = {report.shown:,}, {report.errors:,} errors)\n"
        f"{undisputed if report.undisputed_shown < report.shown else ''}accepted "
        f"{report.accepted:.2%}, of which {report.accepted_accuracy:.2%} right\n"
        f"loss {report.loss:.4f}, ECE {report.ece:.4f} at temperature {report.temperature:g} "
        f"(raw: {report.raw_loss:.4f}, {report.raw_ece:.4f})",
        soft_wrap=True,
    )
    table = _table("digit", "precision", "recall", "F1", "images")
    for row in score_rows(report):
        table.add_row(*row, end_section=row[0] == "9")
    console.print(table)


def show_corruptions(console: Console, spoilt: Robustness) -> None:
    """Print the error rate under each corruption, and their mean."""
    table = _table("corruption", "errors", "read wrongly", title="Spoilt digits (MNIST-C)")
    for r in spoilt.results:
        table.add_row(
            r.name, f"{r.errors:,}", f"{r.error:.2%}", end_section=r is spoilt.results[-1]
        )
    table.add_row("mean", "", f"{spoilt.mean_error:.2%}")
    console.print(table)


def show_real(console: Console, results: Sequence[SetResult]) -> None:
    """Print how each set of real handwriting was read."""
    table = _table(*REAL_HEAD, title="Real handwriting, through the whole pipeline")
    for row in real_rows(results):
        table.add_row(*row)
    console.print(table)


def _table(*head: str, title: str | None = None) -> Table:
    table = Table(*head, title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    return table
