"""The card of a model: `NAME.json` beside `NAME.onnx`.

In: what is known when a model is exported. Out: a JSON-ready dict. `Model.load` reads two of its
entries (`sha256`, `golden`); the rest is for people. No machine's paths go into it.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.mnist import SPLIT_SEED, Mnist
from inkdigits.training.calibrate import Calibration
from inkdigits.training.exports.agreement import Agreement
from inkdigits.training.exports.source import Source
from inkdigits.training.networks import NETWORKS

LICENCE = "MIT"


@dataclass(frozen=True)
class Golden:
    """An image and the answer that the model must give to it.

    Attributes:
        image: (28, 28) uint8.
        logits: (10,) float32.
        tolerance: how far another machine's logits may be off, or `None` for `Model`'s own limit.
    """

    image: NDArray[np.uint8]
    logits: NDArray[np.float32]
    tolerance: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The image as base64 of its 784 bytes, the logits as ten numbers."""
        return {
            "image": base64.b64encode(self.image.tobytes()).decode("ascii"),
            "logits": [round(float(value), 5) for value in self.logits],
            **({} if self.tolerance is None else {"tolerance": self.tolerance}),
        }


def build(
    source: Source,
    *,
    data: Mnist,
    calibration: Calibration,
    golden: Golden,
    quantisation: str | None,
    agreement: Agreement,
    file: Path,
) -> dict[str, Any]:
    """Write down what is known of a model.

    Args:
        source: the network and the run that made it.
        data: the split that it was calibrated on.
        calibration: temperature, thresholds and the validation figures.
        golden: the image to remember.
        quantisation: `int8` and kin, or `None` for float32.
        agreement: how the ONNX file compares with the Keras file.
        file: the finished ONNX file.
    """
    network, run = source.network, source.run
    measured = calibration.to_dict()
    chosen = ("temperature", "accept_threshold", "energy_threshold")
    return {
        "name": file.stem,
        "version": source.version,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "licence": LICENCE,
        "architecture": architecture(network),
        "parameters": network.count_params(),
        "training_data": _training_data(run, data),
        "split": {
            "train": len(data.train),
            "validation": len(data.validation),
            "seed": SPLIT_SEED,
            "stratified": True,
        },
        "recipe": run.get("recipe"),
        "backend": run.get("backend"),
        "keras": run.get("keras", keras.__version__),
        "input": "float32 (N, 28, 28, 1), 0 to 1, ink bright on black, as MNIST has it",
        "output": "float32 (N, 10) logits of the digits 0 to 9",
        "quantisation": quantisation,
        "agreement": agreement.to_dict(),
        "calibration": {key: measured.pop(key) for key in chosen},
        "validation": measured,
        "files": {it.name: it.stat().st_size for it in (file, source.path)},
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "golden": golden.to_dict(),
    }


def write(card: dict[str, Any], path: Path) -> None:
    """Write a card as indented JSON."""
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def architecture(network: keras.Model) -> str:
    """One line: a known network's own words, else its layers in order."""
    words = NETWORKS[network.name].__doc__ if network.name in NETWORKS else None
    if words:
        return words.strip().splitlines()[0]
    return ", ".join(layer.__class__.__name__ for layer in network.layers)


def _training_data(run: dict[str, Any], data: Mnist) -> str | None:
    if "recipe" not in run:
        return None
    limit = run["recipe"].get("limit")
    count = len(data.train) if limit is None else min(limit, len(data.train))
    return f"{count:,} of MNIST's training images; none of its test images"
