"""The page of a server that wants a key: what is drawn is read in the browser, and that is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, expect

from inkdigits.store.keys import KeyStore
from tests.browser.conftest import served
from tests.browser.test_page import ONE, SEVEN, Visit

pytestmark = pytest.mark.browser
NOTE = "sure that this is a 7, read in this browser"


def test_it_reads_by_itself_and_says_why(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKDIGITS_KEYS", "required")
    monkeypatch.setenv("INKDIGITS_FEEDBACK", str(tmp_path / "inkdigits.db"))
    with served() as (address, _):
        visit = Visit(browser.new_page(), address)
        visit.draw(SEVEN)
        visit.shows("7")
        page = visit.page
        expect(page.locator("#note")).to_have_text(NOTE)
        expect(page.locator("#promise")).to_contain_text("wants a key")
        for gone in ("#way-picture", "#way-camera"):
            expect(page.locator(gone)).to_have_count(0)
        for hidden in ("#card", "#feedback"):
            expect(page.locator(hidden)).to_be_hidden()
        if os.environ.get("INKDIGITS_SHOTS"):
            page.screenshot(path=f"{os.environ['INKDIGITS_SHOTS']}/wants_key.png")
        assert all("401" in trouble for trouble in visit.troubles), visit.troubles
        visit.troubles.clear()
        page.locator("#clear").click()
        visit.draw(ONE)
        visit.shows("1")
        assert visit.troubles == []  # the server was not asked once more
        page.close()
    assert KeyStore(str(tmp_path / "inkdigits.db"), create=False).all_of() == []


def test_asked_too_often_it_reads_by_itself(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKDIGITS_RATE_LIMIT", "1/hour")
    with served() as (address, _):
        visit = Visit(browser.new_page(), address)  # which asks once what the server is
        visit.draw(SEVEN)
        visit.shows("7")
        expect(visit.page.locator("#note")).to_have_text(NOTE)
        assert all("429" in trouble for trouble in visit.troubles), visit.troubles
        visit.page.close()
