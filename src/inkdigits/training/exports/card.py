"""The card of a model: `NAME.json` beside `NAME.onnx`.

In: what is known when a model is exported. Out: a JSON-ready dict. `Model.load` reads two of its
entries (`sha256`, `golden`); the rest is for people. No machine's paths go into it.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.mnist import SPLIT_SEED, Mnist
from inkdigits.training.augment import Ranges
from inkdigits.training.calibrate import Calibration
from inkdigits.training.exports.agreement import Agreement
from inkdigits.training.exports.source import Source
from inkdigits.training.networks import NETWORKS
from inkdigits.training.recipe import Recipe

LICENCE = "MIT"
#: How far logits may be off on another processor where activations are rounded: one on the edge
#: of two steps falls to either side. Noise of 1e-4 on 3,000 images moved them by 0.22 at most.
ROUNDING_TOLERANCE = 0.5


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
    """Write down what is known of a single network's model.

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
    made: dict[str, Any] = {key: run[key] for key in ("lessons", "wild", "blend") if key in run}
    about = {
        "architecture": architecture(network),
        "parameters": network.count_params(),
        "training_data": _training_data(run, data),
        "calibration_data": _calibration_data(source, data),
        "recipe": _recipe(run),
        **made,
        "backend": run.get("backend"),
        "keras": run.get("keras", keras.__version__),
        "quantisation": quantisation,
        "agreement": agreement.to_dict(),
    }
    return complete(
        about,
        version=source.version,
        data=data,
        calibration=calibration,
        golden=golden,
        files=(file, source.path),
    )


def complete(
    about: dict[str, Any],
    *,
    version: str,
    data: Mnist,
    calibration: Calibration,
    golden: Golden,
    files: Sequence[Path],
) -> dict[str, Any]:
    """Add to what a model is what every card has.

    Args:
        about: what is known of this model in particular.
        version: a short word.
        data: the split that it was calibrated on.
        calibration: temperature, thresholds and the validation figures.
        golden: the image to remember.
        files: the finished ONNX file, and what else to give the size of.
    """
    file, measured = files[0], calibration.to_dict()
    chosen = ("temperature", "accept_threshold", "energy_threshold", "coverage_thresholds")
    return {
        "name": file.stem,
        "version": version,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "licence": LICENCE,
        "calibration_data": _unseen(data),
        **about,
        "split": {
            "train": len(data.train),
            "validation": len(data.validation),
            "seed": SPLIT_SEED,
            "stratified": True,
        },
        "input": "float32 (N, 28, 28, 1), 0 to 1, ink bright on black, as MNIST has it",
        "output": "float32 (N, 10) logits of the digits 0 to 9",
        "calibration": {key: measured.pop(key) for key in chosen},
        "validation": measured,
        "files": {it.name: it.stat().st_size for it in files},
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "golden": golden.to_dict(),
    }


def write(card: dict[str, Any], path: Path) -> None:
    """Write a card as indented JSON."""
    path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def architecture(network: keras.Model) -> str:
    """One line: a known network's own words, else its layers in order."""
    known = NETWORKS.get(network.name)
    # a network of that name from before it was changed is another one
    if known and known.__doc__ and known().count_params() == network.count_params():
        return known.__doc__.strip().splitlines()[0]
    return ", ".join(layer.__class__.__name__ for layer in network.layers)


def _recipe(run: dict[str, Any]) -> dict[str, Any] | None:
    """The recipe without the paths of this machine, nor what lessons from there made idle."""
    recipe = run.get("recipe")
    if recipe is None:
        return None
    idle = {"lessons", "wild"}
    if recipe.get("start"):
        start = Path(recipe["start"])
        recipe = {**recipe, "start": f"{start.parent.name}/{start.name}"}
    if recipe.get("lessons") is not None:
        idle |= {"augment", "limit", *(field.name for field in fields(Ranges))}
    return {key: value for key, value in recipe.items() if key not in idle}


def _training_data(run: dict[str, Any], data: Mnist) -> str | None:
    if "recipe" not in run:
        return None
    limit = run["recipe"].get("limit")
    count = len(data.train) if limit is None else min(limit, len(data.train))
    words = f"{count:,} of MNIST's training images; none of its test images"
    if "wild" not in run:
        return words
    left_out = Recipe(**run["recipe"]).left_out
    sets = [name for name in run["wild"].get("sets", ()) if name not in left_out]
    others = f" and of the sets {', '.join(sets)}" if sets else ""
    return f"{words}; pictures composed of them, of drawn digits and what is no digit{others}"


def _unseen(data: Mnist) -> str:
    return f"{len(data.validation):,} of MNIST's training images that it did not learn from"


def _calibration_data(source: Source, data: Mnist) -> str:
    if source.check is None:
        return _unseen(data)
    digits, outliers = source.check
    return (
        f"{_unseen(data)}, {len(digits):,} digits as the wild has them, and {len(outliers):,} "
        "images of no digit"
    )
