"""From a trained Keras file to an ONNX file with its card, checked before it is kept.

In: the `.keras` file of a run and the data it was chosen on. Out: `NAME.onnx` (logits, metadata)
and `NAME.json` beside it. Knows nothing of the command line.
"""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from inkdigits.data.mnist import Mnist
from inkdigits.decode import softmax
from inkdigits.errors import ModelError
from inkdigits.model import CLASSES, INPUT_RANGE, Model
from inkdigits.training import card
from inkdigits.training.calibrate import Calibration, calibrate

OPSET = 17
CHECKED = 1_000
TOLERANCE = 1e-4


@dataclass(frozen=True)
class ExportReport:
    """What was written and how well it agrees with its source.

    Attributes:
        onnx: the model written.
        card: the card written.
        name: the model's; `version` too.
        bytes: the ONNX file's size; `keras_bytes`: the Keras file's.
        checked: how many validation digits both were asked.
        labels_agree: the share of them read alike.
        max_difference: the largest difference of any probability.
        calibration: temperature, thresholds and the validation figures.
    """

    onnx: Path
    card: Path
    name: str
    version: str
    bytes: int
    keras_bytes: int
    checked: int
    labels_agree: float
    max_difference: float
    calibration: Calibration

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {**asdict(self), "onnx": str(self.onnx), "card": str(self.card)}


def to_onnx(
    keras_path: Path, onnx_path: Path, *, data: Mnist, version: str, name: str
) -> ExportReport:
    """Export a Keras model, calibrate it, check it, and only then put it in place.

    Args:
        keras_path: the Keras file, (N, 28, 28, 1) in [0, 1] -> ten probabilities; its run's
            `config.json` beside it goes onto the card.
        onnx_path: where the model goes; the card goes beside it as `.json`.
        data: the split; only `validation` is looked at.
        version: a short word.
        name: what the model is called.

    Raises:
        ModelError: the file is no digit reader, or ONNX Runtime disagrees with Keras on 1,000
            validation digits. Then nothing is written.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ModelError(f"{name!r} cannot name a model: use letters, digits, - and _ only.")
    source = _load(keras_path)
    card_path = onnx_path.with_suffix(".json")
    onnx_path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=onnx_path.parent) as folder:
        draft = Path(folder) / onnx_path.name
        made = _draft(source, draft, data, name, version)
        written = card.build(
            name=name,
            version=version,
            network=source,
            run=_run(keras_path),
            data=data,
            calibration=made.calibration,
            golden=made.golden,
            files=(draft, keras_path),
        )
        card.write(written, draft.with_suffix(".json"))
        Model.load(draft)
        draft.replace(onnx_path)
        draft.with_suffix(".json").replace(card_path)
    return ExportReport(
        onnx=onnx_path,
        card=card_path,
        name=name,
        version=version,
        bytes=onnx_path.stat().st_size,
        keras_bytes=keras_path.stat().st_size,
        checked=made.checked,
        labels_agree=made.labels_agree,
        max_difference=made.max_difference,
        calibration=made.calibration,
    )


@dataclass(frozen=True)
class _Made:
    checked: int
    labels_agree: float
    max_difference: float
    calibration: Calibration
    golden: card.Golden


def _draft(source: keras.Model, draft: Path, data: Mnist, name: str, version: str) -> _Made:
    """Write the ONNX of `source`, checked and calibrated, to `draft`."""
    proto = _convert(source, draft)
    onnx.save(proto, draft)
    images = (data.validation.images[..., None] / 255).astype(np.float32)
    logits = Model.load(draft).logits(images)
    chosen = np.linspace(0, len(images) - 1, min(CHECKED, len(images))).astype(int)
    agree, difference = _compare(source, images[chosen], logits[chosen])
    calibration = calibrate(logits, data.validation.truth)
    _describe(proto, name, version, calibration)
    onnx.save(proto, draft)
    golden = card.Golden(data.validation.images[0], logits[0])
    return _Made(len(chosen), agree, difference, calibration, golden)


def _load(path: Path) -> keras.Model:
    if not path.is_file():
        raise ModelError(f"{path} does not exist.")
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception:  # Keras, zipfile and h5py each have their own word for a damaged file
        raise ModelError(f"{path} is not a Keras model that can be loaded.") from None
    if model.input_shape != (None, 28, 28, 1) or model.output_shape != (None, 10):
        raise ModelError(
            f"{path} maps {model.input_shape} to {model.output_shape}; "
            "a digit reader maps (N, 28, 28, 1) to (N, 10)."
        )
    last = model.layers[-1]
    if getattr(last, "activation", None) is not keras.activations.softmax:
        raise ModelError(
            f"{path} does not end in a layer with softmax, so has no logits to export."
        )
    return model


def _convert(source: keras.Model, scratch: Path) -> onnx.ModelProto:
    """The ONNX of a copy of `source` that ends without its softmax."""
    last = source.layers[-1].name

    def unsquashed(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if layer.name == last:
            config["activation"] = "linear"
        return layer.__class__.from_config(config)

    clone = keras.models.clone_model(source, clone_function=unsquashed)
    clone.set_weights(source.get_weights())
    image = keras.InputSpec(shape=(None, 28, 28, 1), dtype="float32", name="image")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras looks for names that NumPy is about to drop
        clone.export(
            scratch, format="onnx", verbose=False, opset_version=OPSET, input_signature=[image]
        )
    proto = onnx.load(scratch)
    _rename(proto)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _rename(proto: onnx.ModelProto) -> None:
    """Name everything by its place, so that one Keras file always gives the same ONNX bytes.

    The batch becomes `N`, the output `logits`, the third node `relu_2` and kin; the converter
    counts up within a process instead.
    """
    graph = proto.graph
    names = {graph.input[0].name: "image", graph.output[0].name: "logits"}
    known = {tensor.name: tensor for tensor in graph.initializer}
    used = []
    for place, node in enumerate(graph.node):
        node.name = f"{node.op_type.lower()}_{place}"
        for slot, name in enumerate(node.input):
            if name in known and name not in names:
                names[name] = f"{node.name}_{slot}"
                used.append(known[name])
        for slot, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}_{slot}" if slot else node.name)
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    for tensor in used:
        tensor.name = names[tensor.name]
    del graph.initializer[:]
    graph.initializer.extend(used)
    for value, name in ((graph.input[0], "image"), (graph.output[0], "logits")):
        value.name = name
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    graph.name = "digits"
    graph.ClearField("value_info")
    graph.ClearField("doc_string")


def _compare(
    source: keras.Model, images: NDArray[np.float32], logits: NDArray[np.float32]
) -> tuple[float, float]:
    """(share of labels alike, largest difference of a probability); `ModelError` if too far."""
    expected = np.asarray(source.predict(images, batch_size=250, verbose=0))
    got = softmax(logits)
    agree = float((expected.argmax(axis=1) == got.argmax(axis=1)).mean())
    difference = float(np.abs(expected - got).max())
    if agree < 1 or not difference < TOLERANCE:
        raise ModelError(
            f"The exported model differs from Keras: {agree:.2%} of labels agree and "
            f"probabilities differ by up to {difference:.1e}. Nothing was written."
        )
    return agree, difference


def _describe(proto: onnx.ModelProto, name: str, version: str, calibration: Calibration) -> None:
    about = {
        "name": name,
        "version": version,
        "classes": CLASSES,
        "input_range": INPUT_RANGE,
        "temperature": repr(calibration.temperature),
        "accept_threshold": repr(calibration.accept_threshold),
        "energy_threshold": repr(calibration.energy_threshold),
        "licence": card.LICENCE,
    }
    onnx.helper.set_model_props(proto, about)


def _run(keras_path: Path) -> dict[str, Any]:
    try:
        run = json.loads((keras_path.parent / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
