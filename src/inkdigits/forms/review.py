"""The doubtful cells of filled-in forms as one HTML page, for a person to look at and correct.

In: `Filled`s. Out: HTML that needs nothing else: pictures are in it, and it asks no network for
anything. A small script saves what was typed as a CSV; without it the page is a plain listing.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.forms.filling import Cell, Filled
from inkdigits.forms.template import Template

REASONS = {
    "unsure": "not sure",
    "no_fit": "no likely reading fits the field's rules",
    "empty": "nothing is written here",
    "astray": "the print around the field is not where it should be: is this the right place?",
    "unread": "some of the ink here was not read",
    "no_number": "there is ink, but no number was read",
}
#: Most candidates that are shown, and how a crop is kept: JPEG, 0 to 100.
CANDIDATES, QUALITY = 3, 85
#: How bright the paper of a crop is made, 0 to 255, and by what factor at most.
BRIGHT, GAIN = 240, 4.0
#: Only what stands in the page itself is shown and run.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


def page(template: Template, sheets: Sequence[Filled]) -> str:
    """The page, HTML in UTF-8."""
    doubtful = [(sheet, cell) for sheet in sheets for cell in sheet.doubtful]
    failed = [sheet for sheet in sheets if sheet.problem is not None]
    title = f"To review: {template.name}"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{_summary(sheets, doubtful, failed)}</p>"]
    if failed:
        body += ["<h2>Sheets that were not read</h2>", '<ul class="failed">']
        body += [f"<li><b>{escape(it.sheet)}</b> {escape(it.remark)}</li>" for it in failed]
        body.append("</ul>")
    if doubtful:
        body.append(_bar())
    for sheet in sheets:
        if sheet.doubtful:
            body.append(f"<section><h2>{escape(sheet.sheet)}</h2>")
            body += [_card(sheet.sheet, cell) for cell in sheet.doubtful]
            body.append("</section>")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_part('review.css')}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + (f"\n<script>\n{_part('review.js')}</script>" if doubtful else "")
        + "\n</body>\n</html>\n"
    )


def _part(name: str) -> str:
    return resources.files("inkdigits.forms").joinpath(name).read_text(encoding="utf-8")


def _summary(
    sheets: Sequence[Filled], doubtful: Sequence[tuple[Filled, Cell]], failed: Sequence[Filled]
) -> str:
    cells = sum(len(sheet.cells) for sheet in sheets)
    words = f"{_many(len(doubtful), 'doubtful cell')} of {cells:,} on {_many(len(sheets), 'sheet')}"
    words += f"; {_many(len(failed), 'sheet')} could not be read" if failed else ""
    return words + "." + ("" if doubtful or failed else " There is nothing to review.")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _bar() -> str:
    return (
        '<div class="bar" hidden><button type="button" id="save">Save corrections</button> '
        '<output id="typed"></output> <span class="hint">Type what you read; Enter goes to the '
        "next, Enter with Shift back. Leave right ones as they are.</span></div>"
    )


def _card(sheet: str, cell: Cell) -> str:
    label = f"{cell.field} on {sheet}"
    picture = "" if cell.seen is None else _image(cell.seen, label)
    read = escape(cell.text) if cell.text else "<i>nothing</i>"
    sure = f" <small>{cell.confidence:.0%}</small>" if cell.text else ""
    reason = REASONS.get(cell.reason or "", cell.reason or "")
    return (
        f'<article><h3>{escape(cell.field)}</h3>{picture}<div class="read">Read: <b>{read}</b>'
        f'{sure}<p class="why">{escape(reason)}{_others(cell)}</p></div>'
        f'<input type="text" inputmode="numeric" autocomplete="off" spellcheck="false" '
        f'aria-label="{escape(label)}" value="{escape(cell.text)}" '
        f'data-sheet="{escape(sheet)}" data-field="{escape(cell.field)}" '
        f'data-read="{escape(cell.text)}"></article>'
    )


def _others(cell: Cell) -> str:
    others = [(text, p) for text, p in cell.candidates if text != cell.text][:CANDIDATES]
    if not others:
        return ""
    listed = ", ".join(f"{escape(text)} <small>{p:.0%}</small>" for text, p in others)
    return f"; or {listed}"


def _image(seen: NDArray[np.uint8], label: str) -> str:
    gain = min(BRIGHT / max(float(np.percentile(seen, 90)), 1.0), GAIN)  # out of the shadow
    bright = cv2.convertScaleAbs(seen, alpha=max(gain, 1.0))
    _, data = cv2.imencode(".jpg", bright, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    height, width = seen.shape
    code = base64.b64encode(data.tobytes()).decode("ascii")
    return (
        f'<img alt="{escape(label)}" width="{width}" height="{height}" '
        f'src="data:image/jpeg;base64,{code}">'
    )
