"""The page by Tab alone: where it goes, in which order, and that one sees where one is."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
pytest.importorskip("sqlalchemy", reason="no SQLAlchemy: pip install -e .[store]")
from playwright.sync_api import Browser, FloatRect, Page, expect

from tests.browser.conftest import served
from tests.browser.panel import boxes, choose, png
from tests.browser.test_page import SEVEN, Visit

pytestmark = pytest.mark.browser

#: What has the focus: its name, and where its ring may be (a radio's is around its label).
FOCUSED = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const { x, y, width, height } = (it.closest("label") ?? it).getBoundingClientRect();
  const name = it.id || it.value || it.ariaLabel || it.textContent;
  return [name, { x, y, width, height }];
}"""
RINGLESS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { outline: none !important }");
  document.adoptedStyleSheets = [sheet];
}"""
#: Room for a ring around an element, pixels.
ROOM = 10
#: The fewest pixels that change where a ring appears; the smallest element has 250 around it.
RING = 200
HEAD, FOOT = ["way-draw"], ["card", "api"]
DRAWN = ["undo", "erase", "medium", "clear", "Right", "Not right?"]
LABELS = [*(f"It is a{'n' * (digit == 8)} {digit}" for digit in range(10)), "No digit"]


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server answers that keeps corrections."""
    with served("--feedback", str(tmp_path_factory.mktemp("kept") / "feedback.db")) as (url, _):
        yield url


@pytest.fixture(params=["light", "dark"])
def visit(browser: Browser, keeping: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    context = browser.new_context(
        service_workers="block",
        viewport={"width": 1280 if request.param == "light" else 360, "height": 800},
        color_scheme=request.param,
        reduced_motion="reduce",
    )
    it = Visit(context.new_page(), keeping)
    expect(it.page.get_by_role("link", name="Model card")).to_be_visible()
    yield it
    context.close()


def around(page: Page, box: FloatRect) -> np.typing.NDArray[np.int64]:
    """The pixels of an element and of the room for its ring."""
    view = page.viewport_size
    assert view is not None
    left, top = max(box["x"] - ROOM, 0), max(box["y"] - ROOM, 0)
    right = min(box["x"] + box["width"] + ROOM, view["width"])
    bottom = min(box["y"] + box["height"] + ROOM, view["height"])
    assert right > left, "the focus is off the screen"
    assert bottom > top, "the focus is off the screen"
    clip: FloatRect = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as picture:
        return np.asarray(picture.convert("RGB"), np.int64)


def tabs(page: Page, first: str) -> list[str]:
    """The names of all that Tab comes to from `first`, which is one of them."""
    page.locator(first).focus()
    names: list[str] = []
    for _ in range(60):
        found = page.evaluate(FOCUSED)
        if found is None:
            return names
        name, box = found
        names.append(name)
        seen = around(page, box)
        page.evaluate(RINGLESS)
        bare = around(page, box)
        page.evaluate("document.adoptedStyleSheets = []")
        changed = int((np.abs(seen - bare).max(axis=2) > 60).sum())
        assert changed >= RING, f"no ring around {name}"
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never ends: {names}")


def test_the_pad(visit: Visit) -> None:
    page = visit.page
    assert tabs(page, "#way-draw") == [*HEAD, "pad", "erase", "medium", *FOOT]
    visit.draw(SEVEN)
    visit.shows("7")
    expect(page.locator("#why")).to_be_visible()
    assert tabs(page, "#way-draw") == [*HEAD, "pad", *DRAWN, "why-title", *FOOT]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    visit.shows("7")
    page.locator("#clear").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Not right?
    assert tabs(page, "#way-draw") == [*HEAD, "pad", *DRAWN, *LABELS, "why-title", *FOOT]


def test_the_picture_panel(visit: Visit) -> None:
    page = visit.page
    page.locator("#way-draw").press("ArrowRight")
    expect(page.locator("#picture-note")).to_contain_text("Choose")
    wide = page.locator("#picture-take").is_hidden()
    take = [] if wide else ["picture-take"]
    tools = ["way-picture", "picture-choose", *take, "picture-group"]
    assert tabs(page, "#way-picture") == [*tools, *FOOT]
    choose(page, png())
    expect(boxes(page)).to_have_count(2)
    over = [it.get_attribute("aria-label") for it in boxes(page).all()]
    listed = page.locator("#picture-numbers button").all()
    numbers = [it.get_attribute("aria-label") for it in listed]
    save = ["picture-copy", "picture-csv", "picture-json", "picture-png"]
    assert tabs(page, "#way-picture") == [
        *tools, "picture-clear", *over, *save, *numbers, *FOOT
    ]  # fmt: skip
    boxes(page).first.press("Enter")
    assert tabs(page, "#picture-number")[1:] == ["picture-after", "picture-close"]
    page.keyboard.press("Escape")
    expect(boxes(page).first).to_be_focused()


def test_the_camera_panel(visit: Visit) -> None:
    page = visit.page
    page.locator("#way-draw").press("ArrowRight")
    page.locator("#way-picture").press("ArrowRight")
    expect(page.locator("#camera-toggle")).to_be_enabled()
    assert tabs(page, "#way-camera") == ["way-camera", "camera-toggle", *FOOT]


def test_the_tour(visit: Visit) -> None:
    page = visit.page
    page.locator("#way-draw").press("End")
    expect(page.locator("#how-next")).to_be_enabled()
    expect(page.locator("#how-stage canvas").first).to_be_visible()
    steps = len(page.locator("#how-list button").all())
    assert steps == 6
    found = tabs(page, "#way-how")
    assert found[0] == "way-how"
    assert found[-len(FOOT) :] == FOOT
    assert found.index("how-next") > found.index("way-how") + steps
