"""How to train, and the folder that remembers it: `config.json` in a run's folder.

Knows nothing of networks, data or how the training is done.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inkdigits.errors import InkdigitsError

CONFIG = "config.json"


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        network: a name in `networks.NETWORKS`.
        epochs: passes over the training part, at most.
        batch_size: images a step.
        learning_rate: AdamW's (Loshchilov & Hutter 2019) at its peak, reached after the first
            epoch and then taken to zero along a half cosine (Loshchilov & Hutter 2017).
        weight_decay: AdamW's, multiplied by the learning rate at each step.
        label_smoothing: the share of the target given to all digits alike (Szegedy et al. 2016).
        augment: distort the images, as far as the next five say (`augment.Ranges`).
        rotation: either way, in degrees.
        shift: as a part of the side.
        zoom: as a part of the size.
        shear: either way, in degrees.
        elastic: how far the elastic part bends, in pixels; 0 for none.
        lessons: the file of what teachers answered (`distil.py`), to learn from in place of the
            labels; its images are distorted already. `None` for the labels.
        wild: the file of a composition (`composition.py`), learnt from as well: handwriting that is
            not MNIST, and what is no digit. `None` for MNIST alone.
        without: sources of it that are left out, their names parted by commas.
        repeat: how often an epoch goes through the lessons or labels for once through the wild.
        start: a Keras file whose weights to begin with, or `None` for fresh ones.
        patience: epochs without a better validation accuracy before stopping early.
        seed: of the weights, the order of images and the distortions.
        precision: `float32` or `bfloat16`, what the network computes in while it is trained.
        limit: train on this many images only (for trying things out), or `None` for all.
    """

    network: str = "standard"
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.0
    augment: bool = True
    rotation: float = 10.0
    shift: float = 0.1
    zoom: float = 0.1
    shear: float = 10.0
    elastic: float = 0.0
    lessons: str | None = None
    wild: str | None = None
    without: str = ""
    repeat: int = 1
    start: str | None = None
    patience: int = 12
    seed: int = 42
    precision: str = "float32"
    limit: int | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names in `without`."""
        return tuple(name.strip() for name in self.without.split(",") if name.strip())


def write(recipe: Recipe, folder: Path, **about: Any) -> None:
    """Make `folder` the folder of a new run.

    Raises:
        InkdigitsError: it already holds a run, or cannot be written.
    """
    config = folder / CONFIG
    if config.exists():
        raise InkdigitsError(
            f"{folder} already holds a run: add --resume to go on with it, or choose another --out."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"partial-{CONFIG}"
        text = json.dumps({"recipe": asdict(recipe), **about}, indent=2)
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(config)
    except OSError as error:
        raise InkdigitsError(f"{folder} cannot be written: {error.strerror}.") from None


def read(folder: Path) -> Recipe:
    """The recipe of the run in `folder`.

    Raises:
        InkdigitsError: there is no run, or its `config.json` is damaged.
    """
    config = folder / CONFIG
    if not config.is_file():
        raise InkdigitsError(f"{folder} holds no run to resume: leave out --resume to start one.")
    try:
        return Recipe(**json.loads(config.read_text(encoding="utf-8"))["recipe"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InkdigitsError(
            f"{config} is damaged, so the run cannot go on: start anew in another folder."
        ) from None
