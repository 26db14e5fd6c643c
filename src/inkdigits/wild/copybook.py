"""A table of forms as text -> `Form` objects.

In: text, two kinds of line. `LETTER: STYLE; WEIGHT` opens a form, its weight saying how common it
is; `; LOW HIGH` after it are the limits of its width over its height, `; as drawn` leaves the
width alone. `- X,Y X,Y! / X,Y ...` is a skeleton: points in hundredths of the height, y down, `!`
a corner, `/` a new stroke; a line without `-` continues the one above. Several skeletons of a form
are extremes between which hands vary. Out: letter -> style -> form. Knows nothing of what is
written.
"""

from __future__ import annotations

from inkdigits.wild.pen import ASPECTS, Form, form


def read(text: str) -> dict[str, dict[str, Form]]:
    """Parse a table; the order is kept."""
    heads: list[str] = []
    skeletons: list[list[str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("- "):
            skeletons[-1].append(line[2:])
        elif ":" in line:
            heads.append(line)
            skeletons.append([])
        else:
            skeletons[-1][-1] += " " + line
    table: dict[str, dict[str, Form]] = {}
    for head, texts in zip(heads, skeletons, strict=True):
        letter, _, rest = head.partition(":")
        name, weight, *more = (part.strip() for part in rest.split(";"))
        aspects = _aspects(more[0]) if more else ASPECTS
        table.setdefault(letter, {})[name] = form(texts, float(weight), aspects)
    return table


def _aspects(text: str) -> tuple[float, float] | None:
    if text == "as drawn":
        return None
    low, high = map(float, text.split())
    return low, high
