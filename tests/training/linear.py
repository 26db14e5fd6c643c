"""Linear digit readers as ONNX files: quick to make, each of its own mind."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def saved(
    path: Path,
    seed: int,
    *,
    skill: float = 3,
    noise: float = 0.03,
    temperature: float = 1,
    opset: int = 17,
    ir: int = 8,
) -> Path:
    """A reader of the made-up bars, the better the more `skill` and the less `noise` it has.

    All seeds give graphs of the same names, so that merging them must tell them apart.
    """
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(seed).normal(0, noise, (28, 28, 10)).astype(np.float32)
    for digit in range(10):
        weights[6:22, 4 + 2 * digit, digit] += skill / 16
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["temperature"], "flat"),  # a name to trip over
            helper.make_node("MatMul", ["temperature", "w"], ["logits"], "product"),
        ],
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 28, 28, 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(weights.reshape(784, 10), "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    helper.set_model_props(model, {"name": f"linear{seed}", "temperature": str(temperature)})
    path.write_bytes(model.SerializeToString())
    return path
