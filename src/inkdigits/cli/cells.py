"""Cells of a CSV that no spreadsheet takes for a formula.

In: what goes into a cell. Out: the same in one line, with an apostrophe before what would be one,
as OWASP has it ("CSV Injection").
"""

from __future__ import annotations

#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: object) -> object:
    """A text in one line that begins no formula; anything else, and numbers, as they are."""
    if not isinstance(cell, str):
        return cell
    line = "".join(sign if sign.isprintable() else " " for sign in cell)
    return f"'{line}" if cell.startswith(FORMULA) else line
