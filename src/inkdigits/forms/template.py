"""What a form looks like: its fields, and what it is found by.

Values only: how they are written in a file is `notation`, how a form is found on a scan is
`registration`. Places are parts of the sheet, 0 to 1 from its left and from its top.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Literal

from inkdigits.errors import InkdigitsError
from inkdigits.rules import Rules

Anchors = Literal["print", "corners", "marks"]
#: Column names that a table of filled forms needs for itself, and what it ends its own with.
RESERVED = ("sheet", "doubtful")
CONFIDENCE = "_confidence"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
MAX_FIELDS, MAX_BOXES = 500, 64
#: Two boxes overlap when they share more than this part of the smaller one.
SHARED = 0.1
#: What rounding may take a box past the sheet's sides, and the least side of a box.
SLACK, LEAST = 2e-5, 5e-4


class TemplateError(InkdigitsError):
    """A template that is missing, malformed or contradicts itself. Code: `bad-template`."""

    code = "bad-template"


@dataclass(frozen=True)
class Area:
    """A rectangle of the sheet, in parts of its width and height: all in [0, 1]."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (self.width >= LEAST and self.height >= LEAST):  # NaN, too
            raise TemplateError(f"a box needs a width and a height of {LEAST} or more")
        right, bottom = self.x + self.width, self.y + self.height
        if not (self.x >= 0 and self.y >= 0 and right <= 1 + SLACK and bottom <= 1 + SLACK):
            raise TemplateError(
                "the box leaves the sheet: x, y, x + width and y + height are parts of it, 0 to 1"
            )

    def shared(self, other: Area) -> float:
        """How much of the smaller of two areas lies in both, 0 to 1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        tall = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        least = min(self.width * self.height, other.width * other.height)
        return max(wide, 0.0) * max(tall, 0.0) / least


@dataclass(frozen=True)
class Field:
    """A place of the form where a number is written.

    Attributes:
        name: its column in the table.
        area: where it is.
        rules: what its text must satisfy.
        boxes: of how many printed boxes, one for a digit, it consists; 0: it is one blank.
        optional: whether it may be left empty without a doubt.
    """

    name: str
    area: Area
    rules: Rules = field(default_factory=Rules)
    boxes: int = 0
    optional: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise TemplateError(
                f"{self.name[:70]!r} is no name of a field: use letters, digits, _ and -, "
                "a letter first"
            )
        if self.name in RESERVED or self.name.endswith(CONFIDENCE):
            raise TemplateError(
                f"{self.name!r} is the table's own column: choose another name for the field"
            )
        if not 0 <= self.boxes <= MAX_BOXES:
            raise TemplateError(f"boxes is a whole number from 0 to {MAX_BOXES}")


@dataclass(frozen=True)
class Template:
    """A form.

    Attributes:
        name: what the form is called.
        size: width and height of the sheet in any unit; only their ratio matters.
        fields: in the order of the table's columns.
        anchors: what it is found by: all that is printed on it (which needs `reference`), the
            corners of the sheet, or four printed marks.
        marks: the centres of those four, (x, y) in parts of the sheet: filled squares or discs.
        reference: a picture of the blank form, cut to the sheet, or `None`.
    """

    name: str
    size: tuple[int, int]
    fields: tuple[Field, ...]
    anchors: Anchors = "corners"
    marks: tuple[tuple[float, float], ...] = ()
    reference: Path | None = None

    def __post_init__(self) -> None:
        if not (self.name.strip() and self.name.isprintable() and len(self.name) <= 200):
            raise TemplateError("form is the form's name: one line of at most 200 characters")
        if min(self.size) < 1 or max(self.size) > 20 * min(self.size):
            raise TemplateError(
                "size is the sheet's width and height, whole numbers above 0, "
                "one at most 20 times the other"
            )
        if not 1 <= len(self.fields) <= MAX_FIELDS:
            raise TemplateError(f"a form has 1 to {MAX_FIELDS} fields, this one {len(self.fields)}")
        twice = _first_twice([it.name for it in self.fields])
        if twice is not None:
            raise TemplateError(f"two fields are named {twice!r}: give each a name of its own")
        if self.anchors == "print" and self.reference is None:
            raise TemplateError(
                "anchors: print needs a reference, a picture of the blank form: "
                "`inkdigits template` makes one"
            )
        self._check_marks()

    def _check_marks(self) -> None:
        if (self.anchors == "marks") != bool(self.marks):
            raise TemplateError("anchors: marks and marks: [...] need each other")
        if self.marks and len(self.marks) != 4:
            raise TemplateError(f"there are four marks, not {len(self.marks)}")
        if any(not 0 <= side <= 1 for mark in self.marks for side in mark):
            raise TemplateError("a mark is [x, y] in parts of the sheet, 0 to 1")
        if any(_flat(three) for three in combinations(self.marks, 3)):
            raise TemplateError(
                "three of the marks stand on one line: they must be the corners of a quadrangle"
            )

    @property
    def overlaps(self) -> tuple[tuple[str, str], ...]:
        """The names of fields that lie on one another, which is likely a mistake."""
        return tuple(
            (one.name, other.name)
            for one, other in combinations(self.fields, 2)
            if one.area.shared(other.area) > SHARED
        )


def _first_twice(names: Sequence[str]) -> str | None:
    lowered = [name.lower() for name in names]  # as a spreadsheet tells columns apart
    return next((n for at, n in enumerate(names) if n.lower() in lowered[:at]), None)


def _flat(three: Sequence[tuple[float, float]]) -> bool:
    (ax, ay), (bx, by), (cx, cy) = three
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) < 0.01
