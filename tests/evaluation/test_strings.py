from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from inkdigits.data.real import Handwriting
from inkdigits.errors import DataError
from inkdigits.evaluation import numbers, strings
from inkdigits.evaluation.numbers import NumbersReport
from inkdigits.evaluation.pageresult import Found, PageResult, measure_pages
from inkdigits.evaluation.stringresult import distance, measure
from inkdigits.evaluation.strings import Strings
from inkdigits.wild.pages import KINDS, LAYOUTS, Page, Written


def test_strings_have_their_digits_at_their_spacing(make_digits: Callable[..., Digits]) -> None:
    digits = make_digits(50, 1)
    widths = {}
    for spacing in strings.SPACINGS:
        made = strings.composed(digits, spacing, 20, length=5)
        assert len(made) == 20
        assert all(len(text) == 5 and text.isdigit() for _, text in made)
        assert all(picture.dtype == np.uint8 and picture[0, 0] == 255 for picture, _ in made)
        widths[spacing] = np.mean([picture.shape[1] for picture, _ in made])
    assert widths["spaced"] > widths["touching"] > widths["overlapped"]
    lengths = {len(text) for _, text in strings.composed(digits, "spaced", 200)}
    assert {1, 20} <= lengths


def test_a_number_is_of_one_writer() -> None:
    line = np.array([[0, 0], [1, 10]], np.float32)
    kept = Handwriting(
        "pen",
        np.array(["1", "7"] * 3),
        {
            "points": np.concatenate([line] * 6),
            "stroke_offsets": np.arange(7) * 2,
            "sample_offsets": np.arange(7),
            "writers": np.array(["a", "b"] * 3),
        },
    )
    made = strings.written(kept, 30)
    assert {len(set(text)) for _, text in made} == {1}  # a writes 1, b writes 7
    assert {len(text) for _, text in made} == {2, 3, 4, 5, 6}
    assert all((picture < 100).any() for picture, _ in made)


def test_cheques_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no"):
        strings.cheques(tmp_path)
    (tmp_path / strings.CHEQUES).write_bytes(b"no")
    with pytest.raises(DataError, match="damaged"):
        strings.cheques(tmp_path)


@pytest.mark.data
def test_cheques_are_read_from_their_file() -> None:
    import os

    made = strings.cheques(Path(os.environ["INKDIGITS_DATA"]) / "real", 5)
    assert len(made) == 5
    assert all(picture.ndim == 2 and text.isdigit() for picture, text in made)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("123", "123", 0), ("123", "13", 1), ("", "99", 2), ("1234", "4321", 4)],
)
def test_the_distance_of_texts(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


def test_what_is_measured() -> None:
    blank = np.full((4, 4), 255, np.uint8)
    shown = Strings("four", (blank,) * 4, ("12", "34", "56", "78"))
    answers = iter([("12", True), ("35", True), ("5", False), ("78", False)])
    result = measure(lambda _: next(answers), shown)
    assert (result.right, result.slips, result.digits) == (2, 2, 8)
    assert (result.accepted, result.accepted_right, result.other_length) == (2, 1, 1)
    assert result.exact == 0.5
    assert result.to_dict()["refused"] == 0.5
    low, high = result.interval
    assert low < 0.5 < high


def found(text: str, x: int, wide: int = 30, accepted: bool = True) -> Found:
    return Found(text, (x, 12, wide, 18), accepted)


def test_on_pages_a_number_counts_where_it_stands() -> None:
    page = Page(
        np.full((50, 300), 255, np.uint8),
        tuple(
            Written(text, (x, 10, 30, 20), 0)
            for text, x in (("11", 10), ("22", 60), ("33", 110), ("44", 160), ("5566", 210))
        ),
    )
    answers = (
        found("11", 10),  # right
        found("22", 110, accepted=False),  # a number of the page, elsewhere: wrong there
        found("44", 162, accepted=False),
        found("55", 208, 14),  # in two parts: one slip apart, the other invented
        found("66", 228, 12),
        found("9", 265),  # where none stands
    )
    done: list[tuple[str, int, int]] = []
    result = measure_pages(lambda _: answers, "made", [page], lambda *it: done.append(it))
    assert done == [("made", 1, 1)]
    assert (result.pages, result.shown, result.right) == (1, 5, 2)
    assert (result.missed, result.invented) == (1, 2)
    assert (result.digits, result.slips) == (12, 2 + 2 + 2)
    assert (result.accepted, result.accepted_right) == (4, 1)
    assert result.right_when_accepted == 0.25
    low, high = result.interval
    assert low < result.exact == 0.4 < high


def test_two_numbers_read_as_one_are_one_reading() -> None:
    page = Page(
        np.full((50, 300), 255, np.uint8),
        (Written("11", (10, 10, 30, 20), 0), Written("22", (60, 10, 30, 20), 0)),
    )
    result = measure_pages(lambda _: [found("1122", 10, 80)], "made", [page])
    assert (result.right, result.missed, result.invented, result.slips) == (0, 1, 0, 4)
    assert measure_pages(lambda _: [], "made", []).to_dict()["exact"] == 0


def test_pages_of_every_kind_are_made_always_the_same() -> None:
    made = dict(numbers.made_pages(2))
    assert len(made) == 2 * len(KINDS) + len(LAYOUTS)
    assert all(len(each) == 2 and each[0].numbers for each in made.values())
    again = dict(numbers.made_pages(2))
    for name, each in made.items():
        assert np.array_equal(each[1].pixels, again[name][1].pixels)


def test_tables_and_json() -> None:
    blank = np.full((4, 4), 255, np.uint8)
    result = measure(lambda _: ("1", True), Strings("ones", (blank,), ("1",)))
    report = NumbersReport(
        "line 1", (result,), (PageResult("white", 1, 2, 1, 1, 0, 6, 3, 1, 1, 5.0),)
    )
    (row,) = numbers.string_rows(report)
    assert len(row) == len(numbers.HEAD)
    assert row[2] == "100.00%"
    (row,) = numbers.page_rows(report)
    assert row == ("white", "2", "50.00%", "9.5 to 90.5", "1", "0", "100.00%", "5")
    assert len(row) == len(numbers.PAGES_HEAD)
    assert report.to_dict()["pages"][0]["exact"] == 0.5
