"""A digit reader in an ONNX file, run by ONNX Runtime.

In: (N, 28, 28, 1) float32 in [0, 1], digits as MNIST has them. Out: (N, 10) float32 logits.
Nothing is believed of a file: its bytes must match its card, its shapes must be a digit reader's,
and a remembered image must give the remembered answer. Knows nothing of pictures, of Keras or of
what the logits mean.
"""

from __future__ import annotations

import base64
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from inkdigits import modelfile
from inkdigits.errors import ArrayError, ModelError

CLASSES = "0123456789"
INPUT_RANGE = "0..1"
GOLDEN_TOLERANCE = 1e-3
BATCH = 512
#: Where the shipped ones lie in the package.
FOLDER = "models"


@dataclass(frozen=True)
class ModelInfo:
    """What a model says about itself, in its ONNX metadata.

    Attributes:
        name: `classic` and kin; the file's stem where the metadata is silent.
        version: a short word, `0` where the metadata is silent.
        temperature: what to divide logits by before the softmax, above 0.
        accept_threshold: the least confidence to act on, 0 to 1.
        energy_threshold: the least logsumexp of the logits that a digit has, or `None`.
        sha256: of the file, in hex.
        path: where the file lies.
        coverage: (level, threshold) pairs, levels rising: the digits with at least that
            probability hold the true one at least so often; empty where none is promised.
    """

    name: str
    version: str
    temperature: float
    accept_threshold: float
    energy_threshold: float | None
    sha256: str
    path: Path
    coverage: tuple[tuple[float, float], ...] = ()


class DigitModel(Protocol):
    """Whatever reads batches of digits as `Model` does, from a file of any format."""

    @property
    def info(self) -> ModelInfo:
        """What the model says about itself."""

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 28, 28, 1) in [0, 1] -> (N, 10) float32 logits; N may be 0."""


class Model:
    """A loaded digit reader; made by `Model.load`. `logits` may be called from many threads."""

    def __init__(self, session: ort.InferenceSession, info: ModelInfo) -> None:
        self._session = session
        self._input = session.get_inputs()[0].name
        self.info = info

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str] = "standard") -> Self:
        """Load a shipped model by its name, or any model by the path of its `.onnx` file.

        Raises:
            ModelError: the file is missing, damaged, not the one its card (`NAME.json` beside
                it) describes, or not a digit reader.
        """
        file = modelfile.load(name_or_path, FOLDER)
        _check_shapes(file.session, f"{file.path}")
        model = cls(file.session, _info(file.session, file.path, file.sha256))
        model._check_answers()
        if file.card is not None:
            model._check_golden(file.card)
        return model

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Read a batch.

        Args:
            x: (N, 28, 28, 1) in [0, 1]; N may be 0.

        Returns:
            (N, 10) float32, unnormalised and uncalibrated.

        Raises:
            ArrayError: `x` has another shape.
        """
        check_batch(x)
        x = np.ascontiguousarray(x, np.float32)
        answers = [
            self._session.run(None, {self._input: x[start : start + BATCH]})[0]
            for start in range(0, len(x), BATCH)
        ]
        return np.concatenate(answers) if answers else np.zeros((0, 10), np.float32)

    def _check_answers(self) -> None:
        """Two made-up images must get ten logits each; probabilities are a common mistake."""
        probe = np.zeros((2, 28, 28, 1), np.float32)
        probe[1, 6:22, 13:16] = 1
        path = self.info.path
        try:
            answer = self.logits(probe)
        except Exception:  # ONNX Runtime's exceptions have no common base
            raise ModelError(f"{path} could not be run on a batch of two images.") from None
        if answer.shape != (2, 10) or answer.dtype != np.float32 or not np.isfinite(answer).all():
            raise ModelError(f"{path} does not answer (N, 10) finite float32 logits.")
        if answer.min() >= 0 and np.allclose(answer.sum(axis=1), 1, atol=1e-4):
            raise ModelError(
                f"{path} answers probabilities, not logits: leave out its last softmax, "
                "or make it with `inkdigits export`."
            )

    def _check_golden(self, card: dict[str, Any]) -> None:
        path = self.info.path
        try:
            pixels = base64.b64decode(card["golden"]["image"], validate=True)
            image = (np.frombuffer(pixels, np.uint8) / 255).astype(np.float32).reshape(1, 28, 28, 1)
            expected = np.asarray(card["golden"]["logits"], np.float64).reshape(1, 10)
            # quantised models round, and processors differ in the last bit before they do
            tolerance = float(card["golden"].get("tolerance", GOLDEN_TOLERANCE))
        except (KeyError, TypeError, ValueError):
            raise ModelError(f"The card of {path} has no readable golden image.") from None
        if not np.abs(self.logits(image) - expected).max() <= tolerance:
            raise ModelError(f"{path} does not reproduce the answer on its card on this machine.")


def check_batch(x: NDArray[np.float32]) -> None:
    """Refuse what is no batch of digits.

    Raises:
        ArrayError: `x` is not (N, 28, 28, 1).
    """
    if x.ndim != 4 or x.shape[1:] != (28, 28, 1):
        raise ArrayError(f"A batch of digits is (N, 28, 28, 1); this one is {x.shape}.")


def shipped() -> tuple[str, ...]:
    """The names of the models that come with inkdigits, sorted."""
    return modelfile.shipped(FOLDER)


def _check_shapes(session: ort.InferenceSession, shown: str) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    taken = inputs[0].shape if len(inputs) == 1 else []
    whole = len(taken) == 4 and taken[1:] == [28, 28, 1] and not isinstance(taken[0], int)
    if not whole or inputs[0].type != "tensor(float)":
        listed = ", ".join(f"{value.type} {value.shape}" for value in inputs) or "nothing"
        raise ModelError(f"{shown} takes {listed}; a digit reader takes float32 (N, 28, 28, 1).")
    if len(outputs) != 1 or (outputs[0].shape and outputs[0].shape[-1] != 10):
        listed = ", ".join(str(value.shape) for value in outputs)
        raise ModelError(f"{shown} answers {listed}; a digit reader answers (N, 10).")


def _info(session: ort.InferenceSession, path: Path, sha256: str) -> ModelInfo:
    said: dict[str, str] = session.get_modelmeta().custom_metadata_map
    for key, ours in (("classes", CLASSES), ("input_range", INPUT_RANGE)):
        if said.get(key, ours) != ours:
            raise ModelError(f"{path} has {key} {said[key]!r}; inkdigits reads {ours!r}.")
    try:
        temperature = float(said.get("temperature", "1"))
        accept = float(said.get("accept_threshold", "0.5"))
        energy = float(said["energy_threshold"]) if said.get("energy_threshold") else None
    except ValueError:
        raise ModelError(f"{path} has a temperature or threshold that is not a number.") from None
    sound = 0 < temperature < math.inf and 0 <= accept <= 1
    if not sound or (energy is not None and not math.isfinite(energy)):
        raise ModelError(f"{path} has a temperature or threshold that is out of range.")
    name, version = said.get("name") or path.stem, said.get("version") or "0"
    coverage = _coverage(said.get("coverage_thresholds") or "{}", path)
    return ModelInfo(name, version, temperature, accept, energy, sha256, path, coverage)


def _coverage(text: str, path: Path) -> tuple[tuple[float, float], ...]:
    """The thresholds of prediction sets, from JSON such as `{"0.9": 0.98, "0.95": 0.7}`."""
    try:
        said = json.loads(text)
        pairs = sorted((float(level), float(threshold)) for level, threshold in said.items())
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ModelError(f"{path} has coverage thresholds that are not readable.") from None
    levels, thresholds = [level for level, _ in pairs], [threshold for _, threshold in pairs]
    sound = all(0 < level < 1 for level in levels) and len(set(levels)) == len(levels)
    sound = sound and all(0 <= threshold <= 1 for threshold in thresholds)
    if not sound or thresholds != sorted(thresholds, reverse=True):
        raise ModelError(f"{path} has coverage thresholds that are out of range.")
    return tuple(pairs)
