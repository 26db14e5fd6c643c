"""The sections of an evaluation's page on what is not MNIST: real pictures, and their framing.

In: results. Out: Markdown. Does not draw the pictures and does not write files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inkdigits.evaluation import numbers, tables
from inkdigits.evaluation.framed import Framing
from inkdigits.evaluation.numbers import NumbersReport
from inkdigits.evaluation.setresult import RealReport


def real_section(real: RealReport) -> str:
    """How handwriting that is not MNIST was read, and what is no digit."""
    parts = []
    if real.digits:
        parts.append(
            "## Real handwriting\n\n"
            "Digits that are not MNIST's, shown to the whole pipeline as users show pictures. The "
            "plain reader is for comparison: `classic` on the picture shrunk to 28x28 and "
            f"inverted, as most demonstrations do it, {_compared(real)}.\n\n"
            + table(tables.DIGITS_HEAD, tables.digit_rows(real))
        )
    parts.append(
        "## What is no digit\n\n"
        "Letters of real writers without those that pass for digits, and, made up: empty sheets, "
        "dots, scribbles and signs, and printed symbols of many scripts. None should be "
        "accepted.\n\n" + table(tables.OTHERS_HEAD, tables.other_rows(real))
    )
    parts.append(
        "Refused, in all and by reason:\n\n"
        + table(tables.REFUSALS_HEAD, tables.refusal_rows(real))
    )
    return "\n\n".join([*parts, *_reliance(real)])


def framing_section(framing: Framing) -> str:
    """How accuracy changes with how a digit is shown."""
    parts = [
        "## Margin, size, pen, paper and light",
        f"{framing.shown} digits ({framing.source}) at every value; what is not varied stays "
        "plain: a digit of 100 pixels, upright and black on white, as large in its picture as "
        "MNIST's, one per cent of noise. The plain reader: `classic` on the picture shrunk and "
        "inverted.",
        "![Accuracy against how the digit is shown](framing.png)",
        table(tables.FRAMING_HEAD, tables.framing_rows(framing)),
    ]
    for curve in framing.curves:
        head = (curve.axis.name, "plain reader", "read rightly", "accepted")
        parts.append(table(head, tables.curve_rows(curve, framing)))
    return "\n\n".join(parts)


def numbers_section(found: NumbersReport) -> str:
    """How numbers of several digits were read, alone and on pages."""
    return "\n\n".join(
        [
            "## Numbers",
            f"Read by {found.model}. Exact: the whole number is right. MNIST strings are composed "
            "of its test part, 5 or 1 to 20 digits.",
            table(numbers.HEAD, numbers.string_rows(found)),
            f"{numbers.pages_title(found)}; a number is right where it stands, with all of its "
            "digits. The last four kinds are as pages come: one hand each, tight to wide, any "
            "paper, light and camera, some on their sides, with words, scribbles and specks.",
            table(numbers.PAGES_HEAD, numbers.page_rows(found)),
        ]
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _compared(real: RealReport) -> str:
    most = max(len(result.plain) for result in real.sets)
    return f"on at most {most:,} of each set" if _cut(real) else "on the same pictures"


def _cut(real: RealReport) -> bool:
    return any(len(result.plain) < result.shown for result in real.sets)


def _reliance(real: RealReport) -> list[str]:
    parts = []
    if real.digits:
        parts.append(
            "### Is it as sure there as it is right?\n\n"
            f"Over all real digits in which ink was found: ECE {real.ece:.4f}.\n\n"
            "![Reliability on real handwriting](reliability-real.png)"
        )
        if real.levels:
            parts.append(
                "Prediction sets, whose promise holds for digits that come as the calibrated ones "
                "came, and not for these:\n\n"
                + table(tables.COVERAGE_HEAD, tables.coverage_rows(real))
            )
    curve = real.tradeoff
    if curve is not None:
        refused, accepted = curve.at
        parts.append(
            "### What does refusing cost?\n\n"
            f"As it stands, {accepted:.2%} of {curve.others:,} letters, scribbles and symbols are "
            f"accepted and {refused:.2%} of {curve.digits:,} real digits refused. The curve has "
            "what other thresholds of the digitness would give. How often a digit looks more like "
            f"a digit than one of the others (AUROC): {curve.auroc:.4f}.\n\n"
            "![Others accepted against digits refused](tradeoff.png)"
        )
    return parts
