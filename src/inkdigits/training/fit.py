"""One training run: a network, data and a recipe in; a folder that holds the trained model out.

The folder is the run: `config.json`, `training_log.csv`, `learning_curve.png`,
`model_summary.txt`, `architecture.png`, `confusion.png` (validation), the best network as
`NAME.keras`, and `checkpoint.keras`, from which an interrupted run goes on. Knows nothing of ONNX
or of the command line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.decode import softmax
from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.evaluation import metrics, plots
from inkdigits.training import composition, distil, drawing, formats, lessons, networks
from inkdigits.training import devices as several
from inkdigits.training import recipe as recipes
from inkdigits.training.album import Album
from inkdigits.training.augment import RandomDistortion, Ranges
from inkdigits.training.checkpoint import Checkpoint
from inkdigits.training.composition import CHECK, Composition
from inkdigits.training.fused import twin
from inkdigits.training.lessons import Lessons, Order
from inkdigits.training.recipe import Recipe
from inkdigits.training.refusing import OpenSoftmax
from inkdigits.training.stopping import BetweenBatches, Stops


def train(
    recipe: Recipe,
    data: Mnist,
    folder: Path,
    *,
    resume: bool = False,
    devices: int = 1,
    tensorboard: bool = False,
) -> Path:
    """Train a network, or go on with a run that was interrupted.

    Args:
        recipe: how to train.
        data: the split; only `train` and `validation` are looked at.
        folder: where the run lives; made if it is not there.
        resume: go on from the folder's checkpoint with the folder's own recipe.
        devices: train on so many at once (JAX only).
        tensorboard: also write what TensorBoard shows, to `folder/tensorboard`.

    Returns:
        The path of the best model, `folder/NAME.keras`, whose output is probabilities.

    Raises:
        InkdigitsError: the folder holds another run (without `resume`) or none (with it), a file
            of it is damaged or cannot be written, or the loss is no longer a number.
        MissingExtraError: something that the run's pictures need is not installed.
    """
    plots.require()
    if tensorboard and not _has_tensorboard():
        raise MissingExtraError("tensorboard", "train")
    if resume:
        recipe = recipes.read(folder)
    learn, validation, check, made = material(recipe, data)
    several.share(devices, recipe.batch_size, len(validation))
    if not resume:
        networks.build(recipe.network)  # an unknown one shall leave no folder behind
        about = {"backend": keras.backend.backend(), "keras": keras.__version__}
        recipes.write(recipe, folder, **about, **made)
        if check is not None:
            composition.save_check(folder / CHECK, check)
    kept = Checkpoint(folder, recipe.network)
    steps = len(Order(learn, recipe.batch_size, recipe.seed))
    model = kept.load()
    start = int(model.optimizer.iterations) // steps if model is not None else 0
    kept.settle(start)
    keras.utils.set_random_seed(recipe.seed + start)  # a resumed run shall not repeat its chances
    network = networks.build(recipe.network)
    if model is None:
        _begin(network, recipe)
        model = prepare(recipe, network, learn, steps)
    fill(model, learn)
    with _room_for_pictures(folder):
        drawing.summarise(network, folder)
    if start < recipe.epochs and kept.log.waited() < recipe.patience:
        callbacks: list[keras.callbacks.Callback] = [_Epoch(kept, network, validation, recipe)]
        if tensorboard:
            callbacks.append(keras.callbacks.TensorBoard(folder / "tensorboard", write_graph=False))
        with Stops() as stops:
            model.fit(
                Order(learn, recipe.batch_size, recipe.seed, start),
                epochs=recipe.epochs,
                initial_epoch=start,
                shuffle=False,  # it is already
                callbacks=[BetweenBatches(stops), *callbacks],
            )
    with _room_for_pictures(folder):
        _draw(kept, validation)
    return kept.best


def prepare(recipe: Recipe, network: keras.Model, learn: Lessons, steps: int) -> keras.Model:
    """The compiled model that is trained: the images, distortions, then the network's twin.

    Args:
        recipe: how to train.
        network: fresh, (N, 28, 28, 1) in [0, 1] to ten probabilities.
        learn: what is learned.
        steps: batches an epoch.

    Returns:
        Numbers of images, (N,) int32, to probabilities, (N, 10), or (N, 11) where there is an
        answer to what is no digit; `fill` it before use. The twin in it has the network's name.
    """
    stages: list[keras.layers.Layer] = [Album(learn.views * len(learn), name="album")]
    if recipe.augment and recipe.lessons is None:
        # coordinates in bfloat16 would be off by pixels
        distort = RandomDistortion(ranges(recipe), recipe.seed, name="augment", dtype="float32")
        stages.append(distort)
    stages.append(twin(network, recipe.precision, logits=learn.refuse))
    if learn.refuse:
        stages.append(OpenSoftmax(name="answers", dtype="float32"))
    model = keras.Sequential([keras.Input((), dtype="int32"), *stages], name="training")
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 10,
        warmup_target=recipe.learning_rate,
        warmup_steps=steps,
        decay_steps=max(steps * (recipe.epochs - 1), 1),
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        # XLA made a step three to four times slower on two CPU cores; see docs/experiments.md.
        jit_compile=keras.backend.backend() == "jax",
    )
    return model


def ranges(recipe: Recipe) -> Ranges:
    """How far the recipe distorts."""
    return Ranges(recipe.rotation, recipe.shift, recipe.zoom, recipe.shear, recipe.elastic)


def fill(model: keras.Model, learn: Lessons) -> None:
    """Put the images into a model of `prepare`, which are not saved with it."""
    model.layers[0].fill(learn.images.reshape(-1, *learn.images.shape[2:]))


def material(
    recipe: Recipe, data: Mnist
) -> tuple[Lessons, Digits, Composition | None, dict[str, Any]]:
    """What to learn, what digits to validate on, what else validates, and how all was made.

    Raises:
        DataError: a file of the recipe is missing or damaged.
    """
    made: dict[str, Any] = {}
    if recipe.lessons is None:
        learn = lessons.of_labels(data.train[: recipe.limit])
    else:
        learn, made["lessons"] = distil.load(Path(recipe.lessons))
    if recipe.wild is None:
        return learn, data.validation, None, made
    found, check, made["wild"] = composition.load(Path(recipe.wild))
    others = check.digits()
    validation = Digits(
        np.concatenate([data.validation.images, others.images]),
        np.concatenate([data.validation.truth, others.truth]),
    )
    wild = lessons.of_composition(found, recipe.left_out)
    learn = lessons.joined([*(learn.turned(turn) for turn in range(recipe.repeat)), wild])
    return learn, validation, check, made


def _begin(network: keras.Model, recipe: Recipe) -> None:
    """Give the network the weights that the recipe begins with."""
    if recipe.start is None:
        return
    start = formats.load_keras(Path(recipe.start))
    try:
        network.set_weights(start.get_weights())
    except ValueError:
        raise InkdigitsError(
            f"{recipe.start} is no network of the kind {recipe.network!r}, so cannot be begun with."
        ) from None


class _Epoch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """After each epoch: validate, save, stop when it stalls."""

    def __init__(
        self, kept: Checkpoint, network: keras.Model, validation: Digits, recipe: Recipe
    ) -> None:
        super().__init__()
        self.kept, self.network, self.recipe = kept, network, recipe
        self.images, self.truth = _pixels(validation), validation.truth

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = {} if logs is None else logs
        if not math.isfinite(float(logs["loss"])):
            raise InkdigitsError(
                f"Training diverged in epoch {epoch + 1} (the loss is not a number): "
                "try a lower --learning-rate."
            )
        body = self.model.get_layer(self.network.name)
        self.network.set_weights(body.get_weights())
        guessed = _answers(body, self.images)  # the fused twin: a few times faster
        if body is not self.model.layers[-1]:  # they are logits
            guessed = softmax(guessed).astype(np.float32)
        logs["val_accuracy"] = float((guessed.argmax(axis=1) == self.truth).mean())
        logs["val_loss"] = metrics.nll(guessed, self.truth)
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        figures = {key: float(value) for key, value in logs.items()}
        row = {"epoch": epoch + 1, **figures, "learning_rate": rate}
        self.kept.save(row, self.model, self.network)
        if self.kept.log.waited() >= self.recipe.patience:
            self.model.stop_training = True


@contextmanager
def _room_for_pictures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InkdigitsError(
            f"The pictures of the run could not be written to {folder}: {error.strerror or error}. "
            "Make room there, then --resume goes on."
        ) from None


def _has_tensorboard() -> bool:
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        return False
    return True


def _draw(kept: Checkpoint, validation: Digits) -> None:
    kept.log.plot()
    best = keras.models.load_model(kept.best, compile=False)
    guessed = _answers(best, _pixels(validation)).argmax(axis=1)
    drawing.confusion(validation.truth, guessed, kept.best.with_name("confusion.png"))


def _answers(network: keras.Model, images: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(network.predict(images, batch_size=500, verbose=0), np.float32)


def _pixels(digits: Digits) -> NDArray[np.float32]:
    return digits.images[..., None].astype(np.float32) / np.float32(255)
