"""How many seconds of training until validation accuracy is 99.0, 99.5, 99.65, 99.7 %?

    python benchmarks/time_to_accuracy.py [--epochs 2 8] [--runs 3] [--network standard]

Each schedule is trained anew `--runs` times, each run in a process of its own with all cores. The
clock runs from the first step to the end of the epoch in which the accuracy was first reached;
start-up, compilation of the first step (on JAX), saving and validation are left out, as is common
in such tables. A schedule of few epochs gets to a low bar soonest, so the best median over the
schedules is given. MNIST's validation part (n = 6,000) is what is read; the test part is not.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from typing import Any

BARS = (0.990, 0.995, 0.9965, 0.997)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds of training to an accuracy.")
    parser.add_argument("--network", default="standard", help="standard")
    parser.add_argument("--epochs", type=int, nargs="+", default=[2, 8], help="schedules (2 8)")
    parser.add_argument("--runs", type=int, default=3, help="trainings of each schedule (3)")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child is not None:
        print(json.dumps(train(args.network, args.epochs[0], args.child)))
        return
    reached: dict[int, list[dict[str, Any]]] = {}
    for epochs in args.epochs:
        reached[epochs] = [child(args.network, epochs, seed) for seed in range(args.runs)]
        for run in reached[epochs]:
            print(f"{epochs:3} epochs: {run['accuracy']:.2%} after {run['seconds']:.1f} s")
    table = {f"{bar:.2%}": best(reached, bar) for bar in BARS}
    device = next(iter(reached.values()))[0]["device"]
    print(f"\n{args.network} on {device}, n = {args.runs}\n")
    print(f"{'validation':12}{'seconds':>9}{'runs there':>12}{'schedule':>12}")
    for bar, it in table.items():
        if it is None:
            print(f"{bar:12}{'not reached by most runs':>33}")
        else:
            there = f"{it['reached']} of {args.runs}"
            print(f"{bar:12}{it['seconds']:9.1f}{there:>12}{it['epochs']:>5} epochs")
    about = {"benchmark": "time_to_accuracy", "network": args.network, "runs": args.runs}
    print(json.dumps({**about, "device": device, "to": table}))


def best(reached: dict[int, list[dict[str, Any]]], bar: float) -> dict[str, Any] | None:
    """The schedule with the least median, among those where most runs get there."""
    found = []
    for epochs, runs in reached.items():
        times = [
            next((s for s, accuracy in run["curve"] if accuracy >= bar), float("inf"))
            for run in runs
        ]
        if statistics.median(times) < float("inf"):
            there = sum(value < float("inf") for value in times)
            median = round(statistics.median(times), 1)
            found.append({"seconds": median, "reached": there, "epochs": epochs})
    return min(found, key=lambda it: it["seconds"]) if found else None


def child(network: str, epochs: int, seed: int) -> dict[str, Any]:
    """One training in a process of its own."""
    done = subprocess.run(
        [
            *(sys.executable, __file__, "--network", network, "--epochs", str(epochs)),
            *("--child", str(seed)),
        ],
        env={"KERAS_BACKEND": "torch", "TF_CPP_MIN_LOG_LEVEL": "3", **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"A training failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def train(network: str, epochs: int, seed: int) -> dict[str, Any]:
    """The accuracy after each epoch, and the seconds of training until then."""
    import keras

    from inkdigits.data import mnist
    from inkdigits.training import fit, lessons, networks
    from inkdigits.training.fused import best_precision
    from inkdigits.training.recipe import Recipe

    data = mnist.load()
    recipe = Recipe(
        network, epochs=epochs, seed=seed, precision=best_precision(), shift=0.07, elastic=0.5
    )
    keras.utils.set_random_seed(seed)
    learn = lessons.of_labels(data.train)
    order = lessons.Order(learn, recipe.batch_size, seed)
    model = fit.prepare(recipe, networks.build(network), learn, len(order))
    fit.fill(model, learn)
    pixels = data.validation.images[..., None] / 255
    curve: list[tuple[float, float]] = []
    clock = 0.0
    for epoch in range(epochs):
        start = time.perf_counter()
        model.fit(order, initial_epoch=epoch, epochs=epoch + 1, shuffle=False, verbose=0)
        clock += time.perf_counter() - start
        said = model.layers[-1].predict(pixels, batch_size=500, verbose=0)
        accuracy = float((said.argmax(axis=1) == data.validation.truth).mean())
        curve.append((round(clock, 2), accuracy))
    return {"curve": curve, "seconds": curve[-1][0], "accuracy": curve[-1][1], "device": device()}


def device() -> str:
    """What computes: a GPU by its name, or the processor's cores."""
    import keras

    if keras.backend.backend() == "torch":
        import torch

        if torch.cuda.is_available():
            return str(torch.cuda.get_device_name())
    if keras.backend.backend() == "jax":
        import jax

        if jax.default_backend() != "cpu":
            return str(jax.devices()[0].device_kind)
    return f"{os.cpu_count()} cores ({platform.machine()})"


if __name__ == "__main__":
    main()
