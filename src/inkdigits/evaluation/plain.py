"""The reader that inkdigits is compared with: a picture is shrunk to 28x28 and inverted.

So most MNIST demonstrations read pictures: nothing is cropped, centred or told from the paper. In:
a picture, dark ink on light. Out: `Prediction`, as of `Recognizer`. Knows nothing of the labels.
"""

from __future__ import annotations

from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.decode import softmax
from inkdigits.model import DigitModel, Model
from inkdigits.results import Box, Prediction

SIDE = 28
#: Its network has the usual layers, the usual recipe and MNIST alone to learn from.
NETWORK = "classic"
#: Such a reader has no threshold of its own; people who give it one take a round number.
ACCEPT = 0.9


class Reader(Protocol):
    """Whatever reads the one digit of a picture: `Recognizer` and `PlainReader` do."""

    def classify(self, source: NDArray[np.generic]) -> Prediction:
        """Read (H, W) floats from 0 to 1, or (H, W) or (H, W, 3) uint8."""


class PlainReader:
    """Shrinks, inverts, reads; accepts what it is 90 % sure of, at temperature 1."""

    def __init__(self, model: DigitModel) -> None:
        self._model = model

    @classmethod
    def load(cls, model: str = NETWORK) -> Self:
        """With a shipped model; raises `ModelError` as `Model.load` does."""
        return cls(Model.load(model))

    def classify(self, source: NDArray[np.generic]) -> Prediction:
        """Read a picture: (H, W) floats from 0 to 1, or (H, W) or (H, W, 3) uint8."""
        digit = shrunk(source)
        row = softmax(self._model.logits(digit[None, :, :, None]))[0]
        best = int(row.argmax())
        confidence = float(row[best])
        accepted = confidence >= ACCEPT
        info = self._model.info
        return Prediction(
            digit=best,
            confidence=confidence,
            probabilities=tuple(row.tolist()),
            accepted=accepted,
            reason=None if accepted else "unsure",
            model=info.name,
            version=info.version,
            box=Box(0, 0, source.shape[1], source.shape[0]),
            seen=np.round(digit * 255).astype(np.uint8),
        )


def shrunk(picture: NDArray[np.generic]) -> NDArray[np.float32]:
    """The whole picture as (28, 28) float32 in [0, 1], inverted: its aspect is not kept."""
    floats = picture.dtype.kind == "f"
    pixels = np.round(picture.astype(np.float32) * 255) if floats else picture
    grey = np.asarray(
        Image.fromarray(pixels.astype(np.uint8)).convert("L"), np.float32
    ) / np.float32(255)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(1 - small, np.float32)
