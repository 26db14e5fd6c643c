"""How many images a second `classic` is trained on, beside the usual Keras recipe.

    python benchmarks/training.py [--images 6400] [--epochs 3] [--rows NAME ...]

The peer is what most tutorials do: Adam, batch 128, `ImageDataGenerator` for the same rotation,
shift, zoom and shear, and `fit` on TensorFlow. The others are `inkdigits train`'s own model on each
backend that is installed, and variations of it. Each row runs in a process of its own on the same
random images; an epoch's time is taken without validation or saving, the first epoch is left out,
the median of the others counts. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import Any

import numpy as np

BATCH = 128
PEER = "ImageDataGenerator and fit"
#: Row -> backend, precision, and what differs from `inkdigits train`.
ROWS: dict[str, tuple[str, str, str]] = {
    PEER: ("tensorflow", "float32", "peer"),
    "TensorFlow": ("tensorflow", "float32", ""),
    "TensorFlow, bfloat16": ("tensorflow", "bfloat16", ""),
    "TensorFlow, XLA": ("tensorflow", "float32", "xla"),
    "TensorFlow, 20 steps at once": ("tensorflow", "float32", "steps"),
    "TensorFlow, no distortions": ("tensorflow", "float32", "plain"),
    "JAX": ("jax", "float32", ""),
    "PyTorch": ("torch", "float32", ""),
    "PyTorch, bfloat16": ("torch", "bfloat16", ""),
    "PyTorch, bfloat16, not fused": ("torch", "bfloat16", "unfused"),
    "PyTorch, bfloat16, no distortions": ("torch", "bfloat16", "plain"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Training throughput.")
    parser.add_argument("--images", type=int, default=6_400, help="images an epoch (6400)")
    parser.add_argument("--epochs", type=int, default=3, help="epochs, the first not timed (3)")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="NAME")
    parser.add_argument("--child", choices=ROWS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args.child, args.images, args.epochs)))
        return

    print(f"classic, batch {BATCH}, {args.images:,} images an epoch, {os.cpu_count()} cores")
    print(f"{'':36}{'images a second':>17}{'to the peer':>13}")
    results: dict[str, float | str] = {}
    for name in args.rows:
        answer = run(name, args.images, args.epochs)
        results[name] = answer
        if isinstance(answer, str):
            print(f"{name:36}skipped: {answer}")
            continue
        peer = results.get(PEER)
        ratio = f"{answer / peer:12.2f}x" if isinstance(peer, float) else ""
        print(f"{name:36}{answer:17,.0f}{ratio}", flush=True)
    print(json.dumps({"benchmark": "training", "images": args.images, "images_per_s": results}))


def run(name: str, images: int, epochs: int) -> float | str:
    """Images a second of one row, or why it cannot be had here."""
    backend = ROWS[name][0]
    needed = ["scipy", "tensorflow"] if name == PEER else [backend]
    for module in needed:
        if find_spec(module) is None:
            return f"{module} is not installed"
    sizes = ["--images", str(images), "--epochs", str(epochs)]
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, *sizes],
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return f"it failed: {done.stderr.strip().splitlines()[-1]}"
    return float(json.loads(done.stdout.splitlines()[-1]))


def measure(name: str, images: int, epochs: int) -> float:
    """Train in this process; the median over all epochs but the first."""
    import keras

    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (images, 28, 28), np.uint8)
    y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, images)]
    times: list[float] = []

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            times.append(-time.perf_counter())

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            times[-1] += time.perf_counter()

    _, precision, kind = ROWS[name]
    if kind == "peer":
        model, data = peer(x[..., None] / np.float32(255), y)
    else:
        model, data = ours(kind, precision, x, y)
    model.fit(data, epochs=epochs, verbose=0, callbacks=[Clock()])
    return images / statistics.median(times[1:])


def peer(x: Any, y: Any) -> tuple[Any, Any]:
    """The same network and distortions, as tutorials have them."""
    import keras
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    from inkdigits.training import networks

    model = networks.build("classic")
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy", metrics=["accuracy"])
    images = ImageDataGenerator(
        rotation_range=10,
        width_shift_range=0.1,
        height_shift_range=0.1,
        zoom_range=0.1,
        shear_range=10,
    )
    return model, images.flow(x, y, batch_size=BATCH)


def ours(kind: str, precision: str, x: Any, y: Any) -> tuple[Any, Any]:
    """What `inkdigits train` trains, with one thing changed perhaps."""
    from inkdigits.training import fit, fused, networks
    from inkdigits.training.lessons import Lessons, Order
    from inkdigits.training.recipe import Recipe

    if kind == "unfused":
        vars(fused)["_fused"] = type
    recipe = Recipe(precision=precision, augment=kind != "plain")
    learn = Lessons(x[None], y[None])
    order = Order(learn, BATCH, recipe.seed)
    model = fit.prepare(recipe, networks.build("classic"), learn, len(order))
    fit.fill(model, learn)
    if kind == "xla":
        model.jit_compile = True
    if kind == "steps":
        model.steps_per_execution = 20
    return model, order


if __name__ == "__main__":
    main()
