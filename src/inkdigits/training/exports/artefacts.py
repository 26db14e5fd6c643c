"""One exported artefact: made, loaded again and held against the Keras model.

In: a trained network, MNIST, what to make and where. Out: an `Exported`. Knows nothing of where
the artefact goes in the end.
"""

from __future__ import annotations

import errno
import os
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from inkdigits.data.mnist import Mnist
from inkdigits.errors import InkdigitsError, ModelError
from inkdigits.model import DigitModel, Model
from inkdigits.training import formats, networks
from inkdigits.training.calibrate import Calibration, calibrate
from inkdigits.training.exports import card, graph, quantisation, tflite
from inkdigits.training.exports.agreement import (
    EXACT,
    QUANTISED,
    Agreement,
    Limits,
    Yardstick,
    pixels,
)
from inkdigits.training.exports.folding import fold
from inkdigits.training.exports.source import Source
from inkdigits.training.exports.targets import Target

#: How many training images tell an int8 model the ranges of its tensors.
RANGE_IMAGES = 1_000


@dataclass(frozen=True)
class Exported:
    """One artefact.

    Attributes:
        target: what was asked for.
        path: the file or folder.
        bytes: its size, that of a folder's files together.
        agreement: how it compares with the Keras model.
        card: the card beside it, which ONNX files have.
        calibration: temperature, thresholds and validation figures, which ONNX files have.
    """

    target: Target
    path: Path
    bytes: int
    agreement: Agreement
    card: Path | None = None
    calibration: Calibration | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {
            **asdict(self.target),
            "path": str(self.path),
            "bytes": self.bytes,
            **self.agreement.to_dict(),
            "card": None if self.card is None else str(self.card),
            "calibration": None if self.calibration is None else self.calibration.to_dict(),
        }


class Maker:
    """Makes artefacts of one network.

    Attributes:
        yardstick: the digits that every artefact is asked.
    """

    def __init__(self, source: Source, data: Mnist, scratch: Path) -> None:
        self._source, self._data, self._scratch = source, data, scratch
        self.yardstick = Yardstick(source.network, data.validation)

    def make(self, target: Target, path: Path) -> Exported:
        """Make an artefact at `path` and check it.

        Raises:
            ModelError: it cannot be made, or is too far from the Keras model.
        """
        try:
            if target.format == "onnx":
                return self._onnx(target, path)
            artefact = self._write(target, path)
        except (InkdigitsError, OSError):
            raise
        except Exception as error:  # of Keras, TensorFlow, tf2onnx, onnx and ONNX Runtime
            full = os.strerror(errno.ENOSPC)
            if full in str(error):  # TensorFlow's own kind of error
                raise OSError(errno.ENOSPC, full) from error
            why = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise ModelError(
                f"{self._source.path} could not be exported to {target}: {why}"
            ) from error
        logits = artefact.logits(self.yardstick.images)
        agreement = self.yardstick.hold(logits, _limits(target), str(target))
        return Exported(target, path, _size(path), agreement)

    def _write(self, target: Target, path: Path) -> DigitModel:
        """Any format but ONNX, loaded again from what was written."""
        network = self._source.network
        if target.format == "weights":
            network.save_weights(path)
            return formats.of_network(self._with_weights(path), path)
        if target.format == "savedmodel":
            network.export(path, verbose=False)
        elif target.format == "tflite":
            scratch = self._scratch / f"savedmodel-{target.quantise}"
            images = self._range_images
            made = tflite.convert(self._folded, target.quantise, images=images, scratch=scratch)
            path.write_bytes(made)
        else:  # .keras and .h5 are told apart by the ending
            network.save(path)
        return formats.load(path)

    def _with_weights(self, path: Path) -> keras.Model:
        """A fresh network that has loaded the weights of `path`."""
        network = self._source.network
        if network.name in networks.NETWORKS:
            fresh = networks.build(network.name)
        else:
            fresh = keras.models.clone_model(network)
        fresh.load_weights(path)
        return fresh

    def _onnx(self, target: Target, path: Path) -> Exported:
        """The ONNX file and its card, calibrated on its own logits."""
        made = self._graph
        if target.quantise is not None:
            scratch = self._scratch / "quantised.onnx"
            images = self._range_images
            made = quantisation.quantise(made, target.quantise, images=images, scratch=scratch)
        onnx.save(made, path)
        validation = self._data.validation
        model = Model.load(path)
        logits = model.logits(pixels(validation.images))
        checked = logits[self.yardstick.chosen]
        agreement = self.yardstick.hold(checked, _limits(target), str(target))
        calibration = self._calibrate(model, logits)
        graph.describe(made, path.stem, self._source.version, calibration)
        onnx.save(made, path)
        golden = card.Golden(
            validation.images[0],
            model.logits(pixels(validation.images[:1]))[0],
            card.ROUNDING_TOLERANCE if target.quantise in {"int8", "dynamic"} else None,
        )
        written = card.build(
            self._source,
            data=self._data,
            calibration=calibration,
            golden=golden,
            quantisation=target.quantise,
            agreement=agreement,
            file=path,
        )
        card_path = path.with_suffix(".json")
        card.write(written, card_path)
        Model.load(path)
        return Exported(target, path, _size(path), agreement, card_path, calibration)

    def _calibrate(self, model: DigitModel, logits: NDArray[np.float32]) -> Calibration:
        """On MNIST's validation part, whose logits are given, and what else validated the run."""
        truth = self._data.validation.truth
        if self._source.check is None:
            return calibrate(logits, truth)
        digits, outliers = self._source.check
        return calibrate(
            np.concatenate([logits, model.logits(pixels(digits.images))]),
            np.concatenate([truth, digits.truth]),
            model.logits(pixels(outliers)),
        )

    @cached_property
    def _folded(self) -> keras.Model:
        return fold(self._source.network)

    @cached_property
    def _graph(self) -> onnx.ModelProto:
        return graph.convert(self._folded, self._scratch / "float.onnx")

    @cached_property
    def _range_images(self) -> NDArray[np.float32]:
        train = self._data.train
        chosen = np.linspace(0, len(train) - 1, min(RANGE_IMAGES, len(train))).astype(int)
        return pixels(train.images[chosen])


def _limits(target: Target) -> Limits:
    return EXACT if target.quantise is None else QUANTISED


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
