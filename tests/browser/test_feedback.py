"""The panel that takes corrections, in a real Chromium, on a page of its own."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Route,
    expect,
)

from inkdigits.service.app import create_app
from inkdigits.service.middleware import SECURITY_HEADERS
from inkdigits.service.settings import Settings
from inkdigits.store.correction import Correction
from inkdigits.store.feedback import FeedbackStore
from tests.service.harness import FakeReader

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Feedback</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="static/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="static/style.css">
<link rel="stylesheet" href="static/feedback/feedback.css">
<script type="module" src="panel.js"></script></head>
<body><main><section class="reading"><p>The answer is 1.</p>
<div id="feedback" class="feedback" hidden></div></section></main>
<footer><p id="promise">Nothing you draw or show is stored.</p></footer></body></html>"""
SCRIPT = """
import { about } from "./static/about.js";
import { Feedback } from "./static/feedback/feedback.js";
const byId = (id) => document.getElementById(id);
const parts = { root: byId("feedback"), promise: byId("promise") };
window.feedback = new Feedback(parts, "api/v1/feedback");
window.cleared = 0;
document.addEventListener("keydown", (event) => (window.cleared += event.key === "Escape"));
window.about = await about("api/v1/about");
window.feedback.enabled = window.about?.feedback ?? false;
window.ready = true;
"""
PEN = [[[10, 10], [40.5, 10], [20, 70]]]
READING: dict[str, Any] = {
    "digit": 1,
    "confidence": 0.75,
    "accepted": True,
    "reason": None,
    "candidates": [],
    "probabilities": [0.1] * 10,
    "seen": [*range(256), *[0] * 528],
    "model": {"name": "fake", "version": "0"},
}


class Server:
    """A service in a thread, and its store."""

    def __init__(self, settings: Settings) -> None:
        self.file = settings.feedback
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(create_app(settings, FakeReader()), log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],))
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.01)

    @property
    def kept(self) -> list[Correction]:
        return list(FeedbackStore(self.file, create=False).export())

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


class Panel:
    """The page, open."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.server = page, server
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._console)
        for path, kind, content in (
            ("panel", "text/html", HTML),
            ("panel.js", "text/javascript", SCRIPT),
        ):
            page.route(f"{server.address}/{path}", self._answer(kind, content))
        page.goto(f"{server.address}/panel")
        page.wait_for_function("() => window.ready === true")
        self.root = page.locator("#feedback")
        self.status = page.get_by_role("status")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    @staticmethod
    def _answer(kind: str, content: str) -> Any:
        headers = {**SECURITY_HEADERS, "Content-Type": f"{kind}; charset=utf-8"}
        return lambda route: route.fulfill(body=content, headers=headers)

    def show(self, strokes: Any = PEN, **other: Any) -> None:
        self.page.evaluate(
            "([reading, strokes]) => window.feedback.show(reading, strokes)",
            [{**READING, **other}, strokes],
        )

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def focused(self) -> str:
        found: str = self.page.evaluate("() => document.activeElement.textContent")
        return found

    def refuse(self, method: str, status: int | None, detail: str = "") -> None:
        """From now on, requests of this kind get a problem, or no answer."""

        def answer(route: Route) -> None:
            if route.request.method != method:
                route.continue_()
            elif status is None:
                route.abort()
            else:
                route.fulfill(status=status, json={"title": "No", "detail": detail})

        self.page.route("**/api/v1/feedback**", answer)

    def hold(self) -> list[Route]:
        """From now on, corrections wait in this list until they are let go."""
        held: list[Route] = []

        def keep(route: Route) -> None:
            held.append(route)

        self.page.route("**/api/v1/feedback", keep)
        return held

    def picture(self, name: str) -> None:
        if os.environ.get("INKDIGITS_SCREENSHOTS"):
            folder = Path("screenshots")
            folder.mkdir(exist_ok=True)
            self.page.screenshot(path=folder / f"{name}.png")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(Settings(feedback=str(tmp_path / "feedback.db")))
    yield made
    made.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1000, "height": 500})
    yield made
    made.close()


@pytest.fixture
def panel(context: BrowserContext, server: Server) -> Panel:
    return Panel(context.new_page(), server)


def test_a_wrong_answer_is_corrected_and_taken_back(panel: Panel) -> None:
    expect(panel.root).to_be_hidden()
    panel.show()
    panel.picture("feedback-ask")
    expect(panel.button("It is a 7")).to_be_hidden()
    panel.button("Not right?").click()
    panel.picture("feedback-choose")
    panel.button("It is a 7").click()
    expect(panel.status).to_have_text("Thank you: noted as 7.")
    panel.picture("feedback-thanks")
    (kept,) = panel.server.kept
    assert (kept.label, kept.digit, kept.confidence, kept.reason) == (7, 1, 0.75, None)
    assert (kept.model, kept.version) == ("fake", "0")
    assert (kept.strokes, kept.seen) == ((((10, 10), (40.5, 10), (20, 70)),), None)
    expect(panel.button("Not right?")).to_be_hidden()

    panel.button("Undo the correction").click()
    expect(panel.status).to_have_text("Taken back: nothing of it is stored.")
    expect(panel.button("Undo the correction")).to_be_hidden()
    expect(panel.button("Not right?")).to_be_visible()
    assert panel.server.kept == []
    assert panel.troubles == []


def test_by_keyboard_alone(panel: Panel) -> None:
    panel.show()
    press = panel.page.keyboard.press
    press("Tab")
    assert panel.focused() == "Right"
    press("Tab")
    press("Enter")
    expect(panel.button("Not right?")).to_have_attribute("aria-expanded", "true")
    assert panel.focused() == "0"
    press("ArrowLeft")
    assert panel.focused() == "No digit"
    press("Home")
    press("ArrowRight")
    assert panel.focused() == "1"
    press("Escape")
    assert panel.focused() == "Not right?"
    expect(panel.button("It is a 1")).to_be_hidden()
    assert panel.page.evaluate("() => window.cleared") == 0  # Escape clears the pad elsewhere
    press("Enter")
    press("4")
    expect(panel.status).to_have_text("Thank you: noted as 4.")
    assert panel.focused() == "Undo"
    assert [it.label for it in panel.server.kept] == [4]
    press("Enter")
    expect(panel.status).to_have_text("Taken back: nothing of it is stored.")
    assert panel.focused() == "Not right?"
    press("Escape")
    assert panel.page.evaluate("() => window.cleared") == 1
    assert panel.server.kept == []


@pytest.mark.parametrize(
    ("reading", "label"),
    [
        ({}, 1),
        ({"accepted": False, "reason": "not_a_digit"}, "not_a_digit"),
        ({"accepted": False, "reason": "several_digits"}, "not_a_digit"),
    ],
)
def test_a_right_answer_is_confirmed(panel: Panel, reading: dict[str, Any], label: Any) -> None:
    panel.show(**reading)
    panel.button("Right").click()
    expect(panel.button("Undo the correction")).to_be_visible()
    (kept,) = panel.server.kept
    assert (kept.label, kept.reason, kept.answer) == (label, reading.get("reason"), label)


def test_an_unsure_answer_asks_which_it_is(panel: Panel) -> None:
    panel.show(accepted=False, reason="unsure")
    expect(panel.button("Right")).to_be_hidden()
    panel.button("Which is it?").click()
    panel.button("No digit").click()
    expect(panel.status).to_have_text("Thank you: noted as no digit.")
    assert [(it.label, it.reason) for it in panel.server.kept] == [("not_a_digit", "unsure")]


def test_a_picture_is_sent_as_it_was_seen(panel: Panel) -> None:
    panel.show([])
    panel.button("Right").click()
    expect(panel.button("Undo the correction")).to_be_visible()
    panel.show([[[x, 1] for x in range(2_001)]])  # more points than are stored
    panel.button("Right").click()
    expect(panel.button("Undo the correction")).to_be_visible()
    assert [it.seen for it in panel.server.kept] == [bytes(READING["seen"])] * 2


def test_another_drawing_asks_anew_and_the_same_does_not(panel: Panel) -> None:
    panel.show()
    panel.button("Not right?").click()
    panel.show(confidence=0.8)  # the same drawing, read once more
    expect(panel.button("It is a 7")).to_be_visible()
    panel.show([[[1, 1]]])
    expect(panel.button("It is a 7")).to_be_hidden()
    panel.button("Right").click()
    expect(panel.button("Undo the correction")).to_be_visible()
    panel.page.evaluate("() => window.feedback.clear()")  # what was stored can still be undone
    expect(panel.button("Undo the correction")).to_be_visible()
    panel.show()
    expect(panel.button("Undo the correction")).to_be_hidden()
    expect(panel.status).to_have_text("")
    panel.page.evaluate("() => window.feedback.clear()")
    expect(panel.root).to_be_hidden()
    panel.show(digit=None, accepted=False, reason="blank")
    expect(panel.root).to_be_hidden()


def test_one_press_sends_once(panel: Panel) -> None:
    held = panel.hold()
    panel.show()
    panel.button("Right").click()
    expect(panel.root).to_have_attribute("aria-busy", "true")
    for name in ("Right", "Not right?"):  # by force, as both say that they are disabled
        panel.button(name).click(force=True)
    expect(panel.status).to_have_text("Sending…")
    expect(panel.button("Not right?")).to_have_attribute("aria-expanded", "false")
    assert len(held) == 1
    held[0].continue_()
    expect(panel.status).to_have_text("Thank you: noted as 1.")
    assert len(panel.server.kept) == 1


def test_an_answer_that_comes_late_does_not_disturb_the_next_drawing(panel: Panel) -> None:
    held = panel.hold()
    panel.show()
    panel.button("Right").click()
    expect(panel.root).to_have_attribute("aria-busy", "true")
    panel.show([[[1, 1]]])
    expect(panel.root).to_have_attribute("aria-busy", "false")
    with panel.page.expect_response("**/api/v1/feedback"):
        held[0].continue_()
    panel.page.evaluate("() => fetch('livez').then(() => null)")
    expect(panel.button("Right")).to_be_visible()
    expect(panel.button("Undo the correction")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "The server cannot be reached, so nothing was stored: try again."),
        (507, "It was not stored. It is full."),
    ],
)
def test_trouble_is_one_sentence_and_can_be_tried_again(
    panel: Panel, status: int | None, words: str
) -> None:
    panel.refuse("POST", status, "It is full.")
    panel.show()
    panel.button("Not right?").click()
    panel.button("It is a 7").click()
    expect(panel.status).to_have_text(words)
    panel.picture(f"feedback-trouble-{status}")
    expect(panel.button("It is a 7")).to_be_focused()
    assert panel.server.kept == []
    panel.page.unroute("**/api/v1/feedback**")
    panel.button("It is a 7").click()
    expect(panel.status).to_have_text("Thank you: noted as 7.")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "The server cannot be reached, so it is still stored: try again."),
        (503, "It could not be taken back. It is busy."),
    ],
)
def test_what_cannot_be_taken_back_is_said_to_be_there(
    panel: Panel, status: int | None, words: str
) -> None:
    panel.refuse("DELETE", status, "It is busy.")
    panel.show()
    panel.button("Right").click()
    panel.button("Undo the correction").click()
    expect(panel.status).to_have_text(words)
    assert len(panel.server.kept) == 1
    panel.page.unroute("**/api/v1/feedback**")
    panel.button("Undo the correction").click()
    expect(panel.status).to_have_text("Taken back: nothing of it is stored.")
    assert panel.server.kept == []


def test_what_somebody_else_removed_counts_as_taken_back(panel: Panel) -> None:
    panel.show()
    panel.button("Right").click()
    expect(panel.button("Undo the correction")).to_be_visible()
    FeedbackStore(panel.server.file).remove(panel.server.kept[0].id)
    panel.button("Undo the correction").click()
    expect(panel.status).to_have_text("Taken back: nothing of it is stored.")


def test_while_feedback_is_off_nothing_is_asked(context: BrowserContext) -> None:
    server = Server(Settings())
    try:
        panel = Panel(context.new_page(), server)
        assert panel.page.evaluate("() => window.about.model") == READING["model"]
        panel.show()
        expect(panel.root).to_be_hidden()
        expect(panel.page.locator("#promise")).to_have_text("Nothing you draw or show is stored.")
        panel.page.evaluate("() => (window.feedback.enabled = true)")
        expect(panel.button("Right")).to_be_visible()
        panel.button("Right").click()
        words = "It was not stored. This service stores nothing, so it takes no feedback."
        expect(panel.status).to_have_text(words)
    finally:
        server.stop()


def test_the_page_says_what_is_stored(panel: Panel) -> None:
    promise = panel.page.locator("#promise")
    expect(promise).to_contain_text("unless you say here whether it was read right")


def test_a_phone_shows_it_all_and_every_button_is_large_enough(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, color_scheme="dark"
    )
    panel = Panel(context.new_page(), server)
    panel.show()
    panel.button("Not right?").tap()
    panel.picture("feedback-phone-dark")
    width, view = panel.page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= view
    boxes = [it.bounding_box() for it in panel.root.get_by_role("button").all()]
    assert len(boxes) == 13
    assert all(box and min(box["width"], box["height"]) >= 44 for box in boxes)
    panel.button("It is a 9").tap()
    expect(panel.status).to_have_text("Thank you: noted as 9.")
    context.close()
