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
from inkdigits.evaluation.stringresult import PageResult, distance, measure, measure_pages
from inkdigits.evaluation.strings import Strings
from inkdigits.results import Box, Number, Reading
from inkdigits.wild.pages import Page, Written


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


def number(text: str, x: int) -> Number:
    return Number(text, 1.0, True, None, Box(x, 10, 30, 20), (), ((text, 1.0),))


def test_on_pages_a_number_counts_where_it_stands() -> None:
    page = Page(
        np.full((50, 300), 255, np.uint8),
        (
            Written("11", (10, 10, 30, 20), 0),
            Written("22", (100, 10, 30, 20), 0),
            Written("33", (200, 10, 30, 20), 0),
        ),
    )
    read = Reading((number("11", 10), number("22", 200), number("9", 260)), 300, 50, "m", "1")
    result = measure_pages(lambda _: read, "made", [page])
    assert (result.shown, result.right, result.invented) == (3, 1, 1)


def test_tables_and_json() -> None:
    blank = np.full((4, 4), 255, np.uint8)
    result = measure(lambda _: ("1", True), Strings("ones", (blank,), ("1",)))
    report = NumbersReport("line 1", (result,), (PageResult("white", 1, 2, 1, 0, 5.0),))
    (row,) = numbers.string_rows(report)
    assert len(row) == len(numbers.HEAD)
    assert row[2] == "100.00%"
    (row,) = numbers.page_rows(report)
    assert row == ("white (1)", "2", "50.00%", "0", "5")
    assert report.to_dict()["pages"][0]["exact"] == 0.5
