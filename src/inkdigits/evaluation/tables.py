"""What an evaluation found, as rows of words, for a terminal and for a page alike.

In: results. Out: heads and rows of text. Draws no borders.
"""

from __future__ import annotations

from inkdigits.evaluation.framed import Curve, Framing
from inkdigits.evaluation.metrics import Score, wilson
from inkdigits.evaluation.readings import REASONS
from inkdigits.evaluation.report import Report
from inkdigits.evaluation.setresult import RealReport, SetResult, share

Row = tuple[str, ...]

DIGITS_HEAD = (
    *("set", "shown", "plain reader", "read rightly", "95 % interval"),
    *("accepted", "right when accepted"),
)
OTHERS_HEAD = ("set", "shown", "accepted by plain reader", "accepted", "95 % interval")
REFUSALS_HEAD = ("set", "refused", *(reason.replace("_", " ") for reason in REASONS))
COVERAGE_HEAD = ("prediction sets of", "hold the true digit", "digits in a set")
FRAMING_HEAD = ("varied", "over", "worst", "plain reader's worst")


def score_rows(report: Report) -> list[Row]:
    """Label, precision, recall, F1 and support of each digit, then of the two means."""
    named = {str(digit): score for digit, score in enumerate(report.digits)}
    named |= {"macro": report.macro, "weighted": report.weighted}
    return [_scores(label, score) for label, score in named.items()]


def digit_rows(real: RealReport) -> list[Row]:
    """The rows under `DIGITS_HEAD`: each set of digits, their mean, and the worst."""
    rows = [_digits(result) for result in real.digits]
    mean, plain = real.mean_accuracy, real.plain_mean_accuracy
    if mean is not None and plain is not None:
        rows.append(("mean of the six", "", f"{plain:.2%}", f"{mean:.2%}", "", "", ""))
    if real.worst is not None and len(real.digits) > 1:
        worst = real.worst
        rows.append((f"worst: {worst.name}", "", "", f"{worst.accuracy:.2%}", "", "", ""))
    return rows


def other_rows(real: RealReport) -> list[Row]:
    """The rows under `OTHERS_HEAD`: of each set of what is no digit, the share accepted."""
    return [
        (
            result.name,
            f"{result.shown:,}",
            f"{result.plain_false_accepts:.2%}",
            f"{result.false_accepts:.2%}",
            _interval(result.accepted, result.shown),
        )
        for result in real.others
    ]


def refusal_rows(real: RealReport) -> list[Row]:
    """The rows under `REFUSALS_HEAD`: of each set, the share refused, in all and by reason."""
    return [
        (
            result.name,
            f"{share(result.shown - result.accepted, result.shown):.2%}",
            *(f"{share(count, result.shown):.2%}" for count in result.ours.refusals.values()),
        )
        for result in real.sets
    ]


def coverage_rows(real: RealReport) -> list[Row]:
    """The rows under `COVERAGE_HEAD`: what was asked, what came of it, and its price."""
    return [(f"{it.level:.1%}", f"{it.covered:.2%}", f"{it.size:.2f}") for it in real.coverage]


def framing_rows(framing: Framing) -> list[Row]:
    """The rows under `FRAMING_HEAD`: each axis, how far it goes, where either reader is worst."""
    return [_extremes(curve, framing) for curve in framing.curves]


def curve_rows(curve: Curve, framing: Framing) -> list[Row]:
    """Value, share read rightly by the plain reader and by ours, and accepted, a row a value."""
    columns = (framing.shares(c) for c in (curve.plain_right, curve.right, curve.accepted))
    return [
        (curve.axis.show(value), *(f"{part:.1%}" for part in parts))
        for value, *parts in zip(curve.axis.values, *columns, strict=True)
    ]


def _digits(result: SetResult) -> Row:
    kept = f"{result.accepted_right / result.accepted:.2%}" if result.accepted else "-"
    return (
        result.name,
        f"{result.shown:,}",
        f"{result.plain_accuracy:.2%}",
        f"{result.accuracy:.2%}",
        _interval(result.right, result.shown),
        f"{share(result.accepted, result.shown):.2%}",
        kept,
    )


def _extremes(curve: Curve, framing: Framing) -> Row:
    axis, values = curve.axis, curve.axis.values
    names = isinstance(values[0], str)
    over = f"{len(values)}" if names else f"{axis.show(values[0])} to {axis.show(values[-1])}"
    cells = []
    for counts in (curve.right, curve.plain_right):
        least = min(range(len(values)), key=lambda k: counts[k])
        cells.append(f"{framing.shares(counts)[least]:.1%} at {axis.show(values[least])}")
    return (axis.name, over, *cells)


def _interval(part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _scores(label: str, score: Score) -> Row:
    shares = (f"{value:.2%}" for value in (score.precision, score.recall, score.f1))
    return (label, *shares, f"{score.support:,}")
