"""One labelled set of digit images, as every reader in this package returns it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Digits:
    """Digit images with their labels.

    Attributes:
        images: (N, 28, 28) uint8, ink bright on a black ground, 0 to 255.
        labels: (N,) uint8, 0 to 9; `None` for a set that has none (Kaggle's test.csv).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8] | None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: slice | NDArray[np.intp]) -> Digits:
        return Digits(self.images[index], None if self.labels is None else self.labels[index])

    @property
    def truth(self) -> NDArray[np.uint8]:
        """The labels of a set that must have them; raises `ValueError` where it has none."""
        if self.labels is None:
            raise ValueError("this set has no labels")
        return self.labels

    def counts(self) -> NDArray[np.int64]:
        """How many images each digit has, (10,)."""
        return np.bincount(self.truth, minlength=10)


def is_inverted(images: NDArray[np.uint8]) -> bool:
    """Whether images (N, 28, 28) are dark ink on a light ground: most of the edge is bright."""
    edge = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return bool(np.median(np.concatenate(edge)) > 127)
