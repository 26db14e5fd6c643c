"""One training run: a network, data and a recipe in; a folder that holds the trained model out.

The folder is the run: `config.json`, `training_log.csv`, `learning_curve.png`,
`model_summary.txt`, the best weights so far as `NAME.keras`, and `checkpoint.keras` with its
`checkpoint.json`, from which an interrupted run goes on. Knows nothing of ONNX or of the
command line.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.errors import InkdigitsError
from inkdigits.training import networks
from inkdigits.training.augment import RandomDistortion
from inkdigits.training.log import TrainingLog


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
        augment: distort the images (`augment.Ranges`).
        patience: epochs without a better validation accuracy before stopping early.
        seed: of the weights, the order of images and the distortions.
        limit: train on this many images only (for trying things out), or `None` for all.
    """

    network: str = "classic"
    epochs: int = 36
    batch_size: int = 128
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.02
    augment: bool = True
    patience: int = 12
    seed: int = 42
    limit: int | None = None


def train(recipe: Recipe, data: Mnist, folder: Path, *, resume: bool = False) -> Path:
    """Train a network, or go on with a run that was interrupted.

    Args:
        recipe: how to train.
        data: the split; only `train` and `validation` are looked at.
        folder: where the run lives; made if it is not there.
        resume: go on from the folder's checkpoint with the folder's own recipe.

    Returns:
        The path of the best model, `folder/NAME.keras`, whose output is probabilities.

    Raises:
        InkdigitsError: the folder holds another run (without `resume`) or none (with it).
    """
    recipe = _open_folder(recipe, folder, resume=resume)
    keras.utils.set_random_seed(recipe.seed)
    log = TrainingLog(folder)
    start = 0
    if resume and (folder / "checkpoint.keras").is_file():
        model = keras.models.load_model(folder / "checkpoint.keras")
        start = int(model.optimizer.iterations) // _steps(recipe, data)
        log.keep(start)  # a row may have been written just before the run was killed
    else:
        log.keep(0)
        model = _compiled(recipe, _steps(recipe, data))
    network = model.layers[-1]
    (folder / "model_summary.txt").write_text(_summary(network), encoding="utf-8")
    keep = _Keep(folder, network, log, recipe)
    if start < recipe.epochs and log.waited() < recipe.patience:
        model.fit(
            *_tensors(data.train[: recipe.limit]),
            validation_data=_tensors(data.validation),
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            initial_epoch=start,
            callbacks=[keep],
        )
    log.plot()
    return keep.best_path


def _compiled(recipe: Recipe, steps: int) -> keras.Model:
    network = networks.build(recipe.network)
    stages = [RandomDistortion(seed=recipe.seed, name="augment")] if recipe.augment else []
    model = keras.Sequential([keras.Input((28, 28, 1)), *stages, network], name="training")
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 10,
        warmup_target=recipe.learning_rate,
        warmup_steps=steps,
        decay_steps=max(steps * (recipe.epochs - 1), 1),
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
        # XLA made a step three to four times slower on two CPU cores; see docs/experiments.md.
        jit_compile=keras.backend.backend() == "jax",
    )
    return model


class _Keep(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """After each epoch: log it, keep the best network, checkpoint the run, stop when it stalls.

    All state is in files, each replaced in one step, so that a run killed at any moment goes on
    from its last whole epoch.
    """

    def __init__(
        self, folder: Path, network: keras.Model, log: TrainingLog, recipe: Recipe
    ) -> None:
        super().__init__()
        self.folder, self.network, self.log, self.recipe = folder, network, log, recipe
        self.best_path = folder / f"{recipe.network}.keras"

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = {key: float(value) for key, value in (logs or {}).items()}
        if not math.isfinite(logs["loss"]):
            raise InkdigitsError(
                f"Training diverged in epoch {epoch + 1} (the loss is not a number): "
                "try a lower --learning-rate."
            )
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        row = {"epoch": epoch + 1, **logs, "learning_rate": rate}
        if self.log.is_better(row):
            _replace(self.best_path, self.network.save)
        self.log.append(row)
        _replace(self.folder / "checkpoint.keras", self.model.save)
        if self.log.waited() >= self.recipe.patience:
            self.model.stop_training = True


def _replace(path: Path, save: Any) -> None:
    partial = path.with_name(f"partial-{path.name}")
    save(partial)
    partial.replace(path)


def _open_folder(recipe: Recipe, folder: Path, *, resume: bool) -> Recipe:
    config = folder / "config.json"
    if resume:
        if not config.is_file():
            raise InkdigitsError(
                f"{folder} holds no run to resume: leave out --resume to start one."
            )
        return Recipe(**json.loads(config.read_text(encoding="utf-8"))["recipe"])
    if config.exists():
        raise InkdigitsError(
            f"{folder} already holds a run: add --resume to go on with it, or choose another --out."
        )
    networks.build(recipe.network)
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "recipe": asdict(recipe),
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
    }
    config.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    return recipe


def _steps(recipe: Recipe, data: Mnist) -> int:
    count = len(data.train) if recipe.limit is None else min(recipe.limit, len(data.train))
    return math.ceil(count / recipe.batch_size)


def _tensors(digits: Digits) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    return digits.images[..., None].astype(np.float32) / np.float32(255), digits.truth


def _summary(network: keras.Model) -> str:
    lines: list[str] = []
    network.summary(print_fn=lambda line, **_: lines.append(line), line_length=90)
    return "\n".join(lines) + "\n"
