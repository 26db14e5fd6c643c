"""What a run shows of its network: a summary, a picture of its layers, its confusions.

In: a network, or labels and guesses. Out: files. Does not train and does not read data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation import metrics, plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Layers that look alike in the picture, and their colours (Okabe & Ito, lightened).
KINDS = {
    ("Conv2D", "Dense", "EinsumDense"): "#9ecae9",
    ("BatchNormalization", "LayerNormalization"): "#d9d9d9",
    ("MaxPooling2D", "GlobalAveragePooling2D", "GlobalAveragePooling1D"): "#a6dba0",
    ("Dropout",): "#f7d6a8",
    ("MultiHeadAttention",): "#e3bcd8",
}
OTHER = "#f2f2f2"


def summarise(network: keras.Model, folder: Path) -> None:
    """Write `model_summary.txt` and `architecture.png` into `folder`."""
    lines: list[str] = []
    network.summary(print_fn=lambda line, **_: lines.append(line), line_length=90)
    (folder / "model_summary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    architecture(network, folder / "architecture.png")


def architecture(network: keras.Model, path: Path) -> None:
    """Draw the layers from top to bottom, each with its kind, what it gives and its parameters."""
    from matplotlib.figure import Figure

    layers = [layer for layer in network.layers if type(layer).__name__ != "InputLayer"]
    height = 0.34 * (len(layers) + 3)
    figure = Figure(figsize=(7.5, height), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 10), ylim=(len(layers) + 1.6, -1.4))
    axes.axis("off")
    trained = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    title = f"{network.name}: {network.count_params():,} parameters, {trained:,} of them trained"
    axes.text(5, -1, title, ha="center", va="center", fontsize=12, fontweight="bold")
    _box(axes, 0, "image", OTHER, network.input_shape, None)
    for row, layer in enumerate(layers, 1):
        kind = type(layer).__name__
        colour = next((c for kinds, c in KINDS.items() if kind in kinds), OTHER)
        _box(axes, row, _words(layer), colour, layer.output.shape, layer.count_params())
    figure.savefig(path, dpi=110)


def confusion(truth: NDArray[np.integer], guessed: NDArray[np.integer], path: Path) -> None:
    """Draw which digits of the validation part were read as which."""
    right = float((truth == guessed).mean())
    title = f"validation: {right:.2%} right, n = {len(truth):,}"
    plots.confusion_png(metrics.confusion(truth, guessed), title, path)


def _box(
    axes: Axes, row: int, words: str, colour: str, shape: tuple[Any, ...], count: int | None
) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch((0.1, row - 0.4), 6.3, 0.8, boxstyle=style, facecolor=colour, edgecolor="w")
    )
    axes.text(0.3, row, words, va="center", fontsize=9)
    sides = " x ".join(str(side) for side in shape[1:])
    axes.text(8.0, row, sides, va="center", ha="right", fontsize=9, family="monospace")
    if count:
        axes.text(9.9, row, f"{count:,}", va="center", ha="right", fontsize=9, family="monospace")


def _words(layer: keras.layers.Layer) -> str:
    """`block1_conv1: Conv2D 3x3, 32, relu` and kin."""
    config = layer.get_config()
    facts = []
    for key in ("kernel_size", "pool_size"):
        if key in config:
            facts.append("x".join(map(str, config[key])))
    facts += [str(config[key]) for key in ("filters", "units", "num_heads") if key in config]
    if "rate" in config:
        facts.append(f"{config['rate']:.0%}")
    if config.get("activation", "linear") != "linear":
        facts.append(str(config["activation"]))
    return f"{layer.name}: {type(layer).__name__} {', '.join(facts)}".rstrip()
