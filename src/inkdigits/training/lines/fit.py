"""Training the line reader: rows in, weights out.

In: `Rows`. Out: a Keras network, saved after each epoch. Knows nothing of how rows are made or of
ONNX.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits import line
from inkdigits.strip import HEIGHT
from inkdigits.training.fused import best_precision, twin
from inkdigits.training.lines.composing import Rows

#: Strips of a batch have about one width, padded to a multiple of so many columns: each new shape
#: costs time and memory.
ALIGNED = 32
#: A batch has at most so many strips, a multiple of `STEP` where it can be, and so many columns.
BATCH, STEP, COLUMNS = 64, 16, 8192
#: How far a strip is stretched across and down, logarithms of the factors; how far it leans, in
#: columns a row, and is moved up or down, pixels; how often it becomes bolder, or loses a part.
WIDER, TALLER, LEANING, MOVED = (-0.3, 0.4), (-0.2, 0.1), 0.2, 2.0
BOLDER, WIPED = 0.15, 0.1
#: The weights that are kept are a mean over about so many batches; and so many batches tell the
#: statistics of batch normalisation for them.
AVERAGED, RESTATED = 1000, 60


@dataclass(frozen=True)
class Course:
    """How to train.

    Attributes:
        epochs: passes over the rows.
        learning_rate: at its peak.
        weight_decay: of AdamW.
        seed: decides the order.
    """

    epochs: int = 4
    learning_rate: float = 1.5e-3
    weight_decay: float = 1e-3
    seed: int = 0


class Batches:
    """Rows in batches of about one width: strips (n, 32, W, 1) and classes (n, longest)."""

    def __init__(self, rows: Rows, course: Course) -> None:
        self.strips = list(rows)
        self.classes = [line.encode(str(text)) for text in rows.texts]
        self.course = course
        self.epoch = 0
        self._plan()

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, place: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        rng = np.random.default_rng([self.course.seed, self.epoch, place])
        group = self.groups[place]
        # one stretch for all, so that they stay of about one width
        wider = float(rng.uniform(*WIDER))
        return batch([varied(self.strips[k], rng, wider) for k in group]), targets(
            [self.classes[k] for k in group]
        )

    def on_epoch_end(self) -> None:
        """Group the rows anew."""
        self.epoch += 1
        self._plan()

    def _plan(self) -> None:
        rng = np.random.default_rng([self.course.seed, self.epoch])
        widths = np.array([strip.shape[1] for strip in self.strips])
        order = np.argsort(widths + rng.uniform(0, 12, len(widths)), kind="stable")
        groups, first = [], 0
        while first < len(order):
            widest = int(widths[order[min(first + BATCH, len(order)) - 1]]) + ALIGNED
            fits = max(1, COLUMNS // widest)
            last = first + min(BATCH, fits // STEP * STEP or fits)
            groups.append(order[first:last])
            first = last
        self.groups = [groups[k] for k in rng.permutation(len(groups))]


def batch(strips: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Strips (32, W) of several widths as one array (n, 32, widest, 1) in [0, 1]."""
    widest = max(strip.shape[1] for strip in strips)
    pixels = np.zeros((len(strips), HEIGHT, -(-widest // ALIGNED) * ALIGNED, 1), np.float32)
    for place, strip in enumerate(strips):
        pixels[place, :, : strip.shape[1], 0] = strip
    return np.asarray(pixels / np.float32(255), np.float32)


def targets(classes: list[list[int]]) -> NDArray[np.int32]:
    """Classes of several texts as one array, `line.NOTHING` behind the shorter ones."""
    answer = np.full((len(classes), max(map(len, classes))), line.NOTHING, np.int32)
    for place, row in enumerate(classes):
        answer[place, : len(row)] = row
    return answer


def varied(strip: NDArray[np.uint8], rng: np.random.Generator, wider: float) -> NDArray[np.uint8]:
    """The strip stretched, leaning, moved; now and then bolder, or with a small part wiped out.

    Args:
        strip: (32, W).
        rng: decides.
        wider: the logarithm of about how much wider it becomes.
    """
    wide = float(np.exp(wider + rng.uniform(-0.05, 0.05)))
    tall = float(np.exp(rng.uniform(*TALLER)))
    lean = rng.uniform(-LEANING, LEANING)
    middle = HEIGHT / 2
    margin = abs(lean) * middle
    width = int(np.ceil(wide * strip.shape[1] + 2 * margin))
    down = middle * (1 - tall) + rng.uniform(-MOVED, MOVED)
    there = np.array([[wide, lean, margin - lean * middle], [0, tall, down]])
    answer = cv2.warpAffine(strip, there, (width, HEIGHT), flags=cv2.INTER_LINEAR)
    if rng.random() < BOLDER:
        answer = cv2.dilate(answer, np.ones((2, 2), np.uint8))
    if rng.random() < WIPED:
        x, y = int(rng.integers(width)), int(rng.integers(HEIGHT))
        across, high = (int(side) for side in rng.integers(1, 5, 2))
        answer[y : y + high, x : x + across] = 0
    return np.asarray(answer, np.uint8)


def loss(truth: Any, logits: Any) -> Any:
    """CTC of classes (n, longest) and logits (n, T, 15), a mean over the rows."""
    many, columns = keras.ops.shape(logits)[:2]
    lengths = keras.ops.sum(keras.ops.cast(truth != line.NOTHING, "int32"), axis=1)
    all_columns = keras.ops.full((many,), columns, dtype="int32")
    each = keras.ops.ctc_loss(truth, logits, lengths, all_columns, mask_index=line.NOTHING)
    return keras.ops.minimum(each, 100.0)  # one that no columns could show


def fit(
    network: keras.Model,
    rows: Rows,
    course: Course,
    on_epoch: Callable[[int, keras.Model, dict[str, float]], None],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Train `network` in place.

    After each epoch it has the moving average of the weights, which is better than any of them
    (Polyak & Juditsky, 1992; Izmailov et al., UAI 2018), with statistics of batch normalisation of
    its own.

    Args:
        network: of `network.line`.
        rows: to learn from.
        course: how.
        on_epoch: told the number of the epoch from 1, the network as it is, the figures.
        progress: told (done, all) batches.
    """
    keras.utils.set_random_seed(course.seed)
    batches = Batches(rows, course)
    body = twin(network, best_precision())
    steps = len(batches) * course.epochs
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=course.learning_rate / 20,
        warmup_target=course.learning_rate,
        warmup_steps=min(300, max(steps // 10, 1)),
        decay_steps=steps,
        alpha=0.005,
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=course.weight_decay,
        clipnorm=5.0,
        use_ema=True,
        # of few batches the mean shall not be the beginning still
        ema_momentum=1 - 1 / min(AVERAGED, max(steps // 10, 2)),
    )
    body.compile(optimizer=optimizer, loss=loss, jit_compile=keras.backend.backend() == "jax")

    done = 0
    # not by `fit`: TensorFlow would hold all batches to the shape of the first
    for epoch in range(1, course.epochs + 1):
        losses = []
        for place in range(len(batches)):
            losses.append(float(body.train_on_batch(*batches[place])))
            done += 1
            progress(done, steps)
        batches.on_epoch_end()
        latest = body.get_weights()
        optimizer.finalize_variable_values(body.trainable_variables)
        restate(body, batches)
        network.set_weights(body.get_weights())
        body.set_weights(latest)
        on_epoch(epoch, network, {"loss": math.fsum(losses) / max(len(losses), 1)})


def blend(network: keras.Model, other: keras.Model, share: float, rows: Rows, seed: int) -> None:
    """Move `network` from its weights towards another's, by a share of 0 to 1.

    What lies between two stages of one training is often better than either (Wortsman et al.,
    "Robust fine-tuning of zero-shot models", CVPR 2022); batch normalisation needs statistics of
    its own for it (Izmailov et al., UAI 2018), which `rows` tell.
    """
    pairs = zip(network.get_weights(), other.get_weights(), strict=True)
    network.set_weights([(1 - share) * mine + share * its for mine, its in pairs])
    restate(network, Batches(rows, Course(seed=seed)))


def restate(network: keras.Model, batches: Batches) -> None:
    """Set the statistics of batch normalisation to their mean over some batches."""
    layers = [it for it in network.layers if isinstance(it, keras.layers.BatchNormalization)]
    usual = [layer.momentum for layer in layers]
    for turn in range(min(RESTATED, len(batches))):
        for layer in layers:
            layer.momentum = turn / (turn + 1)  # the plain mean of all batches so far
        network(batches[turn][0], training=True)
    for layer, momentum in zip(layers, usual, strict=True):
        layer.momentum = momentum


def greedy(network: keras.Model, rows: Rows, size: int = 128) -> list[str]:
    """The text of each row by its best classes, repeats and nothings left out."""
    strips = list(rows)
    answers: list[str] = [""] * len(strips)
    order = np.argsort([strip.shape[1] for strip in strips], kind="stable")
    for first in range(0, len(order), size):
        group = order[first : first + size]
        logits = keras.ops.convert_to_numpy(network(batch([strips[k] for k in group])))
        for place, best in zip(group, logits.argmax(axis=-1), strict=True):
            kept = best[np.r_[True, best[1:] != best[:-1]]]
            answers[place] = "".join(line.ALPHABET[k - 1] for k in kept if k != line.NOTHING)
    return answers


def right(read: list[str], truth: NDArray[np.str_]) -> float:
    """The share of rows whose digits are all read, marks aside."""
    digits = [["".join(filter(str.isdigit, str(text))) for text in many] for many in (read, truth)]
    return math.fsum(a == b for a, b in zip(*digits, strict=True)) / max(len(read), 1)
