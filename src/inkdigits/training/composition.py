"""A composition, handwriting of the wild and what is no digit, ready to be learnt; its file.

In and out: `Composition`, as `composing.py` makes it. Knows nothing of how it was made, nor of
networks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.errors import DataError

#: The answer to what is no digit.
NOTHING = 10
#: What validates, in the folder of a run.
CHECK = "check.npz"
#: Of a thousand images, how many come from each source; those of a set that is not there are left
#: out. The first six show digits.
SHARES = {
    "mnist": 220,
    "styles": 175,
    "sticks": 10,
    "pendigits": 110,
    "numbers16": 90,
    "optdigits32": 35,
    "hwd1000": 15,
    "letters": 70,
    "scrawls": 75,
    "symbols": 90,
    "stains": 20,
    "sheets": 20,
    "several": 70,
}


@dataclass(frozen=True)
class Composition:
    """Images, what they show and where they are from.

    Attributes:
        images: (V, N, 28, 28) uint8: N images in V views, each view made anew.
        labels: (V, N) uint8: 0 to 9, or `NOTHING`.
        origins: (N,) int8 places in `SHARES`.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    origins: NDArray[np.int8]

    def digits(self) -> Digits:
        """The digits of the first view."""
        which = self.labels[0] != NOTHING
        return Digits(self.images[0, which], self.labels[0, which])

    def outliers(self) -> NDArray[np.uint8]:
        """What is no digit in the first view, (M, 28, 28)."""
        chosen: NDArray[np.uint8] = self.images[0, self.labels[0] == NOTHING]
        return chosen


def save(path: Path, learn: Composition, check: Composition, about: dict[str, Any]) -> None:
    """Write down what is learnt and what validates; `about` is JSON-ready.

    Raises:
        DataError: the file cannot be written.
    """
    parts = {"": learn, "validation_": check}
    arrays = {
        prefix + name: getattr(part, name)
        for prefix, part in parts.items()
        for name in ("images", "labels", "origins")
    }
    partial = path.with_name(f"partial-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez(file, **arrays, about=np.array(json.dumps(about)))
        partial.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        partial.unlink(missing_ok=True)


def save_check(path: Path, check: Composition) -> None:
    """Write down what validates by itself, compressed, for whoever chooses thresholds."""
    np.savez_compressed(path, images=check.images[0], labels=check.labels[0])


def load_check(path: Path) -> tuple[Digits, NDArray[np.uint8]]:
    """The digits and the outliers (M, 28, 28) that `save_check` wrote.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            images, labels = file["images"], file["labels"]
        only = Composition(images[None], labels[None], np.zeros(len(labels), np.int8))
        return only.digits(), only.outliers()
    except Exception:  # numpy and zipfile each have their own word for a damaged file
        raise DataError(f"{path} is damaged.") from None


def load(path: Path) -> tuple[Composition, Composition, dict[str, Any]]:
    """Read back what is learnt, what validates, and how it was made.

    Raises:
        DataError: there is no such file, or it is damaged.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            learn, check = (
                Composition(*(file[prefix + name] for name in ("images", "labels", "origins")))
                for prefix in ("", "validation_")
            )
    except FileNotFoundError:
        raise DataError(f"There is no {path}: make it with `inkdigits compose`.") from None
    except Exception:  # numpy, zipfile and json each have their own word for a damaged file
        raise DataError(f"{path} is damaged, or no composition.") from None
    for part in (learn, check):
        shape = (*part.labels.shape, 28, 28)
        sound = part.images.shape == shape and part.origins.shape == shape[1:2]
        if not sound or part.images.dtype != np.uint8 or part.labels.max(initial=0) > NOTHING:
            raise DataError(f"{path} is no composition.")
    return learn, check, about
