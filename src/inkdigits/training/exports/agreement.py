"""How well an exported model agrees with the Keras model it came from, and how well it must.

In: what both answer to the same digits. Out: an `Agreement`, or `ModelError` where it is too far
off. All limits stand here. Knows nothing of files and formats.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.decode import softmax
from inkdigits.errors import ModelError

#: How many validation digits both are asked.
CHECKED = 2_000


@dataclass(frozen=True)
class Limits:
    """How far an artefact may be from its source.

    Attributes:
        labels: the least share of labels alike.
        difference: any probability may differ by less than this.
        loss: the share of digits by which the accuracy may fall, at most.
        advice: what to do where it is further off.
    """

    labels: float
    difference: float
    loss: float
    advice: str


EXACT = Limits(1.0, 1e-4, 0.0, "please report it with the model")
QUANTISED = Limits(0.995, math.inf, 0.001, "try dynamic or float16, or train it for longer")


@dataclass(frozen=True)
class Agreement:
    """What a comparison said.

    Attributes:
        checked: how many digits both were asked.
        labels_agree: the share of them read alike.
        max_difference: the largest difference of any probability.
        accuracy: the share that the artefact read rightly.
        accuracy_change: that, less the share that the Keras model read rightly.
    """

    checked: int
    labels_agree: float
    max_difference: float
    accuracy: float
    accuracy_change: float

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return asdict(self)


class Yardstick:
    """Digits and what the Keras model answers to them.

    Attributes:
        images: (N, 28, 28, 1) float32 in [0, 1], at most 2,000, spread over the given digits.
        accuracy: the share of them that the Keras model reads rightly.
    """

    def __init__(self, network: keras.Model, digits: Digits) -> None:
        self.chosen = np.linspace(0, len(digits) - 1, min(CHECKED, len(digits))).astype(int)
        self.images = pixels(digits.images[self.chosen])
        self._truth = digits.truth[self.chosen]
        self._expected = np.asarray(network.predict(self.images, batch_size=250, verbose=0))
        self.accuracy = float((self._expected.argmax(axis=1) == self._truth).mean())

    def hold(self, logits: NDArray[np.float32], limits: Limits, what: str) -> Agreement:
        """Compare an artefact's answers to `images` with the Keras model's.

        Args:
            logits: (N, 10), what the artefact answers.
            limits: how far it may be off.
            what: the artefact, for the error.

        Raises:
            ModelError: it is further off.
        """
        got = softmax(logits)
        labels, expected = got.argmax(axis=1), self._expected.argmax(axis=1)
        accuracy = float((labels == self._truth).mean())
        found = Agreement(
            checked=len(labels),
            labels_agree=float((labels == expected).mean()),
            max_difference=float(np.abs(self._expected - got).max()),
            accuracy=accuracy,
            accuracy_change=accuracy - self.accuracy,
        )
        rounding = 1e-9
        kept = (
            found.labels_agree >= limits.labels - rounding
            and found.max_difference < limits.difference
            and -found.accuracy_change <= limits.loss + rounding
        )
        if not kept:  # also where a difference is NaN
            raise ModelError(
                f"The exported {what} is too far from the Keras model: "
                f"{found.labels_agree:.2%} of {found.checked:,} labels agree, probabilities "
                f"differ by up to {found.max_difference:.1e} and the accuracy changes by "
                f"{100 * found.accuracy_change:+.2f} points; nothing was written: {limits.advice}."
            )
        return found


def pixels(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 28, 28) bytes as the networks want them: (N, 28, 28, 1) float32 in [0, 1]."""
    return (images[..., None] / 255).astype(np.float32)
