"""The page as an app that a browser installs, and whom it asks while it is used."""

from __future__ import annotations

import json
import os

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, CDPSession, Request, WebSocket, expect

from tests.browser.conftest import served
from tests.browser.panel import boxes, choose, png
from tests.browser.test_offline import settled
from tests.browser.test_page import ONE, SEVEN, Visit

pytestmark = pytest.mark.browser


def faults(session: CDPSession) -> list[str]:
    """What keeps a browser from installing the page."""
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # a window of a test is a private one, in which nothing is installed
    return [it["errorId"] for it in found if it["errorId"] != "in-incognito"]


def test_a_browser_may_install_it(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    settled(page)
    session = context.new_cdp_session(page)
    session.send("Page.enable")
    manifest = session.send("Page.getAppManifest")
    assert manifest["url"] == f"{address}/static/manifest.webmanifest"
    assert manifest["errors"] == []
    said = json.loads(manifest["data"])
    assert (said["name"], said["display"]) == ("inkdigits", "standalone")
    # without an `id` the address is one: a host may hold several of these pages under paths
    assert "id" not in said
    purposes = {icon["purpose"] for icon in said["icons"] if "purpose" in icon}
    assert purposes == {"any", "maskable"}
    assert faults(session) == []
    assert session.send("Page.getAppId")["appId"] == f"{address}/"
    context.close()


def test_what_cannot_be_installed_is_found(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/docs")  # which has no manifest
    session = context.new_cdp_session(page)
    session.send("Page.enable")
    assert faults(session) == ["no-manifest"]
    context.close()


def test_whatever_is_done_goes_to_the_page_s_own_server(
    with_camera: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("own") / "feedback.db"
    with served("--feedback", str(file)) as (address, _):
        context = with_camera.new_context(viewport={"width": 1280, "height": 900})
        asked: list[Request] = []
        sockets: list[WebSocket] = []

        def note_request(request: Request) -> None:
            asked.append(request)

        def note_socket(socket: WebSocket) -> None:
            sockets.append(socket)

        context.on("request", note_request)  # workers' too
        page = context.new_page()
        page.on("websocket", note_socket)
        visit = Visit(page, address)
        settled(page)
        visit.draw(SEVEN)
        visit.shows("7")
        page.locator("#why-title").click()
        expect(page.locator("#why[aria-busy=false] #why-note")).not_to_be_empty()
        page.get_by_role("button", name="Not right?").click()
        page.get_by_role("button", name="It is a 1").click()
        expect(page.locator(".feedback-status")).to_have_text("Thank you: noted as 1.")
        page.get_by_role("button", name="Undo the correction").click()
        expect(page.locator(".feedback-status")).to_contain_text("Taken back")

        page.get_by_role("tab", name="Picture").click()
        choose(page, png())
        expect(boxes(page)).to_have_count(2)
        page.get_by_role("tab", name="Camera").click()
        page.locator("#camera-toggle").click()
        expect(page.locator("#numbers li")).to_have_count(2)
        page.get_by_role("tab", name="Draw").click()
        page.keyboard.press("Escape")
        visit.draw(ONE)
        visit.shows("1")

        own = (f"{address}/", f"blob:{address}/", "data:")
        assert [it.url for it in asked if not it.url.startswith(own)] == []
        assert sockets == []
        paths = {it.url.removeprefix(address).split("?")[0] for it in asked if it.method == "POST"}
        assert paths == {"/api/v1/classify", "/api/v1/feedback", "/api/v1/read"}
        kept = page.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""]
        assert visit.troubles == []
        context.close()
