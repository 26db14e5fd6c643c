"""The line reader in an ONNX file, run by ONNX Runtime.

In: strips (32, W) float32 in [0, 1]. Out: logits, one row for every two columns. Nothing is
believed of a file: its bytes must match its card, and a remembered strip must give the remembered
answer. Knows nothing of pictures, nor of how columns become texts.
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from inkdigits import modelfile
from inkdigits.errors import ModelError
from inkdigits.strip import HEIGHT

#: What a column may show besides nothing, in the order of its logits from 1 on: digits, a point,
#: a comma, a dash, and whatever else.
ALPHABET = "0123456789.,-?"
NOTHING, OTHER = 0, ALPHABET.index("?") + 1
CLASSES = len(ALPHABET) + 1
#: Columns of a strip for one row of logits.
STRIDE = 2
#: A strip's columns are filled up to a multiple of this, so that few shapes are met.
ALIGNED = 8
#: Where the shipped ones lie in the package.
FOLDER = "models/lines"
TOLERANCE = 5e-3


@dataclass(frozen=True)
class LineInfo:
    """What a line reader says about itself, in its ONNX metadata.

    Attributes:
        name: the file's stem where the metadata is silent.
        version: a short word, `0` where the metadata is silent.
        temperature: what to divide logits by before the softmax, above 0.
        accept_threshold: the least probability of a text to act on, 0 to 1.
        sha256: of the file, in hex.
        path: where the file lies.
    """

    name: str
    version: str
    temperature: float
    accept_threshold: float
    sha256: str
    path: Path


class LineModel:
    """A loaded line reader; made by `LineModel.load`. `logits` may be called from many threads."""

    def __init__(self, session: ort.InferenceSession, info: LineInfo) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self.info = info

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str] = "line") -> Self:
        """Load a shipped line reader by its name, or any by the path of its `.onnx` file.

        Raises:
            ModelError: the file is missing, damaged, not the one its card (`NAME.json` beside
                it) describes, or not a line reader.
        """
        file = modelfile.load(name_or_path, FOLDER)
        _check_shapes(file.session, f"{file.path}")
        model = cls(file.session, _info(file.session, file.path, file.sha256))
        if file.card is not None:
            model._check_golden(file.card)
        return model

    def logits(self, strips: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Read strips, each by itself: nothing is gained by batching strips of unlike width.

        Args:
            strips: each (32, W) in [0, 1], W >= 1.

        Returns:
            one (T, 15) float32 a strip, T = W / 2 rounded up, unnormalised and uncalibrated.
        """
        answers = []
        for strip in strips:
            wide = strip.shape[1]
            image = np.zeros((1, HEIGHT, -(-wide // ALIGNED) * ALIGNED, 1), np.float32)
            image[0, :, :wide, 0] = strip
            columns = self._session.run(None, {self._input: image})[0][0]
            answers.append(columns[: -(-wide // STRIDE)])
        return answers

    def _check_golden(self, card: dict[str, Any]) -> None:
        path = self.info.path
        try:
            pixels = np.frombuffer(base64.b64decode(card["golden"]["strip"]), np.uint8)
            strip = (pixels / 255).astype(np.float32).reshape(HEIGHT, -1)
            expected = np.asarray(card["golden"]["logits"], np.float64).reshape(-1, CLASSES)
        except (KeyError, TypeError, ValueError):
            raise ModelError(f"The card of {path} has no readable golden strip.") from None
        answer = self.logits([strip])[0]
        same = answer.shape == expected.shape and np.abs(answer - expected).max() <= TOLERANCE
        if not same:
            raise ModelError(f"{path} does not reproduce the answer on its card on this machine.")


def encode(text: str) -> list[int]:
    """The classes of a text over `ALPHABET`."""
    return [ALPHABET.index(mark) + 1 for mark in text]


def _check_shapes(session: ort.InferenceSession, shown: str) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    taken = inputs[0].shape if len(inputs) == 1 else []
    open_wide = len(taken) == 4 and not isinstance(taken[2], int)
    if not open_wide or (taken[1], taken[3]) != (HEIGHT, 1):
        raise ModelError(f"{shown} takes {taken}; a line reader takes float32 (N, 32, W, 1).")
    if len(outputs) != 1 or outputs[0].shape[-1:] != [CLASSES]:
        raise ModelError(f"{shown} is no line reader: it does not answer {CLASSES} classes.")


def _info(session: ort.InferenceSession, path: Path, sha256: str) -> LineInfo:
    said: dict[str, str] = session.get_modelmeta().custom_metadata_map
    if said.get("alphabet", ALPHABET) != ALPHABET:
        raise ModelError(f"{path} reads {said['alphabet']!r}; inkdigits reads {ALPHABET!r}.")
    try:
        temperature = float(said.get("temperature", "1"))
        accept = float(said.get("accept_threshold", "0.5"))
    except ValueError:
        raise ModelError(f"{path} has a temperature or threshold that is not a number.") from None
    if not (0 < temperature < math.inf and 0 <= accept <= 1):
        raise ModelError(f"{path} has a temperature or threshold that is out of range.")
    name, version = said.get("name") or path.stem, said.get("version") or "0"
    return LineInfo(name, version, temperature, accept, sha256, path)
