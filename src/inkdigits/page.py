"""From a picture to all numbers on it: sheet, layout, rows, and which way is up.

In: a `Picture`. Out: `Reading`. Knows the order of the steps; `reader` reads each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

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
#: So many, spread over the page, tell which way is up, or more, if those are less than so many
#: heights wide together.
FEW, SAMPLE = 8, 128.0
#: Paper has a texture from this deviation of its brightness on. It is softened by so much of the
#: picture's height, and so many pixels at most: the deviation of the blur.
TEXTURE, CALM, CALMEST = 0.001, 0.012, 0.8


@dataclass(frozen=True)
class _Look:
    """What was read of a page turned one way.

    Attributes:
        numbers: in reading order.
        missed: groups that were read and are no numbers.
        unread: marks and groups that were not.
        scale: how many groups stand for one that was read, >= 1.
    """

    numbers: tuple[Number, ...]
    missed: int
    unread: int
    scale: float

    @property
    def digits(self) -> list[float]:
        return [digit.confidence for number in self.numbers for digit in number.digits]

    @property
    def empty(self) -> bool:
        return not (self.numbers or self.missed or self.unread)

    def sure(self, confidence: float, share: float) -> bool:
        """Whether digits are so sure on average, and that share of the rows are numbers."""
        digits, count = self.digits, len(self.numbers)
        certain = bool(digits) and sum(digits) >= confidence * len(digits)
        return certain and count >= share * (count + self.missed + self.unread / self.scale)

    @property
    def worth(self) -> float:
        """How many digits are likely right, those that are likely wrong taken off."""
        return self.scale * sum(2 * confidence - 1 for confidence in self.digits)


class _Way:
    """A page turned one way: its groups, each of which is read when it is first looked at."""

    def __init__(
        self, flat: Sheet, turns: int, reader: Reader, group: Grouping, rules: Rules
    ) -> None:
        self.turned = 90 * turns
        self._sheet = sheet.turned(flat, turns)
        self._reader, self._rules = reader, rules
        found = layout.find(self._sheet.picture, group)
        groups = [(line, row) for line, rows in enumerate(found.lines) for row in rows]
        self._groups = groups[:MOST]
        self._left_out = found.left_out + len(groups[MOST:])
        self._read: dict[int, Number | None] = {}

    def sample(self) -> _Look:
        """Look at a part of a full page, spread over it; at all of another."""
        count = len(self._groups)
        shapes = (row.ink.shape for _, row in self._groups)
        width = sum(max(wide / tall, 1.0) for tall, wide in shapes)
        some = min(max(round(count * SAMPLE / max(width, 1.0)), FEW), count)
        return self._look([k * count // some for k in range(some)])

    def whole(self) -> _Look:
        """Look at every group."""
        return self._look(range(len(self._groups)))

    def _look(self, chosen: Sequence[int]) -> _Look:
        count = len(self._groups)
        read = [self._number(k) for k in chosen]
        numbers = tuple(number for number in read if number is not None)
        scale = count / len(read) if read else 1.0
        return _Look(_lines(numbers), len(read) - len(numbers), self._left_out, scale)

    def _number(self, k: int) -> Number | None:
        if k not in self._read:
            line, row = self._groups[k]
            number = self._reader.read(row, self._rules, line)
            self._read[k] = None if number is None else _moved(number, self._sheet)
        return self._read[k]


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

    def turned(turns: int) -> _Way:
        return _Way(flat, turns, reader, group, rules)

    way = _best_way(turned) if turn else turned(0)
    look = way.whole()
    height, width = picture.pixels.shape
    return Reading(
        look.numbers,
        round(width * picture.scale),
        round(height * picture.scale),
        reader.name,
        reader.version,
        look.missed + look.unread,
        way.turned,
        picture.frames_ignored,
    )


def _best_way(turned: Callable[[int], _Way]) -> _Way:
    """Try the page upside down where it makes little sense, and then on its sides."""
    best = turned(0)
    seen = best.sample()
    if seen.sure(SURE, ALL) or seen.empty:
        return best
    for turns in (2, 1, 3):
        way = turned(turns)
        look = way.sample()
        if look.sure(LIKELY, MOSTLY) and look.worth > BETTER * seen.worth:
            best, seen = way, look
        if turns == 2 and seen.sure(SURE, MOSTLY):
            break
    return best


def _lines(numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    """The numbers with their lines counted anew, without those that show none."""
    places = {line: k for k, line in enumerate(sorted({number.line for number in numbers}))}
    return tuple(replace(number, line=places[number.line]) for number in numbers)


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
    row = rows.only(ink.extract(calmed(picture)))
    return None if row is None else reader.read(row, rules)


def calmed(picture: Picture) -> Picture:
    """The picture with its paper's texture softened, by less than a stroke of a pen is wide.

    What is drawn by a program has no texture, and stays as sharp as it is.
    """
    pixels = picture.pixels
    if ink.noise(pixels) < TEXTURE:
        return picture
    sigma = min(CALM * pixels.shape[0], CALMEST)
    return replace(picture, pixels=np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.float32))
