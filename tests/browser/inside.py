"""`standard` laid open by ONNX: all values between an image and its logits, and its fields."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from playwright.sync_api import Page, Request

import inkdigits
from inkdigits import preprocess, segment, strokes

Floats = NDArray[np.float32]
FILE = Path(inkdigits.__file__).parent / "models" / "standard.onnx"


@cache
def graph() -> Any:
    return onnx.load(FILE).graph


@cache
def stages() -> list[str]:
    """The values that the convolutions hand on, first to last."""
    names = [node.op_type for node in graph().node]
    first = names.index("Conv")
    return [node.output[0] for node in list(graph().node)[first:] if node.op_type == "Relu"]


@cache
def session() -> Any:
    model = onnx.load(FILE)
    for name in stages():
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return onnxruntime.InferenceSession(model.SerializeToString())


def values(image: Floats) -> dict[str, Floats]:
    """What ONNX Runtime makes of an image, by name; maps as (channels, rows, columns)."""
    names = ["logits", *stages()]
    found = session().run(names, {"image": image.reshape(1, 28, 28, 1).astype(np.float32)})
    return {name: value[0] for name, value in zip(names, found, strict=True)}


def logits(images: Floats) -> Floats:
    """(N, 10) of (N, 28, 28)."""
    found: Floats = session().run(["logits"], {"image": images[..., None]})[0]
    return found


def image_of(lines: list[list[list[float]]]) -> Floats:
    """What the server's own code makes of strokes."""
    glyph = segment.locate(strokes.render(lines))
    assert glyph is not None
    return preprocess.normalise(glyph)


def watch(page: Page) -> list[dict[str, Any]]:
    """Every question about strokes that the page asks from now on."""
    asked: list[dict[str, Any]] = []

    def keep(request: Request) -> None:
        if request.url.endswith("/classify"):
            asked.append(json.loads(request.post_data or "{}"))

    page.on("request", keep)
    return asked


def alphas(page: Page, selector: str, side: int) -> Floats:
    """How full each of `side` times `side` cells of a canvas is, in its middle, 0 to 1."""
    script = """([selector, side]) => {
      const canvas = document.querySelector(selector);
      const cell = canvas.width / side;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const middle = (n) => Math.floor((n + 0.5) * cell);
      return Array.from({ length: side * side }, (_, k) =>
        data[(middle(Math.floor(k / side)) * canvas.width + middle(k % side)) * 4 + 3] / 255);
    }"""
    return np.asarray(page.evaluate(script, [selector, side]), np.float32).reshape(side, side)
