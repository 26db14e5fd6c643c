"""`inkdigits explain`: why a digit is read as it is, in words, in colours and as a picture."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import numpy as np

from inkdigits import Recognizer
from inkdigits.data.output import check_target, write_all
from inkdigits.explain import Explanation
from inkdigits.heatmap import coloured
from inkdigits.image import UNLIMITED

_DIGIT = click.IntRange(0, 9)
_REFUSED = {
    "unsure": "it is unsure",
    "not_a_digit": "it looks like no digit",
    "several_digits": "it looks like several digits",
}


@click.command("explain")
@click.argument("picture", metavar="PICTURE")
@click.option("--digit", type=_DIGIT, help="Which answer to explain.  [default: the one given]")
@click.option("--against", type=_DIGIT, help="Compare with this digit.  [default: all others]")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write a PNG here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--model", default="standard", show_default=True, help="A shipped model or an ONNX file."
)
@click.option("--no-limits", is_flag=True, help="Read a picture of any size.")
def command(
    picture: str,
    digit: int | None,
    against: int | None,
    out: Path | None,
    as_json: bool,
    model: str,
    no_limits: bool,
) -> None:
    """Say why the one digit on PICTURE (a file, or - for standard input) is read as it is.

    Small patches of its ink are taken away, one after the other, and what that changes is shown:
    orange where the ink speaks for the answer, blue where it speaks against it.
    """
    if out is not None:
        check_target(out, sources=[Path(picture)], force=True)
    source = sys.stdin.buffer if picture == "-" else Path(picture)
    limits = UNLIMITED if no_limits else None
    found = Recognizer.load(model).explain(source, digit=digit, against=against, limits=limits)
    if out is not None:
        write_all({out: found.picture()})
    if as_json:
        click.echo(json.dumps({"source": picture, **found.to_dict()}))
        return
    if sys.stdout.isatty():
        click.echo(blocks(found))
    for line in sentences(found):
        click.echo(line)
    if out is not None:
        click.echo(f"Picture: {out}")


def sentences(found: Explanation) -> list[str]:
    """What there is to say, a sentence a line."""
    read = found.prediction
    if found.digit is None:
        return ["There is no ink to explain."]
    answer = f"Read as {read.digit}, {read.confidence:.1%} sure"
    refused = "." if read.accepted else f", but not accepted: {_REFUSED.get(read.reason or '')}."
    other = "any other digit" if found.against is None else f"{found.against}"
    lines = [answer + refused, _strongest(found, other)]
    if found.rival is not None:
        it = found.rival
        where = place(it.patch.x + it.patch.width / 2, it.patch.y + it.patch.height / 2)
        becomes = f"{it.before:.1%} to {it.after:.1%}"
        wins = ", and it would be read so" if it.wins else ""
        lines.append(f"Without its ink {where}, {it.digit} would go from {becomes}{wins}.")
    return lines


def _strongest(found: Explanation, other: str) -> str:
    y, x = map(int, np.unravel_index(found.evidence.argmax(), found.evidence.shape))
    if found.evidence[y, x] <= 0:
        return f"No part of the ink speaks for {found.digit} rather than {other}."
    return f"What speaks most for {found.digit} rather than {other} is the ink {place(x, y)}."


def place(x: float, y: float) -> str:
    """Where a pixel of 28x28 lies, in words."""
    rows, columns = ("at the top", "in the middle", "at the bottom"), ("left", "", "right")
    row, column = rows[min(2, int(y * 3 / 28))], columns[min(2, int(x * 3 / 28))]
    return f"{row} {column}".strip()


def blocks(found: Explanation) -> str:
    """The picture in the terminal: two pixels a character."""
    seen = found.prediction.seen
    if seen is None:
        return ""
    pixels = coloured(seen, found.evidence)
    lines = []
    for upper, lower in zip(pixels[::2], pixels[1::2], strict=True):
        pairs = zip(upper.tolist(), lower.tolist(), strict=True)
        lines.append("".join(click.style("▀", fg=tuple(up), bg=tuple(low)) for up, low in pairs))
    return "\n".join(lines) + "\n"
