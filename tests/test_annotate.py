from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inkdigits import ImageError, image
from inkdigits.annotate import COLOURS, annotated
from inkdigits.results import Box, Number, Prediction, Reading
from tests.pictures import encode, seven

EVEN = (0.1,) * 10
Pixels = NDArray[np.uint8]


def number(
    text: str, box: Box, *, confidence: float = 0.999, accepted: bool = True, line: int = 0
) -> Number:
    """A number whose digits share its box evenly, and its fate."""
    part = box.width // len(text)
    reason = None if accepted else "unsure"
    digits = tuple(
        Prediction(
            int(it),
            confidence,
            EVEN,
            accepted,
            reason,  # type: ignore[arg-type]
            "m",
            "1",
            Box(box.x + k * part, box.y, part - 2, box.height),
        )
        for k, it in enumerate(text)
    )
    return Number(text, confidence, accepted, reason, box, digits, ((text, confidence),), (), line)  # type: ignore[arg-type]


def reading(*numbers: Number, size: tuple[int, int], left_out: int = 0) -> Reading:
    return Reading(numbers, *size, "m", "1", left_out)


def count(drawing: Image.Image, colour: tuple[int, int, int]) -> int:
    """How many pixels have exactly that colour."""
    return int((np.asarray(drawing) == colour).all(axis=2).sum())


@pytest.mark.parametrize("size", [(60, 24), (872, 532), (4000, 3000), (30, 2000)])
@pytest.mark.parametrize("ground", [0, 128, 255])
def test_numbers_are_drawn_on_pictures_of_any_size_and_colour(
    size: tuple[int, int], ground: int
) -> None:
    width, height = size
    picture = np.full((height, width), ground, np.uint8)
    box = Box(width // 4, height // 4, width // 2, height // 2)
    plain = annotated(picture, reading(size=size))
    drawing = annotated(picture, reading(number("174", box), size=size))
    assert drawing.mode == "RGB"
    assert 300 <= drawing.width <= 3000
    assert drawing.height <= 3000
    dark = COLOURS[0][1]
    assert count(plain, dark) == 0
    # the legend alone has less; the text stands on the same colour, in white
    assert count(drawing, dark) > 1500
    assert drawing.getbbox() is not None


@pytest.mark.parametrize(
    ("confidence", "place"), [(1.0, 0), (0.99, 0), (0.95, 1), (0.5, 2), (0.49, 3), (0.0, 3)]
)
def test_the_colour_tells_the_confidence(confidence: float, place: int) -> None:
    size = (800, 300)
    picture = np.full((300, 800), 200, np.uint8)
    box = Box(200, 100, 300, 100)
    drawing = annotated(picture, reading(number("174", box, confidence=confidence), size=size))
    another = number("174", box, confidence=0.6 if place < 2 else 0.99)
    other = annotated(picture, reading(another, size=size))
    colour = COLOURS[place][1]
    assert count(drawing, colour) > count(other, colour) + 1000


def frame(drawing: Image.Image, colour: tuple[int, int, int]) -> Pixels:
    """Where the line at the right of the number is drawn, from top to bottom."""
    pixels = (np.asarray(drawing) == colour).all(axis=2)
    return np.asarray(pixels[150:240], np.uint8)


def test_what_is_not_accepted_is_dashed_and_bears_a_question_mark() -> None:
    picture, size, box = np.full((300, 800), 200, np.uint8), (800, 300), Box(200, 100, 300, 100)
    whole = annotated(picture, reading(number("174", box, confidence=0.3), size=size))
    doubt = number("174", box, confidence=0.3, accepted=False)
    dashed = annotated(picture, reading(doubt, size=size))
    colour = COLOURS[3][1]
    columns = frame(whole, colour).sum(axis=0)
    assert columns.max() >= 80  # an unbroken line
    assert 30 <= frame(dashed, colour).sum(axis=0).max() <= 70
    assert count(dashed, colour) != count(whole, colour)


def test_labels_do_not_cover_one_another() -> None:
    picture, size = np.full((600, 900), 255, np.uint8), (900, 600)
    # a row of narrow numbers, whose labels are wider than they are
    numbers = [number("17", Box(100 + 70 * k, 250, 40, 60), confidence=0.2) for k in range(6)]
    colour = COLOURS[3][1]
    alone = [count(annotated(picture, reading(it, size=size)), colour) for it in numbers]
    sure = number("17", Box(100, 250, 40, 60))
    legend = count(annotated(picture, reading(sure, size=size)), colour)
    together = count(annotated(picture, reading(*numbers, size=size)), colour)
    assert together - legend == sum(share - legend for share in alone)


def test_boxes_are_where_the_picture_was_read() -> None:
    """A reading has the size of the file, whatever the drawing's."""
    picture, size = Image.new("L", (2400, 1200), 255), (2400, 1200)
    small = reading(number("1", Box(1800, 900, 200, 200)), size=size)
    drawing = np.asarray(annotated(encode(picture, "PNG"), small))
    at = np.argwhere((drawing == COLOURS[0][1]).all(axis=2)[: int(drawing.shape[0] * 0.93)])
    (top, left), (bottom, right) = at.min(axis=0), at.max(axis=0)
    margin = (drawing.shape[1] - 2400) / 2  # 2400 pixels are drawn as they are
    assert left == pytest.approx(margin + 1800, abs=25)
    assert bottom == pytest.approx(margin + 1100, abs=25)
    assert right <= margin + 2200
    assert top >= margin + 780


def test_the_picture_keeps_its_colours_and_is_upright() -> None:
    picture = Image.new("RGB", (900, 700), (10, 200, 30))
    picture.paste((200, 0, 0), (0, 0, 900, 100))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    data = encode(picture, "PNG", exif=exif)
    drawing = annotated(data, reading(size=(900, 700)))
    margin = (drawing.width - 900) // 2
    assert drawing.getpixel((450, margin + 650)) == (200, 0, 0)
    assert drawing.getpixel((450, margin + 50)) == (10, 200, 30)


@pytest.mark.parametrize(
    "source",
    [
        np.full((20, 30), 0.5, np.float32),
        np.full((20, 30, 3), 128, np.uint8),
        np.full((20, 30, 4), 128, np.uint8),
        Image.new("I;16", (30, 20), 32896),
        Image.new("RGBA", (30, 20), (128, 128, 128, 255)),
        Image.new("1", (30, 20), 1),
        seven(),
    ],
)
def test_a_colour_picture_of_every_source(source: object) -> None:
    picture = image.colour(source)  # type: ignore[arg-type]
    assert picture.mode == "RGB"
    grey = image.load(source).pixels  # type: ignore[arg-type]
    assert np.asarray(picture)[..., 1] / 255 == pytest.approx(grey, abs=0.01)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageError):
        annotated(b"no picture", reading(size=(1, 1)))
