"""What axe-core finds on every panel of the page, at desktop and phone size, by day and night."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("CI") != "true":
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Page

from tests.browser.panel import boxes, choose, png
from tests.browser.test_page import LONG, SEVEN, Points, Visit

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: make page"),
]
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "color_scheme": "dark",
    },
}


CROSS: list[Points] = [[(0.25, 0.2), (0.75, 0.8)], [(0.75, 0.2), (0.25, 0.8)]]


def violations(page: Page) -> list[str]:
    """What axe says of the page as it is, a line each."""
    page.wait_for_timeout(300)  # transitions: a colour halfway has no contrast of its own
    page.evaluate(AXE.read_text(encoding="utf-8"))  # past the page's own policy
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{it['id']}: {node['html']}" for it in found for node in it["nodes"]]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(browser: Browser, address: str, screen: str) -> None:
    context = browser.new_context(service_workers="block", **SCREENS[screen])
    visit = Visit(context.new_page(), address)
    page = visit.page
    assert violations(page) == []
    visit.draw(SEVEN)
    visit.shows("7")
    assert violations(page) == []
    page.locator("#why-title").click()
    page.locator("#why[aria-busy=false]").wait_for()
    page.get_by_role("radio", name="Class map").check()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#pad").scroll_into_view_if_needed()
    for line in CROSS:
        visit.draw(line)
    visit.shows("?")
    assert violations(page) == []
    page.keyboard.press("Escape")
    for line in LONG:
        visit.draw(line)
    visit.shows("71417")
    assert violations(page) == []

    page.get_by_role("tab", name="How it works").click()
    page.locator("#how-step[aria-busy=false]").wait_for()
    for step in range(6):
        page.locator("#how-list button").nth(step).click()
        assert violations(page) == []

    page.get_by_role("tab", name="Picture").click()
    assert violations(page) == []
    choose(page, png())
    boxes(page).first.wait_for()
    assert violations(page) == []
    boxes(page).first.click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")

    page.get_by_role("tab", name="Camera").click()
    assert violations(page) == []
    context.close()


def test_axe_finds_what_is_wrong(browser: Browser, address: str) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.querySelector('#undo').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('#undo').removeAttribute('title')")
    assert any(line.startswith("button-name") for line in violations(page))
    context.close()
