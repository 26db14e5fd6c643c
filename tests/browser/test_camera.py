"""The page's camera in a real Chromium, whose camera is a film, against the real server."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import FLAGS
from tests.browser.test_page import Visit

pytestmark = pytest.mark.browser

#: Name -> viewport, and what else a context is made of.
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 1100}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "color_scheme": "dark",
    },
}


@pytest.fixture(params=SCREENS)
def visit(
    with_camera: Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[tuple[Visit, str]]:
    context = with_camera.new_context(service_workers="block", **SCREENS[request.param])
    it = Visit(context.new_page(), address)
    it.page.get_by_role("tab", name="Camera").click()
    yield it, request.param
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(service_workers="block")
    yield context.new_page()
    context.close()


def toggle(page: Page) -> Locator:
    return page.locator("#camera-toggle")


def painted(page: Page) -> int:
    """Pixels that are marked over the video."""
    count: int = page.evaluate(
        "() => { const c = document.getElementById('marks');"
        "if (!c.width || !c.height) return 0;"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; }"
    )
    return count


def test_numbers_before_the_camera_are_read_and_kept(visit: tuple[Visit, str]) -> None:
    it, name = visit
    page = it.page
    expect(page.locator("#scene")).to_be_hidden()
    expect(page.get_by_role("button", name="Capture")).to_be_disabled()
    expect(page.locator("#camera-note")).to_contain_text("Start the camera, then hold numbers")
    toggle(page).click()
    numbers = page.get_by_role("list", name="Numbers in sight").get_by_role("listitem")
    expect(numbers).to_have_text([re.compile(r"^2471 \d"), re.compile(r"^107 \d")])
    expect(page.locator("#camera-status")).to_have_text(re.compile(r"^2471, (perhaps )?107$"))
    expect(page.locator("#scene")).to_be_visible()
    assert painted(page) > 500
    page.locator("#scene").scroll_into_view_if_needed()
    it.picture(f"camera-{name}")

    page.get_by_role("button", name="Capture").click()
    kept = page.get_by_role("list", name="Captured, the latest first")
    expect(kept.get_by_role("img")).to_have_count(1)
    expect(kept).to_contain_text("2471")
    expect(page.locator("#camera-status")).to_have_text(
        re.compile(r"^Captured: 2471, (perhaps )?107$")
    )

    toggle(page).click()
    expect(toggle(page)).to_have_text("Start camera")
    expect(page.locator("#scene")).to_be_hidden()
    expect(numbers).to_have_count(0)
    expect(kept).to_contain_text("107")  # what was captured stays
    kept.scroll_into_view_if_needed()
    it.picture(f"camera-kept-{name}")
    assert page.evaluate("() => document.getElementById('video').srcObject") is None
    wide, view = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= view
    toggle(page).click()  # and once more
    expect(numbers.first).to_contain_text("2471")
    assert it.troubles == []


def test_the_camera_needs_no_mouse(with_camera: Browser, address: str) -> None:
    context = with_camera.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"{address}/#camera")
    expect(toggle(page)).to_be_enabled()
    toggle(page).focus()
    page.keyboard.press("Enter")
    expect(toggle(page)).to_have_text("Stop camera")
    expect(toggle(page)).to_be_focused()
    expect(page.locator("#capture")).to_be_enabled()
    page.keyboard.press("Tab")
    expect(page.locator("#capture")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#kept > li")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(toggle(page)).to_have_text("Start camera")
    context.close()


def test_one_frame_is_under_way_at_a_time_and_the_next_is_new(
    with_camera: Browser, address: str
) -> None:
    context = with_camera.new_context(service_workers="block")
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/read*", hold)
    page.goto(f"{address}/#camera")
    toggle(page).click()
    expect(page.locator("#camera-note")).to_contain_text("Hold numbers")
    page.wait_for_timeout(1500)
    assert len(held) == 1
    first = held[0].request
    assert first.url.endswith("/api/v1/read?turn=false")
    assert first.headers["content-type"] == "image/jpeg"
    assert (first.post_data_buffer or b"")[:3] == b"\xff\xd8\xff"
    number = {"text": "12", "confidence": 0.4, "accepted": False}
    box = {"x": 100, "y": 100, "width": 90, "height": 60}
    held[0].fulfill(json={"numbers": [{**number, "box": box}]})
    expect(page.locator("#numbers")).to_have_text("12? not sure, 40.0\u202f%")
    page.wait_for_timeout(1000)
    assert len(held) == 2
    toggle(page).click()
    expect(page.locator("#numbers li")).to_have_count(0)
    context.close()


def test_a_server_in_trouble_is_said_and_asked_again(with_camera: Browser, address: str) -> None:
    context = with_camera.new_context(service_workers="block")
    page = context.new_page()
    busy = {"title": "The service is busy", "detail": "Too many pictures are waiting: try again."}
    page.route(
        "**/api/v1/read*",
        lambda route: route.fulfill(
            status=503, body=json.dumps(busy), content_type="application/problem+json"
        ),
    )
    page.goto(f"{address}/#camera")
    toggle(page).click()
    expect(page.locator("#camera-note")).to_have_text(busy["detail"])
    page.unroute("**/api/v1/read*")
    page.route("**/api/v1/read*", lambda route: route.abort())
    expect(page.locator("#camera-note")).to_have_text(
        "The server cannot be reached, and the camera needs it. What you draw is read without it."
    )
    page.unroute("**/api/v1/read*")
    expect(page.locator("#numbers")).to_contain_text("2471")
    expect(page.locator("#camera-note")).to_contain_text("Hold numbers")
    context.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "The camera is not allowed: allow it"),
        ("NotFoundError", "No camera was found: plug one in"),
        ("NotReadableError", "The camera is in use: close the other program"),
        ("AbortError", "The camera could not be started: try again."),
    ],
)
def test_why_there_is_no_camera_is_said(page: Page, address: str, name: str, words: str) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = "
        f"() => Promise.reject(new DOMException('no', '{name}'));"
    )
    page.goto(f"{address}/#camera")
    toggle(page).click()
    expect(page.locator("#camera-note")).to_contain_text(words)
    expect(toggle(page)).to_have_text("Start camera")
    expect(toggle(page)).to_be_enabled()
    expect(page.locator("#scene")).to_be_hidden()


def test_a_camera_that_is_denied_is_said(
    browser: Browser, chromium_path: str, address: str
) -> None:
    flags = [*FLAGS, "--use-fake-device-for-media-stream"]  # and nobody to say yes
    started = browser.browser_type.launch(executable_path=chromium_path, args=flags)
    page = started.new_page()
    page.goto(f"{address}/#camera")
    toggle(page).click()
    expect(page.locator("#camera-note")).to_contain_text("The camera is not allowed")
    started.close()


def test_an_unsafe_address_is_said(browser: Browser, chromium_path: str, address: str) -> None:
    flags = [*FLAGS, "--no-proxy-server", "--host-resolver-rules=MAP unsafe.test 127.0.0.1"]
    started = browser.browser_type.launch(executable_path=chromium_path, args=flags)
    page = started.new_page()
    page.goto(f"{address.replace('127.0.0.1', 'unsafe.test')}/#camera")
    toggle(page).click()
    expect(page.locator("#camera-note")).to_contain_text("https:// or on localhost")
    started.close()


def test_a_camera_that_goes_is_said(with_camera: Browser, address: str) -> None:
    context = with_camera.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"{address}/#camera")
    toggle(page).click()
    expect(page.locator("#scene")).to_be_visible()
    page.evaluate(
        "() => document.getElementById('video').srcObject.getVideoTracks()[0]"
        ".dispatchEvent(new Event('ended'))"
    )
    expect(page.locator("#camera-note")).to_contain_text("The camera has gone")
    expect(toggle(page)).to_have_text("Start camera")
    context.close()


def test_the_page_holds_no_script_or_style_of_its_own() -> None:
    folder = Path(__file__).parents[2] / "src" / "inkdigits" / "service" / "page"
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "style=" not in text
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+=", text)
