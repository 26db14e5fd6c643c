from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import DataError, InkdigitsError, ModelError, Recognizer
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.decode import softmax
from inkdigits.model import Model
from inkdigits.training import formats
from inkdigits.training.exports.targets import FORMATS, QUANTISATIONS, Target
from tests.training import tiny

pytestmark = pytest.mark.keras

FLOAT = [Target(format_) for format_ in FORMATS]
QUANTISED = [Target(format_, kind) for format_ in ("onnx", "tflite") for kind in QUANTISATIONS]
CLASSIC = Path(__file__).parents[3] / "weights" / "classic.keras"


@pytest.fixture(scope="module")
def data(make_digits: Callable[..., Digits]) -> Mnist:
    return Mnist(make_digits(300, 1), make_digits(200, 2), make_digits(50, 3))


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory, data: Mnist) -> Path:
    return tiny.saved(data.train, tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, keras_file: Path, data: Mnist) -> Any:
    """The report of an export to everything."""
    from inkdigits.training.exports.export import export

    folder = tmp_path_factory.mktemp("exported")
    return export(keras_file, FLOAT + QUANTISED, folder, data=data, name="mine", version="4")


def _x(data: Mnist) -> NDArray[np.float32]:
    return (data.test.images[..., None] / 255).astype(np.float32)


@pytest.fixture(scope="module")
def expected(keras_file: Path, data: Mnist) -> NDArray[np.float32]:
    import keras

    return np.asarray(keras.models.load_model(keras_file).predict(_x(data), verbose=0))


@pytest.mark.parametrize("target", FLOAT + QUANTISED, ids=str)
def test_every_artefact_reads_as_keras_does(
    target: Target, exported: Any, expected: NDArray[np.float32], data: Mnist
) -> None:
    made = next(it for it in exported.artefacts if it.target == target)
    assert made.path.name == target.file_name("mine", "mine")
    assert made.agreement.checked == exported.checked == 200
    assert made.agreement.labels_agree == 1
    assert made.agreement.accuracy_change == 0
    size = [it.stat().st_size for it in made.path.rglob("*") if it.is_file()]
    assert made.bytes == (sum(size) if made.path.is_dir() else made.path.stat().st_size)
    if target.format == "weights":
        fresh = tiny.tiny()
        fresh.load_weights(made.path)
        got = np.asarray(fresh.predict(_x(data), verbose=0))
    else:
        got = softmax(formats.load(made.path).logits(_x(data)))
    off = 1e-4 if target.quantise is None else 0.05
    assert made.agreement.max_difference < off
    np.testing.assert_allclose(got, expected, atol=off)
    assert (got.argmax(axis=1) == data.test.truth).all()


@pytest.mark.parametrize("format_", ["onnx", "tflite"])
def test_quantised_files_are_smaller(format_: str, exported: Any) -> None:
    sizes = {
        it.target.quantise: it.bytes for it in exported.artefacts if it.target.format == format_
    }
    assert len(sizes) == 4
    assert max(size for kind, size in sizes.items() if kind) < sizes[None]


def test_nothing_but_the_artefacts_and_the_cards_is_left(exported: Any) -> None:
    folder = exported.artefacts[0].path.parent
    paths = {it.path for it in exported.artefacts} | {
        it.card for it in exported.artefacts if it.target.format == "onnx"
    }
    assert set(folder.iterdir()) == paths
    assert len(paths) == 16


def test_quantised_onnx_brings_its_own_calibration(exported: Any, data: Mnist) -> None:
    made = next(it for it in exported.artefacts if it.target == Target("onnx", "int8"))
    recognizer = Recognizer.load(made.path)
    info = Model.load(made.path).info
    assert (info.name, info.version) == ("mine-int8", "4")
    assert info.temperature == made.calibration.temperature
    assert info.energy_threshold == made.calibration.energy_threshold
    assert info.coverage == made.calibration.coverage != ()
    assert (recognizer.predict(data.test.images) == data.test.truth).all()
    plain = next(it for it in exported.artefacts if it.target == Target("onnx"))
    assert made.calibration != plain.calibration
    card = json.loads(made.card.read_text(encoding="utf-8"))
    assert card["quantisation"] == "int8"
    assert card["calibration"]["coverage_thresholds"] == made.calibration.coverage_by_level
    assert card["agreement"]["labels_agree"] == 1
    assert card["golden"]["tolerance"] == 0.5


def test_what_validated_a_run_in_the_wild_chooses_its_thresholds(
    keras_file: Path, data: Mnist, make_digits: Callable[..., Digits], tmp_path: Path
) -> None:
    from inkdigits.training.composition import CHECK, NOTHING, Composition, save_check
    from inkdigits.training.exports.export import export

    shutil.copy(keras_file, tmp_path / "tiny.keras")
    others = np.random.default_rng(1).integers(0, 255, (25, 28, 28), np.uint8)
    digits = make_digits(60, 9)
    images = np.concatenate([digits.images, others])
    labels = np.concatenate([digits.truth, np.full(25, NOTHING, np.uint8)])
    check = Composition(images[None], labels[None], np.zeros(85, np.int8))
    save_check(tmp_path / CHECK, check)
    (made,) = export(tmp_path / "tiny.keras", [Target("onnx")], data=data).artefacts
    found = made.calibration
    assert found is not None
    assert (found.size, found.outliers) == (len(data.validation) + 60, 25)
    info, model = Model.load(made.path).info, Recognizer.load(made.path)
    shown = model.classify_many(list(others))
    assert found.outliers_accepted == sum(it.accepted for it in shown) / 25
    assert info.energy_threshold == found.energy_threshold
    card = json.loads(made.card.read_text(encoding="utf-8"))  # type: ignore[union-attr]
    assert "60 digits as the wild has them, and 25 images of no digit" in card["calibration_data"]
    assert card["validation"]["outliers"] == 25

    (tmp_path / CHECK).write_bytes(b"PK")
    with pytest.raises(DataError, match=r"check\.npz is damaged"):
        export(tmp_path / "tiny.keras", [Target("onnx")], data=data)


def test_a_card_that_does_not_fit_its_quantised_model_is_noticed(
    exported: Any, tmp_path: Path
) -> None:
    made = next(it for it in exported.artefacts if it.target == Target("onnx", "int8"))
    shutil.copy(made.path, tmp_path)
    card = json.loads(made.card.read_text(encoding="utf-8"))
    card["golden"]["logits"][0] += 0.4
    (tmp_path / made.card.name).write_text(json.dumps(card), encoding="utf-8")
    Model.load(tmp_path / made.path.name)
    card["golden"]["logits"][0] += 0.4
    (tmp_path / made.card.name).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelError, match="does not reproduce"):
        Model.load(tmp_path / made.path.name)


def test_the_report_is_json_ready(exported: Any) -> None:
    told = json.loads(json.dumps(exported.to_dict()))
    assert told["version"] == "4"
    assert told["accuracy"] == 1
    by_format = {(it["format"], it["quantise"]): it for it in told["artefacts"]}
    assert by_format["tflite", "int8"]["labels_agree"] == 1
    assert by_format["keras", None]["card"] is None
    assert by_format["onnx", None]["card"].endswith("mine.json")
    assert by_format["onnx", None]["calibration"]["size"] == 200


def test_the_saved_model_can_be_served(exported: Any, data: Mnist) -> None:
    import tensorflow as tf

    made = next(it for it in exported.artefacts if it.target == Target("savedmodel"))
    serve = tf.saved_model.load(str(made.path)).signatures["serving_default"]
    (answer,) = serve(tf.constant(_x(data))).values()
    assert (np.asarray(answer).argmax(axis=1) == data.test.truth).all()


def test_the_keras_file_needs_keras_only(exported: Any) -> None:
    made = next(it for it in exported.artefacts if it.target == Target("keras"))
    program = (
        "import sys; from tensorflow import keras; import numpy as np;"
        f"model = keras.models.load_model({str(made.path)!r});"
        "assert model.predict(np.zeros((1, 28, 28, 1)), verbose=0).shape == (1, 10);"
        "assert 'inkdigits' not in sys.modules"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_card_of_a_run_tells_how_it_was_made(
    keras_file: Path, data: Mnist, tmp_path: Path
) -> None:
    from inkdigits.training.exports.export import export

    recipe = {"network": "tiny", "limit": 100}
    about = {"recipe": recipe, "backend": "torch", "keras": "3.0"}
    (tmp_path / "config.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ModelError, match=r"has no tiny\.keras yet"):
        export(tmp_path, [Target("onnx")], data=data)
    shutil.copy(keras_file, tmp_path / "tiny.keras")
    report = export(tmp_path, [Target("onnx")], data=data)
    card = json.loads((tmp_path / "tiny.json").read_text(encoding="utf-8"))
    assert report.artefacts[0].path == tmp_path / "tiny.onnx"
    assert (card["name"], card["recipe"], card["backend"]) == ("tiny", recipe, "torch")
    assert card["training_data"].startswith("100 of")
    assert card["sha256"] == Model.load(tmp_path / "tiny.onnx").info.sha256
    assert card["quantisation"] is None
    assert "tolerance" not in card["golden"]
    assert set(card["files"]) == {"tiny.onnx", "tiny.keras"}


@pytest.mark.parametrize(
    ("limits", "target"), [("EXACT", Target("tflite")), ("QUANTISED", Target("onnx", "int8"))]
)
def test_a_model_that_disagrees_is_not_kept(
    limits: str,
    target: Target,
    keras_file: Path,
    data: Mnist,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from inkdigits.training.exports import agreement, artefacts
    from inkdigits.training.exports.export import export

    monkeypatch.setattr(artefacts, limits, agreement.Limits(1, -1.0, 0, "try another"))
    targets = [Target("keras"), target]  # the first one alone would be kept
    if limits == "EXACT":
        targets = [Target("onnx", "float16"), target]
    with pytest.raises(ModelError, match=rf"exported {target} is too far .*: try another\."):
        export(keras_file, targets, tmp_path / "out", data=data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("logits", "limits", "kept"),
    [
        ((0, 0), "EXACT", True),
        ((0, 1e-3), "EXACT", False),  # probabilities off, labels alike
        ((0, 1e-3), "QUANTISED", True),
        ((1, 0), "QUANTISED", True),  # 1 label of 1,000 off: 99.9 % agree, 0.1 points lost
        ((2, 0), "QUANTISED", False),  # 0.2 points lost
        ((0, np.nan), "QUANTISED", False),
    ],
)
def test_the_limits(logits: tuple[int, float], limits: str, kept: bool) -> None:
    from inkdigits.training.exports import agreement

    truth = (np.arange(1000) % 10).astype(np.uint8)
    right = np.eye(10, dtype=np.float32)[truth] * 8

    class Always:
        def predict(self, images: Any, **_: Any) -> Any:
            return softmax(right)

    yardstick = agreement.Yardstick(Always(), Digits(np.zeros((1000, 28, 28), np.uint8), truth))
    wrong, noise = logits
    answers = right.copy()
    answers[:wrong] = np.roll(answers[:wrong], 1, axis=1)
    answers[:, 3] *= 1 + noise * 200
    if kept:
        found = yardstick.hold(answers, getattr(agreement, limits), "it")
        assert found.labels_agree == 1 - wrong / 1000
        assert found.accuracy_change == pytest.approx(-wrong / 1000)
        return
    with pytest.raises(ModelError, match="The exported it is too far"):
        yardstick.hold(answers, getattr(agreement, limits), "it")


def test_int8_sees_training_images_and_nothing_else(
    keras_file: Path, data: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training.exports import quantisation, tflite
    from inkdigits.training.exports.export import export

    seen: list[NDArray[np.float32]] = []

    def watched(work: Callable[..., Any]) -> Callable[..., Any]:
        def watch(*args: Any, images: NDArray[np.float32], scratch: Path) -> Any:
            seen.append(images)
            return work(*args, images=images, scratch=scratch)

        return watch

    monkeypatch.setattr(quantisation, "quantise", watched(quantisation.quantise))
    monkeypatch.setattr(tflite, "convert", watched(tflite.convert))
    export(keras_file, [Target("onnx", "int8"), Target("tflite", "int8")], tmp_path, data=data)
    for images in seen:
        np.testing.assert_allclose(images[..., 0] * 255, data.train.images, atol=1e-4)
    assert len(seen) == 2


def test_the_same_keras_file_gives_the_same_bytes(
    keras_file: Path, data: Mnist, tmp_path: Path
) -> None:
    from inkdigits.training.exports.export import export

    for end in "ab":
        targets = [Target("onnx"), Target("onnx", "int8"), Target("onnx", "float16")]
        export(keras_file, targets, tmp_path / end, data=data)
    for name in ("tiny.onnx", "tiny-int8.onnx", "tiny-float16.onnx"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_weights_fit_the_network_they_belong_to(data: Mnist, tmp_path: Path) -> None:
    import keras

    from inkdigits.training import networks
    from inkdigits.training.exports.export import export

    report = export(CLASSIC, [Target("weights")], tmp_path, data=data)
    assert report.artefacts[0].path == tmp_path / "mnist_weights.weights.h5"
    fresh = networks.build("classic")
    fresh.load_weights(tmp_path / "mnist_weights.weights.h5")
    theirs = keras.models.load_model(CLASSIC, compile=False)
    for ours, trained in zip(fresh.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, trained)


@pytest.mark.data
def test_the_trained_network_survives_eight_bits(mnist: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.exports.export import export

    few = Mnist(mnist.train[:300], mnist.validation[:1000], mnist.test[:0])
    report = export(CLASSIC, [Target(it, "int8") for it in ("onnx", "tflite")], tmp_path, data=few)
    for made in report.artefacts:
        assert made.bytes < 250_000
        assert made.agreement.labels_agree >= 0.998
        assert made.agreement.accuracy > 0.99


@pytest.mark.parametrize("content", [b"", b"seven"])
def test_what_is_no_keras_file_is_refused(content: bytes, data: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.exports.export import export

    path = tmp_path / "bad.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.keras"):
        export(path, [Target("onnx")], data=data)
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_without_softmax_is_refused(data: Mnist, tmp_path: Path) -> None:
    import keras

    from inkdigits.training.exports.export import export

    path = tmp_path / "logits.keras"
    stack = [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    keras.Sequential(stack).save(path)
    with pytest.raises(ModelError, match="does not end in a layer with softmax"):
        export(path, [Target("onnx")], data=data)


def test_a_folder_that_is_no_run_is_refused(data: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.exports.export import export

    with pytest.raises(ModelError, match=r"is not the folder of a run: give one, or a \.keras"):
        export(tmp_path, [Target("onnx")], data=data)


def test_without_validation_images_nothing_can_be_checked(
    keras_file: Path, data: Mnist, tmp_path: Path
) -> None:
    from inkdigits.training.exports.export import export

    with pytest.raises(DataError, match="300 images are too few to check with"):
        export(keras_file, [Target("onnx")], data=Mnist(data.train, data.test[:0], data.test))


def test_what_cannot_be_converted_is_said_in_one_sentence(
    keras_file: Path, data: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training.exports import graph
    from inkdigits.training.exports.export import export

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("No Op registered for Seven\n\n==> Context: long")

    monkeypatch.setattr(graph, "convert", fail)
    with pytest.raises(ModelError) as refusal:
        export(keras_file, [Target("onnx")], tmp_path / "out", data=data)
    assert str(refusal.value) == (
        f"{keras_file} could not be exported to onnx: No Op registered for Seven"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), RuntimeError("SaveV2: No space left on device")],
)
def test_a_full_disk_is_said(
    error: Exception,
    keras_file: Path,
    data: Mnist,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import onnx

    from inkdigits.training.exports.export import export

    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(onnx, "save", full)
    with pytest.raises(InkdigitsError, match=r"cannot be written \(No space left on device\)"):
        export(keras_file, [Target("keras"), Target("onnx")], tmp_path / "out", data=data)
    assert not (tmp_path / "out").exists()


def test_weights_alone_are_no_source(exported: Any, data: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.exports.export import export

    made = next(it for it in exported.artefacts if it.target == Target("weights"))
    with pytest.raises(ModelError, match="holds weights only"):
        export(made.path, [Target("onnx")], tmp_path / "out", data=data)
