"""How well a model reads digits that were spoilt in the fifteen ways of MNIST-C.

In: a model and labelled digits. Out: a `Robustness`, which becomes JSON. Knows nothing of how a
digit is spoilt (`corruptions.py`) and nothing of files or drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.evaluation import corruptions
from inkdigits.model import BATCH, DigitModel

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Corrupted:
    """How digits were read under one corruption.

    Attributes:
        name: of the corruption.
        shown: digits shown.
        errors: digits read wrongly.
    """

    name: str
    shown: int
    errors: int

    @property
    def error(self) -> float:
        """The share read wrongly, 0 to 1."""
        return self.errors / self.shown

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {"name": self.name, "shown": self.shown, "errors": self.errors, "error": self.error}


@dataclass(frozen=True)
class Robustness:
    """How digits were read under every corruption.

    Attributes:
        seed: of the corruptions.
        results: one for each, in the order of the paper.
    """

    seed: int
    results: tuple[Corrupted, ...]

    @property
    def mean_error(self) -> float:
        """The plain mean of the corruptions' error rates, 0 to 1."""
        return sum(result.error for result in self.results) / len(self.results)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            "suite": "the corruptions of MNIST-C, drawn by inkdigits",
            "seed": self.seed,
            "mean_error": self.mean_error,
            "sets": [result.to_dict() for result in self.results],
        }


def evaluate_corruptions(
    model: DigitModel,
    digits: Digits,
    *,
    seed: int = corruptions.SEED,
    progress: Progress | None = None,
) -> Robustness:
    """Show every digit under each of the fifteen corruptions.

    Args:
        model: what is judged.
        digits: labelled; not one is left out.
        seed: of the corruptions.
        progress: called with ("corruptions", done, total) after each batch.

    Raises:
        ValueError: there are no digits, or they have no labels.
    """
    truth = digits.truth
    if not len(digits):
        raise ValueError("there are no digits to evaluate on")
    results = []
    for turn, name in enumerate(corruptions.NAMES):
        errors = 0
        for start in range(0, len(digits), BATCH):
            part = digits.images[start : start + BATCH]
            spoilt = corruptions.corrupt(name, part, seed=seed, first=start)
            logits = model.logits((spoilt[..., None] / 255).astype(np.float32))
            errors += int((logits.argmax(axis=1) != truth[start : start + BATCH]).sum())
            if progress:
                done = turn * len(digits) + start + len(part)
                progress("corruptions", done, len(corruptions.NAMES) * len(digits))
        results.append(Corrupted(name, len(digits), errors))
    return Robustness(seed, tuple(results))


def examples(
    digits: Digits, *, seed: int = corruptions.SEED
) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.uint8]]]:
    """The first digit of each class, as it is and under each corruption as it was evaluated.

    Returns:
        (D, 28, 28), and the same under each name; D is 10 where every class is there.
    """
    first = [int(hits[0]) for d in range(10) if len(hits := np.flatnonzero(digits.truth == d))]
    spoilt = {
        name: np.concatenate(
            [corruptions.corrupt(name, digits.images[i : i + 1], seed=seed, first=i) for i in first]
        )
        for name in corruptions.NAMES
    }
    return digits.images[first], spoilt
