"""Why it was read so: the maps in a real Chromium, against ONNX Runtime."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import numpy as np
import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
pytest.importorskip("onnx", reason="no onnx: pip install -e .[dev]")
from playwright.sync_api import Browser, Page, expect

from inkdigits.decode import decode
from inkdigits.model import Model
from tests.browser import inside
from tests.browser.test_page import ONE, SEVEN, Visit

pytestmark = pytest.mark.browser
#: For each of 28 x 28 places of the map, by how much blue there outweighs red.
BLUE = """() => {
  const canvas = document.getElementById("why-map");
  const { data } = canvas.getContext("2d").getImageData(0, 0, 336, 336);
  return Array.from({ length: 784 }, (_, k) => {
    const at = ((Math.floor(k / 28) * 12 + 6) * 336 + (k % 28) * 12 + 6) * 4;
    return ((data[at + 2] - data[at]) * data[at + 3]) / 255;
  });
}"""


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(service_workers="block", viewport={"width": 1200, "height": 900})
    visit = Visit(context.new_page(), address)
    yield visit
    assert visit.troubles == []
    context.close()


def opened(visit: Visit) -> inside.Floats:
    """Why a 7, and the 28x28 that it is about."""
    asked = inside.watch(visit.page)
    visit.draw(SEVEN)
    visit.shows("7")
    visit.page.locator("#why-title").click()
    settled(visit.page)
    seen = inside.image_of(asked[-1]["strokes"])
    return np.round(seen * 255).astype(np.float32) / np.float32(255)


def settled(page: Page) -> None:
    expect(page.locator("#why[aria-busy=false] #why-note")).not_to_be_empty()


def test_what_is_no_digit_is_not_explained_as_one(visit: Visit) -> None:
    page = visit.page
    visit.draw([(0.25, 0.2), (0.75, 0.8)])
    visit.draw([(0.75, 0.2), (0.25, 0.8)])
    visit.shows("?")
    expect(page.locator("#why-title")).to_have_text(re.compile(r"^What looks like an? \d\?$"))
    page.locator("#why-title").click()
    settled(page)
    chips = page.locator("#why-digits label")
    expect(chips).to_have_text([re.compile("What looks like")] * 3)
    expect(page.get_by_role("heading", name="What would change its mind")).to_be_hidden()
    expect(page.locator("#why-rival")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(page.locator("#why-title")).to_have_text(re.compile("^(Why an? |What looks)"))


def numbers(text: str) -> list[float]:
    return [float(it) for it in re.findall(r"-?\d+\.\d+", text.replace("\u2212", "-"))]


def patches(image: inside.Floats) -> tuple[list[tuple[int, int]], inside.Floats]:
    """Corners (y, x) of the patches with ink, and the logits without each."""
    every = [(y, x) for y in range(0, 25, 2) for x in range(0, 25, 2)]
    corners = [(y, x) for y, x in every if (image[y : y + 4, x : x + 4] > 0).any()]
    emptied = np.stack([image] * len(corners))
    for one, (y, x) in zip(emptied, corners, strict=True):
        one[y : y + 4, x : x + 4] = 0
    return corners, inside.logits(emptied)


def test_the_strongest_patch_is_where_it_should_be(visit: Visit) -> None:
    image = opened(visit)
    corners, logits = patches(image)
    info = Model.load("standard").info
    scaled = np.concatenate([logits, inside.logits(image[None])]) / info.temperature
    odds = scaled[:, 7] - np.log(np.exp(np.delete(scaled, 7, axis=1)).sum(1))
    sums, counts = np.zeros((28, 28)), np.zeros((28, 28))
    for (y, x), lost in zip(corners, odds[-1] - odds[:-1], strict=True):
        sums[y : y + 4, x : x + 4] += lost
    for y in range(0, 25, 2):
        for x in range(0, 25, 2):
            counts[y : y + 4, x : x + 4] += 1
    expected = sums / np.maximum(counts, 1)
    blue = np.asarray(visit.page.evaluate(BLUE)).reshape(28, 28)
    strongest = np.unravel_index(blue.argmax(), blue.shape)
    assert expected[strongest] > 0.9 * expected.max()
    assert strongest[1] > 13  # of a 7 drawn like this, the corner at the right is what counts
    assert np.corrcoef(blue.ravel(), expected.ravel())[0, 1] > 0.8


def test_what_would_change_its_mind(visit: Visit) -> None:
    image = opened(visit)
    _, logits = patches(image)
    info = Model.load("standard").info
    whole = decode(inside.logits(image[None]), info)[0].probabilities
    for digit in (int(np.argsort(whole)[-2]), int(np.argsort(whole)[-3])):
        visit.page.get_by_role("radio", name=f"Why not a {digit}?").check()
        note = visit.page.locator("#why[aria-busy=false] #why-note")
        expect(note).to_contain_text(f"of a {digit}")
        found = int((logits[:, digit] - logits[:, 7]).argmax())
        after = decode(logits[found][None], info)[0].probabilities[digit]
        words = visit.page.locator("#why-rival")
        expect(words).to_contain_text(f"A {digit} has")
        assert numbers(words.inner_text())[-1:] == (
            pytest.approx([100 * after], abs=0.06) if after >= 0.0005 else []
        )


def test_the_class_map_and_its_rest_are_the_score(visit: Visit) -> None:
    image = opened(visit)
    page = visit.page
    logits = inside.logits(image[None])[0]
    expect(page.locator("#why-sum")).to_be_hidden()
    page.get_by_role("radio", name="Class map").check()
    places, rest, total = numbers(page.locator("#why-sum").inner_text())
    assert places + rest == pytest.approx(total, abs=0.011)
    assert total == pytest.approx(logits[7], abs=0.006)
    other = int(np.argsort(logits)[-2])
    page.get_by_role("radio", name=f"Why not a {other}?").check()
    expect(page.locator("#why-sum")).to_contain_text(f"the score of a {other} is")
    assert numbers(page.locator("#why-sum").inner_text())[2] == pytest.approx(
        logits[other], abs=0.006
    )


def test_maps_are_chosen_by_keyboard(visit: Visit) -> None:
    opened(visit)
    page = visit.page
    before = page.evaluate(BLUE)
    page.get_by_role("radio", name="Without it").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Class map")).to_be_checked()
    expect(page.locator("#why-map")).to_have_attribute("aria-label", re.compile("each place adds"))
    expect(page.locator("#why-note")).to_contain_text("It cannot say which pixel")
    assert page.evaluate(BLUE) != before
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#why-note")).to_contain_text("It cannot say what several patches")
    assert page.evaluate(BLUE) == before


def test_it_goes_with_the_drawing(visit: Visit) -> None:
    opened(visit)
    page = visit.page
    visit.picture("why")
    page.keyboard.press("Escape")
    expect(page.locator("#why")).to_be_hidden()
    visit.draw(ONE)
    visit.shows("1")
    expect(page.locator("#why-title")).to_have_text("Why a 1?")
