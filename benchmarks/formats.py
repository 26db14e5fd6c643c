"""What does each format cost and lose? Size, latency of one digit on one core, and accuracy.

    python benchmarks/formats.py [--calls 300] [--test] [--model weights/standard.keras]

The model is exported to every format and quantisation, checks included, into a folder that is
thrown away. The artefacts then read one digit after the other in turns, pinned to one core (on
Linux) with one thread, so that all of them meet the same state of the machine; the accuracy is of
MNIST's 6,000 validation images, and with --test also of its 10,000 test images, which are for
reports and choose nothing. Keras itself stands beside them, as `model.predict(x)` and as a
`tf.function`; the former passes its work between threads, which a single core makes slower
(`latency.py` times it with all cores). The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"
if hasattr(os, "sched_setaffinity"):  # before anything counts the cores
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
from numpy.typing import NDArray

from inkdigits import InkdigitsError
from inkdigits.data import mnist
from inkdigits.data.digits import Digits
from inkdigits.training.exports.targets import FORMATS, Target
from inkdigits.training.noise import hushed

WEIGHTS = Path(__file__).parents[1] / "weights" / "standard.keras"
WARM_UPS = 20
#: Timed on its own: the threads it starts are still at work when the next one's turn comes.
PREDICT = "Keras model.predict(x)"

Floats = NDArray[np.float32]
Reader = Callable[[Floats], Floats]


def main() -> None:
    parser = argparse.ArgumentParser(description="Size, latency and accuracy of every format.")
    parser.add_argument("--model", type=Path, default=WEIGHTS, help="weights/standard.keras")
    parser.add_argument("--calls", type=int, default=300, help="single digits timed each (300)")
    parser.add_argument("--test", action="store_true", help="also read MNIST's test part")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            data = mnist.load()
            readers, sizes = build(asked.model, Path(folder), data)
        except InkdigitsError as error:
            sys.exit(str(error))
        except ImportError as error:
            sys.exit(f"{error}: this needs `pip install 'inkdigits[train]'`.")
        results: dict[str, dict[str, Any]] = {n: {"bytes": sizes[n]} for n in readers}
        with hushed():
            parts = {"validation": data.validation} | ({"test": data.test} if asked.test else {})
            for part, digits in parts.items():
                for name, reader in readers.items():
                    results[name][part] = round(accuracy(reader, digits), 5)
            x = pixels(data.validation.images)
            alone = {PREDICT: readers[PREDICT]}
            others = {name: it for name, it in readers.items() if name != PREDICT}
            latencies = timed(alone, x, asked.calls) | timed(others, x, asked.calls)
    for name, (median, p95) in latencies.items():
        results[name] |= {"median_ms": median, "p95_ms": p95}
    show(results, list(parts), data)
    about = {"benchmark": "formats", "model": asked.model.name, "calls": asked.calls}
    print(json.dumps(about | {"results": results}))


def build(
    source: Path, folder: Path, data: mnist.Mnist
) -> tuple[dict[str, Reader], dict[str, int]]:
    """Every artefact by its name, Keras first: how it reads, and how many bytes it has."""
    with hushed():
        import keras
        import tensorflow as tf

        from inkdigits.training import formats
        from inkdigits.training.exports.export import export

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        network = formats.load_keras(source)
    quick = tf.function(lambda x: network(x, training=False), reduce_retracing=True)
    readers: dict[str, Reader] = {
        PREDICT: lambda x: np.asarray(network.predict(x, verbose=0)),
        "Keras tf.function": lambda x: np.asarray(quick(tf.constant(x))),
    }
    sizes = dict.fromkeys(readers, source.stat().st_size)
    kinds: list[tuple[str, str | None]] = [(name, None) for name in FORMATS]
    kinds += [(name, kind) for name, (more, _) in FORMATS.items() for kind in more]
    targets = [Target(*kind) for kind in sorted(kinds, key=lambda it: list(FORMATS).index(it[0]))]
    for made in export(source, targets, folder, data=data, name="it").artefacts:
        sizes[str(made.target)] = made.bytes
        with hushed():
            if made.target.format == "weights":
                fresh = keras.models.clone_model(network)
                fresh.load_weights(made.path)
                readers["weights"] = formats.of_network(fresh, made.path).logits
            else:
                readers[str(made.target)] = formats.load(made.path).logits
    return readers, sizes


def pixels(images: NDArray[np.uint8]) -> Floats:
    return (images[..., None] / 255).astype(np.float32)


def accuracy(reader: Reader, digits: Digits) -> float:
    x = pixels(digits.images)
    answers = [reader(x[start : start + 500]) for start in range(0, len(x), 500)]
    return float((np.concatenate(answers).argmax(axis=1) == digits.truth).mean())


def timed(readers: dict[str, Reader], x: Floats, calls: int) -> dict[str, tuple[float, float]]:
    """(median, 95th percentile) in milliseconds; the readers take turns at each digit.

    Each reads it twice, and the second time counts: the first brings back the caches that the
    others have taken.
    """
    spent: dict[str, list[float]] = {name: [] for name in readers}
    for i in range(WARM_UPS + calls):
        one = x[i % len(x)][None]
        for name, reader in readers.items():
            reader(one)
            start = time.perf_counter()
            reader(one)
            spent[name].append(time.perf_counter() - start)
    figures = {name: np.percentile(s[WARM_UPS:], [50, 95]) * 1000 for name, s in spent.items()}
    return {name: (round(float(a), 3), round(float(b), 3)) for name, (a, b) in figures.items()}


def show(results: dict[str, dict[str, Any]], parts: list[str], data: mnist.Mnist) -> None:
    counts = {"validation": len(data.validation), "test": len(data.test)}
    heads = "".join(f"{f'{part} ({counts[part]:,})':>20}" for part in parts)
    print(f"{'':24}{'bytes':>11}{'one: median':>14}{'95 %':>11}{heads}")
    for name, row in results.items():
        shares = "".join(f"{row[part]:19.2%} " for part in parts)
        print(
            f"{name:24}{row['bytes']:11,}{row['median_ms']:11.3f} ms{row['p95_ms']:8.3f} ms{shares}"
        )


if __name__ == "__main__":
    main()
