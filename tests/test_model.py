from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from inkdigits import ArrayError, ModelError
from inkdigits.model import Model, shipped

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WEIGHTS = np.random.default_rng(0).normal(0, 0.1, (784, 10)).astype(np.float32)


def build(
    path: Path,
    *,
    shape: tuple[int | str, ...] = ("N", 28, 28, 1),
    width: int = 10,
    opset: int = 17,
    **metadata: str,
) -> Path:
    """A linear digit reader, saved."""
    weights = WEIGHTS[:, :width]
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("MatMul", ["flat", "w"], ["y"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", width])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, metadata)
    path.write_bytes(model.SerializeToString())
    return path


def add_card(path: Path, **changes: object) -> None:
    """A card beside the model, true unless changed."""
    image = np.zeros(784, np.uint8)
    image[300:330] = 255
    card = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "golden": {
            "image": base64.b64encode(image.tobytes()).decode(),
            "logits": (image / np.float32(255) @ WEIGHTS).tolist(),
        },
    }
    path.with_suffix(".json").write_text(json.dumps(card | changes), encoding="utf-8")


def test_standard_is_what_is_loaded_where_nothing_is_asked() -> None:
    assert Model.load().info == Model.load("standard").info


@pytest.mark.parametrize("name", ["standard", "classic", "nano", "micro", "ensemble"])
def test_the_shipped_models_load(name: str) -> None:
    assert name in shipped()
    info = Model.load(name).info
    assert info.name == name
    assert 0.2 < info.temperature < 5
    assert 0.5 <= info.accept_threshold < 1
    assert len(info.sha256) == 64


def test_logits_are_the_models(tmp_path: Path) -> None:
    model = Model.load(build(tmp_path / "tiny.onnx"))
    x = np.random.default_rng(1).random((1100, 28, 28, 1), np.float32)
    np.testing.assert_allclose(model.logits(x), x.reshape(-1, 784) @ WEIGHTS, atol=1e-4)
    assert model.logits(x[:0]).shape == (0, 10)
    with pytest.raises(ArrayError):
        model.logits(x[..., 0])


def test_metadata_is_read_and_defaults_fill_in(tmp_path: Path) -> None:
    said = Model.load(
        build(
            tmp_path / "a.onnx",
            name="mine",
            version="3",
            temperature="1.5",
            accept_threshold="0.9",
            energy_threshold="-2",
        )
    ).info
    assert (said.name, said.version, said.temperature) == ("mine", "3", 1.5)
    assert (said.accept_threshold, said.energy_threshold) == (0.9, -2)
    silent = Model.load(build(tmp_path / "b.onnx")).info
    assert (silent.name, silent.version, silent.temperature) == ("b", "0", 1)
    assert (silent.accept_threshold, silent.energy_threshold) == (0.5, None)


def test_coverage_is_read_in_order(tmp_path: Path) -> None:
    said = '{"0.99": 0.001, "0.9": 0.98}'
    path = build(tmp_path / "a.onnx", coverage_thresholds=said)
    assert Model.load(path).info.coverage == ((0.9, 0.98), (0.99, 0.001))
    for number, silent in enumerate(("", "{}")):
        path = build(tmp_path / f"{number}.onnx", coverage_thresholds=silent)
        assert Model.load(path).info.coverage == ()
    assert Model.load(build(tmp_path / "b.onnx")).info.coverage == ()


@pytest.mark.parametrize(
    "said",
    [
        *("[]", "7", "{", "null", '{"0.9": "high"}', '{"high": 0.9}', '{"0.9": [0.1]}'),
        *('{"0.9": NaN}', '{"1": 0.5}', '{"0": 0.5}', '{"0.9": 1.5}', '{"0.9": -0.1}'),
        *('{"0.9": 0.5, "0.99": 0.6}', '{"0.9": 0.5, "0.90": 0.4}', "[" * 100_000),
    ],
)
def test_senseless_coverage_is_refused(said: str, tmp_path: Path) -> None:
    path = build(tmp_path / "odd.onnx", coverage_thresholds=said)
    with pytest.raises(ModelError, match="coverage"):
        Model.load(path)


def test_a_true_card_is_accepted(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    add_card(path)
    assert Model.load(path).info.name == "tiny"


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    add_card(path)
    data = bytearray(path.read_bytes())
    data[-300] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ModelError, match="SHA-256 differs"):
        Model.load(path)


def test_a_golden_answer_that_is_not_reproduced_is_noticed(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    image = base64.b64encode(bytes(784)).decode()
    add_card(path, golden={"image": image, "logits": [1.0] * 10})
    with pytest.raises(ModelError, match="does not reproduce"):
        Model.load(path)


@pytest.mark.parametrize("card", ["", "[]", "{", "\xff"])
def test_an_unreadable_card_is_refused(card: str, tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    path.with_suffix(".json").write_text(card, encoding="latin-1")
    with pytest.raises(ModelError, match="card"):
        Model.load(path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shape": ("N", 1, 28, 28)}, "takes float32"),
        ({"shape": (1, 28, 28, 1)}, "takes float32"),
        ({"shape": ("N", 784)}, "takes float32"),
        ({"width": 9}, "answers"),
    ],
)
def test_another_shape_is_refused(options: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=words):
        Model.load(build(tmp_path / "odd.onnx", **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["temperature", "accept_threshold", "energy_threshold"])
@pytest.mark.parametrize("value", ["nan", "hot"])
def test_senseless_metadata_is_refused(key: str, value: str, tmp_path: Path) -> None:
    path = build(tmp_path / "odd.onnx", **{key: value})  # type: ignore[arg-type]
    with pytest.raises(ModelError):
        Model.load(path)


@pytest.mark.parametrize("content", [b"", b"seven", b"\x08\x08" * 40, bytes(1000)])
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        Model.load(path)


def test_operators_of_the_future_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Model.load(build(tmp_path / "new.onnx", opset=999))
    assert str(caught.value).count("\n") == 0
    assert "new.onnx" in str(caught.value)


def test_a_truncated_model_is_refused(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(ModelError):
        Model.load(path)


@pytest.mark.parametrize("given", ["nope", "nope.onnx", "../classic", "a/b.onnx"])
def test_a_missing_model_is_said(given: str) -> None:
    with pytest.raises(ModelError):
        Model.load(given)


def test_a_keras_file_is_pointed_to_export(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="inkdigits export"):
        Model.load(tmp_path / "classic.keras")


def test_weights_kept_in_another_file_are_refused(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    whole = onnx.load(path)
    onnx.save(whole, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    with pytest.raises(ModelError, match="another file"):
        Model.load(path)


def test_probabilities_are_not_taken_for_logits(tmp_path: Path) -> None:
    path = build(tmp_path / "tiny.onnx")
    model = onnx.load(path)
    model.graph.node[-1].output[0] = "z"
    model.graph.node.append(helper.make_node("Softmax", ["z"], ["y"]))
    onnx.save(model, path)
    with pytest.raises(ModelError, match="probabilities, not logits"):
        Model.load(path)


def test_a_shipped_model_must_have_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    build(tmp_path / "models" / "tiny.onnx")
    monkeypatch.setattr("inkdigits.modelfile.resources.files", lambda _: tmp_path)
    assert shipped() == ("tiny",)
    with pytest.raises(ModelError, match="no card"):
        Model.load("tiny")
