"""What a network is taught: images, and what it shall answer to each.

In: labelled digits, a composition. Out: `Lessons`, and `Order`, which deals them out an epoch at a
time. Knows nothing of networks, nor of who made up the answers (`distil.py` asks teachers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.errors import InkdigitsError
from inkdigits.training.composition import SHARES, Composition

DIGITS = 10


@dataclass(frozen=True)
class Lessons:
    """Images in one or more views, and the answers to them.

    Attributes:
        images: (V, N, 28, 28) uint8: each of N images in V views, already distorted where V > 1.
        answers: (V, N, 10) float32 probabilities of the digits, or (V, N, 11) with that of no
            digit at all.
    """

    images: NDArray[np.uint8]
    answers: NDArray[np.float32]

    @property
    def refuse(self) -> bool:
        """Whether there is an answer to what is no digit."""
        return int(self.answers.shape[-1]) > DIGITS

    @property
    def views(self) -> int:
        """How many views of each image there are."""
        return len(self.images)

    def turned(self, turn: int) -> Lessons:
        """The same, beginning with view number `turn`."""
        if not turn % self.views:
            return self
        return Lessons(np.roll(self.images, -turn, axis=0), np.roll(self.answers, -turn, axis=0))

    def __len__(self) -> int:
        """The images an epoch."""
        return int(self.images.shape[1])


def of_labels(digits: Digits) -> Lessons:
    """One view of each image, and its label for certain."""
    return Lessons(digits.images[None], np.eye(10, dtype=np.float32)[digits.truth][None])


def of_composition(made: Composition, without: Sequence[str] = ()) -> Lessons:
    """What a composition teaches, but for the sources named.

    Raises:
        InkdigitsError: there is no such source, or nothing is left.
    """
    unknown = set(without) - set(SHARES)
    if unknown:
        raise InkdigitsError(
            f"There is no source named {min(unknown)!r}: choose from {', '.join(SHARES)}."
        )
    kept = ~np.isin(made.origins, [list(SHARES).index(name) for name in without])
    if not kept.any():
        raise InkdigitsError("Nothing of the composition is left to learn from.")
    certain = np.eye(DIGITS + 1, dtype=np.float32)
    return Lessons(made.images[:, kept], certain[made.labels[:, kept]])


def joined(parts: Sequence[Lessons]) -> Lessons:
    """All of these at once; those of fewer views show theirs again."""
    views = max(part.views for part in parts)
    width = max(part.answers.shape[-1] for part in parts)
    turns = [np.arange(views) % part.views for part in parts]
    images = [part.images[turn] for part, turn in zip(parts, turns, strict=True)]
    answers = [
        np.pad(part.answers[turn], ((0, 0), (0, 0), (0, width - part.answers.shape[-1])))
        for part, turn in zip(parts, turns, strict=True)
    ]
    return Lessons(np.concatenate(images, axis=1), np.concatenate(answers, axis=1))


class Order(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches of (numbers, answers), each epoch in another order and through the next view.

    What an epoch deals out depends on the seed and the epoch only, so that a run that is resumed
    goes on as it would have. Images that fill no last batch are left to the next epoch's chance.
    """

    def __init__(self, lessons: Lessons, batch_size: int, seed: int, epoch: int = 0) -> None:
        super().__init__()
        self._answers = lessons.answers.reshape(-1, lessons.answers.shape[-1])
        self._views, self._count = lessons.views, len(lessons)
        self._batch = min(batch_size, self._count)
        self._seed = seed
        self._deal(epoch)

    def __len__(self) -> int:
        """The batches an epoch."""
        return self._count // self._batch

    def __getitem__(self, place: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The batch at `place`: (B,) numbers into all views laid end to end, and answers."""
        chosen = self._order[place * self._batch : (place + 1) * self._batch]
        return chosen, self._answers[chosen]

    def on_epoch_end(self) -> None:
        """Deal out the next epoch."""
        self._deal(self._epoch + 1)

    def _deal(self, epoch: int) -> None:
        self._epoch = epoch
        shuffled: Any = np.random.default_rng((self._seed, epoch)).permutation(self._count)
        self._order = (shuffled + self._count * (epoch % self._views)).astype(np.int32)
