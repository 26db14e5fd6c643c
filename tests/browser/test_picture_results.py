"""What the page makes of a picture's answer: doubts, details, keys, and what is taken away."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Download, expect

from tests.browser.panel import (
    HIGH,
    READ,
    WIDE,
    answer,
    boxes,
    choose,
    file,
    note,
    number,
    opened,
    png,
    spoken,
    written,
)
from tests.browser.test_camera import SCREENS
from tests.browser.test_page import Visit
from tests.pictures import encode

pytestmark = pytest.mark.browser

POINT = {"mark": ".", "after": 2, "box": {"x": 1, "y": 1, "width": 2, "height": 2}}
THREE = answer(
    number("2471", (60, 50, 190, 60)),
    number("107", (200, 190, 130, 60), accepted=False),
    {**number("35", (20, 200, 60, 40)), "separators": [{**POINT, "after": 1}]},
    text="2471\n35 107",
)


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def each(browser: Browser, address: str, screen: str) -> Iterator[Visit]:
    for visit in opened(browser, address, **SCREENS[screen]):
        visit.page.route(READ, lambda route: route.fulfill(json=THREE))
        yield visit


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    for visit in opened(browser, address, viewport={"width": 1280, "height": 900}):
        visit.page.route(READ, lambda route: route.fulfill(json=THREE))
        yield visit


def test_doubts_are_seen_and_heard(each: Visit, screen: str) -> None:
    page = each.page
    choose(page, png())
    expect(spoken(page)).to_have_text("3 numbers: 2471, perhaps 107, 35")
    expect(note(page)).to_have_text("3 numbers. 1 is in doubt: its box is dashed.")
    expect(boxes(page)).to_have_text(["2471", "107?", "35"])
    styles = [box.evaluate("it => getComputedStyle(it).borderStyle") for box in boxes(page).all()]
    assert styles == ["solid", "dashed", "solid"]
    rows = page.locator("#picture-numbers li")
    expect(rows).to_have_text(["2471 98.0\u202f%", "107? not sure, 55.0\u202f%", "35 98.0\u202f%"])
    page.wait_for_timeout(600)  # it scrolls into view
    each.picture(f"picture-doubts-{screen}")
    rows.nth(1).get_by_role("button").click()
    dialog = page.get_by_role("dialog", name="107?")
    expect(page.locator("#picture-number-note")).to_have_text(
        "Number 2 of 3. Not sure: 55.0\u202f%."
    )
    texts = dialog.get_by_role("list", name="What it may be").get_by_role("listitem")
    expect(texts).to_have_text([re.compile("^107 .*55.0"), re.compile("^108 .*45.0")])
    may = dialog.get_by_role("list", name="What digit 1 may be").get_by_role("listitem")
    expect(may).to_have_text([re.compile("^1 .*55.0"), re.compile("^2 .*45.0")])
    each.picture(f"picture-doubt-{screen}")
    dialog.get_by_role("button", name="Next").click()
    expect(page.locator("#picture-number")).to_have_text("35")
    expect(page.locator("#picture-number-note")).to_contain_text("between its digits: 3.5.")
    expect(page.locator("#picture-after")).to_be_disabled()
    expect(page.locator("#picture-before")).to_be_focused()


def test_all_works_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.locator("#picture-choose").focus()
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Enter")
    chosen.value.set_files(png())
    expect(boxes(page)).to_have_count(3)
    page.locator("#picture-clear").focus()
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
        )
    assert reached == [
        *(f"{name}: show its digits" for name in ("2471", "perhaps 107", "35")),
        *("Copy text", "Download CSV", "Download JSON"),
        "Download PNG: this picture with its boxes",
        *("2471, 98.0\u202f%", "perhaps 107, not sure, 55.0\u202f%", "35, 98.0\u202f%"),
    ]
    page.keyboard.press("Home")
    expect(page.locator("#picture-numbers button").first).to_be_focused()
    boxes(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(boxes(page).nth(1)).to_be_focused()
    outline = boxes(page).nth(1).evaluate("it => getComputedStyle(it).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="107?")).to_be_visible()
    expect(page.locator("#picture-number")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(boxes(page).nth(1)).to_be_focused()
    assert visit.troubles == []


def test_escape_closes_the_details_and_spares_the_drawing(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="Draw").click()
    visit.draw([(0.5, 0.2), (0.5, 0.8)])
    visit.shows("1")
    choose(page, png())  # which shows the panel
    boxes(page).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("tab", name="Draw").click()
    page.wait_for_timeout(100)
    visit.shows("1")


def test_a_number_and_its_box_light_up_together(visit: Visit) -> None:
    page = visit.page
    choose(page, png())
    expect(boxes(page)).to_have_count(3)
    lit = page.locator("#picture-scene .lit")
    rows = page.locator("#picture-numbers button")
    rows.nth(1).hover()
    expect(lit).to_have_text("107?")
    rows.nth(2).focus()
    expect(lit).to_have_text("35")
    page.mouse.move(2, 2)
    page.locator("#picture-choose").focus()
    expect(lit).to_have_count(0)
    boxes(page).first.hover()
    expect(page.locator("#picture-numbers .lit")).to_have_text(re.compile("^2471"))


def test_labels_do_not_hide_what_is_written(visit: Visit) -> None:
    page = visit.page
    script = """async ([boxes, labels, scene]) => {
      const { place } = await import("/static/picture/placing.js");
      return place(boxes, labels, scene).map(it => it.side);
    }"""

    def box(x: float, y: float, width: float = 40, height: float = 10) -> dict[str, float]:
        return {"x": x, "y": y, "width": width, "height": height}

    def sides(*given: dict[str, float]) -> Any:
        label, scene = {"width": 20, "height": 8}, {"width": 200, "height": 100}
        return page.evaluate(script, [list(given), [label] * len(given), scene])

    assert sides(box(50, 50)) == ["above"]
    assert sides(box(50, 0)) == ["right"]  # nothing is above the picture
    assert sides(box(50, 40), box(50, 52)) == ["above", "right"]  # a line closely below
    assert sides(box(150, 40, 45), box(150, 52, 45)) == ["above", "left"]
    assert sides(box(185, 50, 14)) == ["above-end"]
    assert sides(box(0, 0, 200, 20)) == ["below"]
    assert sides(box(0, 0, 200, 100)) == ["above"]  # no room at all


def text_of(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")


def test_the_numbers_can_be_taken_away(visit: Visit) -> None:
    page = visit.page
    evil = '=cmd|"x",1.png'
    choose(page, file(evil, "image/png", encode(written(), "PNG")))
    expect(boxes(page)).to_have_count(3)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")
    header, first, second, third = csv.reader(io.StringIO(text_of(taken.value)))
    assert header[:6] == ["picture", "line", "number", "written", "accepted", "confidence"]
    assert header[6:] == ["x", "y", "width", "height", "candidates"]
    assert first[0].startswith("'=cmd")
    assert first[1:6] == ["1", "2471", "2471", "true", "0.9800"]
    assert first[6:] == ["60", "50", "190", "60", "2471 0.9800; 2472 0.0200"]
    assert second[2:6] == ["107", "107", "false", "0.5500"]
    assert third[2:4] == ["35", "3.5"]
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download JSON").click()
    (picture,) = json.loads(text_of(taken.value))["pictures"]
    assert picture.pop("name").startswith("=cmd")
    assert picture == THREE


def test_markup_in_a_file_name_is_shown_as_it_is(visit: Visit) -> None:
    page = visit.page
    title = page.title()
    evil = """"><img src=x onerror="document.title='gone'">.png"""
    choose(page, file(evil, "image/png", encode(written(), "PNG")), png("other.png"))
    expect(page.get_by_text(evil).first).to_be_visible()
    expect(boxes(page)).to_have_count(3)
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == title


def test_the_picture_can_be_taken_away_with_its_boxes(visit: Visit) -> None:
    page = visit.page
    choose(page, png("page one.png"))
    expect(boxes(page)).to_have_count(3)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download PNG").click()
    assert taken.value.suggested_filename == "page one-numbers.png"
    with Image.open(taken.value.path()) as image:
        assert image.size == (WIDE, HIGH)
        pixels = np.asarray(image.convert("RGB"), np.int16)
    blue = (np.abs(pixels - (0x1F, 0x3C, 0xBB)).sum(axis=2) < 40)[:130]
    red = (np.abs(pixels - (0xB3, 0x26, 0x1E)).sum(axis=2) < 40)[150:]
    assert blue.sum() > 500  # the box of 2471 and its label
    assert red.sum() > 300  # those of 107
    assert (pixels.sum(axis=2) < 60).sum() > 1000  # and the writing is still there


def test_the_numbers_can_be_copied(visit: Visit) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose(page, png(), png("second.png"))
    expect(page.locator("#picture-strip li").nth(1)).to_contain_text("3 numbers")
    page.get_by_role("button", name="Copy text").click()
    expect(page.locator("#picture-copy")).to_have_text("Copied")
    expect(spoken(page)).to_have_text("Copied")
    expect(page.locator("#picture-copy")).to_have_text("Copy text")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.replace("\r", "") == "2471\n35 107\n\n2471\n35 107\n"
    page.evaluate("() => navigator.clipboard.writeText('')")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    page.get_by_role("button", name="Copy text").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('2471')")
