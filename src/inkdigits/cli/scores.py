"""What an evaluation found, as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from inkdigits.evaluation import numbers, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from inkdigits.evaluation.framed import Framing
    from inkdigits.evaluation.numbers import NumbersReport
    from inkdigits.evaluation.report import Report
    from inkdigits.evaluation.robustness import Robustness
    from inkdigits.evaluation.setresult import RealReport


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
    for row in tables.score_rows(report):
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


def show_real(console: Console, real: RealReport) -> None:
    """Print how each set of real handwriting was read, and what was refused."""
    if real.digits:
        rows = tables.digit_rows(real)
        _show(console, tables.DIGITS_HEAD, rows, "Real handwriting, through the whole pipeline")
        most = max(len(result.plain) for result in real.sets)
        console.print(
            "The plain reader, for comparison: classic on the picture shrunk to 28x28 and "
            f"inverted; on at most {most:,} pictures of a set.",
            soft_wrap=True,
        )
    _show(console, tables.OTHERS_HEAD, tables.other_rows(real), "What is no digit")
    _show(console, tables.REFUSALS_HEAD, tables.refusal_rows(real), "Refused, and why")
    if real.digits:
        console.print(f"On real digits: ECE {real.ece:.4f}", soft_wrap=True)
    if real.digits and real.levels:
        _show(console, tables.COVERAGE_HEAD, tables.coverage_rows(real), "Prediction sets")
    curve = real.tradeoff
    if curve is not None:
        refused, accepted = curve.at
        console.print(
            f"Letters, scribbles and symbols accepted: {accepted:.2%} (n = {curve.others:,}), "
            f"where {refused:.2%} of real digits are refused (n = {curve.digits:,}); "
            f"AUROC of the digitness {curve.auroc:.4f}",
            soft_wrap=True,
        )


def show_framing(console: Console, framing: Framing) -> None:
    """Print where either reader is at its worst along each axis."""
    title = f"Framing: {framing.shown} digits a value ({framing.source})"
    _show(console, tables.FRAMING_HEAD, tables.framing_rows(framing), title)


def show_numbers(console: Console, found: NumbersReport) -> None:
    """Print how numbers of several digits were read."""
    _show(console, numbers.HEAD, numbers.string_rows(found), f"Numbers, read by {found.model}")
    _show(console, numbers.PAGES_HEAD, numbers.page_rows(found), numbers.pages_title(found))


def _show(console: Console, head: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> None:
    table = _table(*head, title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _table(*head: str, title: str | None = None) -> Table:
    table = Table(*head, title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    return table
