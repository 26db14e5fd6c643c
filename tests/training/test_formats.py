from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import ArrayError, ModelError
from inkdigits.decode import softmax
from inkdigits.model import Model
from inkdigits.training import formats

pytestmark = pytest.mark.keras

Network = Callable[..., Any]
SHIPPED = Path(__file__).parents[2] / "src" / "inkdigits" / "models" / "classic.onnx"


@pytest.fixture(scope="module")
def network() -> Network:
    """Makes a tiny network, (28, 28, 1) to ten answers."""

    def make(activation: str | None = "softmax", outputs: int = 10) -> Any:
        import keras

        keras.utils.set_random_seed(3)
        return keras.Sequential(
            [
                keras.Input((28, 28, 1), name="image"),
                keras.layers.Conv2D(4, 3, strides=3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(outputs, activation=activation),
            ]
        )

    return make


@pytest.fixture(scope="module")
def folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same tiny network in every format, called `tiny`."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("formats")
    tiny = network()
    tiny.save(folder / "tiny.keras")
    tiny.save(folder / "tiny.h5")
    tiny.save_weights(folder / "tiny.weights.h5")
    tiny.export(folder / "tiny", verbose=False)
    network(None).save(folder / "logits.keras")
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "tiny"))
    (folder / "tiny.tflite").write_bytes(converter.convert())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in _images(64))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    (folder / "float_ends.tflite").write_bytes(converter.convert())
    for kind in (tf.int8, tf.uint8):
        converter.inference_input_type = converter.inference_output_type = kind
        (folder / f"{kind.name}.tflite").write_bytes(converter.convert())
    return folder


def _images(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, 28, 28, 1), np.float32)


@pytest.fixture(scope="module")
def expected(network: Network) -> NDArray[np.float32]:
    """What the tiny network answers to `_images(600)`: more than one batch."""
    return np.asarray(network().predict(_images(600), verbose=0))


@pytest.mark.parametrize("name", ["tiny.keras", "tiny.h5", "tiny", "tiny.tflite"])
def test_every_format_answers_alike(name: str, folder: Path, expected: NDArray[np.float32]) -> None:
    model = formats.load(folder / name)
    logits = model.logits(_images(600))
    assert logits.shape == (600, 10)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(softmax(logits), expected, atol=1e-5)
    np.testing.assert_allclose(softmax(model.logits(_images(600)[:1])), expected[:1], atol=1e-5)
    assert model.logits(_images(0)).shape == (0, 10)


@pytest.mark.parametrize("kind", ["int8", "uint8"])
def test_quantised_ends_are_scaled(kind: str, folder: Path, expected: NDArray[np.float32]) -> None:
    answers = np.exp(formats.load(folder / f"{kind}.tflite").logits(_images(600)))
    np.testing.assert_allclose(answers, expected, atol=0.03)
    assert np.abs(answers - expected).mean() < 0.005


def test_logits_are_left_as_they_are(folder: Path, expected: NDArray[np.float32]) -> None:
    logits = formats.load(folder / "logits.keras").logits(_images(600))
    assert logits.max() > 0  # no logarithm of a probability is
    np.testing.assert_allclose(softmax(logits), expected, atol=1e-5)


def test_a_probability_of_zero_has_a_finite_logit(network: Network, tmp_path: Path) -> None:
    import keras

    sure = network(None)
    kernel, bias = sure.layers[-1].get_weights()
    sure.layers[-1].set_weights([kernel, bias + np.eye(10)[7] * 1e4])
    # a softmax of its own, which is not looked behind
    keras.Model(sure.inputs, keras.layers.Softmax()(sure.outputs[0])).save(tmp_path / "sure.keras")
    logits = formats.load(tmp_path / "sure.keras").logits(_images(1))
    assert logits[0, 7] == 0
    assert logits[0, 0] == pytest.approx(np.log(1e-12))


def test_what_is_known_of_a_file(folder: Path, tmp_path: Path) -> None:
    info = formats.load(folder / "tiny.keras").info
    assert (info.name, info.version, info.temperature) == ("tiny", "0", 1)
    assert (info.accept_threshold, info.energy_threshold) == (0.5, None)
    assert info.path == folder / "tiny.keras"
    assert len(info.sha256) == 64


def test_a_folders_checksum_is_of_all_its_files(folder: Path, tmp_path: Path) -> None:
    first = formats.load(folder / "tiny").info.sha256
    copy = shutil.copytree(folder / "tiny", tmp_path / "copy")
    assert formats.load(copy).info.sha256 == first
    (copy / "assets" / "note").parent.mkdir(exist_ok=True)
    (copy / "assets" / "note").write_text("seven", encoding="utf-8")
    assert formats.load(copy).info.sha256 != first


def test_an_onnx_file_is_a_model() -> None:
    model = formats.load(SHIPPED)
    assert isinstance(model, Model)
    assert model.info == Model.load("classic").info


def test_loading_says_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("tiny.keras", "tiny", "tiny.tflite"):
        formats.load(folder / name)
    assert capfd.readouterr() == ("", "")


def test_floats_out_of_an_int8_model_are_probabilities_still(folder: Path) -> None:
    logits = formats.load(folder / "float_ends.tflite").logits(_images(50))
    assert logits.max() <= 0  # as logarithms of probabilities are, though these do not sum to 1


def test_another_batch_shape_is_refused(folder: Path) -> None:
    with pytest.raises(ArrayError):
        formats.load(folder / "tiny.tflite").logits(np.zeros((2, 28, 28), np.float32))


def test_weights_alone_are_told_apart(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds weights only: load them"):
        formats.load(folder / "tiny.weights.h5")
    renamed = Path(shutil.copy(folder / "tiny.weights.h5", tmp_path / "model.h5"))
    with pytest.raises(ModelError, match="holds weights only"):
        formats.load(renamed)


@pytest.mark.parametrize("name", ["tiny.keras", "tiny.h5", "tiny.tflite"])
@pytest.mark.parametrize("keep", [0, 7, 0.5, 0.98])
def test_a_damaged_file_is_refused(name: str, keep: float, folder: Path, tmp_path: Path) -> None:
    whole = (folder / name).read_bytes()
    damaged = tmp_path / name
    damaged.write_bytes(whole[: int(keep if keep >= 1 else keep * len(whole))])
    with pytest.raises(ModelError, match=r"tiny\.\w+ is not a \w+ model"):
        formats.load(damaged)


def test_a_damaged_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder / "tiny", tmp_path / "copy")
    (copy / "saved_model.pb").write_bytes(b"seven")
    with pytest.raises(ModelError, match="is damaged"):
        formats.load(copy)
    (copy / "saved_model.pb").unlink()
    with pytest.raises(ModelError, match=r"without a saved_model\.pb"):
        formats.load(copy)


@pytest.mark.parametrize("name", ["gone.keras", "gone.h5", "gone.tflite", "gone.onnx", "gone"])
def test_an_absent_file_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        formats.load(tmp_path / name)


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"seven")
    with pytest.raises(ModelError, match=r"model\.pt is of no known format"):
        formats.load(tmp_path / "model.pt")


@pytest.mark.parametrize("end", [".keras", ".h5", ".tflite", ""])
def test_what_reads_no_ten_digits_is_refused(end: str, network: Network, tmp_path: Path) -> None:
    import tensorflow as tf

    path, eleven = tmp_path / f"letters{end}", network(outputs=11)
    if end == ".tflite":
        path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(eleven).convert())
    elif end:
        eleven.save(path)
    else:
        eleven.export(path, verbose=False)
    with pytest.raises(ModelError, match=r"letters.* a digit reader maps float32"):
        formats.load(path)


def test_a_keras_file_answers_what_stands_before_its_softmax(
    network: Network, tmp_path: Path
) -> None:
    made, path = network(), tmp_path / "tiny.keras"
    made.save(path)
    kernel, bias = made.layers[-1].get_weights()
    made.layers[-1].set_weights([kernel, bias + 7])  # which no softmax notices
    x = np.random.default_rng(1).random((8, 28, 28, 1), np.float32)
    before, after = formats.load(path).logits(x), formats.of_network(made, path).logits(x)
    np.testing.assert_allclose(after - before, 7, atol=1e-4)
    np.testing.assert_allclose(softmax(before), made.predict(x, verbose=0), atol=1e-5)
