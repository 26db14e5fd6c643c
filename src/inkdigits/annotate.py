"""A reading drawn on its picture.

In: a picture and what was read on it. Out: the picture in colour with a box around each number
and each digit, its text beside it, and a legend. Does not know how it was read.

How likely a number is right is told by colour, dark to bright, which every eye tells apart; whether
it was accepted by the line: whole, or dashed with a question mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from PIL import Image, ImageDraw, ImageFont

from inkdigits import image
from inkdigits.image import ImageSource, Limits
from inkdigits.results import Box, Number, Reading

#: Longer side of the drawing, pixels: a smaller picture is enlarged, a larger one reduced.
SMALLEST, LARGEST = 700, 2400
#: Its width, pixels, at least: a label must fit.
NARROWEST = 420
#: From which confidence on a colour is used: of cividis (Nuñez et al., PLOS ONE 2018), which is
#: ordered by brightness, and looks alike to those who do not tell red from green.
COLOURS = (
    (0.99, (0, 50, 110), "99 % and more"),
    (0.90, (60, 110, 160), "90 to 99 %"),
    (0.50, (190, 175, 90), "50 to 90 %"),
    (0.00, (255, 233, 70), "less"),
)
_WHITE, _BLACK, _INK = (255, 255, 255), (0, 0, 0), (40, 40, 40)
_REASONS = {"unsure": "?", "no_fit": "? no fit"}
Colour = tuple[int, int, int]
Rect = tuple[float, float, float, float]  # left, top, right, bottom


def annotated(source: ImageSource, reading: Reading, limits: Limits | None = None) -> Image.Image:
    """Draw what was read on a picture.

    Args:
        source: the picture that `reading` came of, as `inkdigits.image.load` takes it.
        reading: what was read.
        limits: sizes to refuse; `None` for the usual ones.

    Returns:
        An RGB picture, somewhat larger than the given one where that is small.

    Raises:
        ImageError, ArrayError: the picture cannot be read.
    """
    picture = image.colour(source, limits)
    return _Drawing(picture, reading).finished()


@dataclass(frozen=True)
class _Style:
    colour: Colour
    text: Colour
    dashed: bool


class _Drawing:
    """The canvas: the picture with a margin for labels, and a legend below it."""

    def __init__(self, picture: Image.Image, reading: Reading) -> None:
        longer = max(picture.size)
        scale = min(max(1.0, SMALLEST / longer), LARGEST / longer)
        width, height = (max(1, round(side * scale)) for side in picture.size)
        self._reading = reading
        # boxes are in pixels of the picture as it was read
        self._scale = (width / max(reading.width, 1), height / max(reading.height, 1))
        self._stroke = max(2, round(max(width, height) / 400))
        self._font = self._letters(height)
        self._margin = round(self._line_height(self._font) + 4 * self._stroke)
        across = max(width + 2 * self._margin, NARROWEST)
        self._legend = _Legend(reading, across, max(width, height))
        self._bottom = height + 2 * self._margin
        self._canvas = Image.new("RGB", (across, self._bottom + self._legend.height), _WHITE)
        resized = picture.resize((width, height), Image.Resampling.BICUBIC)
        self._canvas.paste(resized, (self._margin, self._margin))
        self._pen = ImageDraw.Draw(self._canvas)

    def finished(self) -> Image.Image:
        """The whole drawing."""
        for number in self._reading.numbers:
            self._boxes(number)
        whole = [self._placed(number.box) for number in self._reading.numbers]
        labels: list[Rect] = []
        for k, number in enumerate(self._reading.numbers):
            labels.append(self._label(number, whole[k], whole[:k] + whole[k + 1 :], labels))
        self._legend.draw(self._pen, self._bottom)
        return self._canvas

    def _letters(self, height: int) -> ImageFont.FreeTypeFont:
        """Smaller than the digits, but always to be read, and never the whole picture."""
        heights = [number.box.height * self._scale[1] for number in self._reading.numbers]
        size = 0.4 * median(heights) if heights else 16
        return _font(min(max(size, 15), max(0.06 * height, 22)))

    @staticmethod
    def _line_height(font: ImageFont.FreeTypeFont) -> float:
        _, top, _, bottom = font.getbbox("0?%")
        return float(bottom - top) * 1.5

    def _placed(self, box: Box) -> Rect:
        across, down = self._scale
        left, top = self._margin + box.x * across, self._margin + box.y * down
        return left, top, left + box.width * across, top + box.height * down

    def _boxes(self, number: Number) -> None:
        style = _style(number.confidence, accepted=number.accepted)
        for digit in number.digits:
            if digit.box is not None and len(number.digits) > 1:
                one = _style(digit.confidence, accepted=digit.accepted)
                width = max(1, self._stroke // 2)
                self._frame(_grown(self._placed(digit.box), width), one, width)
        self._frame(_grown(self._placed(number.box), 2 * self._stroke), style, self._stroke)

    def _frame(self, rect: Rect, style: _Style, width: int) -> None:
        """A rectangle seen on any ground: whole lines are cased in white, dashes in black."""
        left, top, right, bottom = rect
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        if style.dashed:
            for start, end in _dashes(corners, 5 * width):
                self._pen.line([start, end], _BLACK, width + 2)
                self._pen.line([start, end], style.colour, width)
            return
        self._pen.line(corners, _WHITE, width + 2, joint="curve")
        self._pen.line(corners, style.colour, width, joint="curve")

    def _label(
        self, number: Number, own: Rect, others: Sequence[Rect], labels: Sequence[Rect]
    ) -> Rect:
        words = f"{number.text}  {_percent(number.confidence)}"
        if number.reason is not None:
            words += f" {_REASONS[number.reason]}"
        style = _style(number.confidence, accepted=number.accepted)
        pad, gap = self._stroke + 2, 3 * self._stroke
        wide = self._pen.textlength(words, self._font) + 2 * pad
        tall = self._line_height(self._font)
        left, top, right, bottom = own
        middle = (top + bottom - tall) / 2
        corners = [
            *((left - gap, top - gap - tall), (right - wide + gap, top - gap - tall)),
            *((left - gap, bottom + gap), (right - wide + gap, bottom + gap)),
            *((right + gap, middle), (left - gap - wide, middle)),
        ]
        places = [self._within(x, y, wide, tall) for x, y in corners]
        # its own box may be covered least of all: what was read must be seen beside the text
        taken = [own, own, *others, *labels, *labels]
        best = min(places, key=lambda place: sum(_shared(place, it) for it in taken))
        self._pen.rounded_rectangle(best, pad, style.colour, _WHITE, max(1, self._stroke // 2))
        self._pen.text(
            ((best[0] + best[2]) / 2, (best[1] + best[3]) / 2),
            words,
            style.text,
            self._font,
            anchor="mm",
        )
        return best

    def _within(self, x: float, y: float, wide: float, tall: float) -> Rect:
        x = min(max(x, 1), max(self._canvas.width - wide - 2, 1))
        y = min(max(y, 1), max(self._bottom - tall - 2, 1))
        return x, y, x + wide, y + tall


class _Legend:
    """What colours and lines mean, and how many numbers there are, in rows of a given width."""

    def __init__(self, reading: Reading, width: int, side: int) -> None:
        self._font = _font(min(max(side / 60, 14), 30))
        self._unit = self._font.getbbox("0g")[3] * 1.3
        doubtful = sum(not number.accepted for number in reading.numbers)
        count = len(reading.numbers)
        words = f"{count} number{'s' * (count != 1)}" if count else "No number was found"
        words += f", {doubtful} to look at (dashed, ?)" if doubtful else ""
        words += f"; {reading.left_out} left out" if reading.left_out else ""
        entries: list[tuple[Colour | None, str]] = [(None, words)]
        entries += [(colour, name) for _, colour, name in COLOURS] if count else []
        self._rows: list[list[tuple[Colour | None, str, float]]] = [[]]
        x = self._unit / 2
        for colour, name in entries:
            wide = self._font.getlength(name) + self._unit * (3 if colour else 1.5)
            if self._rows[-1] and x + wide > width:
                self._rows.append([])
                x = self._unit / 2
            self._rows[-1].append((colour, name, x))
            x += wide
        self.height = round(self._unit * (1.4 * len(self._rows) + 0.6))

    def draw(self, pen: ImageDraw.ImageDraw, top: int) -> None:
        unit = self._unit
        for number, row in enumerate(self._rows):
            y = top + unit * (0.3 + 1.4 * number)
            for colour, name, left in row:
                x = left
                if colour is not None:
                    pen.rectangle((x, y + unit * 0.1, x + 1.4 * unit, y + 0.9 * unit), colour, _INK)
                    x += 1.8 * unit
                pen.text((x, y + unit / 2), name, _INK, self._font, anchor="lm")


def _style(confidence: float, *, accepted: bool) -> _Style:
    colour = next(colour for least, colour, _ in COLOURS if confidence >= least)
    bright = sum(colour) > 400
    return _Style(colour, _BLACK if bright else _WHITE, not accepted)


def _percent(share: float) -> str:
    """Whole per cent; never 100 of what is not certain, never 0 of what is possible."""
    if share >= 0.995:
        return ">99 %"
    return "<1 %" if share < 0.005 else f"{100 * share:.0f} %"


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(round(size))
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow comes with FreeType"
    return font


def _grown(rect: Rect, by: float) -> Rect:
    return rect[0] - by, rect[1] - by, rect[2] + by, rect[3] + by


def _shared(one: Rect, other: Rect) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(tall, 0.0)


def _dashes(
    corners: Sequence[tuple[float, float]], dash: float
) -> Iterable[tuple[tuple[float, float], tuple[float, float]]]:
    """Dashes along a line of straight parts, as many as fit, with gaps of the same length."""
    for (x, y), (to_x, to_y) in pairwise(corners):
        length = max(abs(to_x - x), abs(to_y - y))
        count = max(1, round(length / (2 * dash)))
        step = ((to_x - x) / (2 * count), (to_y - y) / (2 * count))
        for k in range(count):
            start = (x + step[0] * (2 * k + 0.5), y + step[1] * (2 * k + 0.5))
            yield start, (start[0] + step[0], start[1] + step[1])
