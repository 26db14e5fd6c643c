"""Corrections on the page itself, against `inkdigits serve --feedback FILE`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
pytest.importorskip("sqlalchemy", reason="no SQLAlchemy: pip install -e .[store]")
from playwright.sync_api import Browser, Locator, Page, expect

from inkdigits.store.correction import Correction
from inkdigits.store.feedback import FeedbackStore
from tests.browser.conftest import served
from tests.browser.test_camera import SCREENS
from tests.browser.test_page import ONE, Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corrections") / "feedback.db"


@pytest.fixture(scope="module")
def keeping(file: Path) -> Iterator[str]:
    """Where a server answers that keeps corrections in `file`."""
    with served("--feedback", str(file)) as (url, _):
        yield url


@pytest.fixture(params=SCREENS)
def visit(browser: Browser, keeping: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    screen = SCREENS[request.param] | {"viewport": {"width": 360, "height": 740}}
    if request.param == "desktop":
        screen = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
    context = browser.new_context(service_workers="block", **screen)
    yield Visit(context.new_page(), keeping)
    context.close()


def kept(file: Path) -> list[Correction]:
    store = FeedbackStore(str(file), create=False)
    try:
        return list(store.export())
    finally:
        store.close()


def button(page: Page, name: str) -> Locator:
    return page.locator("#feedback").get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.locator(".feedback-status")


def by_mouse(page: Page, names: tuple[str, ...]) -> None:
    for name in names:
        button(page, name).click()


def by_touch(page: Page, names: tuple[str, ...]) -> None:
    for name in names:
        button(page, name).tap()


def by_keyboard(page: Page, names: tuple[str, ...]) -> None:
    """Tab to the first of them; then the keys that the panel itself offers."""
    if names[0] == "Not right?":
        page.locator("#clear").focus()
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == names[0]:
                break
        page.keyboard.press("Enter")
        expect(button(page, "It is a 0")).to_be_focused()
        page.keyboard.press("7")
    else:
        expect(button(page, names[0])).to_be_focused()
        page.keyboard.press("Enter")


@pytest.mark.parametrize("hand", [by_mouse, by_touch, by_keyboard])
def test_a_1_that_is_a_7_is_told_stored_and_taken_back(
    visit: Visit, file: Path, hand: Callable[[Page, tuple[str, ...]], None]
) -> None:
    page = visit.page
    expect(page.locator("#promise")).to_have_text(
        "Nothing you draw or show is stored, unless you say here whether it was read right."
    )
    expect(page.locator("#feedback")).to_be_hidden()
    visit.draw(ONE)
    visit.shows("1")
    hand(page, ("Not right?", "It is a 7"))
    expect(status(page)).to_have_text("Thank you: noted as 7.")
    (found,) = kept(file)
    assert (found.label, found.digit, found.reason, found.model) == (7, 1, None, "standard")
    assert found.confidence == pytest.approx(visit.shares()[1] / 100, abs=1e-4)
    assert found.strokes is not None
    (stroke,) = found.strokes
    assert stroke[0][:2] == pytest.approx((500, 200), abs=5)
    assert stroke[-1][:2] == pytest.approx((500, 800), abs=5)
    visit.picture("correction-thanks")

    hand(page, ("Undo the correction",))
    expect(status(page)).to_have_text("Taken back: nothing of it is stored.")
    assert kept(file) == []
    expect(button(page, "Not right?")).to_be_visible()
    assert visit.troubles == []


def test_no_digit_and_right_are_stored_too(visit: Visit, file: Path) -> None:
    page = visit.page
    for names, label in ((("Right",), 1), (("Not right?", "No digit"), "not_a_digit")):
        visit.draw(ONE)
        visit.shows("1")
        by_mouse(page, names)
        expect(status(page)).to_contain_text("Thank you: noted as")
        (found,) = kept(file)
        assert found.label == label
        by_mouse(page, ("Undo the correction",))
        expect(status(page)).to_have_text("Taken back: nothing of it is stored.")
        page.locator("#clear").click()
        page.evaluate("scrollTo(0, 0)")
    assert kept(file) == []


def test_the_pad_keeps_its_place_while_the_page_asks(visit: Visit) -> None:
    """What appears beside the pad must not push it away under the pen."""
    before = visit.places([(0, 0)])
    visit.draw(ONE)
    visit.shows("1")
    expect(button(visit.page, "Not right?")).to_be_visible()
    assert visit.places([(0, 0)]) == before
    by_mouse(visit.page, ("Not right?",))
    scrolled = visit.page.evaluate("scrollY")
    ((left, top),) = visit.places([(0, 0)])
    assert [(left, top + scrolled)] == before


def test_a_server_that_goes_is_told_and_nothing_is_lost(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    with served("--feedback", str(file)) as (url, server):
        context = browser.new_context(service_workers="block")
        visit = Visit(context.new_page(), url)
        visit.draw(ONE)
        visit.shows("1")
        by_mouse(visit.page, ("Right",))
        expect(status(visit.page)).to_have_text("Thank you: noted as 1.")
        visit.page.locator("#clear").click()
        visit.draw(ONE)
        visit.shows("1")
        server.terminate()
        server.wait(timeout=20)
        by_mouse(visit.page, ("Not right?", "It is a 7"))
        expect(status(visit.page)).to_have_text(
            "The server cannot be reached, so nothing was stored: try again."
        )
        expect(button(visit.page, "It is a 7")).to_be_visible()  # to try again
        context.close()
    assert [it.label for it in kept(file)] == [1]


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("metadata", "Nothing you draw or show is stored.* What was read is kept for a while."),
        ("pictures", "What was read is kept for a while, with 28x28 pixels of each digit"),
    ],
)
def test_the_page_says_what_the_server_keeps(
    browser: Browser, tmp_path: Path, kept: str, words: str
) -> None:
    place = str(tmp_path / "kept.db")
    with served("--database", place, "--store", kept) as (url, _):
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        page.goto(url)
        expect(page.locator("#promise")).to_have_text(re.compile(words))
        context.close()
