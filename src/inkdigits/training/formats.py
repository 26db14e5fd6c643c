"""A digit reader in any of the formats that `inkdigits export` writes, loaded by its path.

In: a `.keras`, `.h5`, `.tflite` or `.onnx` file, or a SavedModel folder. Out: a `DigitModel`.
Knows nothing of how the file was made. Imports Keras and TensorFlow only where they are needed.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import MissingExtraError, ModelError
from inkdigits.model import DigitModel, Model, ModelInfo, check_batch
from inkdigits.training.noise import hushed

if TYPE_CHECKING:
    import keras

Floats = NDArray[np.float32]
Reader = Callable[[Floats], Floats]

BATCH = 512
#: Probabilities below this are taken for this, so that their logarithm is finite.
LEAST_PROBABILITY = 1e-12


@dataclass(frozen=True)
class _Loaded:
    """A reader of any format but ONNX.

    Attributes:
        info: name and checksum of the file; temperature and thresholds are neutral.
        read: a batch of 1 to 512 images to ten answers each.
        probabilities: whether those answers are probabilities, not logits.
    """

    info: ModelInfo
    read: Reader
    probabilities: bool

    def logits(self, x: Floats) -> Floats:
        """As `DigitModel.logits`; of probabilities p the logits are log(max(p, 1e-12))."""
        check_batch(x)
        x = np.ascontiguousarray(x, np.float32)
        answers = [self.read(x[start : start + BATCH]) for start in range(0, len(x), BATCH)]
        joined = np.concatenate(answers) if answers else np.zeros((0, 10), np.float32)
        if self.probabilities:
            joined = np.log(np.maximum(joined, LEAST_PROBABILITY))
        return joined.astype(np.float32, copy=False)


def load(path: Path) -> DigitModel:
    """Load a digit reader of any exported format.

    What it answers may be probabilities or logits; which of the two is found out by asking it.

    Args:
        path: a `.keras`, `.h5`, `.tflite` or `.onnx` file, or a SavedModel folder.

    Raises:
        ModelError: the file is missing, damaged, of another kind, or not a digit reader.
        MissingExtraError: Keras or TensorFlow is needed and not installed.
    """
    suffix = path.suffix.lower()
    if suffix == ".onnx" and not path.is_dir():
        return Model.load(path)
    if not path.exists():
        raise ModelError(f"{path} does not exist.")
    with hushed():
        if path.is_dir():
            return _loaded(_saved_model(path), path)
        if suffix in {".keras", ".h5"}:
            return of_network(load_keras(path), path)
        if suffix == ".tflite":
            return _loaded(_tflite(path), path)
    raise ModelError(
        f"{path} is of no known format: a model is a .keras, .h5, .tflite or .onnx file, "
        "or a SavedModel folder."
    )


def of_network(network: keras.Model, path: Path) -> DigitModel:
    """The reader of a Keras model at hand, whose weights lie in `path`.

    Where it ends in a dense softmax, what stands before the softmax is answered: a softmax forgets
    how much speaks for any digit at all (`decode.energy_score`).
    """
    import keras

    last = network.layers[-1]
    soft = getattr(last, "activation", None) is keras.activations.softmax
    if not (soft and isinstance(last, keras.layers.Dense) and last.use_bias):
        return _loaded(lambda x: np.asarray(network.predict_on_batch(x)), path)
    before = keras.Model(network.inputs, last.input)
    kernel, bias = last.get_weights()
    return _loaded(lambda x: np.asarray(before.predict_on_batch(x)) @ kernel + bias, path)


def load_keras(path: Path) -> keras.Model:
    """Load the Keras model of a `.keras` or legacy `.h5` file, not compiled.

    Raises:
        ModelError: the file is missing, damaged, holds weights only or is no digit reader.
        MissingExtraError: Keras or its backend is not installed.
    """
    if not path.is_file():
        raise ModelError(f"{path} does not exist.")
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError((error.name or "keras").split(".")[0], "train") from None
    if _holds_weights_only(path):
        raise ModelError(
            f"{path} holds weights only: load them into the network they belong to "
            "(`networks.build(NAME).load_weights(...)`), or give the .keras file."
        )
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception:  # Keras, zipfile and h5py each have their own word for a damaged file
        raise ModelError(f"{path} is not a Keras model that can be loaded.") from None
    taken, given = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if taken != (None, 28, 28, 1) or given != (None, 10):
        raise _wrong_shapes(path, taken, given)
    return model


def _holds_weights_only(path: Path) -> bool:
    """Whether it is an HDF5 file in which no network is described."""
    import h5py

    try:
        with h5py.File(path) as file:
            return "model_config" not in file.attrs
    except OSError:  # no HDF5 at all, or damaged: Keras will say
        return False


def _loaded(read: Reader, path: Path) -> _Loaded:
    info = ModelInfo(path.stem, "0", 1.0, 0.5, None, _sha256(path), path)
    return _Loaded(info, read, _answers_probabilities(read, path))


def _saved_model(folder: Path) -> Reader:
    """The signature `serving_default` of a SavedModel."""
    if not (folder / "saved_model.pb").is_file():
        raise ModelError(
            f"{folder} is a folder without a saved_model.pb, so no SavedModel: "
            "give one, or the .keras file of a run."
        )
    tf = _tensorflow()
    try:
        loaded = tf.saved_model.load(str(folder))
        call = loaded.signatures["serving_default"]
        ((name, taken),) = call.structured_input_signature[1].items()
        ((answer, given),) = call.structured_outputs.items()
    except Exception:  # TensorFlow's errors for a damaged file have no common base
        raise ModelError(
            f"{folder} is damaged, or has no signature `serving_default` of one input and output."
        ) from None
    shapes = tuple(taken.shape), tuple(given.shape)
    if shapes != ((None, 28, 28, 1), (None, 10)) or taken.dtype != tf.float32:
        raise _wrong_shapes(folder, *shapes)

    def read(x: Floats) -> Floats:
        assert loaded is not None  # the signature alone does not keep its variables alive
        return np.asarray(call(**{name: tf.constant(x)})[answer])

    return read


def _tflite(path: Path) -> Reader:
    """A TFLite interpreter of one thread."""
    tf = _tensorflow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its move to another package
            interpreter = tf.lite.Interpreter(model_content=path.read_bytes(), num_threads=1)
        interpreter.allocate_tensors()
        (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()
    except Exception:  # ValueError, RuntimeError or OSError
        raise ModelError(f"{path} is not a TFLite model that can be run, or is damaged.") from None
    shapes = tuple(int(size) for size in taken["shape_signature"]), tuple(given["shape_signature"])
    if shapes[0][1:] != (28, 28, 1) or shapes[0][0] not in {-1, 1} or shapes[1][1:] != (10,):
        raise _wrong_shapes(path, *shapes)

    def read(x: Floats) -> Floats:
        if shapes[0][0] == 1 and len(x) > 1:  # made for one image at a time
            return np.concatenate([read(x[i : i + 1]) for i in range(len(x))])
        if tuple(interpreter.get_input_details()[0]["shape"]) != x.shape:
            interpreter.resize_tensor_input(taken["index"], x.shape)
            interpreter.allocate_tensors()
        interpreter.set_tensor(taken["index"], _quantised(x, taken))
        interpreter.invoke()
        return _floats(interpreter.get_tensor(given["index"]), given)

    return read


def _quantised(x: Floats, details: dict[str, Any]) -> NDArray[Any]:
    """`x` as the tensor of `details` stores it: round(x / scale) + zero point."""
    scale, zero = details["quantization"]
    if scale:
        limits = np.iinfo(details["dtype"])
        x = np.clip(np.round(x / np.float32(scale)) + zero, limits.min, limits.max)
    stored: NDArray[Any] = x.astype(details["dtype"])
    return stored


def _floats(stored: NDArray[Any], details: dict[str, Any]) -> Floats:
    """The numbers that the tensor of `details` stands for."""
    scale, zero = details["quantization"]
    values = stored.astype(np.float32)
    real: Floats = (values - np.float32(zero)) * np.float32(scale) if scale else values
    return real


def _answers_probabilities(read: Reader, path: Path) -> bool:
    """Whether the answers to two made-up images are ten probabilities each.

    Raises:
        ModelError: it cannot be run, or answers no finite numbers.
    """
    probe = np.zeros((2, 28, 28, 1), np.float32)
    probe[1, 6:22, 13:16] = 1
    try:
        answer = read(probe)
    except Exception:  # TensorFlow's and Keras's exceptions have no common base
        raise ModelError(f"{path} could not be run on a batch of two images.") from None
    if answer.shape != (2, 10) or not np.isfinite(answer).all():
        raise ModelError(f"{path} does not answer (N, 10) finite numbers.")
    # in an int8 model each of the ten is rounded to a 256th, even where it answers floats
    return bool(answer.min() >= 0 and np.abs(answer.sum(axis=1) - 1).max() <= 10 / 256)


def _wrong_shapes(path: Path, taken: object, given: object) -> ModelError:
    return ModelError(
        f"{path} maps {taken} to {given}; a digit reader maps float32 (N, 28, 28, 1) to (N, 10)."
    )


def _sha256(path: Path) -> str:
    """Of a file; of a folder, over the names and bytes of its files, sorted by name."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    whole = hashlib.sha256()
    files = (file for file in path.rglob("*") if file.is_file())
    for name, file in sorted((file.relative_to(path).as_posix(), file) for file in files):
        whole.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _tensorflow() -> Any:
    try:
        import tensorflow as tf
    except ImportError:
        raise MissingExtraError("tensorflow", "train") from None
    return tf
