from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from inkdigits.forms.filling import Cell, Filled
from inkdigits.forms.table import FORMULA, safe, table
from inkdigits.forms.template import Area, Field, Template

TEMPLATE = Template("t", (1, 1), (Field("a", Area(0, 0, 1, 0.5)), Field("b", Area(0, 0.5, 1, 0.5))))
SHEETS = [
    Filled("one.png", (Cell("a", "12", 0.987654, True, None), Cell("b", "", 0.0, True, None))),
    Filled("=two,.png", (Cell("a", "3", 0.5, False, "unsure"), Cell("b", "", 0, False, "empty"))),
    Filled("three.png", (), "not_found", "Not it."),
]


def test_one_row_a_sheet() -> None:
    assert table(TEMPLATE, SHEETS) == (
        'sheet,a,b,doubtful\none.png,12,,\n"\'=two,.png",3,,a b\nthree.png,,,not_found\n'
    )


def test_confidences_on_request() -> None:
    assert table(TEMPLATE, SHEETS, confidences=True) == (
        "sheet,a,a_confidence,b,b_confidence,doubtful\n"
        "one.png,12,0.9877,,,\n"
        '"\'=two,.png",3,0.5000,,,a b\n'
        "three.png,,,,,not_found\n"
    )


def test_no_sheets_is_a_head() -> None:
    assert table(TEMPLATE, []) == "sheet,a,b,doubtful\n"


@given(st.text())
def test_no_name_is_a_formula_and_each_comes_back(name: str) -> None:
    (_, row) = csv.reader(io.StringIO(table(TEMPLATE, [Filled(name, (), "x")]), newline=""))
    assert row[0] == safe(name)
    assert not row[0].startswith(FORMULA)
    assert row[0] in (name, f"'{name}") or not name.isprintable()
