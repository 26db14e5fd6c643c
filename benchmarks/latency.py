"""How long one digit takes, and how many digits a second a batch of 256 gives.

    python benchmarks/latency.py [--calls 300]

inkdigits and Keras read the same digits with the same weights (`weights/standard.keras` is what
the shipped model was made from), in one process, one after the other. inkdigits is timed as a
user calls it, checks and calibration included; Keras is handed arrays that are ready for it. The
digits are MNIST's test images where they are found, else drawn here. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inkdigits import DataError, Recognizer
from inkdigits.data import mnist

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
WEIGHTS = Path(__file__).parents[1] / "weights" / "standard.keras"
BATCH = 256
WARM_UPS = 10
BATCHES = 10

Reader = Callable[[NDArray[Any]], NDArray[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Latency of one digit, throughput of many.")
    parser.add_argument("--calls", type=int, default=300, help="single digits timed each (300)")
    calls: int = parser.parse_args().calls
    digits, source = some_digits()
    ready = (digits[..., None] / np.float32(255)).astype(np.float32)

    readers: dict[str, tuple[Reader, NDArray[Any]]] = {
        "inkdigits": (Recognizer.load().predict, digits)
    }
    keras_readers, reason = load_keras()
    readers |= {name: (reader, ready) for name, reader in keras_readers.items()}

    print(f"{BATCH} digits, {source}; {os.cpu_count()} cores")
    print(f"{'':24}{'one: median':>13}{'95 %':>11}{f'batch of {BATCH}':>19}{'same digit':>12}")
    results: dict[str, dict[str, float]] = {}
    expected = readers["inkdigits"][0](digits)
    for name, (reader, x) in readers.items():
        row = measure(reader, x, calls) | {"same": int(np.sum(reader(x) == expected))}
        print(
            f"{name:24}{row['median_ms']:10.2f} ms{row['p95_ms']:8.2f} ms"
            f"{row['digits_per_s']:11,.0f} a sec.{row['same']:12.0f}"
        )
        results[name] = row
    if reason:
        print(f"{'Keras':24}skipped: {reason}")
    print(
        json.dumps(
            {"benchmark": "latency", "digits": source, "calls": calls, "results": results}
            | ({"keras": f"skipped: {reason}"} if reason else {})
        )
    )


def some_digits() -> tuple[NDArray[np.uint8], str]:
    """(256, 28, 28) uint8 and where they are from."""
    try:
        return mnist.load_test().images[:BATCH], "from MNIST's test images"
    except DataError:
        return np.stack([drawn(index) for index in range(BATCH)]), "drawn"


def drawn(index: int) -> NDArray[np.uint8]:
    """A digit in Pillow's own font, in one of several sizes and slants."""
    image = Image.new("L", (28, 28))
    font = ImageFont.load_default(size=20 + index // 10 % 4)
    ImageDraw.Draw(image).text((14, 14), str(index % 10), fill=255, font=font, anchor="mm")
    return np.asarray(image.rotate(index % 21 - 10, Image.Resampling.BILINEAR))


def load_keras() -> tuple[dict[str, Reader], str | None]:
    """Keras's two ways to predict, or why there are none."""
    if not WEIGHTS.is_file():
        return {}, f"{WEIGHTS.name} is not in weights/"
    try:
        import keras
    except ImportError:
        return {}, "Keras is not installed"
    model = keras.saving.load_model(WEIGHTS, compile=False)
    return {
        "Keras model(x)": lambda x: np.argmax(np.asarray(model(x, training=False)), axis=1),
        "Keras model.predict(x)": lambda x: np.argmax(model.predict(x, BATCH, verbose=0), axis=1),
    }, None


def measure(reader: Reader, x: NDArray[Any], calls: int) -> dict[str, float]:
    """Milliseconds for one digit (median, 95th percentile), digits a second in batches (median)."""
    ones = [seconds(reader, x[i % BATCH : i % BATCH + 1]) for i in range(WARM_UPS + calls)]
    batches = [seconds(reader, x) for _ in range(2 + BATCHES)]
    median, p95 = np.percentile(ones[WARM_UPS:], [50, 95]) * 1000
    return {
        "median_ms": round(float(median), 3),
        "p95_ms": round(float(p95), 3),
        "digits_per_s": round(BATCH / float(np.median(batches[2:]))),
    }


def seconds(reader: Reader, x: NDArray[Any]) -> float:
    start = time.perf_counter()
    reader(x)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
