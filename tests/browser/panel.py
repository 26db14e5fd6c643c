"""The page at its picture panel, and pictures for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page

from tests import films
from tests.browser.test_page import Visit
from tests.pictures import encode

READ = "**/api/v1/read*"
WIDE, HIGH = 480, 320
#: Where the two numbers of `written` begin, pixels.
PLACES = {"2471": (60, 50), "107": (200, 190)}


def written() -> Image.Image:
    """2471, and below it 107."""
    pages = [films.page(text, at, (WIDE, HIGH)) for text, at in PLACES.items()]
    return Image.fromarray(np.minimum(*pages)).convert("RGB")


def file(name: str, kind: str, body: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": body}


def png(name: str = "page.png") -> FilePayload:
    return file(name, "image/png", encode(written(), "PNG"))


def number(text: str, box: tuple[int, int, int, int], *, accepted: bool = True) -> dict[str, Any]:
    """A number of an answer; its digits share its box and its doubt."""
    where = dict(zip(("x", "y", "width", "height"), box, strict=True))
    share = 0.98 if accepted else 0.55
    digits = [
        {
            "digit": int(sign),
            "confidence": share,
            "probabilities": [
                share if place == int(sign) else 1 - share if place == (int(sign) + 1) % 10 else 0
                for place in range(10)
            ],
            "box": where,
        }
        for sign in text
    ]
    other = str(int(text) + 1)
    return {
        "text": text,
        "confidence": share,
        "accepted": accepted,
        "reason": None if accepted else "unsure",
        "line": 0,
        "box": where,
        "candidates": [
            {"text": text, "probability": share},
            {"text": other, "probability": 1 - share},
        ],
        "separators": [],
        "digits": digits,
    }


def answer(*numbers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An answer of the service."""
    return {
        "text": " ".join(it["text"] for it in numbers),
        "numbers": list(numbers),
        "left_out": 0,
        "turned": 0,
        "width": WIDE,
        "height": HIGH,
        "flags": [],
        "frames_ignored": 0,
        "model": {"name": "standard", "version": "1"},
        **more,
    }


THREE = answer(
    number("2471", (60, 50, 190, 60)),
    number("107", (200, 190, 130, 60), accepted=False),
    number("35", (20, 200, 60, 40)),
)


def opened(browser: Browser, address: str, **options: Any) -> Iterator[Visit]:
    context = browser.new_context(service_workers="block", accept_downloads=True, **options)
    context.route(READ, lambda route: route.continue_())  # else bodies of blobs are not to be seen
    page = context.new_page()
    page.on("filechooser", lambda _: None)  # or the first may open before it is listened for
    visit = Visit(page, address)
    page.get_by_role("tab", name="Picture").click()
    yield visit
    context.close()


def choose(page: Page, *files: FilePayload) -> None:
    page.set_input_files("#picture-files", list(files))


def note(page: Page) -> Locator:
    return page.locator("#picture-note")


def spoken(page: Page) -> Locator:
    return page.locator("#picture-status")


def boxes(page: Page) -> Locator:
    return page.locator("#picture-scene").get_by_role("button")
