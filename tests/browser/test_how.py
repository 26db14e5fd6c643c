"""The tour through the network in a real Chromium, against ONNX Runtime's values in between."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
pytest.importorskip("onnx", reason="no onnx: pip install -e .[dev]")
import onnx
import onnxruntime
from playwright.sync_api import Browser, Page, expect

from inkdigits.decode import decode
from inkdigits.model import Model
from tests.browser import inside
from tests.browser.test_page import ONE, RING, SEVEN, Visit

pytestmark = pytest.mark.browser
TITLES = [
    "Your strokes",
    "Found and framed",
    "The first layer",
    "Deeper layers",
    "Ten scores",
    "Sure or not",
]
#: A cell's alpha is a byte, and over a ground of this alpha in maps.
GROUND, STEP = 0.05, 0.012


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    context = browser.new_context(service_workers="block", viewport={"width": 1200, "height": 900})
    yield Visit(context.new_page(), address)
    context.close()


def told(page: Page) -> str:
    """What the step says once its story is there."""
    words = page.locator("#how-step[aria-busy=false] #how-words")
    expect(words).not_to_be_empty()
    return words.inner_text()


def numbers(text: str) -> list[float]:
    return [float(it) for it in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\u2212", "-"))]


def opened(visit: Visit) -> inside.Floats:
    """The tour of a drawn 7, and the 28x28 that it is about by the server's own code."""
    asked = inside.watch(visit.page)
    visit.draw(SEVEN)
    visit.shows("7")
    visit.page.get_by_role("tab", name="How it works").click()
    expect(visit.page.locator("#how-source")).to_contain_text("Your own drawing")
    return inside.image_of(asked[-1]["strokes"])


def step(page: Page, number: int) -> None:
    page.locator("#how-list button").nth(number - 1).click()
    expect(page.locator("#how-title")).to_have_text(TITLES[number - 1])


def shown(page: Page, selector: str, side: int) -> inside.Floats:
    """A map's values from 0 to 1, from the colours of its canvas."""
    return (inside.alphas(page, selector, side) - GROUND) / (1 - GROUND)


def test_the_first_steps_show_the_drawing(visit: Visit) -> None:
    image = opened(visit)
    page = visit.page
    assert numbers(told(page)) == pytest.approx([40, 55], abs=1)
    assert numbers(page.locator("#how-stage figcaption").inner_text()) == [1, 17]
    assert numbers(page.locator(".how-points li").first.inner_text()) == pytest.approx(
        [300, 250], abs=2
    )

    step(page, 2)
    ys, xs = np.mgrid[0:28, 0:28] + 0.5
    mass = [(image * axis).sum() / image.sum() for axis in (xs, ys)]
    x, y = numbers(told(page))[1:3]
    assert [x, y] == pytest.approx(mass, abs=0.06)
    seen = inside.alphas(page, "#how-stage figure:nth-child(2) canvas", 28)
    plain = np.hypot(xs - mass[0], ys - mass[1]) > 2  # the cross lies over the others
    np.testing.assert_allclose(seen[plain], image[plain], atol=STEP)
    assert visit.troubles == []


def test_layers_show_what_the_model_makes_of_the_drawing(visit: Visit) -> None:
    values = inside.values(opened(visit))
    first, last = values[inside.stages()[0]], values[inside.stages()[-1]]
    page = visit.page

    step(page, 3)
    order = np.argsort(-first.max((1, 2)), kind="stable")[:6]
    channel, peak = numbers(told(page))
    assert channel - 1 == order[0]
    assert peak == pytest.approx(first[order[0]].max(), abs=0.006)
    for place, number in enumerate(order):
        selector = f".how-picks button:nth-child({place + 1}) canvas:nth-child(2)"
        expected = first[number] / first[number].max()
        np.testing.assert_allclose(shown(page, selector, 14), expected, atol=STEP)

    step(page, 4)
    page.get_by_role("radio", name="7").check()
    assert numbers(told(page))[0] == 7
    order = np.argsort(-last.max((1, 2)), kind="stable")[:6]
    for place, number in list(enumerate(order))[1:]:  # the strongest has a frame over it
        selector = f".how-grid canvas:nth-child({place + 1})"
        expected = last[number] / last[number].max()
        np.testing.assert_allclose(shown(page, selector, 7), expected, atol=STEP)
    assert visit.troubles == []


def test_scores_and_decision_are_those_of_the_server(visit: Visit) -> None:
    values = inside.values(opened(visit))
    last, logits = values[inside.stages()[-1]], values["logits"]
    page = visit.page

    step(page, 5)
    tensors = [onnx.numpy_helper.to_array(it) for it in inside.graph().initializer]
    weights = next(it for it in tensors if it.shape == (80, 10))
    added = last.mean((1, 2)) * weights[:, 7]
    best, runner = int(added.argmax()), int(np.argsort(logits)[-2])
    speaks = [best + 1, last[best].mean(), weights[best, 7], added[best], 7, logits[7]]
    expected = pytest.approx([*speaks, runner, logits[runner]], abs=0.011)
    assert numbers(told(page)) == expected
    parts, scores = page.locator("#how-stage ul").all()
    amounts = [numbers(it)[0] for it in parts.locator("strong").all_inner_texts()]
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=0.05)
    ten = [numbers(it)[0] for it in scores.locator("strong").all_inner_texts()]
    assert ten == pytest.approx(logits.tolist(), abs=0.006)

    step(page, 6)
    decision = decode(logits[None], Model.load("standard").info)[0]
    limits = numbers(page.locator(".how-gauge").nth(0).inner_text())
    assert limits == pytest.approx([decision.digitness, -0.5424], abs=0.006)
    sure = numbers(page.locator(".how-gauge").nth(1).inner_text())
    assert sure == pytest.approx([min(99.9, 100 * decision.confidence), 83.4], abs=0.06)
    assert "it says 7" in told(page)
    assert visit.troubles == []


def test_fields_are_those_of_the_graph(visit: Visit, tmp_path: Path) -> None:
    """Which pixels change a place's answers, found by changing each of them."""
    opened(visit)
    step(visit.page, 4)
    cleaned = next(node for node in inside.graph().node if node.op_type == "Conv").input[0]
    model = onnx.load(inside.FILE)
    kept, needed = [], set(inside.stages())
    for node in reversed(model.graph.node):
        if needed & set(node.output) and cleaned not in node.output:
            kept.append(node)
            needed |= set(node.input)
    held = [it for it in model.graph.initializer if it.name in needed]
    tensor = onnx.helper.make_tensor_value_info
    start = tensor(cleaned, onnx.TensorProto.FLOAT, ["n", 1, 28, 28])
    ends = [onnx.helper.make_empty_tensor_value_info(name) for name in inside.stages()]
    graph = onnx.helper.make_graph(kept[::-1], "rest", [start], ends, held)
    rest = onnx.helper.make_model(
        graph, opset_imports=model.opset_import, ir_version=model.ir_version
    )
    run = onnxruntime.InferenceSession(rest.SerializeToString()).run
    base = np.random.default_rng(3).random((28, 28), np.float32)
    changed = np.stack([base] * 785)
    changed.reshape(785, 784)[np.arange(784), np.arange(784)] += 3
    answers = run(inside.stages(), {cleaned: changed[:, None]})
    sizes = []
    for number, found in enumerate(answers):
        row = found.shape[2] // 2
        moved = (found[:784, :, row, row] != found[784, :, row, row]).any(1).reshape(28, 28)
        ys, xs = np.nonzero(moved)
        script = """async (k) => {
          const [{ story, looked }, { Engine }] = await Promise.all(
            ["how/story", "engine/client"].map((it) => import(`/static/${it}.js`)));
          const engine = (window.own ??= new Engine("static/models/standard.onnx"));
          const { stages } = await story([], engine);
          const middle = Math.floor(stages[k].rows / 2);
          return [stages.length, looked(stages[k], middle * stages[k].rows + middle)];
        }"""
        count, field = visit.page.evaluate(script, number)
        assert count == len(answers)
        low, high = (max(field["x"], 0), min(field["x"] + field["width"], 28) - 1)
        assert (xs.min(), xs.max(), ys.min(), ys.max()) == (low, high, low, high)
        sizes.append(field["width"])
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)
    for number, size in list(enumerate(sizes))[1:]:
        visit.page.get_by_role("radio", name=str(number + 1), exact=True).check()
        rows = answers[number].shape[2]
        assert numbers(told(visit.page))[:5] == [number + 1, rows, rows, size, size]


def test_the_tour_goes_by_keys_and_is_told(visit: Visit) -> None:
    opened(visit)
    page = visit.page
    told(page)
    expect(page.get_by_role("button", name="Back")).to_be_disabled()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#how-title")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#how-title")).to_have_text(TITLES[2])
    expect(page.locator("#how-status")).to_contain_text("Step 3 of 6: The first layer. Pattern")
    before = told(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".how-picks button").nth(1)).to_have_attribute("aria-pressed", "true")
    assert told(page) != before
    for title in [*TITLES[3:], TITLES[5]]:
        page.keyboard.press("ArrowRight")
        expect(page.locator("#how-title")).to_have_text(title)
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    step(page, 4)
    page.get_by_role("radio", name="2").focus()
    page.keyboard.press("ArrowRight")  # chooses a layer, and stays at the step
    expect(page.get_by_role("radio", name="3")).to_be_checked()
    expect(page.locator("#how-status")).to_contain_text("Layer 3 has")
    expect(page.locator("#how-title")).to_have_text(TITLES[3])


def test_the_tour_follows_the_pad(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/#how")
    expect(page.locator("#how-source")).to_contain_text("an example")
    step(page, 6)
    assert "it says 2" in told(page)
    page.get_by_role("tab", name="Draw").click()
    visit.draw(ONE)
    visit.shows("1")
    page.get_by_text("Why a 1?").first.click()
    page.get_by_text("See every step with your drawing").click()
    expect(page.locator("#how-source")).to_contain_text("Your own drawing")
    expect(page.locator("#how-words")).to_contain_text("it says 1")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#how-source")).to_contain_text("an example")
    assert visit.troubles == []


def test_the_pad_goes_along_and_comes_back(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("tab", name="How it works").click()
    expect(page.locator("#how-source")).to_contain_text("an example")
    step(page, 6)
    visit.draw(SEVEN)
    expect(page.locator("#how-source")).to_contain_text("Your own drawing")
    expect(page.locator("#how-words")).to_contain_text("it says 7")
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowLeft")  # moves the pen, not the tour
    expect(page.locator("#how-title")).to_have_text(TITLES[5])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#how-source")).to_contain_text("an example")
    visit.draw(SEVEN)
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator("#draw #pad")).to_be_visible()
    visit.shows("7")
    assert visit.troubles == []


def test_of_a_number_the_first_digit_is_followed(visit: Visit) -> None:
    page = visit.page
    visit.draw([(0.08, 0.3), (0.34, 0.3), (0.18, 0.75)])
    visit.draw(RING)
    visit.shows("70")
    page.get_by_role("tab", name="How it works").click()
    expect(page.locator("#how-source")).to_contain_text("This follows the first")
    step(page, 2)
    label = page.locator("#how-stage canvas").last.get_attribute("aria-label") or ""
    wide, high = numbers(label)[2:4]
    assert wide < high  # the 7 alone is higher than wide
    step(page, 6)
    expect(page.locator("#how-words")).to_contain_text("it says 7")


def test_next_keeps_its_place_from_step_to_step(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 1200, "height": 600})
    page.get_by_role("tab", name="How it works").click()
    told(page)
    page.evaluate("() => window.scrollTo(0, 0)")
    places = []
    for number in range(1, 6):
        expect(page.locator("#how-title")).to_have_text(TITLES[number - 1])
        box = page.get_by_role("button", name="Next").bounding_box()
        assert box is not None
        places.append((box["x"], box["y"]))
        page.mouse.click(box["x"] + 20, box["y"] + 20)
    assert len(set(places)) == 1


def test_a_step_has_an_address(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/#how/scores")
    expect(page.locator("#how-title")).to_have_text(TITLES[4])
    page.get_by_role("button", name="Back").click()
    assert page.url.endswith("/#how/deeper")
    page.evaluate("location.hash = '#how/edges'")
    expect(page.locator("#how-title")).to_have_text(TITLES[2])
    page.get_by_role("tab", name="Draw").click()
    assert page.url.endswith("/")
    page.get_by_role("tab", name="How it works").click()
    expect(page.locator("#how-title")).to_have_text(TITLES[2])
    assert page.url.endswith("/#how/edges")


def test_what_is_no_digit_is_said_with_its_limit(visit: Visit) -> None:
    page = visit.page
    for y in (0.3, 0.4, 0.5, 0.6, 0.7):  # a fence
        visit.draw([(0.2, y), (0.8, y)])
    visit.draw([(0.35, 0.2), (0.35, 0.8)])
    visit.draw([(0.65, 0.2), (0.65, 0.8)])
    visit.shows("?")
    page.get_by_role("tab", name="How it works").click()
    assert "7 strokes" in page.locator("#how-stage figcaption").inner_text()
    step(page, 6)
    assert "this is not a digit" in told(page)
    value, limit = numbers(page.locator(".how-gauge").first.inner_text())
    assert value < limit


def test_a_model_that_cannot_be_fetched_is_told(visit: Visit) -> None:
    visit.page.route("**/models/standard.onnx", lambda route: route.fulfill(status=404))
    visit.page.get_by_role("tab", name="How it works").click()
    assert "the server answered 404" in told(visit.page)
    expect(visit.page.locator("#how-status")).to_contain_text("the server answered 404")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_on_a_small_phone(browser: Browser, address: str, scheme: Any) -> None:
    context = browser.new_context(
        service_workers="block",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    visit = Visit(context.new_page(), f"{address}/#how")
    for number in range(1, 7):
        step(visit.page, number)
        told(visit.page)
        script = "() => [document.documentElement.scrollWidth, innerWidth]"
        assert visit.page.evaluate(script) == [360, 360]
    context.close()
