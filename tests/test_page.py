from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import Recognizer, image, page
from inkdigits.image import Picture
from inkdigits.reader import Reader
from inkdigits.rows import Row
from inkdigits.rules import Rules
from inkdigits.wild import pages
from inkdigits.wild.pages import KINDS, Kind, Page, Style
from tests.pictures import drawing

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


def texts(page: Page) -> list[str]:
    return [number.text for number in page.numbers]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("camera", [False, True])
@pytest.mark.parametrize("spread", [False, True])
def test_every_number_is_read_and_nothing_invented(
    recognizer: Recognizer, kind: Kind, camera: bool, spread: bool
) -> None:
    style = Style(camera=camera, spread=spread)
    page = pages.page(np.random.default_rng(11), kind, style)
    reading = recognizer.read(page.pixels)
    assert [number.text for number in reading.numbers] == texts(page)
    for number, true in zip(reading.numbers, page.numbers, strict=True):
        x, y, wide, tall = true.box
        middle_x = number.box.x + number.box.width / 2
        middle_y = number.box.y + number.box.height / 2
        assert x < middle_x < x + wide
        assert y < middle_y < y + tall
        assert len(number.digits) == len(true.text)
        assert "".join(str(digit.digit) for digit in number.digits) == true.text
    assert reading.turned == 0


def test_words_are_left_out_and_counted(recognizer: Recognizer) -> None:
    page = pages.page(np.random.default_rng(11), "white", Style(words=1))
    reading = recognizer.read(page.pixels)
    assert [number.text for number in reading.numbers] == texts(page)
    assert reading.left_out >= 1


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_may_lie_on_any_side(recognizer: Recognizer, quarters: int) -> None:
    page = pages.page(np.random.default_rng(12), "ruled", Style(numbers=8))
    turned = np.ascontiguousarray(np.rot90(page.pixels, quarters))
    reading = recognizer.read(turned)
    assert [number.text for number in reading.numbers] == texts(page)
    assert reading.turned == (360 - 90 * quarters) % 360
    assert (reading.height, reading.width) == turned.shape
    first = reading.numbers[0].box
    inside = turned[first.y : first.y + first.height, first.x : first.x + first.width]
    assert inside.size
    assert inside.min() < 0.6 * np.median(turned)
    upright = recognizer.read(turned, turn=False)
    assert upright.turned == 0


@pytest.mark.parametrize("degrees", [-6.0, 3.0])
def test_a_few_degrees_of_skew(recognizer: Recognizer, degrees: float) -> None:
    page = pages.page(np.random.default_rng(13), "white", Style(numbers=9, shadow=0.1))
    height, width = page.pixels.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    skewed = cv2.warpAffine(page.pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    reading = recognizer.read(np.asarray(skewed, np.uint8))
    assert [number.text for number in reading.numbers] == texts(page)


@pytest.mark.parametrize("size", [(150, 260), (240, 320)])
def test_small_pictures(recognizer: Recognizer, size: tuple[int, int]) -> None:
    style = Style(size=size, digit=24, numbers=2, shadow=0.1)
    page = pages.page(np.random.default_rng(5), "white", style)
    assert texts(page)
    assert [number.text for number in recognizer.read(page.pixels).numbers] == texts(page)


def blanks() -> dict[str, Pixels]:
    rng = np.random.default_rng(0)
    ruled = np.full((900, 700), 235, np.uint8)
    for y in range(40, 900, 45):
        cv2.line(ruled, (0, y), (700, y), 150, 2)
    squared = ruled.copy()
    for x in range(20, 700, 45):
        cv2.line(squared, (x, 0), (x, 900), 150, 2)
    return {
        "white": np.full((900, 700), 240, np.uint8),
        "black": np.zeros((500, 500), np.uint8),
        "one pixel": np.full((1, 1), 200, np.uint8),
        "noise": rng.integers(0, 255, (600, 800), dtype=np.uint8),
        "grain": np.clip(220 + rng.normal(0, 6, (600, 800)), 0, 255).astype(np.uint8),
        "gradient": np.tile(np.linspace(60, 250, 900).astype(np.uint8), (700, 1)),
        "ruled": ruled,
        "squared": squared,
    }


@pytest.mark.parametrize("name", blanks())
def test_a_page_without_digits_reads_as_empty(recognizer: Recognizer, name: str) -> None:
    reading = recognizer.read(blanks()[name])
    assert reading.numbers == ()
    assert reading.text == ""
    assert reading.flags == ("no_content",)


def test_what_is_one_number_can_be_set(recognizer: Recognizer) -> None:
    page = pages.page(np.random.default_rng(21), "white", Style(numbers=3, shadow=0.1))
    lines = sorted({number.line for number in page.numbers})
    rows = ["".join(n.text for n in page.numbers if n.line == line) for line in lines]
    read = {
        group: [number.text for number in recognizer.read(page.pixels, group=group).numbers]
        for group in ("row", "gap", "digit")
    }
    assert read["gap"] == texts(page)
    assert read["row"] == rows
    assert read["digit"] == list("".join(texts(page)))


def test_bright_ink_on_a_dark_board(recognizer: Recognizer) -> None:
    page = pages.page(np.random.default_rng(14), "white", Style(numbers=6, shadow=0.0))
    board = np.asarray(255 - page.pixels, np.uint8)
    assert [number.text for number in recognizer.read(board).numbers] == texts(page)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("photo-13540.jpg", "13540"),
        ("photo-135790.jpg", "135790"),
        ("photo-1-to-9.jpg", "\n".join("123456789")),
    ],
)
def test_photos_of_paper(recognizer: Recognizer, name: str, text: str) -> None:
    import os
    from pathlib import Path

    photo = Path(os.environ["INKDIGITS_DATA"]) / "real" / name
    assert recognizer.read(photo).text == text


def test_a_page_full_of_marks_costs_no_more_than_its_share(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkdigits.page.MOST", 5)
    page = pages.page(np.random.default_rng(12), "white", Style(numbers=12, shadow=0.1))
    reading = recognizer.read(page.pixels)
    assert [number.text for number in reading.numbers] == texts(page)[:5]
    assert reading.left_out == len(page.numbers) - 5


class Counting:
    """A reader that knows no digit, and counts what it is shown."""

    name = version = "counting"

    def __init__(self) -> None:
        self.shown: list[bytes] = []

    def read(self, row: Row, rules: Rules, line: int = 0) -> None:
        self.shown.append(row.ink.tobytes())


def test_a_part_of_a_full_page_tells_which_way_is_up(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "SAMPLE", 16.0)
    full = pages.page(np.random.default_rng(14), "white", Style(numbers=70, digit=24))
    assert len(full.numbers) > 50
    upside_down = np.ascontiguousarray(full.pixels[::-1, ::-1])
    reading = recognizer.read(upside_down)
    assert reading.turned == 180
    assert sum(n.text in texts(full) for n in reading.numbers) > 0.95 * len(full.numbers)
    counting = Counting()
    rules, picture = Rules(), image.load(upside_down)
    left_out = page.read(picture, cast(Reader, counting), group="gap", rules=rules).left_out
    assert left_out > 50
    assert len(set(counting.shown)) == len(counting.shown) < 1.9 * left_out
    everything = Counting()
    page.read(picture, cast(Reader, everything), group="gap", rules=rules, turn=False)
    assert len(everything.shown) == left_out


@pytest.mark.parametrize(("height", "rest"), [(30, 0.92), (60, 0.31), (1200, 0.26)])
def test_the_texture_of_paper_is_softened_by_less_than_a_stroke(height: int, rest: float) -> None:
    """What is left of a pixel in its place: less in a higher picture, but never less than that."""
    grain = np.random.default_rng(3).normal(0, 0.01, (height, 200)).astype(np.float32)
    paper = 0.8 + grain
    spot = paper.copy()
    spot[height // 2, 100] = 0
    calm, spotted = (page.calmed(Picture(pixels)).pixels for pixels in (paper, spot))
    left = (calm - spotted)[height // 2, 100] / (paper - spot)[height // 2, 100]
    assert left == pytest.approx(rest, abs=0.03)
    assert calm.std() < paper.std()


def test_what_was_drawn_by_a_program_stays_sharp() -> None:
    picture = Picture((drawing(7) / 255).astype(np.float32))
    assert page.calmed(picture) is picture
