"""The page as a person uses it, in a real Chromium, against the real server."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Route,
    expect,
)

pytestmark = pytest.mark.browser

Points = list[tuple[float, float]]
SEVEN: Points = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]
ONE: Points = [(0.5, 0.2), (0.5, 0.8)]
#: How often the page may take to answer, milliseconds; a busy machine is slow.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


class Visit:
    """One open page, and all that went wrong on it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.troubles: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.goto(address)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.troubles.append(f"request to {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page itself gives old questions up
            self.troubles.append(f"{request.url}: {request.failure}")

    def places(self, points: Points) -> Points:
        """Parts of the pad as pixels of the window."""
        box = self.page.locator("#pad").bounding_box()
        assert box is not None
        return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]

    def draw(self, points: Points) -> None:
        """One stroke with the mouse."""
        first, *rest = self.places(points)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for point in rest:
            self.page.mouse.move(*point, steps=8)
        self.page.mouse.up()

    def touch(self, points: Points) -> None:
        """One stroke with a finger."""
        session = self.page.context.new_cdp_session(self.page)
        places = self.places(points)
        track = [places[0]]
        for (x0, y0), (x1, y1) in itertools.pairwise(places):
            track += [(x0 + (x1 - x0) * n / 8, y0 + (y1 - y0) * n / 8) for n in range(1, 9)]
        for number, (x, y) in enumerate(track):
            kind = "touchMove" if number else "touchStart"
            session.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]}
            )
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def shows(self, figure: str) -> None:
        """Wait for the large answer to the whole drawing."""
        expect(self.page.locator("#answer[aria-busy=false] #figure")).to_have_text(figure)

    def shares(self) -> list[float]:
        """The ten bars, percent."""
        meters = self.page.locator("#bars [role=meter]")
        return [float(meter.get_attribute("aria-valuenow") or "nan") for meter in meters.all()]

    def seen_ink(self) -> int:
        """Pixels with ink in what the model saw."""
        count: int = self.page.evaluate(
            "() => { const c = document.getElementById('seen');"
            "const d = c.getContext('2d').getImageData(0, 0, 28, 28).data;"
            "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; }"
        )
        return count

    def picture(self, name: str) -> None:
        """Keep a screenshot where $INKDIGITS_SCREENSHOTS is set."""
        if os.environ.get("INKDIGITS_SCREENSHOTS"):
            folder = Path("screenshots")
            folder.mkdir(exist_ok=True)
            self.page.screenshot(path=folder / f"{name}.png")


@pytest.fixture
def desktop(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(service_workers="block", viewport={"width": 1280, "height": 800})
    yield from _visit(context, address)


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(
        service_workers="block",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
    )
    yield from _visit(context, address)


def _visit(context: BrowserContext, address: str) -> Iterator[Visit]:
    visit = Visit(context.new_page(), address)
    yield visit
    context.close()


def test_draw_with_the_mouse_clear_and_draw_another(desktop: Visit) -> None:
    desktop.draw(SEVEN)
    desktop.shows("7")
    headline = desktop.page.locator("#headline")
    expect(headline).to_have_text(re.compile(r"^\d+(\.\d)?\s%$"))
    shares = desktop.shares()
    assert len(shares) == 10
    assert shares[7] > 90
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert 30 < desktop.seen_ink() < 400
    expect(desktop.page.locator("#status")).to_have_text(re.compile(r"^7, .* sure$"))
    desktop.picture("desktop")

    desktop.page.get_by_role("button", name="Clear").click()
    expect(headline).to_have_text("Draw a digit")
    assert desktop.shares() == [0] * 10
    assert desktop.seen_ink() == 0

    desktop.draw(ONE)
    desktop.shows("1")
    assert desktop.shares()[1] > 90
    assert desktop.troubles == []


def test_draw_with_a_finger_on_a_phone(phone: Visit) -> None:
    phone.touch(ONE)
    phone.shows("1")
    assert phone.shares()[1] > 90
    phone.picture("phone-dark")
    phone.page.wait_for_timeout(1000)  # sooner, Chromium takes the tap for part of the stroke
    phone.page.get_by_role("button", name="Clear").tap()
    expect(phone.page.locator("#headline")).to_have_text("Draw a digit")
    phone.touch(SEVEN)
    phone.shows("7")
    assert phone.troubles == []


def test_a_phone_need_not_scroll_sideways(phone: Visit) -> None:
    width, view = phone.page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= view


def test_undo_takes_back_the_last_stroke(desktop: Visit) -> None:
    undo = desktop.page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    desktop.draw(SEVEN)
    desktop.shows("7")
    before = desktop.shares()
    desktop.draw([(0.2, 0.9), (0.8, 0.9)])  # a foot, with which it is hardly a 7
    expect(desktop.page.locator("#bars")).not_to_have_attribute("data-state", "empty")
    desktop.page.wait_for_function(
        "old => [...document.querySelectorAll('#bars [role=meter]')]"
        ".some((m, i) => Math.abs(m.ariaValueNow - old[i]) > 0.5)",
        arg=before,
    )
    undo.click()
    desktop.shows("7")
    assert desktop.shares() == before


def test_keys_undo_and_clear(desktop: Visit) -> None:
    desktop.draw(SEVEN)
    desktop.shows("7")
    desktop.page.keyboard.press("Control+z")
    expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")
    desktop.draw(ONE)
    desktop.shows("1")
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")
    desktop.draw(ONE)
    desktop.shows("1")
    desktop.page.keyboard.press("Delete")
    expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")


def test_a_second_finger_draws_nothing(phone: Visit) -> None:
    asked: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            asked.append(request)

    phone.page.on("request", note)
    (x0, y0), (x1, y1) = phone.places(ONE)
    session = phone.page.context.new_cdp_session(phone.page)
    other = {"x": x0 + 60, "y": y0, "id": 1}
    for kind, y in (("touchStart", y0), ("touchMove", (y0 + y1) / 2), ("touchMove", y1)):
        first = {"x": x1 if kind == "touchMove" else x0, "y": y, "id": 0}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [first]})
        if kind == "touchStart":
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [first, other]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    phone.shows("1")
    bodies: list[Any] = [request.post_data_json for request in asked]
    assert {len(body["strokes"]) for body in bodies} == {1}


@pytest.mark.parametrize("cleared", [False, True], ids=["overtaken", "cleared"])
def test_a_late_answer_does_not_replace_a_newer_one(desktop: Visit, cleared: bool) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page = desktop.page
    page.evaluate(
        "() => { const figure = document.getElementById('figure'); window.figures = [];"
        "new MutationObserver(() => window.figures.push(figure.textContent))"
        ".observe(figure, {childList: true}); }"
    )
    page.route("**/api/v1/classify", hold_the_first)
    with page.expect_request("**/api/v1/classify"):
        desktop.draw([(0.5, 0.5)] if cleared else SEVEN)
    if cleared:
        page.get_by_role("button", name="Clear").click()
        desktop.draw(SEVEN)
    desktop.shows("7")
    # No drawing is read as 77: whoever shows it has shown the late answer.
    late = {"digit": 77, "confidence": 1, "accepted": True, "reason": None}
    # The page gave the old question up, so there may be nobody left to answer.
    with contextlib.suppress(Error):
        held[0].fulfill(json={**late, "probabilities": [0.1] * 10})
    page.keyboard.press("Escape")
    desktop.draw(ONE)
    desktop.shows("1")
    assert "77" not in page.evaluate("() => window.figures")


def made_up(
    reason: str | None, shares: dict[int, float], candidates: tuple[int, ...] = ()
) -> dict[str, Any]:
    """An answer of the service, as far as the page needs it."""
    best = max(shares, key=shares.__getitem__)
    return {
        "digit": None if reason == "blank" else best,
        "confidence": shares[best],
        "accepted": reason is None,
        "reason": reason,
        "candidates": [{"digit": it, "probability": shares[it]} for it in candidates],
        "probabilities": [shares.get(digit, 0) for digit in range(10)],
        "seen": [0] * 784,
    }


NO_DIGIT = "Try one digit, large and on its own. The bars tell which it would be if it were one."
ASIDE = "Write them side by side, with a little room between them."
#: name -> (answer, figure, headline, note, choices, what is spoken)
MESSAGES: dict[str, tuple[dict[str, Any], str, str, str, list[str], str]] = {
    "unsure-two": (
        made_up("unsure", {5: 0.542, 3: 0.41, 8: 0.048}, (5, 3)),
        *("5?", "Not sure: 5 or 3?", "", ["5 54.2 %", "3 41.0 %"]),
        "Not sure: 5 or 3? 5 54.2 %, 3 41.0 %",
    ),
    "unsure-three": (
        made_up("unsure", {4: 0.4, 9: 0.35, 7: 0.25}, (4, 9, 7)),
        *("4?", "Not sure: 4, 9 or 7?", "", ["4 40.0 %", "9 35.0 %", "7 25.0 %"]),
        "Not sure: 4, 9 or 7? 4 40.0 %, 9 35.0 %, 7 25.0 %",
    ),
    "no-digit": (
        made_up("not_a_digit", {2: 0.6, 8: 0.4}),
        *("?", "That does not look like a digit.", NO_DIGIT, []),
        f"That does not look like a digit. {NO_DIGIT}",
    ),
    "several": (
        made_up("several_digits", {2: 0.6, 8: 0.4}),
        *("?", "I see several digits.", ASIDE, []),
        f"I see several digits. {ASIDE}",
    ),
    "blank": (
        made_up("blank", {2: 0.1, 8: 0.1}),
        *("–", "Draw a digit", "Use a mouse, a finger or a pen.", []),
        "The pad is empty.",
    ),
    "digit": (
        made_up(None, {2: 0.981, 8: 0.019}, (2,)),
        *("2", "98.1 %", "sure that this is a 2", [], "2, 98.1 % sure"),
    ),
}


@pytest.mark.parametrize(
    ("width", "height", "light"), [(1280, 800, True), (360, 740, False)], ids=["desktop", "phone"]
)
@pytest.mark.parametrize("name", MESSAGES)
def test_each_answer_is_said_plainly(
    name: str, width: int, height: int, light: bool, browser: Browser, address: str
) -> None:
    answer, figure, headline, note, choices, spoken = MESSAGES[name]
    context = browser.new_context(
        service_workers="block",
        viewport={"width": width, "height": height},
        color_scheme="light" if light else "dark",
    )
    for visit in _visit(context, address):
        page = visit.page
        page.route("**/api/v1/classify", lambda route: route.fulfill(json=answer))
        visit.draw(SEVEN)
        visit.shows(figure)
        expect(page.locator("#headline")).to_have_text(headline)
        expect(page.locator("#note")).to_have_text(note)
        listed = page.get_by_role("list", name="Candidates")
        if choices:
            expect(listed).to_be_visible()
            expect(listed.get_by_role("listitem")).to_have_text(choices)
        else:
            expect(page.locator("#choices")).to_be_hidden()
        leaders = page.locator("#bars .leads").evaluate_all(
            "all => all.map(li => li.dataset.digit)"
        )
        asked = [it["digit"] for it in answer["candidates"]]
        assert sorted(map(int, leaders)) == sorted(asked)
        expect(page.get_by_role("status")).to_have_text(spoken)
        wide, view = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= view
        visit.picture(f"says-{name}-{width}")
        page.keyboard.press("Escape")
        expect(page.locator("#headline")).to_have_text("Draw a digit")
        expect(page.locator("#choices")).to_be_hidden()
        assert visit.troubles == []


RING: Points = [
    *((0.7, 0.3), (0.85, 0.4), (0.87, 0.55), (0.8, 0.72), (0.68, 0.74), (0.57, 0.62)),
    *((0.56, 0.45), (0.62, 0.33), (0.7, 0.3)),
]


def test_several_digits_are_read_as_a_number(desktop: Visit) -> None:
    desktop.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    desktop.draw(RING)
    desktop.shows("70")
    expect(desktop.page.locator("#headline")).to_have_text(re.compile(r"^\d+(\.\d)?\s%$"))
    expect(desktop.page.locator("#note")).to_have_text("sure that this is 70")
    expect(desktop.page.get_by_role("status")).to_have_text(re.compile(r"^70, .* sure$"))
    desktop.picture("several-real")
    desktop.page.keyboard.press("Control+z")
    desktop.shows("7")
    expect(desktop.page.locator("#spelt")).to_be_hidden()
    assert desktop.troubles == []


@pytest.mark.parametrize("alone", [False, True])
def test_each_digit_of_a_number_has_its_picture_its_bars_and_its_reasons(
    desktop: Visit, alone: bool
) -> None:
    page = desktop.page
    if alone:
        page.route("**/api/**", lambda route: route.abort())
    desktop.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    desktop.draw(RING)
    desktop.shows("70")
    digits = page.get_by_role("group", name="The digit to look at").get_by_role("radio")
    expect(digits).to_have_count(2)
    expect(digits.first).to_be_checked()
    expect(digits.first).to_have_accessible_name(re.compile(r"^Digit 1 of 2: 7, [\d.]+\s%$"))
    seen = "What the model sees: digit {} of 2 as 28 by 28 pixels"
    picture = page.locator("#seen")
    expect(picture).to_have_attribute("aria-label", seen.format(1))
    assert desktop.shares()[7] > 90
    assert sum(desktop.shares()) == pytest.approx(100, abs=0.1)
    inks = [desktop.seen_ink()]
    digits.first.focus()
    page.keyboard.press("ArrowRight")
    expect(digits.last).to_be_checked()
    expect(picture).to_have_attribute("aria-label", seen.format(2))
    assert desktop.shares()[0] > 90
    inks.append(desktop.seen_ink())
    assert all(20 < ink < 300 for ink in inks)
    assert inks[0] != inks[1]
    expect(page.locator("#why-title")).to_have_text("Why a 0?")
    page.locator("#why-title").click()
    expect(page.locator("#why-map")).to_have_accessible_name(re.compile("the odds of a 0 fall"))
    page.locator("#spelt label").first.click()
    expect(page.locator("#why-map")).to_have_accessible_name(re.compile("the odds of a 7 fall"))


def test_a_number_that_grows_stays_until_the_longer_one_is_read(desktop: Visit) -> None:
    page = desktop.page
    desktop.draw([(0.08, 0.3), (0.3, 0.3), (0.16, 0.7)])
    desktop.draw([(0.45, 0.3), (0.45, 0.7)])
    desktop.shows("71")
    page.evaluate(
        "() => { const figure = document.getElementById('figure'); window.shown = [];"
        "new MutationObserver(() => window.shown.push(figure.textContent))"
        ".observe(figure, { childList: true, characterData: true, subtree: true }); }"
    )
    desktop.draw([(0.6, 0.3), (0.85, 0.3), (0.7, 0.7)])
    desktop.shows("717")
    assert "?" not in page.evaluate("() => window.shown")
    page.route("**/api/v1/read*", lambda route: route.fulfill(json={"numbers": []}))
    page.keyboard.press("Control+z")
    expect(page.locator("#answer[aria-busy=false] #headline")).to_have_text("I see several digits.")
    expect(page.locator("#spelt")).to_be_hidden()


#: Numbers of many digits, which to the reader of single digits look like none.
LONG: list[Points] = [
    *([(0.06, 0.4), (0.2, 0.4), (0.12, 0.62)], [(0.3, 0.4), (0.3, 0.62)]),
    *([(0.48, 0.4), (0.4, 0.54), (0.56, 0.54)], [(0.51, 0.46), (0.51, 0.63)]),
    *([(0.65, 0.39), (0.66, 0.61)], [(0.76, 0.4), (0.9, 0.4), (0.83, 0.61)]),
]


def test_many_digits_are_read_as_a_number(desktop: Visit) -> None:
    for line in LONG:
        desktop.draw(line)
    desktop.shows("71417")
    expect(desktop.page.locator("#note")).to_have_text("sure that this is 71417")
    right = "(name) => document.querySelector(name).getBoundingClientRect().right"
    assert desktop.page.evaluate(right, "#seen") <= desktop.page.evaluate(right, "main")
    desktop.picture("many-digits")
    assert desktop.troubles == []


def digits(text: str) -> list[dict[str, Any]]:
    """Those of a number in the server's answer."""
    return [
        {
            "digit": int(sign),
            "confidence": 0.9,
            "probabilities": [0.9 if place == int(sign) else 0.1 / 9 for place in range(10)],
            "box": None,
            "seen": None,
        }
        for sign in text
    ]


def test_what_is_no_digit_is_a_number_only_where_that_is_sure(desktop: Visit) -> None:
    refused = made_up("not_a_digit", {2: 0.6, 8: 0.4})
    number = {"text": "71", "confidence": 0.6, "accepted": False, "digits": digits("71")}
    desktop.page.route("**/api/v1/classify", lambda route: route.fulfill(json=refused))
    desktop.page.route(
        "**/api/v1/read*", lambda route: route.fulfill(json={"numbers": [number.copy()]})
    )
    desktop.draw(LONG[0])
    desktop.draw(LONG[1])
    expect(desktop.page.locator("#answer[aria-busy=false] #headline")).to_have_text(
        "That does not look like a digit."
    )
    number |= {"accepted": True}
    desktop.page.keyboard.press("Escape")
    desktop.draw(LONG[0])
    desktop.draw(LONG[1])
    desktop.shows("71")


def test_what_is_no_number_either_stays_several(desktop: Visit) -> None:
    desktop.page.route("**/api/v1/read*", lambda route: route.fulfill(json={"numbers": []}))
    desktop.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    desktop.draw(RING)
    expect(desktop.page.locator("#answer[aria-busy=false] #headline")).to_have_text(
        "I see several digits."
    )


def test_a_number_that_comes_late_is_not_shown(desktop: Visit) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desktop.page.route("**/api/v1/read*", hold)
    desktop.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    with desktop.page.expect_request("**/api/v1/read*"):
        desktop.draw(RING)
    desktop.page.keyboard.press("Escape")
    desktop.draw(ONE)
    desktop.shows("1")
    with contextlib.suppress(Error):
        number = {"text": "70", "confidence": 1, "accepted": True, "digits": digits("70")}
        held[0].fulfill(json={"numbers": [number]})
    desktop.page.wait_for_timeout(100)
    desktop.shows("1")


def test_steps_are_taken_back_and_done_again(desktop: Visit) -> None:
    undo, redo, clear = (
        desktop.page.get_by_role("button", name=name) for name in ("Undo", "Redo", "Clear")
    )
    expect(redo).to_be_disabled()
    desktop.draw(SEVEN)
    desktop.shows("7")
    clear.click()
    expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")
    undo.click()  # what was cleared is not lost
    desktop.shows("7")
    undo.click()
    expect(undo).to_be_disabled()
    desktop.page.keyboard.press("Control+y")
    desktop.shows("7")
    desktop.page.keyboard.press("Control+z")
    desktop.page.keyboard.press("Control+Shift+Z")
    desktop.shows("7")
    desktop.draw([(0.5, 0.9), (0.6, 0.9)])
    expect(redo).to_be_disabled()  # a new step ends what could be done again


def test_the_eraser_takes_ink_away_and_a_pen_ends_it(desktop: Visit) -> None:
    eraser = desktop.page.get_by_role("button", name="Eraser")
    desktop.draw(SEVEN)
    desktop.shows("7")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    desktop.draw([(0.15, 0.25), (0.66, 0.25)])  # the bar: what is left is a stroke
    desktop.shows("1")
    desktop.page.get_by_role("button", name="Undo").click()  # one movement is one step
    desktop.shows("7")
    desktop.page.get_by_role("radio", name="Broad").check(force=True)
    expect(eraser).to_have_attribute("aria-pressed", "false")
    desktop.page.keyboard.press("e")
    expect(eraser).to_have_attribute("aria-pressed", "true")


def inked(visit: Visit) -> int:
    """Pixels with ink on the pad."""
    count: int = visit.page.evaluate(
        "() => { const c = document.getElementById('pad');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 127; return n; }"
    )
    return count


def test_pens_have_widths(desktop: Visit) -> None:
    inks = []
    for name in ("Fine", "Medium", "Broad"):
        desktop.page.get_by_role("radio", name=name).check(force=True)
        desktop.draw(ONE)
        desktop.shows("1")
        inks.append(inked(desktop))
        desktop.page.keyboard.press("Escape")
        expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")
    assert inks[1] / inks[0] == pytest.approx(2, rel=0.15)
    assert inks[2] / inks[1] == pytest.approx(1.65, rel=0.15)


def test_a_pen_that_is_pressed_draws_wider(desktop: Visit) -> None:
    session = desktop.page.context.new_cdp_session(desktop.page)
    inks = []
    for force in (0.1, 0.9):
        (x, y0), (_, y1) = desktop.places(ONE)
        for step in range(12):
            kind = ("mousePressed", *["mouseMoved"] * 10, "mouseReleased")[step]
            session.send(
                "Input.dispatchMouseEvent",
                {"type": kind, "x": x, "y": y0 + (y1 - y0) * step / 11, "button": "left"}
                | {"buttons": 1, "clickCount": 1, "pointerType": "pen", "force": force},
            )
        desktop.shows("1")
        inks.append(inked(desktop))
        desktop.page.keyboard.press("Escape")
        expect(desktop.page.locator("#headline")).to_have_text("Draw a digit")
    assert inks[1] > 1.8 * inks[0]


def test_a_digit_is_drawn_by_keyboard(desktop: Visit) -> None:
    page = desktop.page
    pad = page.get_by_role("application")
    pad.focus()
    for keys in ("ArrowUp " * 6 + "Space", "ArrowDown " * 12 + "Space"):
        for key in keys.split():
            page.keyboard.press(key)
    desktop.shows("1")
    expect(page.locator("#pen-status")).to_have_text("Pen up at 50, 80")
    page.keyboard.press("Control+z")
    expect(page.locator("#headline")).to_have_text("Draw a digit")


def test_ways_are_chosen_by_mouse_keys_and_address(desktop: Visit) -> None:
    page = desktop.page
    page.get_by_role("tab", name="Camera").click()
    expect(page.locator("#camera")).to_be_visible()
    expect(page.locator("#draw")).to_be_hidden()
    assert page.url.endswith("#camera")
    page.keyboard.press("Home")
    expect(page.locator("#draw")).to_be_visible()
    expect(page.get_by_role("tab", name="Draw")).to_be_focused()
    assert page.url.endswith("/")
    page.goto(f"{desktop.address}/#camera")
    expect(page.locator("#camera")).to_be_visible()
    page.goto(f"{desktop.address}/#nowhere")
    expect(page.locator("#draw")).to_be_visible()


def test_the_file_of_words_has_every_word_of_the_page(desktop: Visit) -> None:
    changed = desktop.page.evaluate(
        "async () => { const { say } = await import('/static/words.js');"
        "const page = new DOMParser().parseFromString("
        "await (await fetch('/')).text(), 'text/html');"
        "const flat = text => text.replace(/\\s+/g, ' ').trim(); const wrong = [];"
        "for (const it of page.querySelectorAll('[data-words]'))"
        " if (flat(it.textContent) !== say(it.dataset.words)) wrong.push(it.dataset.words);"
        "for (const it of page.querySelectorAll('[data-label]'))"
        " if (it.ariaLabel !== say(it.dataset.label)) wrong.push(it.dataset.label);"
        "return wrong; }"
    )
    assert changed == []


def test_what_the_page_sends_has_not_changed(desktop: Visit) -> None:
    with desktop.page.expect_request("**/api/v1/classify") as caught:
        desktop.draw([(0.5, 0.5)])
    body: Any = caught.value.post_data_json
    assert set(body) == {"strokes", "seen", "top_k"}
    assert (body["seen"], body["top_k"]) == (True, 3)


def test_where_the_server_cannot_be_reached_the_page_reads_the_same(desktop: Visit) -> None:
    desktop.draw(SEVEN)
    desktop.shows("7")
    said = desktop.shares()
    desktop.page.route("**/api/v1/classify", lambda route: route.abort())
    desktop.page.keyboard.press("Control+z")
    desktop.page.keyboard.press("Control+y")
    expect(desktop.page.locator("#note")).to_have_text(
        "sure that this is a 7, read in this browser without the server"
    )
    desktop.shows("7")
    assert desktop.shares() == pytest.approx(said, abs=0.05)  # percent
    desktop.page.unroute("**/api/v1/classify")
    desktop.draw([(0.45, 0.8), (0.45, 0.81)])
    expect(desktop.page.locator("#note")).to_have_text("sure that this is a 7")


def test_a_server_that_says_nothing_is_not_waited_for(desktop: Visit) -> None:
    page = desktop.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/classify", hold)
    desktop.draw(SEVEN)
    expect(page.locator("#note")).to_have_text(
        "sure that this is a 7, read in this browser without the server", timeout=5_000
    )
    asked = len(held)
    page.keyboard.press("Escape")
    desktop.draw(ONE)
    desktop.shows("1")
    assert len(held) == asked  # it is let alone for a while
    desktop.page.unroute("**/api/v1/classify")
    assert desktop.troubles == []


def test_a_busy_server_is_said_plainly_and_mended(desktop: Visit) -> None:
    problem = {"title": "Overloaded", "detail": "Too many pictures are waiting: try again."}
    desktop.page.route("**/api/v1/classify", lambda route: route.fulfill(status=503, json=problem))
    desktop.draw(SEVEN)
    expect(desktop.page.locator("#headline")).to_have_text("The server has trouble answering.")
    desktop.page.unroute("**/api/v1/classify")
    desktop.draw([(0.45, 0.8), (0.45, 0.81)])
    desktop.shows("7")


#: A phone on its side; a window of 1280 x 800 at 200 %.
LOW = [{"width": 844, "height": 390}, {"width": 640, "height": 400}]


@pytest.mark.parametrize("size", LOW)
def test_in_a_low_window_pad_and_answer_are_in_sight_together(
    browser: Browser, address: str, size: Any
) -> None:
    with browser.new_context(service_workers="block", viewport=size) as context:
        visit = Visit(context.new_page(), address)
        for line in LONG:
            visit.draw(line)
        visit.shows("71417")
        boxes = []
        for name in ("#pad", "#figure", "#headline", "#seen", "#undo", "#clear"):
            box = visit.page.locator(name).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size["width"] - 16  # the page's own margin
            assert box["y"] + box["height"] <= size["height"], name
            boxes.append(box)
        pad, figure, *_ = boxes
        assert pad["x"] + pad["width"] <= figure["x"]
        assert pad["width"] == pytest.approx(pad["height"], abs=1)


def test_nothing_is_cut_off_on_the_smallest_phone(browser: Browser, address: str) -> None:
    size: Any = {"width": 320, "height": 640}
    with browser.new_context(
        service_workers="block", viewport=size, has_touch=True, is_mobile=True
    ) as context:
        visit = Visit(context.new_page(), address)
        for line in LONG:
            visit.draw(line)
        visit.shows("71417")
        for tab in visit.page.get_by_role("tab").all():
            tab.click()
            script = "() => [document.documentElement.scrollWidth, innerWidth]"
            assert visit.page.evaluate(script) == [320, 320]
            whole = "(it) => it.scrollWidth <= it.clientWidth"
            assert tab.evaluate(whole), f"{tab.inner_text()} is cut short"


def test_the_page_says_who_reads_and_how_well(desktop: Visit) -> None:
    expect(desktop.page.locator("#made")).to_have_text(
        re.compile(
            r"^Read by standard 2, which reads \d\d\.\d\s% of [\d,.]+ digits from real life"
            r" right\.$"
        )
    )
    expect(desktop.page.get_by_role("link", name="Model card")).to_be_visible()
    expect(desktop.page.locator("#promise")).to_contain_text("Nothing you draw or show is stored")


def test_the_api_page_needs_nothing_from_elsewhere(desktop: Visit) -> None:
    desktop.page.get_by_role("link", name="API").click()
    expect(desktop.page.locator("h1")).to_contain_text("inkdigits")
    expect(desktop.page.get_by_role("heading", name="POST /api/v1/classify").first).to_be_visible()
    assert desktop.troubles == []
