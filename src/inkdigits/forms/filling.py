"""What filled-in forms say.

In: a template, a reader of numbers, pictures. Out: a `Filled` for each, whatever was wrong with it.
Where the form and its fields are is `registration`'s and `cleaning`'s business, and reading is the
recogniser's; this knows only what is doubtful.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from inkdigits import image
from inkdigits.errors import ArrayError, ImageError, InkdigitsError
from inkdigits.forms.cleaning import Cleaner, Sheet, Writing
from inkdigits.forms.registration import Finder
from inkdigits.forms.template import Field, Template
from inkdigits.image import ImageSource, Limits
from inkdigits.results import Number
from inkdigits.rules import Rules

Reason = Literal["unsure", "no_fit", "empty", "no_number", "unread", "astray"]
#: A cell is doubtful when its text is less sure than this, though a number on a page would be
#: accepted: a table should be right; or when less than this part of its ink was read.
SURE, READ = 0.9, 0.85
#: The `problem` of a picture that does not show the form.
NOT_FOUND = "not_found"


class ReadsNumbers(Protocol):
    """What a form is read with: a `Recognizer`."""

    def read_number(self, source: ImageSource, /, *, rules: Rules | None = None) -> Number | None:
        """The one number that a picture shows."""


@dataclass(frozen=True)
class Cell:
    """A field of one sheet, as it was read.

    Attributes:
        field: its name.
        text: what it says; empty where nothing is written, or nothing that is a number.
        confidence: how likely the text is right, 0 to 1.
        accepted: whether to act on the text; where not, `reason` says why.
        reason: `unsure`; `no_fit`, no likely reading satisfies the field's rules; `empty`, and the
            field is not optional; `no_number`, there is ink, but no number; `unread`, some of the
            ink is in no digit that was read; `astray`, the print around the field is not where
            it should be (a crease, a thumb, another version of the form); or `None`.
        candidates: the likeliest texts with their probabilities.
        seen: (h, w) uint8, the field as the picture shows it, where it is doubtful, else `None`;
            not part of equality.
    """

    field: str
    text: str
    confidence: float
    accepted: bool
    reason: Reason | None
    candidates: tuple[tuple[str, float], ...] = ()
    seen: NDArray[np.uint8] | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Filled:
    """One sheet.

    Attributes:
        sheet: the name of its picture.
        cells: one a field, in the template's order; none where there is a `problem`.
        problem: `not_found`, or the code of an error; `None` where the sheet was read.
        remark: the problem in one sentence.
        score: how much of the form's print was seen, 0 to 1.
    """

    sheet: str
    cells: tuple[Cell, ...]
    problem: str | None = None
    remark: str = ""
    score: float = 0.0

    @property
    def doubtful(self) -> tuple[Cell, ...]:
        """The cells that a person should look at."""
        return tuple(cell for cell in self.cells if not cell.accepted)


class FormReader:
    """Reads the sheets of one form."""

    def __init__(self, template: Template, reader: ReadsNumbers) -> None:
        """Prepare for a form.

        Raises:
            TemplateError: the template's reference cannot be used.
        """
        self.template = template
        self._reader = reader
        self._finder = Finder(template)
        self._cleaner = Cleaner(self._finder.reference)

    def read(
        self, source: ImageSource | InkdigitsError, name: str, limits: Limits | None = None
    ) -> Filled:
        """Read one sheet; what is wrong with it is in the answer, not raised.

        Args:
            source: its picture, or why there is none.
            name: what it is called.
            limits: sizes to refuse; `None` for the usual ones.
        """
        if isinstance(source, InkdigitsError):
            return Filled(name, (), source.code, str(source))
        try:
            picture = image.load(source, limits)
            where = self._finder.find(picture)
        except (ImageError, ArrayError) as error:
            return Filled(name, (), error.code, str(error))
        if where is None:
            remark = f"This is not the form {self.template.name!r}, or too little of it is seen."
            return Filled(name, (), NOT_FOUND, remark)
        sheet = self._cleaner.sheet(where)
        try:
            cells = tuple(self._cell(sheet, it) for it in self.template.fields)
        except InkdigitsError as error:
            return Filled(name, (), error.code, str(error))
        return Filled(name, cells, score=where.score)

    def _cell(self, sheet: Sheet, it: Field) -> Cell:
        writing = sheet.writing(it)
        seen = np.round(writing.seen.clip(0, 1) * 255).astype(np.uint8)
        if writing.blank:
            reason: Reason | None = None if it.optional else "empty"
            if writing.astray:
                reason = "astray"
            kept = None if reason is None else seen
            return Cell(it.name, "", 0.0, reason is None, reason, seen=kept)
        shown = _clean(writing)
        number = self._reader.read_number(shown, rules=_rules(it))
        if number is None:
            return Cell(it.name, "", 0.0, False, "no_number", seen=seen)
        reason = _doubt(writing, number)
        return Cell(
            it.name,
            number.text,
            number.confidence,
            reason is None,
            reason,
            number.candidates,
            # of thousands of sheets, only what is to be reviewed is kept
            None if reason is None else seen,
        )


def _doubt(writing: Writing, number: Number) -> Reason | None:
    """What speaks against a number that was read."""
    if writing.astray:
        return "astray"
    if number.reason is not None:
        return number.reason
    if number.confidence < SURE:
        return "unsure"
    return "unread" if _covered(writing.ink, number) < READ else None


def _covered(ink: NDArray[np.float32], number: Number) -> float:
    """How much of the ink lies within what was read, 0 to 1."""
    inked = ink > 0.4
    within = np.zeros_like(inked)
    boxes = [it.box for it in number.digits] + [it.box for it in number.separators]
    for box in boxes:
        if box is not None:
            left, top = max(box.x - 1, 0), max(box.y - 1, 0)
            within[top : box.y + box.height + 1, left : box.x + box.width + 1] = True
    return float(within[inked].mean()) if inked.any() else 1.0


def _clean(writing: Writing) -> NDArray[np.float32]:
    """The writing on white paper."""
    return np.asarray(1 - 0.9 * writing.ink, np.float32)


def _rules(it: Field) -> Rules:
    """A field's rules; a row of boxes holds a digit in each at most."""
    if it.boxes and it.rules.length is None and it.rules.pattern is None:
        return replace(it.rules, length=(1, it.boxes))
    return it.rules
