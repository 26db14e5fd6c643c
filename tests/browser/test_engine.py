"""The browser's own engine in a real Chromium, against ONNX Runtime and the server's own code."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import inkdigits
from inkdigits.data.mnist import Mnist
from inkdigits.decode import coverage_threshold, decode, prediction_set
from inkdigits.line import LineModel
from inkdigits.model import Model, shipped
from inkdigits.results import Prediction

if os.environ.get("CI") != "true":  # there, a missing Playwright is an error
    pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install -e .[dev]")
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

MODELS = Path(inkdigits.__file__).parent / "models"
ALL = shipped()
COUNT = 200
#: How far a logit may lie from ONNX Runtime's.
CLOSE = 1e-3
#: Loads the engine's modules; all scripts below begin with it.
MODULES = """
  const [{ Network }, decide, explain, { Engine }] = await Promise.all(
    ["network", "decide", "explain", "client"].map((it) => import(`/static/engine/${it}.js`)),
  );
  const images = (text) => {
    const bytes = Uint8Array.from(atob(text), (it) => it.charCodeAt(0));
    const all = new Float32Array(bytes.buffer);
    return Array.from({ length: all.length / 784 }, (_, n) => all.subarray(n * 784, n * 784 + 784));
  };
  const failure = (promise) => promise.then(() => "no failure", (error) => error.message);
"""

Floats = NDArray[np.float32]


def drawn(index: int) -> Floats:
    """A digit of Pillow's font, in one of several sizes and slants."""
    image = Image.new("L", (28, 28))
    font = ImageFont.load_default(size=16 + index // 10 % 8)
    ImageDraw.Draw(image).text((14, 14), str(index % 10), fill=255, font=font, anchor="mm")
    turned = image.rotate(index * 7 % 41 - 20, Image.Resampling.BILINEAR)
    return np.asarray(turned, np.float32) / np.float32(255)


@pytest.fixture(scope="module")
def made_up() -> Floats:
    """(200, 28, 28) in [0, 1]: noise of rising density, and drawn digits."""
    rng = np.random.default_rng(20)
    noise = rng.random((COUNT // 2, 28, 28), np.float32)
    noise *= rng.random(noise.shape) < np.linspace(0, 1, len(noise))[:, None, None]
    return np.concatenate([noise, np.stack([drawn(n) for n in range(COUNT // 2)])])


class Lab:
    """The page with the shipped models beside it; its scripts may use what `MODULES` loads."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.files = {f"{name}.onnx": (MODELS / f"{name}.onnx").read_bytes() for name in ALL}
        page.context.route("**/lab/*", self._answer)
        page.goto(address)

    def _answer(self, route: Route) -> None:
        data = self.files.get(route.request.url.rsplit("/", 1)[1])
        if data is None:
            route.fulfill(status=404)
        else:
            route.fulfill(body=data, content_type="application/octet-stream")

    def run(self, script: str, **given: Any) -> Any:
        """What an asynchronous script returns; `given` are its names."""
        names = ", ".join(given)
        return self.page.evaluate(f"async ({{ {names} }}) => {{ {MODULES} {script} }}", given)

    def logits(self, model: str, images: Floats) -> Floats:
        """(N, 10) of (N, 28, 28)."""
        script = """
          const network = await Network.load(`/lab/${model}.onnx`);
          return images(text).map((image) => Array.from(network.run(image).logits));
        """
        return np.asarray(self.run(script, model=model, text=packed(images)), np.float32)


def packed(images: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(images, np.float32).tobytes()).decode()


def server_logits(model: str, images: Floats) -> Floats:
    answer: Floats = Model.load(model).logits(images[..., None])
    return answer


@pytest.fixture(scope="module")
def lab(browser: Browser, address: str) -> Iterator[Lab]:
    context = browser.new_context()
    yield Lab(context.new_page(), address)
    context.close()


@pytest.mark.parametrize("model", ALL)
def test_logits_are_those_of_onnx_runtime(lab: Lab, made_up: Floats, model: str) -> None:
    ours, theirs = lab.logits(model, made_up), server_logits(model, made_up)
    worst = float(np.abs(ours - theirs).max())
    print(f"{model}: {len(ours)} images, logits differ by {worst:.1e} at most")
    assert ours.shape == (COUNT, 10)
    assert np.ptp(theirs) > 5
    assert worst < CLOSE
    assert np.array_equal(ours.argmax(axis=1), theirs.argmax(axis=1))


@pytest.mark.data
@pytest.mark.parametrize("model", ALL)
def test_logits_of_mnist_are_those_of_onnx_runtime(lab: Lab, mnist: Mnist, model: str) -> None:
    images = mnist.test.images[:COUNT].astype(np.float32) / np.float32(255)
    ours, theirs = lab.logits(model, images), server_logits(model, images)
    print(f"{model}: {len(ours)} of MNIST, logits differ by {np.abs(ours - theirs).max():.1e}")
    assert np.abs(ours - theirs).max() < CLOSE
    assert np.array_equal(ours.argmax(axis=1), theirs.argmax(axis=1))


#: Widths of strips: the narrowest, whole and broken steps of eight, and one as it was before.
WIDTHS = (1, 7, 8, 37, 80, 80, 113, 240, 80)


def test_columns_of_strips_are_those_of_onnx_runtime(lab: Lab) -> None:
    rng = np.random.default_rng(9)
    strips = [rng.random((32, width), np.float32) for width in WIDTHS]
    strips = [strip * (rng.random(strip.shape) < rng.random()) for strip in strips]
    script = """
      const { LineNetwork } = await import("/static/engine/linenetwork.js");
      const network = await LineNetwork.load("/static/models/lines/line.onnx");
      return strips.map((rows) => {
        const strip = { width: rows[0].length, height: 32, data: Float32Array.from(rows.flat()) };
        return network.run(strip).map((column) => Array.from(column));
      });
    """
    found = lab.run(script, strips=[strip.tolist() for strip in strips])
    expected = LineModel.load().logits(strips)
    worst = 0.0
    for ours, theirs in zip(found, expected, strict=True):
        assert np.shape(ours) == theirs.shape
        worst = max(worst, float(np.abs(np.array(ours) - theirs).max()))
    print(f"line: {len(strips)} strips, logits differ by {worst:.1e} at most")
    assert max(np.ptp(columns) for columns in expected) > 5
    assert worst < CLOSE


def test_a_reader_of_one_kind_is_no_reader_of_the_other(lab: Lab) -> None:
    script = """
      const { LineNetwork } = await import("/static/engine/linenetwork.js");
      const network = await LineNetwork.load("/static/models/lines/line.onnx");
      const low = { width: 3, height: 28, data: new Float32Array(84) };
      return [
        await failure(Network.load("/static/models/lines/line.onnx")),
        await failure(LineNetwork.load("/lab/nano.onnx")),
        await failure(Promise.resolve().then(() => network.run(low))),
      ];
    """
    assert lab.run(script) == [
        "The model is no reader of single digits: use one of those shipped.",
        "The model is no reader of rows: use the one shipped.",
        "A strip is 32 rows of numbers; this one has 28.",
    ]


@pytest.mark.parametrize("model", ALL)
def test_decisions_are_those_of_the_server(lab: Lab, made_up: Floats, model: str) -> None:
    info = Model.load(model).info
    rng = np.random.default_rng(7)
    rows = rng.normal(scale=np.linspace(0.01, 12, 300)[:, None], size=(300, 10))
    logits = np.concatenate([server_logits(model, made_up), rows.astype(np.float32)])
    script = """
      const about = decide.info((await Network.load(`/lab/${model}.onnx`)).metadata);
      const threshold = about.coverage.find(([level]) => level === 0.99)[1];
      return rows.map((row) => {
        const found = decide.decide(row, about);
        return { ...found, set: decide.predictionSet(found.probabilities, threshold) };
      });
    """
    found = lab.run(script, model=model, rows=logits.tolist())
    reasons = set()
    threshold = coverage_threshold(info, 0.99)
    for ours, theirs in zip(found, decode(logits, info), strict=True):
        assert ours["digit"] == theirs.digit
        assert ours["accepted"] is theirs.accepted
        assert ours["reason"] == theirs.reason
        assert ours["confidence"] == pytest.approx(theirs.confidence, abs=1e-6)
        assert ours["probabilities"] == pytest.approx(theirs.probabilities, abs=1e-6)
        assert ours["digitness"] == pytest.approx(theirs.digitness, abs=1e-6)
        assert ours["set"] == list(prediction_set(theirs.probabilities, threshold))
        fields = (theirs.digit, theirs.confidence, theirs.probabilities, theirs.accepted)
        prediction = Prediction(*fields, theirs.reason, "made", "1")
        listed = [(it["digit"], it["probability"]) for it in ours["candidates"]]
        assert [digit for digit, _ in listed] == [digit for digit, _ in prediction.candidates]
        reasons.add(theirs.reason)
    assert reasons == {None, "unsure", "not_a_digit"}


def test_every_layer_is_told(lab: Lab, made_up: Floats) -> None:
    script = """
      const network = await Network.load("/lab/standard.onnx");
      const { activations } = network.run(images(text)[0]);
      return Array.from(activations, ([name, { shape, data }]) => [name, shape, data.length]);
    """
    layers = lab.run(script, text=packed(made_up[150:151]))
    shapes = {name: shape for name, shape, _ in layers}
    assert layers[0] == ["image", [1, 28, 28, 1], 784]
    assert layers[-1] == ["logits", [1, 10], 10]
    assert [1, 48, 14, 14] in shapes.values()
    assert [1, 80, 7, 7] in shapes.values()
    assert all(np.prod(shape) == length for _, shape, length in layers)


@pytest.mark.parametrize(("model", "linear"), [("standard", True), ("classic", False)])
def test_a_class_map_and_its_rest_make_the_logit(
    lab: Lab, made_up: Floats, model: str, linear: bool
) -> None:
    script = """
      const network = await Network.load(`/lab/${model}.onnx`);
      return images(text).map((image, n) => {
        const found = explain.classMap(network, image, n % 10);
        const { map, rest, linear, channels, picture } = found;
        return [[...map], rest, linear, [...channels], [...picture]];
      });
    """
    images = made_up[95:115]
    found = lab.run(script, model=model, text=packed(images))
    expected = server_logits(model, images)
    rests: list[set[float]] = [set() for _ in range(10)]
    for index, (places, rest, said, channels, picture) in enumerate(found):
        digit = index % 10
        assert sum(places) + rest == pytest.approx(float(expected[index, digit]), abs=CLOSE)
        assert sum(picture) == pytest.approx(sum(places), abs=CLOSE)
        assert sum(channels) == pytest.approx(sum(places), abs=CLOSE)
        assert len(picture) == 784
        assert said is linear
        rests[digit].add(rest)
    assert all(len(values) == (1 if linear else 2) for values in rests)


def test_occlusion_reads_the_image_without_each_patch(lab: Lab, made_up: Floats) -> None:
    image = made_up[107]
    script = """
      const network = await Network.load("/lab/standard.onnx");
      const about = decide.info(network.metadata);
      const [image] = images(text);
      const found = await explain.occlude(network, image, { size: 4, step: 3 });
      const { digit } = decide.decide(found.logits, about);
      const rival = explain.rival(found, about);
      const blank = await explain.occlude(network, new Float32Array(784));
      const none = explain.rival(blank, about);
      const fading = [...explain.fading(found, about, digit)];
      const support = [...explain.support(found, about, digit)];
      return { shape: found.shape, digit, fading, support, rival, none };
    """
    found = lab.run(script, text=packed(image[None]))
    assert found["shape"] == [9, 9]
    corners = [(y, x) for y in range(0, 25, 3) for x in range(0, 25, 3)]
    emptied = np.stack([image] * len(corners))
    for one, (y, x) in zip(emptied, corners, strict=True):
        one[y : y + 4, x : x + 4] = 0
    logits = server_logits("standard", emptied)
    info = Model.load("standard").info
    shares = [it.probabilities for it in decode(logits, info)]
    assert found["digit"] == 7
    assert found["fading"] == pytest.approx([row[7] for row in shares], abs=CLOSE)
    assert min(found["fading"]) < max(found["fading"])

    whole = decode(server_logits("standard", image[None]), info)[0].probabilities
    odds = [np.log(row[7] / (1 - row[7])) for row in [whole, *shares]]
    assert found["support"] == pytest.approx([odds[0] - it for it in odds[1:]], abs=CLOSE)
    assert max(found["support"]) > 1
    second = int(np.argsort(whole)[-2])
    lead = logits[:, second] - logits[:, 7]
    lead[[not (image[y : y + 4, x : x + 4] > 0).any() for y, x in corners]] = -np.inf
    y, x = corners[int(lead.argmax())]
    rival = found["rival"]
    assert (rival["digit"], rival["patch"]["x"], rival["patch"]["y"]) == (second, x, y)
    assert rival["before"] == pytest.approx(whole[second], abs=CLOSE)
    assert rival["after"] == pytest.approx(shares[int(lead.argmax())][second], abs=CLOSE)
    assert rival["wins"] is bool(logits[int(lead.argmax())].argmax() == second)
    assert found["none"] is None


DAMAGED = "The model is no ONNX file, or it is damaged: fetch it again."


def test_a_damaged_file_is_refused_with_a_sentence(lab: Lab) -> None:
    whole = (MODELS / "nano.onnx").read_bytes()
    unknown, dense = whole.replace(b"\x22\x06MatMul", b"\x22\x06MutMal"), b"matmul_19_1"
    flipped = bytearray(whole)
    flipped[20_000] ^= 1
    lab.files |= {
        "empty.onnx": b"",
        "half.onnx": whole[: len(whole) // 2],
        "text.onnx": b"<!doctype html><title>Not found</title>" * 30,
        "unknown.onnx": unknown,
        "lost.onnx": whole[::-1].replace(dense[::-1], dense[::-1][:-1] + b"x", 1)[::-1],
        "flipped.onnx": bytes(flipped),
    }
    names = ["empty", "half", "text", "unknown", "lost", "nowhere"]
    script = """
      const load = (name) => failure(Network.load(`/lab/${name}.onnx`, sha256));
      return Promise.all(names.map(load));
    """
    empty, half, text, operator, lost, nowhere = lab.run(script, names=names, sha256="")
    assert empty == half == text == DAMAGED
    assert operator.startswith("The model needs the operator MutMal, which this page cannot run")
    assert lost == "The model is damaged: its numbers do not fit together. Fetch it again."
    assert nowhere == "The model could not be fetched: the server answered 404."
    sha256 = hashlib.sha256(whole).hexdigest()
    sound, changed = lab.run(script, names=["nano", "flipped"], sha256=sha256)
    assert sound == "no failure"
    assert changed == "The model is not the file that was expected: fetch it again."


def test_the_worker_reads_and_explains_with_the_network_off(lab: Lab, made_up: Floats) -> None:
    image = made_up[107]
    load = "window.engine = new Engine('/lab/standard.onnx'); return window.engine.ready;"
    about = lab.run(load)
    info = Model.load("standard").info
    assert (about["name"], about["version"]) == (info.name, info.version)
    assert about["coverage"] == [list(pair) for pair in info.coverage]
    script = """
      const [image] = images(text);
      const { layers, ...reading } = await window.engine.read(image, true);
      const plain = await window.engine.read(image);
      const { map, occlusion, rival } = await window.engine.explain(image, 3);
      const short = await failure(window.engine.read(image.subarray(1)));
      const sizes = layers.map(({ name, operator, data }) => [name, operator, data.length]);
      const asked = [map.digit, occlusion.shape, occlusion.support.length, rival.digit];
      return { reading, sizes, asked, short, plain: "layers" in plain };
    """
    # modules are loaded once: the page asks for them again from its own memory
    lab.page.context.set_offline(True)
    try:
        found = lab.run(script, text=packed(image[None]))
    finally:
        lab.page.context.set_offline(False)
    expected = decode(server_logits("standard", image[None]), info)[0]
    assert found["reading"]["digit"] == expected.digit == 7
    assert found["reading"]["accepted"] is expected.accepted
    assert found["reading"]["milliseconds"] > 0
    assert found["sizes"][0] == ["image", "Input", 784]
    assert found["sizes"][-1] == ["logits", "Add", 10]
    assert found["asked"][:3] == [3, [13, 13], 169]
    assert found["asked"][3] != 7
    assert found["short"] == "An image of a digit is 784 numbers; this one has 783."
    assert found["plain"] is False


def test_readings_come_between_and_the_newest_explanation_wins(lab: Lab, made_up: Floats) -> None:
    script = """
      const engine = new Engine("/lab/standard.onnx");
      await engine.ready;
      const [first, second] = images(text);
      const order = [];
      const told = (name) => (answer) => (order.push(name), answer);
      const older = failure(engine.explain(first)).then(told("older"));
      const newer = engine.explain(second).then(told("newer"));
      const read = engine.read(first).then(told("read"));
      const [given, { map }, { digit }] = await Promise.all([older, newer, read]);
      engine.stop();
      return { order, given, explained: map.digit, digit };
    """
    found = lab.run(script, text=packed(made_up[[107, 104]]))
    assert sorted(found["order"]) == ["newer", "older", "read"]
    assert found["order"][-1] == "newer"
    assert found["given"] == "A newer drawing is explained instead."
    assert (found["digit"], found["explained"]) == (7, 4)


def test_a_worker_without_a_model_says_so(lab: Lab) -> None:
    script = """
      const engine = new Engine("/lab/nowhere.onnx");
      const missing = await failure(engine.read(new Float32Array(784)));
      const sound = new Engine("/lab/nano.onnx");
      await sound.ready;
      const pending = failure(sound.explain(new Float32Array(784).fill(1)));
      await Promise.resolve();
      sound.stop();
      return [missing, await pending, await failure(sound.read(new Float32Array(784)))];
    """
    missing, pending, stopped = lab.run(script)
    assert missing == "The model could not be fetched: the server answered 404."
    assert pending == stopped == "The reader in this browser has stopped: reload the page."
