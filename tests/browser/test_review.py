"""The page of doubtful cells, in a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from inkdigits.forms import review
from inkdigits.forms.filling import Cell, Filled
from inkdigits.forms.template import Area, Field, Template

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

EVIL = '"><img src=x onerror="document.title=1">'
SEEN = np.full((60, 400), 200, np.uint8)


@pytest.fixture(params=[1280, 360])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of three doubtful cells on two sheets, one of them of an evil name."""
    cells = [
        Cell(name, "17", 0.6, False, "unsure", (("17", 0.6), ("11", 0.3)), SEEN)
        for name in ("first", "second")
    ]
    sheets = [Filled(EVIL, tuple(cells)), Filled("b.png", (cells[0],))]
    template = Template("form", (1, 1), (Field("first", Area(0, 0, 1, 1)),))
    (tmp_path / "review.html").write_text(review.page(template, sheets), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": request.param, "height": 800}, accept_downloads=True
    )
    page = context.new_page()
    page.goto((tmp_path / "review.html").as_uri())
    yield page
    context.close()


def test_corrections_are_typed_and_saved(page: Page) -> None:
    first, second = page.locator("input").nth(0), page.locator("input").nth(1)
    first.focus()
    page.keyboard.press("Enter")  # as it is
    assert second.evaluate("it => it === document.activeElement")
    page.keyboard.type("=1,2")  # in place of what was there
    assert page.locator("#typed").inner_text() == "1 correction"
    with page.expect_download() as download:
        page.locator("#save").click()
    assert download.value.suggested_filename == "corrections.csv"
    path = download.value.path()
    rows = list(csv.reader(Path(path).read_text(encoding="utf-8").splitlines()))
    assert rows == [["sheet", "field", "read", "correct"], [EVIL, "second", "17", "'=1,2"]]


def test_markup_in_a_name_is_inert_and_all_fits(page: Page) -> None:
    assert page.title() == "To review: form"
    assert page.locator("section h2").first.inner_text() == EVIL
    assert page.locator("img").count() == 3
    loaded = page.evaluate("[...document.images].every(it => it.naturalWidth === 400)")
    assert loaded
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
