"""The page's picture panel in a real Chromium, against the real server."""

from __future__ import annotations

import base64
import io
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests import films
from tests.browser.panel import (
    HIGH,
    PLACES,
    READ,
    WIDE,
    answer,
    boxes,
    choose,
    file,
    note,
    opened,
    png,
    spoken,
    written,
)
from tests.browser.test_camera import SCREENS
from tests.browser.test_page import Visit
from tests.pictures import encode

pytestmark = pytest.mark.browser

#: How much wider than the writing a box is, each way, pixels of the screen.
PAD = 4


@pytest.fixture(params=SCREENS)
def screen(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def each(browser: Browser, address: str, screen: str) -> Iterator[Visit]:
    yield from opened(browser, address, **SCREENS[screen])


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    yield from opened(browser, address, viewport={"width": 1280, "height": 900})


def expect_numbers(page: Page) -> None:
    """2471 and 107 are boxed and said."""
    expect(boxes(page)).to_have_text([re.compile(r"^2471\??$"), re.compile(r"^107\??$")])
    expect(spoken(page)).to_have_text(re.compile(r"^2 numbers: (perhaps )?2471, (perhaps )?107$"))


RECTANGLES = """() => {
  const scene = document.querySelector("#picture-scene");
  return [...scene.querySelectorAll("img, button")].map(it => {
    const { x, y, width, height } = it.getBoundingClientRect();
    return [x, y, width, height];
  });
}"""


def expect_fit(page: Page, parts: dict[str, tuple[float, float, float, float]]) -> None:
    """Each box stands where the writing does: left, top, right and bottom, parts of the picture."""
    (x, y, wide, high), *found = page.evaluate(RECTANGLES)  # at once: the page may be scrolling
    for (left, top, width, height), part in zip(found, parts.values(), strict=True):
        inner = (left + PAD, top + PAD, left + width - PAD, top + height - PAD)
        at = tuple((edge - (x, y)[k % 2]) / (wide, high)[k % 2] for k, edge in enumerate(inner))
        assert at == pytest.approx(part, abs=0.02)


#: Where the numbers of `written` stand, parts of its size.
STAND = {
    text: (
        (x + left) / WIDE,
        y / HIGH,
        (x + films.STEP * (len(text) - 1) + right) / WIDE,
        (y + films.DIGIT) / HIGH,
    )
    for (text, (x, y)), left, right in zip(PLACES.items(), (5, 18), (18, 31), strict=True)
}


def test_a_picture_is_shown_read_and_looked_at_closely(each: Visit, screen: str) -> None:
    page = each.page
    choose(page, png())
    expect_numbers(page)
    expect_fit(page, STAND)
    expect(note(page)).to_contain_text("2 numbers.")
    expect(page.locator("#picture-numbers li")).to_have_count(2)
    page.wait_for_timeout(600)  # it scrolls into view
    each.picture(f"picture-{screen}")

    boxes(page).first.click()
    dialog = page.get_by_role("dialog", name="2471")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".digits strong")).to_have_text(["2", "4", "7", "1"])
    expect(dialog.get_by_role("meter")).to_have_count(40)
    two = dialog.locator(".digits li").first.get_by_role("meter", name="Digit 2")
    assert float(two.get_attribute("aria-valuenow") or 0) > 50
    crops = dialog.get_by_role("img")
    expect(crops).to_have_count(4)
    for crop in crops.all():
        darkest, lightest = crop.evaluate(
            "it => { const d = it.getContext('2d').getImageData(0, 0, it.width, it.height).data;"
            "let [a, b] = [255, 0]; for (let i = 0; i < d.length; i += 4)"
            "[a, b] = [Math.min(a, d[i]), Math.max(b, d[i])]; return [a, b]; }"
        )
        assert darkest < 60
        assert lightest > 200
    each.picture(f"picture-details-{screen}")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    wide, view = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= view

    page.get_by_role("button", name="Clear pictures").click()
    expect(boxes(page)).to_have_count(0)
    expect(page.locator("#picture-result")).to_be_hidden()
    expect(note(page)).to_contain_text("Choose a picture")
    expect(page.locator("#picture-choose")).to_be_focused()
    assert each.troubles == []


def test_the_buttons_open_the_pickers(each: Visit, screen: str) -> None:
    page = each.page
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Choose pictures").click()
    assert chosen.value.is_multiple()
    chosen.value.set_files(png())
    expect_numbers(page)
    take = page.get_by_role("button", name="Take a photo")
    if screen == "desktop":
        expect(take).to_be_hidden()
        return
    with page.expect_file_chooser() as chosen:
        take.tap()
    assert not chosen.value.is_multiple()
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files(png("photo.png"))
    expect(page.locator("#picture-strip [aria-current]")).to_contain_text("photo.png")


PASTE = """([body, into]) => {
  const bytes = Uint8Array.from(atob(body), it => it.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "image.png", { type: "image/png" }));
  const target = into === null ? document.body : document.querySelector(into);
  const event = new ClipboardEvent("paste",
    { clipboardData: data, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def encoded() -> str:
    return base64.b64encode(encode(written(), "PNG")).decode()


def test_a_pasted_picture_is_read(visit: Visit) -> None:
    assert visit.page.evaluate(PASTE, [encoded(), None])
    expect_numbers(visit.page)
    assert visit.troubles == []


def test_what_is_pasted_into_a_text_field_stays_there(visit: Visit) -> None:
    page = visit.page
    page.evaluate("document.body.append(document.createElement('textarea'))")
    assert not page.evaluate(PASTE, [encoded(), "textarea"])
    expect(page.locator("#picture-result")).to_be_hidden()
    page.evaluate(
        "() => { const data = new DataTransfer(); data.setData('text/plain', '2471');"
        "const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true });"
        "document.body.dispatchEvent(event); }"
    )
    expect(page.locator("#picture-result")).to_be_hidden()


DRAG = """([type, body]) => {
  const data = new DataTransfer();
  if (body === null) data.setData("text/plain", "2471");
  else {
    const bytes = Uint8Array.from(atob(body), it => it.charCodeAt(0));
    data.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  }
  const event = new DragEvent(type,
    { dataTransfer: data, bubbles: true, cancelable: true, relatedTarget: null });
  document.querySelector("#pad").dispatchEvent(event);
  return event.defaultPrevented;
}"""


def test_a_dropped_picture_is_read_wherever_it_falls(visit: Visit) -> None:
    page = visit.page
    veil = page.locator("#picture-veil")
    expect(veil).to_be_hidden()
    assert page.evaluate(DRAG, ["dragenter", encoded()])
    expect(veil).to_be_visible()
    expect(veil).to_have_text("Drop it here")
    visit.picture("picture-veil")
    page.evaluate(DRAG, ["dragleave", encoded()])
    expect(veil).to_be_hidden()
    assert page.evaluate(DRAG, ["dragover", encoded()])
    expect(veil).to_be_visible()
    assert page.evaluate(DRAG, ["drop", encoded()])
    expect(veil).to_be_hidden()
    expect_numbers(page)
    assert visit.troubles == []


def test_dragged_text_is_none_of_our_business(visit: Visit) -> None:
    assert not visit.page.evaluate(DRAG, ["dragenter", None])
    expect(visit.page.locator("#picture-veil")).to_be_hidden()
    assert not visit.page.evaluate(DRAG, ["drop", None])
    expect(visit.page.locator("#picture-result")).to_be_hidden()


def turned(orientation: int, kind: str) -> bytes:
    """`written`, stored so that it is upright only when its EXIF is obeyed."""
    undo = {6: Image.Transpose.ROTATE_90, 3: Image.Transpose.ROTATE_180}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(written().transpose(undo), kind, exif=exif)


#: Dark pixels of the picture as it is shown, in boxes and beside them.
INK = """() => {
  const scene = document.querySelector("#picture-scene");
  const image = scene.querySelector("img");
  const canvas = document.createElement("canvas");
  const [wide, high] = [image.naturalWidth, image.naturalHeight];
  [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  const dark = () => {
    const pixels = context.getImageData(0, 0, wide, high).data;
    return pixels.filter((value, at) => at % 4 === 0 && value < 100).length;
  };
  context.drawImage(image, 0, 0);
  const all = dark();
  const outer = image.getBoundingClientRect();
  context.fillStyle = "white";
  for (const button of scene.querySelectorAll("button")) {
    const { x, y, width, height } = button.getBoundingClientRect();
    const scale = wide / outer.width;
    context.fillRect((x - outer.x) * scale, (y - outer.y) * scale, width * scale, height * scale);
  }
  return [all - dark(), dark()];
}"""


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_boxes_fit_a_picture_that_its_exif_turns(visit: Visit, orientation: int, kind: str) -> None:
    page = visit.page
    choose(page, file("turned", f"image/{kind.lower()}", turned(orientation, kind)))
    expect_numbers(page)
    inside, outside = page.evaluate(INK)
    assert inside > 3000
    assert outside == 0
    if kind == "JPEG":
        expect_fit(page, STAND)


def sent(request: Request) -> Image.Image:
    return Image.open(io.BytesIO(request.post_data_buffer or b""))


def test_what_the_server_takes_goes_as_it_is(visit: Visit) -> None:
    body = encode(written(), "PNG")
    with visit.page.expect_request(READ) as asked:
        choose(visit.page, file("page.png", "image/png", body))
    assert asked.value.post_data_buffer == body
    assert asked.value.headers["content-type"] == "image/png"
    assert asked.value.url.endswith("/api/v1/read?group=gap")


def test_a_digit_of_a_page_that_lies_on_its_side_is_shown_upright(visit: Visit) -> None:
    page = visit.page
    crops = []
    for quarters in (0, 90, 180):
        image = written().rotate(quarters, expand=True)
        with page.expect_response(READ) as answered:
            choose(page, file("page.png", "image/png", encode(image, "PNG")))
        assert answered.value.json()["turned"] == -quarters % 360
        expect(boxes(page)).to_have_count(2)
        boxes(page).filter(has_text="2471").click()
        pixels = page.locator("#picture-digits canvas").first.evaluate(
            "it => [...it.getContext('2d').getImageData(0, 0, it.width, it.height).data]"
        )
        crops.append(np.asarray(pixels, float)[::4])
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Clear pictures").click()
    assert np.corrcoef(crops)[0].min() > 0.75


@pytest.mark.parametrize("why", ["side", "bytes", "turned", "type"])
def test_what_the_server_would_not_take_is_made_smaller(visit: Visit, why: str) -> None:
    page = visit.page
    if why == "side":
        body, kind = encode(written().resize((WIDE * 10, HIGH * 10)), "PNG"), "image/png"
    elif why == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        large = written().resize((WIDE * 10, HIGH * 10)).transpose(Image.Transpose.ROTATE_90)
        body, kind = encode(large, "JPEG", exif=exif), "image/jpeg"
    elif why == "bytes":
        noisy = np.asarray(written().resize((WIDE * 4, HIGH * 4)), np.int16)
        noise = np.random.default_rng(0).integers(0, 24, noisy.shape, np.int16)
        body = encode(Image.fromarray(np.uint8(np.abs(noisy - noise))), "BMP")
        kind = "image/bmp"
        assert len(body) > 5 * 2**20
    else:
        inside = base64.b64encode(encode(written(), "PNG")).decode()
        svg = f'<image href="data:image/png;base64,{inside}" width="{WIDE}" height="{HIGH}"/>'
        root = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}">'
        body, kind = f"{root}{svg}</svg>".encode(), "image/svg+xml"
    with page.expect_request(READ) as asked:
        choose(page, file("large", kind, body))
    expect_numbers(page)
    expect_fit(page, STAND)
    picture = sent(asked.value)
    assert picture.format == ("JPEG" if why == "turned" else "WEBP")
    assert max(picture.size) <= 4096
    assert picture.width / picture.height == pytest.approx(WIDE / HIGH, rel=0.01)
    assert len(asked.value.post_data_buffer or b"") <= 5 * 2**20


def refusal(status: int, code: str, detail: str) -> dict[str, Any]:
    problem = {"type": f"urn:inkdigits:problem:{code}", "title": "No", "detail": detail}
    return {
        "status": status,
        "body": json.dumps(problem),
        "content_type": "application/problem+json",
    }


def test_a_server_that_takes_less_than_usual_gets_a_smaller_copy(visit: Visit) -> None:
    page = visit.page
    asked: list[Request] = []

    def refuse_the_first(route: Route) -> None:
        asked.append(route.request)
        if len(asked) == 1:
            route.fulfill(**refusal(413, "payload-too-large", "At most 1 byte."))
        else:
            route.continue_()

    page.route(READ, refuse_the_first)
    large = encode(written().resize((WIDE * 5, HIGH * 5)), "JPEG")
    choose(page, file("large.jpg", "image/jpeg", large))
    expect_numbers(page)
    assert [max(sent(request).size) for request in asked] == [WIDE * 5, 1600]
    expect_fit(page, STAND)


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)
WHOLE = encode(written(), "PNG")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("notes.png", b"2471", "This is not a picture that can be shown: choose a PNG, JPEG"),
        ("empty.jpg", b"", "This file is empty: choose another one."),
        ("photo.heic", HEIC, "This browser cannot show HEIC pictures: save it as a JPEG"),
        ("cut.png", WHOLE[: len(WHOLE) // 2], "The PNG file is damaged or cut short"),
    ],
)
def test_what_is_no_sound_picture_is_said_in_a_sentence(
    visit: Visit, name: str, body: bytes, words: str
) -> None:
    page = visit.page
    choose(page, file(name, "", body))
    expect(note(page)).to_contain_text(words)
    expect(spoken(page)).to_contain_text(words)
    expect(boxes(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    expect(page.locator("#picture-save")).to_be_hidden()
    visit.picture(f"picture-bad-{name}")
    choose(page, png())
    expect_numbers_of_second(page)


def expect_numbers_of_second(page: Page) -> None:
    expect(boxes(page)).to_have_count(2)
    expect(spoken(page)).to_have_text(re.compile(r"^page\.png: 2 numbers: "))


def test_a_page_without_numbers_is_said(visit: Visit) -> None:
    page = visit.page
    blank = Image.new("RGB", (WIDE, HIGH), "white")
    choose(page, file("blank.png", "image/png", encode(blank, "PNG")))
    expect(note(page)).to_have_text(
        "No number was found. Try a sharper or brighter picture, taken from closer."
    )
    expect(spoken(page)).to_contain_text("No number was found.")
    for name in ("Copy text", "Download CSV", "Download JSON", "Download PNG"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()


def test_what_was_left_out_and_how_it_was_read_is_said(visit: Visit) -> None:
    page = visit.page
    made = answer(left_out=3, turned=90, frames_ignored=1)
    page.route(READ, lambda route: route.fulfill(json=made))
    choose(page, png())
    expect(note(page)).to_contain_text("No number was found. 3 pieces of writing were left out")
    expect(note(page)).to_contain_text("It was read turned by 90°.")
    expect(note(page)).to_contain_text("Only the first picture of this animation was read.")


@pytest.mark.parametrize(
    ("status", "code", "detail"),
    [
        (503, "overloaded", "Too many pictures are waiting: try again."),
        (500, "internal", "The server has trouble answering."),
        (
            *(0, ""),
            "Pictures are read by the server, which cannot be reached: try again when it is back."
            " What you draw is read without it.",
        ),
    ],
)
def test_a_server_in_trouble_is_said_and_asked_again(
    visit: Visit, status: int, code: str, detail: str
) -> None:
    page = visit.page
    if status == 0:
        page.route(READ, lambda route: route.abort())
    elif status == 500:
        page.route(READ, lambda route: route.fulfill(status=500, body="<h1>Oh</h1>"))
    else:
        page.route(READ, lambda route: route.fulfill(**refusal(status, code, detail)))
    choose(page, png())
    expect(note(page)).to_have_text(detail)
    expect(spoken(page)).to_have_text(detail)
    expect(page.locator("#picture-scene img")).to_be_visible()
    visit.picture(f"picture-trouble-{status}")
    page.unroute(READ)
    page.get_by_role("button", name="Try again").click()
    expect_numbers(page)
    expect(page.get_by_role("button", name="Try again")).to_be_hidden()


def test_reading_is_said_and_can_be_cancelled(visit: Visit) -> None:
    page = visit.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(READ, hold)
    choose(page, png(), png("second.png"))
    expect(page.locator("#picture-result")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#picture-scene img")).to_be_visible()
    expect(note(page)).to_have_text("Reading page.png …")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    with page.expect_event("requestfailed"):
        page.keyboard.press("Enter")
    expect(note(page)).to_have_text("Cancelled: nothing was read.")
    expect(page.locator("#picture-result")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#picture-strip li")).to_have_text(
        ["page.png cancelled", "second.png cancelled"]
    )
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    assert len(held) == 1
    page.unroute(READ)
    page.keyboard.press("Enter")
    expect(page.locator("#picture-strip li")).to_have_text(
        ["page.png 2 numbers", "second.png 2 numbers"]
    )
    expect(boxes(page)).to_have_count(2)


def test_nothing_goes_anywhere_but_to_the_page_s_own_server(visit: Visit) -> None:
    page = visit.page
    asked: list[Request] = []

    def note_it(request: Request) -> None:
        asked.append(request)

    page.on("request", note_it)
    choose(page, png())
    expect_numbers(page)
    boxes(page).first.click()
    page.keyboard.press("Escape")
    with page.expect_download():
        page.get_by_role("button", name="Download PNG").click()
    elsewhere = [it.url for it in asked if not it.url.startswith((visit.address, "blob:"))]
    assert elsewhere == []
    posted = [it.url for it in asked if it.method != "GET"]
    assert posted == [f"{visit.address}/api/v1/read?group=gap"]
    stored = page.evaluate("() => [localStorage.length, sessionStorage.length, document.cookie]")
    assert stored == [0, 0, ""]


def test_how_numbers_are_parted_can_be_chosen(visit: Visit) -> None:
    page = visit.page
    choose(page, png())
    expect_numbers(page)
    with page.expect_request(READ) as asked:
        page.get_by_label("Numbers are parted by").select_option("digit")
    assert asked.value.url.endswith("?group=digit")
    expect(boxes(page)).to_have_count(7)


def test_pictures_are_read_one_after_another(visit: Visit) -> None:
    page = visit.page
    events: list[str] = []

    def note_it(request: Request) -> None:
        if request.method == "POST":
            events.append("asked")

    def note_end(request: Request) -> None:
        if request.method == "POST":
            events.append("answered")

    page.on("request", note_it)
    page.on("requestfinished", note_end)
    blank = file("blank.png", "image/png", encode(Image.new("L", (99, 99), 255), "PNG"))
    choose(page, png(), file("notes.txt", "text/plain", b"2471"), blank)
    strip = page.get_by_role("list", name="Pictures").get_by_role("listitem")
    expect(strip).to_have_text(["page.png 2 numbers", "notes.txt not read", "blank.png no number"])
    assert events == ["asked", "answered"] * 2
    expect(boxes(page)).to_have_count(2)
    strip.nth(1).get_by_role("button").click()
    expect(note(page)).to_contain_text("This is not a picture")
    expect(boxes(page)).to_have_count(0)
    expect(strip.nth(1).get_by_role("button")).to_be_focused()
    strip.nth(0).get_by_role("button").click()
    expect(boxes(page)).to_have_count(2)
    choose(page, *[png(f"{n}.png") for n in range(25)])
    expect(note(page)).to_contain_text("At most 24 pictures at once")
    expect(strip).to_have_count(24)
    page.get_by_role("button", name="Cancel").click()
