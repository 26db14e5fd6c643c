"""An evaluation as a page to read: Markdown with tables and the pictures beside it.

In: an `Outcome`. Out: text. Does not draw the pictures and does not write files.
"""

from __future__ import annotations

from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.report import Report
from inkdigits.evaluation.robustness import Robustness
from inkdigits.evaluation.tables import score_rows
from inkdigits.evaluation.wildpage import framing_section, numbers_section, real_section, table

#: So many mistakes are listed; the picture has them all.
LISTED = 15


def page(outcome: Outcome) -> str:
    """The page of an evaluation, for one who has not seen one before."""
    mnist = outcome.mnist
    parts = [
        f"# How well {mnist.model} {mnist.version} reads digits",
        _headline(outcome),
        _digits(mnist),
        _confusion(mnist),
        _mistakes(mnist),
        _calibration(mnist),
    ]
    if outcome.corruptions is not None:
        parts.append(_corruptions(mnist, outcome.corruptions))
    if outcome.real is not None:
        parts.append(real_section(outcome.real))
    if outcome.framing is not None:
        parts.append(framing_section(outcome.framing))
    if outcome.numbers is not None:
        parts.append(numbers_section(outcome.numbers))
    return "\n\n".join(parts) + "\n"


def shifts_note(reach: int) -> str:
    """The sentence that goes with figures got by shifts of up to `reach` pixels, 1 or more."""
    pixels = f"{reach} pixel{'s' if reach > 1 else ''}"
    return (
        f"Each digit was read {(2 * reach + 1) ** 2} times, at every shift of up to {pixels}, and "
        "the logits averaged (--shifts): these are not the figures of a single reading."
    )


def _headline(outcome: Outcome) -> str:
    mnist = outcome.mnist
    low, high = mnist.interval
    lines = [
        f"**{mnist.accuracy:.2%}** of {mnist.shown:,} digits ({mnist.set}) are read "
        f"rightly ({mnist.errors:,} errors; 95 % interval {low:.2%} to {high:.2%}).",
        "",
        f"- Sure enough to be acted on: {mnist.accepted:.2%}, of which "
        f"{mnist.accepted_accuracy:.2%} right",
        f"- Loss (mean cross-entropy): {mnist.loss:.4f}; expected calibration error: "
        f"{mnist.ece:.4f}",
    ]
    if mnist.undisputed_shown < mnist.shown:
        lines.insert(
            2,
            f"- Without the labels that people dispute too: {mnist.undisputed_accuracy:.2%} "
            f"(n = {mnist.undisputed_shown:,})",
        )
    if outcome.shifts:
        lines[1:1] = ["", shifts_note(outcome.shifts)]
    if outcome.corruptions is not None:
        mean = outcome.corruptions.mean_error
        lines.append(f"- Mean error on digits spoilt in fifteen ways: {mean:.2%}")
    mean_real = outcome.real.mean_accuracy if outcome.real else None
    if mean_real is not None:
        lines.append(f"- Real handwriting, mean of six sets: {mean_real:.2%}")
    return "\n".join([*lines, f"- Model file: SHA-256 `{mnist.sha256}`"])


def _digits(report: Report) -> str:
    return (
        "## Digit by digit\n\n"
        "Precision: of what was read as this digit, how much is it. Recall: of this digit, how "
        "much was read as it. F1: the harmonic mean of the two.\n\n"
    ) + table(("digit", "precision", "recall", "F1", "images"), score_rows(report))


def _confusion(report: Report) -> str:
    rows = (
        (f"**{digit}**", *(str(count) if count else "" for count in row))
        for digit, row in enumerate(report.confusion)
    )
    return (
        "## What is mistaken for what\n\n"
        "A row for each true digit, a column for what it was read as: blue is right, orange "
        "wrong.\n\n![Confusion table](confusion.png)\n\n"
    ) + table(("", *map(str, range(10))), rows)


def _mistakes(report: Report) -> str:
    if not report.mistakes:
        return "## The worst mistakes\n\nNo digit was read wrongly."
    shown = len(report.mistakes)
    kept = "All errors" if shown == report.errors else f"{shown} of {report.errors:,} errors"
    rows = (
        (
            str(mistake.index) + ("\\*" if mistake.disputed else ""),
            str(mistake.truth),
            str(mistake.guess),
            f"{mistake.confidence:.2%}",
            "yes" if mistake.accepted else "no",
        )
        for mistake in report.mistakes[:LISTED]
    )
    return (
        f"## The worst mistakes\n\n{kept}, the surest first; under each its label, what it was "
        "read as, how surely, and its place in the set. A star and a frame: people dispute the "
        f"label too.\n\n![Digits read wrongly](errors.png)\n\nThe first {min(LISTED, shown)}:\n\n"
    ) + table(("place", "label", "read as", "confidence", "acted on"), rows)


def _calibration(report: Report) -> str:
    rows = (
        (
            f"{bar.low:.0%} to {bar.high:.0%}",
            f"{bar.count:,}",
            f"{bar.confidence:.2%}",
            f"{bar.accuracy:.2%}",
        )
        for bar in report.reliability
        if bar.count
    )
    losses = (
        (f"calibrated (temperature {report.temperature:g})", report.loss, report.ece),
        ("raw (temperature 1)", report.raw_loss, report.raw_ece),
    )
    return (
        "## Is it as sure as it is right?\n\n"
        "Of the digits it is 80 % sure of, a calibrated reader gets 80 % right. The expected "
        "calibration error (ECE) is the mean gap, over 15 bins of confidence.\n\n"
        "![Reliability diagram](reliability.png)\n\n"
        + table(("confidence", "images", "mean confidence", "read rightly"), rows)
        + "\n\n"
        + table(
            ("", "loss", "ECE"),
            [(name, f"{loss:.4f}", f"{ece:.4f}") for name, loss, ece in losses],
        )
    )


def _corruptions(report: Report, spoilt: Robustness) -> str:
    rows = [(r.name, f"{r.errors:,}", f"{r.error:.2%}") for r in spoilt.results]
    rows.append(("**mean**", "", f"**{spoilt.mean_error:.2%}**"))
    return (
        "## Spoilt digits\n\n"
        "The same digits under the fifteen corruptions of MNIST-C (Mu and Gilmer 2019), drawn "
        "by inkdigits from their published definitions, so not the published files themselves. "
        f"As they are, {1 - report.accuracy:.2%} are read wrongly.\n\n"
        "![Digits under each corruption](corruptions.png)\n\n"
    ) + table(("corruption", "errors", "read wrongly"), rows)
