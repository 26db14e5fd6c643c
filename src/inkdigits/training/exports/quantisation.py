"""A float32 ONNX graph in fewer bits.

In: the graph, and for `int8` images to learn the ranges of its tensors from. Out: another graph
with the same input and output. Knows nothing of Keras or of how good the result is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization as ort

BATCH = 100
#: Tensors of fewer numbers than this are not worth a conversion.
LEAST_SIZE = 64


def quantise(
    graph: onnx.ModelProto, kind: str, *, images: NDArray[np.float32], scratch: Path
) -> onnx.ModelProto:
    """Quantise a graph.

    Args:
        graph: float32 throughout; it is not changed.
        kind: `int8`, `float16` or `dynamic`; see the functions below.
        images: (N, 28, 28, 1) in [0, 1], to find the ranges with; only `int8` looks at them.
        scratch: a file to overwrite.
    """
    made = onnx.ModelProto()
    made.CopyFrom(graph)  # what ONNX Runtime is handed, it empties
    if kind == "float16":
        _float16(made)
    elif kind == "dynamic":
        _dynamic(made, scratch)
        made = onnx.load(scratch)
    else:
        _int8(made, images, scratch)
        made = onnx.load(scratch)
    onnx.checker.check_model(made, full_check=True)
    return made


class _Images(ort.CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """Hands the calibration images over in batches."""

    def __init__(self, name: str, images: NDArray[np.float32]) -> None:
        starts = range(0, len(images), BATCH)
        self._batches: Iterator[dict[str, NDArray[np.float32]]] = (
            {name: images[start : start + BATCH]} for start in starts
        )

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next batch, or `None` after the last."""
        return next(self._batches, None)


def _int8(graph: onnx.ModelProto, images: NDArray[np.float32], scratch: Path) -> None:
    """Weights and activations in 8 bits, ranges fixed beforehand (Jacob et al., CVPR 2018).

    Weights have a scale for each output channel and use seven of their eight bits: processors
    without VNNI add two products of an unsigned and a signed byte in 16 bits, which 255 * 64 * 2
    = 32,640 just fits and 255 * 127 * 2 does not. What stays float: all before the first
    convolution, which costs little and would add its own rounding to every pixel; a convolution of
    a single channel, which is quicker so; and the last layer, whose logits would else come in steps
    too coarse for thresholds. A graph that normalises as it runs, as transformers do, has
    nothing but its products with weights quantised: its sums and norms would lose too much.
    """
    normalises = any(node.op_type == "Sqrt" for node in graph.graph.node)
    ort.quantize_static(
        graph,
        scratch,
        _Images(graph.graph.input[0].name, images),
        quant_format=ort.QuantFormat.QDQ,
        activation_type=ort.QuantType.QUInt8,
        weight_type=ort.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["Conv", "MatMul"] if normalises else None,
        nodes_to_exclude=[
            *_before_convolutions(graph),
            *_single_channel(graph),
            *_weightless(graph),
            *_last_layer(graph),
        ],
    )


def _dynamic(graph: onnx.ModelProto, scratch: Path) -> None:
    """Weights of matrix products in 8 bits (seven used, as above); activations as they come.

    Convolutions stay float: as ONNX Runtime does them, they are several times slower this way.
    An activation's range is found for a batch at a time, so an answer depends, a little, on the
    other images of its batch.
    """
    ort.quantize_dynamic(
        graph,
        scratch,
        op_types_to_quantize=["MatMul"],
        weight_type=ort.QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
    )


def _float16(made: onnx.ModelProto) -> None:
    """Weights stored in 16 bits, half the file; the runtime widens them once, as it loads.

    Processors have no use for 16-bit arithmetic here, so all computation stays float32.
    """
    kept, casts = [], []
    for tensor in made.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < LEAST_SIZE:
            kept.append(tensor)
            continue
        stored = f"{tensor.name}_half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), stored))
        cast = helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT)
        cast.name = f"{tensor.name}_cast"
        casts.append(cast)
    nodes = [*casts, *made.graph.node]
    for field, values in (("initializer", kept), ("node", nodes)):
        copies = [type(value).FromString(value.SerializeToString()) for value in values]
        made.graph.ClearField(field)
        getattr(made.graph, field).extend(copies)


def _before_convolutions(graph: onnx.ModelProto) -> list[str]:
    """The names of the nodes that stand before the first convolution; none where there is none."""
    nodes = graph.graph.node
    first = next((place for place, node in enumerate(nodes) if node.op_type == "Conv"), 0)
    return [node.name for node in nodes[:first]]


def _single_channel(graph: onnx.ModelProto) -> list[str]:
    """The names of the convolutions that see one channel (and are not depthwise)."""
    weights = {tensor.name: tensor.dims for tensor in graph.graph.initializer}

    def is_single(node: onnx.NodeProto) -> bool:
        groups = next((a.i for a in node.attribute if a.name == "group"), 1)
        return groups == 1 and list(weights.get(node.input[1], [0, 0]))[1] == 1

    return [node.name for node in graph.graph.node if node.op_type == "Conv" and is_single(node)]


def _weightless(graph: onnx.ModelProto) -> list[str]:
    """The names of the products of two activations."""
    weights = {tensor.name for tensor in graph.graph.initializer}
    products = (node for node in graph.graph.node if node.op_type == "MatMul")
    return [node.name for node in products if not weights.intersection(node.input)]


def _last_layer(graph: onnx.ModelProto) -> list[str]:
    """The names of the nodes from the last product of matrices to the output."""
    names = [node.name for node in graph.graph.node]
    products = [place for place, node in enumerate(graph.graph.node) if node.op_type == "MatMul"]
    return names[products[-1] :] if products else []
