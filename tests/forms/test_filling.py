from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkdigits import Recognizer, image
from inkdigits.errors import ImageError, InkdigitsError, ModelError
from inkdigits.forms.filling import NOT_FOUND, FormReader
from inkdigits.forms.template import Template
from inkdigits.image import ImageSource
from inkdigits.results import Box, Number, Prediction
from inkdigits.rules import Rules
from tests.forms import made
from tests.forms.test_registration import PHOTO


class Teller:
    """Answers the same to each picture, and keeps what it was asked."""

    def __init__(self, answer: Number | ModelError | None) -> None:
        self.answer = answer
        self.asked: list[tuple[image.Grey, Rules | None]] = []

    def read_number(self, source: ImageSource, /, *, rules: Rules | None = None) -> Number | None:
        self.asked.append((image.load(source).pixels, rules))
        if isinstance(self.answer, ModelError):
            raise self.answer
        return self.answer


WHOLE = Box(0, 0, 4000, 400)


def digit(box: Box) -> Prediction:
    return Prediction(4, 1.0, (0.1,) * 10, True, None, "m", "1", box)


SURE = Number("42", 0.99, True, None, WHOLE, (digit(WHOLE),), (("42", 0.99),))
UNSURE = Number("17", 0.6, False, "unsure", Box(0, 0, 9, 9), (), (("17", 0.6), ("11", 0.3)))


@pytest.fixture(scope="module")
def scan() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    texts = made.race(np.random.default_rng(0))
    for name in ("score_10", "points_10", "sum"):
        texts[name] = ""
    page = made.filled(texts, np.random.default_rng(0))
    return np.round(made.scanned(page, degrees=2).picture.pixels * 255).astype(np.uint8)


def test_each_field_becomes_a_cell(
    sheet_template: Template, scan: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    teller = Teller(SURE)
    filled = FormReader(sheet_template, teller).read(scan, "a.png")
    assert (filled.sheet, filled.problem) == ("a.png", None)
    assert filled.score > 0.95
    cells = {cell.field: cell for cell in filled.cells}
    assert list(cells) == [it.name for it in sheet_template.fields]
    empty = cells.pop("score_10"), cells.pop("points_10")
    assert [(it.text, it.accepted, it.reason) for it in empty] == [("", True, None)] * 2
    total = cells.pop("sum")  # not optional
    assert (total.text, total.accepted, total.reason) == ("", False, "empty")
    assert all((it.text, it.accepted, it.reason) == ("42", True, None) for it in cells.values())
    assert filled.doubtful == (total,)
    assert total.seen is not None
    assert all(it.seen is None for it in (*empty, *cells.values()))
    assert len(teller.asked) == len(cells)


def test_the_reader_is_shown_the_writing_and_told_the_rules(
    sheet_template: Template, scan: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    teller = Teller(UNSURE)
    filled = FormReader(sheet_template, teller).read(scan, "a.png")
    shown, rules = teller.asked[3]
    assert filled.cells[3].field == "id"
    assert rules == Rules(length=8, checksum="luhn")
    assert teller.asked[4][1] == Rules(length=(1, 3))  # three boxes
    assert teller.asked[5][1] == Rules()
    # print's frame is gone: only the strokes are dark
    assert 0.01 < (shown < 0.5).mean() < 0.2
    assert shown[:, :3].min() > 0.8
    cell = filled.cells[3]
    assert (cell.text, cell.confidence, cell.accepted, cell.reason, cell.candidates) == (
        *("17", 0.6, False, "unsure", (("17", 0.6), ("11", 0.3))),
    )
    assert cell.seen is not None
    assert cell.seen.dtype == np.uint8


def test_ink_that_is_no_number_is_doubtful(
    sheet_template: Template, scan: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    cell = FormReader(sheet_template, Teller(None)).read(scan, "a.png").cells[0]
    assert (cell.text, cell.accepted, cell.reason) == ("", False, "no_number")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (replace(SURE, confidence=0.8), "unsure"),
        (replace(SURE, digits=(digit(Box(0, 0, 25, 400)),)), "unread"),
        (replace(SURE, accepted=False, reason="no_fit"), "no_fit"),
    ],
)
def test_what_a_page_would_accept_may_be_doubtful_in_a_table(
    sheet_template: Template,
    scan: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    number: Number,
    reason: str,
) -> None:
    cell = FormReader(sheet_template, Teller(number)).read(scan, "a.png").cells[0]
    assert (cell.text, cell.accepted, cell.reason) == ("42", False, reason)


def test_one_bad_file_stops_nothing(
    sheet_template: Template,
    scan: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    tmp_path: Path,
) -> None:
    Image.new("L", (600, 800), 255).save(tmp_path / "white.png")
    (tmp_path / "notes.png").write_text("hello")
    sources: list[tuple[str, ImageSource | InkdigitsError]] = [
        ("absent", tmp_path / "absent.png"),
        ("notes", tmp_path / "notes.png"),
        ("white", tmp_path / "white.png"),
        ("tiny", b""),
        ("cube", np.zeros((4, 4, 4, 4))),
        ("none", ImageError("The PDF is damaged.")),
        ("scan", scan),
    ]
    reader = FormReader(sheet_template, Teller(SURE))
    read = [reader.read(source, name) for name, source in sources]
    assert [it.problem for it in read] == [
        *("image-not-found", "unsupported-format", NOT_FOUND, "unsupported-format"),
        *("tensor-shape", "corrupt-image", None),
    ]
    assert [bool(it.cells) for it in read] == [False] * 6 + [True]
    assert "is not the form 'score sheet'" in read[2].remark
    broken = FormReader(sheet_template, Teller(ModelError("It broke."))).read(scan, "scan")
    assert (broken.problem, broken.remark, broken.cells) == ("bad-model", "It broke.", ())


@pytest.mark.parametrize("kind", ["scan", "photo"])
def test_whole_sheets_are_read_right(sheet_template: Template, kind: str) -> None:
    rng = np.random.default_rng(11)
    texts = made.race(rng)
    page = made.filled(texts, rng, pen=3.5)
    if kind == "scan":
        shot = made.scanned(page, degrees=-3, scale=1.3, turned=2)
    else:
        shot = made.photographed(page, PHOTO, (1700, 2000), rng)
    pixels = np.round(shot.picture.pixels * 255).astype(np.uint8)
    filled = FormReader(sheet_template, Recognizer.load()).read(pixels, "a.png")
    assert {cell.field: cell.text for cell in filled.cells} == texts
    assert len(filled.doubtful) <= 1
