"""A network between two: what it was before it was taught something new, and after.

In: the Keras file that a run began with, and the run's folder. Out: a folder as a run's, whose
network has the weighted mean of their weights. Knows nothing of what either is good at.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import keras
import numpy as np

from inkdigits.data.mnist import Mnist
from inkdigits.errors import InkdigitsError
from inkdigits.training import fit, formats, recipe
from inkdigits.training.composition import CHECK
from inkdigits.training.lessons import Lessons, Order
from inkdigits.training.recipe import CONFIG

#: What the statistics of batch normalisation are found on again.
BATCHES, BATCH = 30, 400


def blend(start: Path, run: Path, share: float, folder: Path, data: Mnist) -> Path:
    """Take a part of what a run learnt, and keep a part of what was there before.

    The mean of the weights before and after fine-tuning often keeps most of both (Wortsman et al.,
    "Robust fine-tuning of zero-shot models", CVPR 2022). The statistics of batch normalisation are
    found anew (Izmailov et al., UAI 2018), on what the run learnt from.

    Args:
        start: the Keras file that the run began with.
        run: the folder of the run.
        share: of the run's own weights, 0 to 1.
        folder: where the new network goes; made, must not hold a run.
        data: the split that the run was trained on.

    Returns:
        The path of the new network.

    Raises:
        InkdigitsError: they are networks of different kinds, or a file is missing or damaged.
    """
    learnt = recipe.read(run)
    before = formats.load_keras(start)
    network = formats.load_keras(run / f"{learnt.network}.keras")
    weights = list(zip(before.get_weights(), network.get_weights(), strict=False))
    if before.count_params() != network.count_params() or any(
        one.shape != other.shape for one, other in weights
    ):
        raise InkdigitsError(f"{start} and {run} are networks of different kinds.")
    if (folder / CONFIG).exists():
        raise InkdigitsError(f"{folder} already holds a run: choose another --out.")
    network.set_weights([(1 - share) * one + share * other for one, other in weights])
    learn, *_ = fit.material(learnt, data)
    restate(network, learn, learnt.seed)
    folder.mkdir(parents=True, exist_ok=True)
    network.save(folder / f"{learnt.network}.keras")
    if (run / CHECK).is_file():
        shutil.copy(run / CHECK, folder / CHECK)
    about = json.loads((run / CONFIG).read_text(encoding="utf-8"))
    about["blend"] = {"with": f"{start.parent.name}/{start.name}", "share": share}
    (folder / CONFIG).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return folder / f"{learnt.network}.keras"


def restate(network: keras.Model, learn: Lessons, seed: int) -> None:
    """Set the statistics of batch normalisation to their mean over some batches."""
    layers = [it for it in network.layers if isinstance(it, keras.layers.BatchNormalization)]
    usual = [layer.momentum for layer in layers]
    images = learn.images.reshape(-1, *learn.images.shape[2:])
    order = Order(learn, BATCH, seed)
    for turn in range(BATCHES):
        for layer in layers:
            layer.momentum = turn / (turn + 1)  # the plain mean of all batches so far
        numbers, _ = order[turn % len(order)]
        network((images[numbers][..., None] / 255).astype(np.float32), training=True)
    for layer, momentum in zip(layers, usual, strict=True):
        layer.momentum = momentum
