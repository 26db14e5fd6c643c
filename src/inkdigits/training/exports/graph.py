"""The ONNX graph of a trained network.

In: a Keras model that ends in a softmax. Out: an ONNX model without it, whose bytes depend on the
network only. Knows nothing of calibration, of quantisation or of where the file goes.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import keras
import onnx

from inkdigits.model import CLASSES, INPUT_RANGE
from inkdigits.training.calibrate import Calibration
from inkdigits.training.exports import card

OPSET = 17


def convert(network: keras.Model, scratch: Path) -> onnx.ModelProto:
    """The graph of a copy of `network` that ends without its softmax.

    Args:
        network: (N, 28, 28, 1) in [0, 1] to ten probabilities.
        scratch: a file to overwrite.

    Returns:
        `image` (N, 28, 28, 1) float32 to `logits` (N, 10) float32.
    """
    last = network.layers[-1].name

    def suited(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if layer.name == last:
            config["activation"] = "linear"
        elif config.get("activation") == "gelu":
            config["activation"] = _gelu
        return layer.__class__.from_config(config)

    clone = keras.models.clone_model(network, clone_function=suited)
    clone.set_weights(network.get_weights())
    image = keras.InputSpec(shape=(None, 28, 28, 1), dtype="float32", name="image")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras looks for names that NumPy is about to drop
        clone.export(
            scratch, format="onnx", verbose=False, opset_version=OPSET, input_signature=[image]
        )
    proto = onnx.load(scratch)
    rename(proto, "image", "digits")
    onnx.checker.check_model(proto, full_check=True)
    return proto


def describe(proto: onnx.ModelProto, name: str, version: str, calibration: Calibration) -> None:
    """Write into the model's metadata what `Model.load` reads from it."""
    about = {
        "name": name,
        "version": version,
        "classes": CLASSES,
        "input_range": INPUT_RANGE,
        "temperature": repr(calibration.temperature),
        "accept_threshold": repr(calibration.accept_threshold),
        "energy_threshold": repr(calibration.energy_threshold),
        "coverage_thresholds": json.dumps(calibration.coverage_by_level),
        "licence": card.LICENCE,
    }
    onnx.helper.set_model_props(proto, about)


def _gelu(x: Any) -> Any:
    """GELU (Hendrycks & Gimpel 2016) of the error function; ONNX lacks its complement, erfc."""
    return 0.5 * x * (1 + keras.ops.erf(x * 0.5**0.5))


def rename(proto: onnx.ModelProto, image: str, graph_name: str) -> None:
    """Name everything by its place, so that one Keras file always gives the same ONNX bytes.

    The input becomes `image`, the batch `N`, the output `logits`, the third node `relu_2` and
    kin; the converter counts up within a process instead.
    """
    graph = proto.graph
    names = {graph.input[0].name: image, graph.output[0].name: "logits"}
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
    for value, name in ((graph.input[0], image), (graph.output[0], "logits")):
        value.name = name
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    graph.name = graph_name
    graph.ClearField("value_info")
    graph.ClearField("doc_string")
