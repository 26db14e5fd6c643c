from __future__ import annotations

import re

import numpy as np

from inkdigits.forms.filling import Cell, Filled
from inkdigits.forms.review import page
from inkdigits.forms.template import Area, Field, Template

EVIL = "<img src=x onerror=alert(1)>\"'&"
TEMPLATE = Template(f"form {EVIL}", (1, 1), (Field("a", Area(0, 0, 1, 1)),))
SEEN = np.full((20, 50), 90, np.uint8)


def filled(*cells: Cell, name: str = "one.png") -> Filled:
    return Filled(name, cells)


def test_each_doubtful_cell_is_there_with_all_that_is_known() -> None:
    doubt = Cell("a", "17", 0.61, False, "unsure", (("17", 0.61), ("11", 0.3)), SEEN)
    html = page(TEMPLATE, [filled(doubt), filled(Cell("a", "99887", 1, True, None, (), SEEN))])
    assert html.count("<article>") == 1
    assert "1 doubtful cell of 2 on 2 sheets." in html
    assert 'src="data:image/jpeg;base64,' in html
    assert "<b>17</b> <small>61%</small>" in html
    assert "not sure; or 11 <small>30%</small>" in html
    assert 'value="17"' in html
    assert "99887" not in html


def test_nothing_in_a_name_becomes_markup() -> None:
    cells = Cell(EVIL, EVIL, 0.5, False, "unsure", ((EVIL, 0.5), (EVIL + "2", 0.4)), SEEN)
    html = page(TEMPLATE, [filled(cells, name=EVIL), Filled(EVIL, (), "not_found", EVIL)])
    assert "<img src=x" not in html
    assert "onerror=alert(1)&gt;&quot;&#x27;&amp;" in html


def test_it_asks_the_network_for_nothing() -> None:
    html = page(TEMPLATE, [filled(Cell("a", "1", 0.5, False, "unsure", (), SEEN))])
    assert "default-src &#x27;none&#x27;" in html
    assert re.findall(r"(?:https?:)?//[a-z]", html) == []
    assert set(re.findall(r'src="([a-z]+:)', html)) == {"data:"}


def test_without_doubts_there_is_nothing_to_do() -> None:
    html = page(TEMPLATE, [filled(Cell("a", "1", 1, True, None))])
    assert "There is nothing to review." in html
    assert "<script>" not in html
    assert "Save corrections" not in html


def test_sheets_that_failed_are_listed() -> None:
    html = page(TEMPLATE, [Filled("two.png", (), "not_found", "Not it.")])
    assert "<b>two.png</b> Not it." in html
    assert "1 sheet could not be read" in html
