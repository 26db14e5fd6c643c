"""The page without its server: kept by the browser after a visit, and as a folder of files."""

from __future__ import annotations

import functools
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Page, expect

from inkdigits.service import webapp
from tests.browser.conftest import _wait
from tests.browser.test_page import LONG, ONE, RING, SEVEN, Visit

pytestmark = pytest.mark.browser
#: A small seven and, with `RING`, a number beside it.
SMALL_SEVEN = [(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)]
KEPT = "async () => (await navigator.serviceWorker.ready).active.state"


def settled(page: Page) -> None:
    """Wait until the service worker holds all files and has taken over."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=60_000)
    page.wait_for_function(f"async () => (await ({KEPT})()) === 'activated'", timeout=60_000)


def test_after_one_visit_it_reads_with_the_server_gone(browser: Browser) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "inkdigits", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context()
    try:
        _wait(f"{address}/readyz", server)
        page = context.new_page()
        page.goto(address)
        settled(page)
    finally:
        server.terminate()
        server.wait(timeout=20)
    page.reload()
    visit = Visit.__new__(Visit)
    visit.page, visit.address, visit.troubles = page, address, []
    visit.draw(SEVEN)
    visit.shows("7")
    expect(page.locator("#note")).to_contain_text("read in this browser")
    page.keyboard.press("Escape")
    visit.draw(SMALL_SEVEN)
    visit.draw(RING)
    visit.shows("70")
    expect(page.locator("#note")).to_have_text(
        "sure that this is 70, read in this browser without the server"
    )
    page.keyboard.press("Escape")
    for line in LONG:
        visit.draw(line)
    visit.shows("71417")
    page.keyboard.press("Escape")
    visit.draw(ONE)
    visit.shows("1")
    context.close()


#: When the page has the worker registered, and whether it saves data.
WATCH = """(saving) => {
  Object.defineProperty(navigator, "connection", { value: { saveData: saving } });
  window.registered = [];
  const register = navigator.serviceWorker.register.bind(navigator.serviceWorker);
  navigator.serviceWorker.register = (...how) => {
    window.registered.push(document.readyState);
    return register(...how);
  };
}"""


def test_what_is_kept_comes_when_all_else_is_there(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(f"({WATCH})(false)")
        page.goto(address)
        settled(page)
        assert page.evaluate("() => window.registered") == ["complete"]


def test_who_saves_data_is_spared_what_is_kept(browser: Browser, address: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(f"({WATCH})(true)")
        page.goto(address)
        visit = Visit.__new__(Visit)
        visit.page, visit.address, visit.troubles = page, address, []
        visit.draw(SEVEN)
        visit.shows("7")
        page.wait_for_timeout(1_500)
        assert page.evaluate("() => window.registered") == []
        page.evaluate("() => window.dispatchEvent(new Event('appinstalled'))")
        settled(page)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[str, ThreadingHTTPServer]]:
    """A host of files with the page under a path."""
    webapp.write_site(tmp_path / "some" / "path")
    handler = functools.partial(Quiet, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/path/", server
    server.shutdown()
    server.server_close()
    thread.join(timeout=20)


def test_a_folder_of_files_reads_and_asks_nobody(
    browser: Browser, host: tuple[str, ThreadingHTTPServer]
) -> None:
    address, server = host
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visit = Visit(context.new_page(), address)
    page = visit.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit.draw(SEVEN)
    visit.shows("7")
    expect(page.locator("#note")).to_have_text("sure that this is a 7")
    expect(page.locator("#promise")).to_have_text("Nothing you draw leaves this page.")
    expect(page.locator("#made")).to_have_text(
        re.compile(r"^Read by standard 2, which reads \d\d\.\d\s% of \d,\d{3} digits")
    )
    expect(page.get_by_role("tab")).to_have_text([re.compile("Draw"), re.compile("How it works")])
    page.keyboard.press("Escape")
    assert not [url for url in asked if "lines/line.onnx" in url]
    visit.draw(SMALL_SEVEN)
    visit.draw(RING)
    visit.shows("70")
    expect(page.locator("#note")).to_have_text("sure that this is 70")
    assert [url for url in asked if url == f"{address}static/models/lines/line.onnx"]
    page.keyboard.press("Escape")
    for line in LONG:
        visit.draw(line)
    visit.shows("71417")
    assert not [url for url in asked if "/api/" in url]
    settled(page)
    visit.picture("site")
    server.shutdown()
    server.server_close()
    page.reload()
    visit.draw(SMALL_SEVEN)
    visit.draw(RING)
    visit.shows("70")
    page.keyboard.press("Escape")
    visit.draw(ONE)
    visit.shows("1")
    page.get_by_role("tab", name="Draw").press("ArrowRight")
    expect(page.locator("#how-source")).to_contain_text("Your own drawing")
    assert visit.troubles == []
    context.close()
