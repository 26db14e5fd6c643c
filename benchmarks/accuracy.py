"""How right, how large, how fast is each shipped model, beside what is in print?

    python benchmarks/accuracy.py [--test] [--plot accuracy.png] [--results RESULTS.jsonl]

Latency is of one digit on one core (on Linux), a call of ONNX Runtime, the models in turns so that
all meet the same state of the machine. Accuracy is of MNIST's 6,000 validation images, and with
--test also of its 10,000 test images, which are for reports and choose nothing; there also with
shifts of one pixel averaged (`--shifts 1` of the command line), which no headline uses. `--results`
are those of `inkdigits sweep --test`: the mean over seeds, drawn with its standard deviation. The
figure is drawn from the test images. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from importlib import resources
from pathlib import Path
from typing import Any

if hasattr(os, "sched_setaffinity"):  # before anything counts the cores
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np

from inkdigits.data import mnist
from inkdigits.data.digits import Digits
from inkdigits.evaluation.report import evaluate_mnist
from inkdigits.model import Model, shipped
from inkdigits.shifts import shifted
from inkdigits.training.sweep import Results, summarise

WARM_UPS = 20
#: Single models in print: parameters, test accuracy in %, its spread or nothing, where from.
ANCHORS: tuple[tuple[str, float, float, float | None], ...] = (
    ("ttdoucet/mnist, mean of 10", 4.73e6, 99.738, 0.031),
    ("Deotte 2018, mean of 1,500", 326e3, 99.641, 0.047),
    ("Byerly et al. 2020, best, chosen on test", 1.5e6, 99.83, None),
    ("Efficient-CapsNet 2021", 161e3, 99.74, None),
    ("MNIST-CNN of the usual recipe", 213_354, 99.67, None),
    ("best under 10 k, mostly chosen on test", 7.5e3, 99.53, None),
    ("best under 25 k, mostly chosen on test", 15.8e3, 99.59, None),
)


#: Where the label of a point goes that would lie on another's at its right, in points.
LEFT = {"standard": (-8, -16), "standard-mnist": (-8, 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy, size and speed of every model.")
    parser.add_argument("--calls", type=int, default=500, help="single digits timed each (500)")
    parser.add_argument("--test", action="store_true", help="also read MNIST's test part")
    parser.add_argument("--plot", type=Path, help="PNG to draw, with --test")
    parser.add_argument("--results", type=Path, help="results.jsonl of a tested sweep")
    asked = parser.parse_args()
    if asked.plot is not None and not asked.test:
        parser.error("--plot needs --test")
    data = mnist.load()
    models = {name: Model.load(name) for name in shipped()}
    latency = timed(models, data.validation, asked.calls)
    rows: dict[str, dict[str, Any]] = {}
    for name, model in models.items():
        card = json.loads(
            (resources.files("inkdigits") / "models" / f"{name}.json").read_text(encoding="utf-8")
        )
        row: dict[str, Any] = {
            "parameters": card["parameters"],
            "bytes": model.info.path.stat().st_size,
            "median_ms": round(latency[name], 4),
            "validation": evaluate_mnist(model, data.validation).accuracy,
        }
        if asked.test:
            report = evaluate_mnist(model, data.test)
            row |= {
                "test": report.accuracy,
                "undisputed": report.undisputed_accuracy,
                "ece": report.ece,
                "shifts": evaluate_mnist(shifted(model, 1), data.test).accuracy,
            }
        rows[name] = row
        print(line(name, row, latency["classic"]), flush=True)
    seeds = {}
    if asked.results is not None:
        seeds = {it.group: it for it in summarise(Results(asked.results.parent).rows)}
    if asked.plot is not None:
        draw(rows, seeds, asked.plot)
    print(json.dumps({"benchmark": "accuracy", "calls": asked.calls, "models": rows}))


def line(name: str, row: dict[str, Any], classic: float) -> str:
    """One model, a line."""
    tested = ""
    if "test" in row:
        tested = (
            f"  test {row['test']:.2%} ({row['undisputed']:.2%} undisputed, "
            f"{row['shifts']:.2%} with shifts), ECE {row['ece']:.2%}"
        )
    return (
        f"{name:10}{row['parameters']:>9,} parameters{row['bytes']:>11,} bytes"
        f"{row['median_ms']:8.3f} ms ({row['median_ms'] / classic:.2f} of classic)"
        f"  validation {row['validation']:.2%}{tested}"
    )


def timed(models: dict[str, Model], digits: Digits, calls: int) -> dict[str, float]:
    """The median milliseconds of one digit, the models in turns."""
    x = digits.images[..., None].astype(np.float32) / np.float32(255)
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(WARM_UPS + calls):
        one = x[turn % len(x)][None]
        for name, model in models.items():
            start = time.perf_counter()
            model.logits(one)
            times[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values[WARM_UPS:]) for name, values in times.items()}


def draw(rows: dict[str, dict[str, Any]], seeds: dict[str, Any], path: Path) -> None:
    """Errors against parameters, with what is in print, and against latency."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    from inkdigits.evaluation.plots import BLUE, DPI, GRID, ORANGE

    figure = Figure(figsize=(11, 6.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.5, 1))
    for number, (words, parameters, accuracy, spread) in enumerate(ANCHORS, start=1):
        it = left.errorbar(
            parameters, 100 - accuracy, spread, fmt="D", color=ORANGE, capsize=3, markersize=5
        )
        it.set_label(f"{number}  {words}: {accuracy:g} %")
        left.annotate(str(number), (parameters, 100 - accuracy), (6, 4), textcoords="offset points")
    for name, row in rows.items():
        found = seeds.get(name)
        accuracy, spread, words = 100 * row["test"], None, name
        if found is not None and found.test is not None:
            accuracy, spread = 100 * found.test, 100 * found.test_spread
            words = f"{name}, mean of {found.count}"
        for axes, x in ((left, row["parameters"]), (right, row["median_ms"])):
            axes.errorbar(x, 100 - accuracy, spread, fmt="o", color=BLUE, capsize=3, markersize=7)
            axes.annotate(
                words,
                (x, 100 - accuracy),
                LEFT.get(name, (8, -4)),
                textcoords="offset points",
                ha="right" if name in LEFT else "left",
                color=BLUE,
            )
    left.set_xlabel("parameters")
    left.set_ylabel("wrong on MNIST's 10,000 test images")
    right.set_xlabel("one digit, one core (ms)")
    left.set_yscale("log")
    left.invert_yaxis()
    left.yaxis.set_major_locator(FixedLocator([0.15, 0.2, 0.3, 0.4, 0.5, 1, 2]))
    left.yaxis.set_minor_locator(NullLocator())
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    for axes in (left, right):
        axes.set_xscale("log")
        axes.grid(color=GRID)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.3)
    right.xaxis.set_major_locator(FixedLocator([0.05, 0.1, 0.2, 0.5]))
    right.xaxis.set_minor_locator(NullLocator())
    right.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    left.legend(loc="lower right", fontsize=8, title="in print, single models", frameon=False)
    figure.savefig(path, dpi=DPI)


if __name__ == "__main__":
    main()
