"""The trained network that an export starts from, found and understood.

In: a Keras file or the folder of a run. Out: a `Source`. Knows nothing of what it becomes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.errors import ModelError
from inkdigits.training import composition, formats


@dataclass(frozen=True)
class Source:
    """A trained network and what is known of it.

    Attributes:
        path: its Keras file.
        name: what the model is called.
        version: a short word.
        network: (N, 28, 28, 1) in [0, 1] to ten probabilities, ending in a softmax.
        run: `config.json` of the run that made it, or `{}` where none was found.
        check: where it was trained with outliers, the digits of the wild and the outliers
            (M, 28, 28) that validated it, to choose thresholds on as well.
    """

    path: Path
    name: str
    version: str
    network: keras.Model
    run: dict[str, Any]
    check: tuple[Digits, NDArray[np.uint8]] | None = None

    @classmethod
    def load(cls, path: Path, name: str | None, version: str) -> Self:
        """Load a Keras file, or the best network of a run.

        Raises:
            ModelError: there is none, it is damaged or no digit reader, or the name cannot be one.
            DataError: what validated it is damaged.
        """
        file = keras_file(path)
        network = formats.load_keras(file)
        called = checked_name(name or file.stem)
        if getattr(network.layers[-1], "activation", None) is not keras.activations.softmax:
            raise ModelError(
                f"{file} does not end in a layer with softmax, so has no logits to export."
            )
        beside = file.with_name(composition.CHECK)
        check = composition.load_check(beside) if beside.is_file() else None
        return cls(file, called, version, network, _config(file.parent), check)


def keras_file(path: Path) -> Path:
    """The Keras file itself, or that of the folder of a run.

    Raises:
        ModelError: the folder is that of no run, or of one without a network yet.
    """
    return _of_run(path) if path.is_dir() else path


def checked_name(name: str) -> str:
    """The name itself.

    Raises:
        ModelError: it cannot name a model and its files.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ModelError(
            f"{name!r} cannot name a model: give a name of letters, digits, - and _ only."
        )
    return name


def _of_run(folder: Path) -> Path:
    """The Keras file of the network that a run trained."""
    recipe = _config(folder).get("recipe")
    network = recipe.get("network") if isinstance(recipe, dict) else None
    if not isinstance(network, str):
        raise ModelError(f"{folder} is not the folder of a run: give one, or a .keras file.")
    file = folder / f"{network}.keras"
    if not file.is_file():
        raise ModelError(f"{folder} has no {file.name} yet: train for one epoch at least.")
    return file


def _config(folder: Path) -> dict[str, Any]:
    try:
        run = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
