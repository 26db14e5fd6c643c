"""From a picture to a prediction: the whole product, one step a line.

In: a picture in any form, strokes, or arrays as MNIST has them. Out: `Prediction`, labels or
probabilities. Knows the order of the steps and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode, image, preprocess, segment, strokes
from inkdigits.errors import ArrayError
from inkdigits.image import ImageSource, Limits, Picture
from inkdigits.model import DigitModel, Model
from inkdigits.results import Box, Prediction
from inkdigits.shifts import shifted

_BLANK = (0.1,) * 10


class Recognizer:
    """Reads one handwritten digit a picture. Make it with `Recognizer.load()`; share it freely.

    All methods may be called from several threads at once.
    """

    def __init__(self, model: DigitModel) -> None:
        self._model = model

    @classmethod
    def load(cls, model: str | os.PathLike[str] = "standard", *, shifts: int = 0) -> Recognizer:
        """Load a shipped model by name, or an ONNX file by path.

        Args:
            model: the name or the path.
            shifts: read each digit at every shift of up to so many pixels, 0 to 3, and average
                the logits; takes (2 * shifts + 1)^2 times as long, and `version` says so.

        Raises:
            ModelError: there is no such model, or its file is damaged.
            InkdigitsError: `shifts` is no whole number from 0 to 3.
        """
        return cls(shifted(Model.load(model), shifts))

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.info.name

    @property
    def version(self) -> str:
        """The model's version."""
        return self._model.info.version

    def classify(self, source: ImageSource, *, limits: Limits | None = None) -> Prediction:
        """Read the one digit that a picture shows, whatever its size, place, pen or paper.

        A 28x28 picture that already is as MNIST has it is read as it is.

        Args:
            source: a path, the bytes of a PNG, JPEG, GIF, BMP or WebP file, an open binary
                file, a PIL image, or an array (H, W) or (H, W, 3) of uint8 or of floats 0 to 1.
            limits: the sizes that are refused; see `inkdigits.image.Limits`.

        Raises:
            ImageError: the picture cannot be read.
            ArrayError: the array is not a picture.
        """
        return self._classify(image.load(source, limits))

    def classify_strokes(self, pen: Sequence[strokes.Stroke]) -> Prediction:
        """Read the one digit that pen strokes draw.

        Args:
            pen: strokes, each a sequence of [x, y] points, y down, in any unit.

        Raises:
            ArrayError: the strokes are malformed.
        """
        return self._classify(strokes.render(pen))

    def predict(self, X: NDArray[np.generic]) -> NDArray[np.int64]:
        """The digit of each MNIST-like image, (N,); `X` as in `predict_proba`."""
        digits: NDArray[np.int64] = self.predict_proba(X).argmax(axis=1).astype(np.int64)
        return digits

    def predict_proba(self, X: NDArray[np.generic]) -> NDArray[np.float32]:
        """The calibrated probabilities of each MNIST-like image, (N, 10).

        Args:
            X: (N, 28, 28), (N, 28, 28, 1) or (N, 784), integers 0 to 255 or floats 0 to 1,
                bright ink on black. Nothing is cropped or centred.

        Raises:
            ArrayError: another shape, type or range, or a NaN.
        """
        X = np.asarray(X)
        if X.shape[1:] not in ((28, 28), (28, 28, 1), (784,)):
            raise ArrayError(
                "X must have the shape (N, 28, 28), (N, 28, 28, 1) or (N, 784), "
                f"not {X.shape}; for pictures of any other size use classify()."
            )
        logits = self._model.logits(image.unit_range(X).reshape(-1, 28, 28, 1))
        return decode.softmax(logits, self._model.info.temperature).astype(np.float32)

    def _classify(self, picture: Picture) -> Prediction:
        if preprocess.is_normalised(picture.pixels):
            return self._decide(picture.pixels, None, picture.frames_ignored)
        glyph = segment.locate(picture)
        if glyph is None:
            return self._blank(picture.frames_ignored)
        return self._decide(preprocess.normalise(glyph), glyph.box, picture.frames_ignored)

    def _decide(self, digit: NDArray[np.float32], box: Box | None, ignored: int) -> Prediction:
        logits = self._model.logits(digit[None, :, :, None])
        decision = decode.decode(logits, self._model.info)[0]
        return Prediction(
            decision.digit,
            decision.confidence,
            decision.probabilities,
            decision.accepted,
            decision.reason,
            self.name,
            self.version,
            box,
            ignored,
            np.round(digit * 255).astype(np.uint8),
            decision.digitness,
        )

    def _blank(self, ignored: int) -> Prediction:
        seen = np.zeros((28, 28), np.uint8)
        return Prediction(
            None, 0.0, _BLANK, False, "blank", self.name, self.version, None, ignored, seen
        )
