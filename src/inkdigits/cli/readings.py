"""What was read of pictures, as JSON, as CSV, and as a table for people."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inkdigits.errors import InkdigitsError
from inkdigits.results import Number, Reading

COLUMNS = (
    *("file", "page", "line", "text", "confidence", "accepted", "reason"),
    *("x", "y", "width", "height"),
)


@dataclass(frozen=True)
class Answer:
    """A file, or a page of it, and what was read there, or why nothing was."""

    name: str
    page: int | None
    said: Reading | InkdigitsError


def rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """JSON-ready dicts, one a picture."""
    return [
        {
            "source": answer.name,
            "page": answer.page,
            **(
                {"error": {"code": answer.said.code, "message": str(answer.said)}}
                if isinstance(answer.said, InkdigitsError)
                else answer.said.to_dict()
            ),
        }
        for answer in answers
    ]


def table(answers: Sequence[Answer]) -> str:
    """A CSV of one row a number; boxes in pixels of the upright picture, lines from 0."""
    from inkdigits.forms.table import safe

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for answer in answers:
        if isinstance(answer.said, InkdigitsError):
            continue
        name = answer.name if answer.name == "-" else safe(answer.name)
        for it in answer.said.numbers:
            fate = (f"{it.confidence:.4f}", str(it.accepted).lower(), it.reason or "")
            box = (it.box.x, it.box.y, it.box.width, it.box.height)
            page = "" if answer.page is None else answer.page
            writer.writerow([name, page, it.line, safe(it.text), *fate, *box])
    return text.getvalue()


def show(answers: Sequence[Answer]) -> None:
    """Print a table of all numbers in reading order, and how many there are."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    paged = any(answer.page is not None for answer in answers)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("Picture", overflow="fold")
    if paged:
        shown.add_column("Page", justify="right")
    shown.add_column("Line", justify="right")
    shown.add_column("Number", justify="right", overflow="fold")
    shown.add_column("Confidence", justify="right")
    shown.add_column("Remark", overflow="fold")
    for answer in answers:
        page = () if not paged else ("" if answer.page is None else str(answer.page),)
        head: tuple[Text | str, ...] = (Text(answer.name), *page)
        if isinstance(answer.said, InkdigitsError):
            shown.add_row(*head, "", "", "", Text(str(answer.said), style="red"))
            continue
        remark = _about(answer.said)
        if not answer.said.numbers:
            shown.add_row(*head, "", "-", "", Text(remark, style="yellow"))
        line = None
        for it in answer.said.numbers:
            words = "; ".join(filter(None, (doubt(it), remark)))
            shown.add_row(
                *head,
                "" if it.line == line else str(it.line + 1),
                Text(it.text, style="bold" if it.accepted else "dim"),
                _percent(it.confidence),
                Text(words, style="yellow"),
            )
            head, remark, line = ("",) * len(head), "", it.line
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(shown)
    console.print(Text(summary(answers), style="dim"))


def summary(answers: Sequence[Answer]) -> str:
    """How many numbers there are, how many are doubtful, and what was left out."""
    read = [answer.said for answer in answers if isinstance(answer.said, Reading)]
    numbers = [number for it in read for number in it.numbers]
    words = f"{_count(len(numbers), 'number')} on {_count(len(read), 'picture')}"
    doubtful = sum(not number.accepted for number in numbers)
    words += f", {doubtful:,} of them doubtful" if doubtful else ""
    left = sum(it.left_out for it in read)
    words += f"; {_count(left, 'piece')} of writing left out as no number" if left else ""
    failed = len(answers) - len(read)
    return words + (f"; {failed:,} could not be read." if failed else ".")


def doubt(number: Number) -> str:
    """Why a number was not accepted, in words; nothing where it was."""
    if number.reason == "no_fit":
        return "no likely reading satisfies the rules"
    if number.reason is None:
        return ""
    others = [text for text, _ in number.candidates if text and text != number.text][:2]
    *most, last = (number.text, *others)
    return f"not sure: {', '.join(most)} or {last}" if most else "not sure"


def _about(reading: Reading) -> str:
    remarks = [] if reading.numbers else ["no number found"]
    if reading.turned:
        way = {90: "clockwise", 180: "upside down", 270: "counter-clockwise"}[reading.turned]
        remarks.append("upside down" if reading.turned == 180 else f"turned {way}")
    if reading.frames_ignored:
        remarks.append(f"first of {reading.frames_ignored + 1} frames")
    return "; ".join(remarks)


def _percent(share: float) -> str:
    """Never 100 % of what is not certain."""
    return f"{min(share, 0.999 if share < 1 else 1.0):.1%}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
