"""What it costs to bring a picture into MNIST's frame, from its bytes to 28x28 pixels.

    python benchmarks/normalise.py [--calls 200]

One core. The peer is what most demonstrations do, in the same run: Pillow decodes, shrinks to 28x28
and inverts. The pictures are drawn here: a 7 on a canvas of 280x280 as an array and as PNG, and a
photo of 12 megapixels (4000x3000 JPEG, shaded paper, noise) with a 7 across a third of it. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits import image, preprocess, segment, strokes

SEVEN = np.array([[0.0, 0.0], [0.62, 0.0], [0.24, 1.0]])
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of normalising a picture.")
    parser.add_argument("--calls", type=int, default=200, help="calls of each a round (200)")
    calls: int = parser.parse_args().calls
    cv2.setNumThreads(1)
    canvas = page(280, 280, size=170, pen=20)
    png, photo = encoded(canvas, "PNG"), encoded(shaded(page(4000, 3000, 1000, 90)), "JPEG")
    jobs: dict[str, tuple[Callable[[Any], Any], Any, int]] = {
        "canvas, array": (normalised, canvas, calls),
        "canvas, array, shrunk": (shrunk, canvas, calls),
        "canvas, PNG": (normalised, png, calls),
        "canvas, PNG, shrunk": (shrunk, png, calls),
        "photo, JPEG": (normalised, photo, max(2, calls // 20)),
        "photo, JPEG, shrunk": (shrunk, photo, max(2, calls // 20)),
    }
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job, source, _ in jobs.values():
        job(source)
    for _ in range(ROUNDS):  # in turns, so that a busy moment hits all alike
        for name, (job, source, count) in jobs.items():
            times[name] += [timed(job, source) for _ in range(count)]
    print(f"{'':26}{'median':>12}{'95 %':>12}")
    results = {}
    for name, seconds in times.items():
        median, late = np.percentile(np.array(seconds) * 1e3, [50, 95])
        results[name] = {"median_ms": float(median), "p95_ms": float(late)}
        print(f"{name:26}{median:9.2f} ms{late:9.2f} ms")
    print(f"The photo is {len(photo) / 1e6:.1f} MB, the PNG {len(png) / 1e3:.1f} KB.")
    print(json.dumps({"benchmark": "normalise", "calls": calls, "results": results}))


def normalised(source: Any) -> NDArray[np.float32]:
    """As inkdigits does it."""
    glyph = segment.locate(image.load(source))
    assert glyph is not None
    return preprocess.normalise(glyph)


def shrunk(source: Any) -> NDArray[np.float32]:
    """As most demonstrations do it."""
    picture = (
        Image.open(io.BytesIO(source)) if isinstance(source, bytes) else Image.fromarray(source)
    )
    small = np.asarray(picture.convert("L").resize((28, 28)), np.float32)
    return 1 - small / np.float32(255)


def timed(job: Callable[[Any], Any], source: Any) -> float:
    start = time.perf_counter()
    job(source)
    return time.perf_counter() - start


def page(width: int, height: int, size: float, pen: float) -> NDArray[np.uint8]:
    """A 7 in the middle, dark on white, (H, W)."""
    corner = (np.array([width, height]) - size * np.array([0.62, 1])) / 2
    return np.round(strokes.draw([SEVEN * size + corner], (width, height), pen) * 255).astype(
        np.uint8
    )


def shaded(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same in colour, on paper that is darker towards a corner, with a camera's noise."""
    height, width = grey.shape
    light = np.linspace(0.9, 0.6, width, dtype=np.float32) * np.linspace(1, 0.8, height)[:, None]
    noise = np.random.default_rng(1).normal(0, 6, grey.shape)
    lit = np.clip(grey * light * 0.8 + 30 + noise, 0, 255)
    return np.stack([lit, lit * 0.97, lit * 0.9], axis=-1).astype(np.uint8)


def encoded(pixels: NDArray[np.uint8], kind: str) -> bytes:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return data.getvalue()


if __name__ == "__main__":
    main()
