"""Filled-in forms as a CSV: one row a sheet, one column a field.

In: `Filled`s. Out: text. Writes no file. Texts that a spreadsheet would take for formulas are
quoted with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from inkdigits.forms.filling import Cell, Filled
from inkdigits.forms.template import CONFIDENCE, RESERVED, Template

#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@")


def table(template: Template, sheets: Sequence[Filled], *, confidences: bool = False) -> str:
    """The CSV.

    Columns: `sheet`, a column a field, with `confidences` another one behind each, and `doubtful`:
    the names of the doubtful cells, parted by spaces, or what is wrong with the whole sheet.
    """
    names = [it.name for it in template.fields]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [
        part for name in names for part in ((name, name + CONFIDENCE) if confidences else (name,))
    ]
    first, last = RESERVED
    writer.writerow([first, *columns, last])
    for sheet in sheets:
        values = [part for cell in sheet.cells for part in _parts(cell, confidences=confidences)]
        doubts = sheet.problem or " ".join(cell.field for cell in sheet.doubtful)
        writer.writerow([safe(sheet.sheet), *(values or [""] * len(columns)), doubts])
    return out.getvalue()


def safe(text: str) -> str:
    """A text in one line that no spreadsheet takes for a formula."""
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _parts(cell: Cell, *, confidences: bool) -> tuple[str, ...]:
    text = safe(cell.text)
    if not confidences:
        return (text,)
    return text, f"{cell.confidence:.4f}" if cell.text else ""
