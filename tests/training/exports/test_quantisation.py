from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.tiny import tiny

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from inkdigits.training.exports import graph
    from inkdigits.training.exports.folding import fold

    return graph.convert(fold(tiny()), tmp_path_factory.mktemp("graph") / "float.onnx")


def _quantised(graph: Any, kind: str, folder: Path) -> Any:
    from inkdigits.training.exports.quantisation import quantise
    from inkdigits.training.noise import hushed

    images = np.random.default_rng(0).random((250, 28, 28, 1), np.float32)
    with hushed():
        return quantise(graph, kind, images=images, scratch=folder / "scratch.onnx")


def _tensors(model: Any) -> dict[str, np.ndarray[Any, Any]]:
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_int8_cannot_overflow_without_vnni(graph: Any, tmp_path: Path) -> None:
    tensors = _tensors(_quantised(graph, "int8", tmp_path))
    weights = [it for it in tensors.values() if it.dtype == np.int8 and it.ndim >= 2]
    assert len(weights) == 2  # the second convolution and the hidden layer
    for weight in weights:
        # two products of an unsigned activation and a weight are added in 16 bits
        assert 60 < np.abs(weight.astype(int)).max() <= 64
    assert any(scale.shape == (8,) for name, scale in tensors.items() if "scale" in name)


def test_int8_leaves_the_first_and_the_last_layer_alone(graph: Any, tmp_path: Path) -> None:
    made = _quantised(graph, "int8", tmp_path)
    makers = {node.output[0]: node.op_type for node in made.graph.node}
    fed = {
        node.name: [makers.get(name, "stored") for name in node.input[:2]]
        for node in made.graph.node
        if node.op_type in {"Conv", "MatMul"}
    }
    (first, *middle, last) = fed.values()
    assert "DequantizeLinear" not in (first[1], last[1])
    assert middle
    assert all(it == ["DequantizeLinear"] * 2 for it in middle)


def test_a_graph_that_normalises_as_it_runs_keeps_its_sums_float(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from inkdigits.training.exports import graph

    image = keras.Input((28, 28, 1), name="image")
    x = layers.Dense(16)(layers.Reshape((28, 28))(image))
    y = layers.LayerNormalization()(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 8)(y, y)])
    x = layers.Dense(16, activation="gelu")(x)
    answer = layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling1D()(x))
    network = keras.Model(image, answer)
    made = graph.convert(network, tmp_path / "float.onnx")
    assert {"Erf", "Sqrt"} <= {node.op_type for node in made.graph.node}
    quantised = _quantised(made, "int8", tmp_path)
    makers = {node.output[0]: node for node in quantised.graph.node}
    quantised_sums = 0
    for node in quantised.graph.node:
        source = makers.get(node.input[0])
        if node.op_type != "QuantizeLinear" or source is None or source.op_type == "MatMul":
            continue
        quantised_sums += 1
        (back,) = (it for it in quantised.graph.node if node.output[0] in it.input)
        users = [it.op_type for it in quantised.graph.node if back.output[0] in it.input]
        assert set(users) <= {"MatMul", "Reshape"}  # what a product takes, and nothing else
    assert quantised_sums


def test_float16_halves_the_file_and_computes_in_float32(graph: Any, tmp_path: Path) -> None:
    made = _quantised(graph, "float16", tmp_path)
    assert made.ByteSize() < 0.6 * graph.ByteSize()
    before, after = _tensors(graph), _tensors(made)
    for name, values in before.items():
        if values.dtype == np.float32 and values.size >= 64:
            np.testing.assert_array_equal(after[f"{name}_half"], values.astype(np.float16))
        else:
            np.testing.assert_array_equal(after[name], values)


def test_dynamic_keeps_convolutions_float(graph: Any, tmp_path: Path) -> None:
    made = _quantised(graph, "dynamic", tmp_path)
    kinds = [node.op_type for node in made.graph.node]
    assert kinds.count("Conv") == 2
    assert kinds.count("MatMulInteger") == 2
    assert "MatMul" not in kinds
    assert np.abs(_tensors(graph)["conv_1_1"]).max() > 0  # what was handed over is not emptied
