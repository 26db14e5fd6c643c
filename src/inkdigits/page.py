"""From a picture to all numbers on it: sheet, layout, rows, and which way is up.

In: a `Picture`. Out: `Reading`. Knows the order of the steps; `reader` reads each row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from inkdigits import ink, layout, rows, sheet
from inkdigits.image import Picture
from inkdigits.layout import Grouping
from inkdigits.reader import Reader
from inkdigits.results import Number, Reading
from inkdigits.rules import Rules
from inkdigits.sheet import Sheet

#: A page is upright without a second look when its digits are so sure on average, and at least
#: this share of its rows are numbers. Upside down, most digits still look like some digit.
SURE, ALL = 0.97, 0.9
#: Another way up must be so sure, with so many numbers, and worth so much more.
LIKELY, MOSTLY, BETTER = 0.8, 0.5, 1.1
#: So many groups of marks are read of a page; further ones, below them, are left out.
MOST = 400


@dataclass(frozen=True)
class _Look:
    """What was read of a page turned one way."""

    numbers: tuple[Number, ...]
    left_out: int
    turned: int

    @property
    def digits(self) -> list[float]:
        return [digit.confidence for number in self.numbers for digit in number.digits]

    def sure(self, confidence: float, share: float) -> bool:
        """Whether digits are so sure on average, and that share of the rows are numbers."""
        digits, count = self.digits, len(self.numbers)
        certain = bool(digits) and sum(digits) >= confidence * len(digits)
        return certain and count >= share * (count + self.left_out)

    @property
    def worth(self) -> float:
        """How many digits are likely right, those that are likely wrong taken off."""
        return sum(2 * confidence - 1 for confidence in self.digits)


def read(
    picture: Picture, reader: Reader, *, group: Grouping, rules: Rules, turn: bool = True
) -> Reading:
    """Read all numbers of a picture.

    Args:
        picture: as it was decoded.
        reader: reads each row.
        group: which digits of a line are one number; see `layout.find`.
        rules: what each number must satisfy.
        turn: whether to try the other three ways up where this one makes little sense.
    """
    flat = sheet.flatten(picture)
    best = _look(flat, 0, reader, group, rules)
    if turn and not best.sure(SURE, ALL) and (best.numbers or best.left_out):
        best = _best_way(best, flat, reader, group, rules)
    height, width = picture.pixels.shape
    return Reading(
        best.numbers,
        round(width * picture.scale),
        round(height * picture.scale),
        reader.name,
        reader.version,
        best.left_out,
        best.turned,
        picture.frames_ignored,
    )


def _best_way(upright: _Look, flat: Sheet, reader: Reader, group: Grouping, rules: Rules) -> _Look:
    """Try the page upside down, and where that makes no sense either, on its sides."""
    best = upright
    for turns in (2, 1, 3):
        look = _look(flat, turns, reader, group, rules)
        if look.sure(LIKELY, MOSTLY) and look.worth > BETTER * best.worth:
            best = look
        if turns == 2 and best.sure(SURE, MOSTLY):
            break
    return best


def _look(flat: Sheet, turned: int, reader: Reader, group: Grouping, rules: Rules) -> _Look:
    """Read a sheet after so many quarter turns, counter-clockwise."""
    way = sheet.turned(flat, turned)
    found = layout.find(way.picture, group)
    numbers: list[Number] = []
    left_out = found.left_out
    line = 0
    room = MOST
    for row in found.lines:
        left_out += max(len(row) - room, 0)
        read = [reader.read(group_row, rules, line) for group_row in row[:room]]
        room -= len(read)
        kept = [_moved(number, way) for number in read if number is not None]
        left_out += len(read) - len(kept)
        numbers += kept
        line += bool(kept)
    return _Look(tuple(numbers), left_out, 90 * turned)


def _moved(number: Number, way: Sheet) -> Number:
    """The number with its boxes in the picture that was given."""
    digits = tuple(
        digit if digit.box is None else replace(digit, box=way.box(digit.box))
        for digit in number.digits
    )
    marks = tuple(replace(mark, box=way.box(mark.box)) for mark in number.separators)
    return replace(number, box=way.box(number.box), digits=digits, separators=marks)


def read_one(picture: Picture, reader: Reader, rules: Rules) -> Number | None:
    """Read the one number that a picture shows, as a form's field or a cheque's amount does."""
    row = rows.only(ink.extract(picture))
    return None if row is None else reader.read(row, rules)
