"""Handwriting that is not MNIST, as its files have it: small images, or pen strokes.

In: a folder of .npz files. Out: `Handwriting`. Knows nothing of how it is shown or what for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import DataError

#: The file of each set that may be learnt from.
FILES = {
    "pendigits": "pendigits_strokes.npz",
    "numbers16": "numbers16.npz",
    "optdigits32": "optdigits32.npz",
    "hwd1000": "hwd1000.npz",
    "letters": "uji_letters_strokes.npz",
}
#: Letters that may pass for digits: neither taught as no digits nor counted as false accepts.
LOOKALIKES = frozenset("OoQDIilZzSsBgqb")
#: Sets of dark ink on light paper; the others are bright on black.
DARK_INK = frozenset({"hwd1000", "numbers16"})


@dataclass(frozen=True)
class Handwriting:
    """One set.

    Attributes:
        name: of the set.
        labels: (N,) what each sample shows: a digit or a letter.
        arrays: the file's own.
    """

    name: str
    labels: NDArray[np.str_]
    arrays: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        """How many samples."""
        return len(self.labels)

    @property
    def writers(self) -> NDArray[np.str_] | None:
        """(N,) who wrote each sample, where the file tells."""
        return self.arrays.get("writers")

    @property
    def is_strokes(self) -> bool:
        """Whether the samples are pen strokes, else small images."""
        return "points" in self.arrays

    def strokes(self, index: int) -> list[NDArray[np.floating]]:
        """The strokes of one sample, (M, 2) points each, y down."""
        first, last = self.arrays["sample_offsets"][index : index + 2]
        ends = self.arrays["stroke_offsets"]
        return [self.arrays["points"][ends[k] : ends[k + 1]] for k in range(first, last)]

    def ink(self, index: int) -> NDArray[np.uint8]:
        """The image of one sample as bright ink on black, (H, W) uint8."""
        image = self.arrays["images"][index]
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        if self.name not in DARK_INK:
            return np.asarray(grey, np.uint8)
        edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        paper = float(np.percentile(edge, 75))
        ink = np.clip((paper - grey) / max(paper - float(grey.min()), 1.0), 0, 1)
        return np.asarray(np.round(ink * 255), np.uint8)


def load(folder: Path, name: str) -> Handwriting:
    """Read one set.

    Raises:
        DataError: it is not there, or its file is damaged.
    """
    path = folder / FILES[name]
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        labels = arrays["labels"]
        if "label_names" in arrays:
            labels = arrays["label_names"]  # a name a sample; `labels` are code points
    except FileNotFoundError:
        raise DataError(f"{folder} holds no {path.name}.", code="data-not-found") from None
    except (OSError, KeyError, ValueError, IndexError):
        raise DataError(f"{path} is damaged.") from None
    return Handwriting(name, labels.astype(str), arrays)
