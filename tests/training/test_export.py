from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits import ModelError
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.decode import softmax
from inkdigits.model import Model

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def data(make_digits: Callable[..., Digits]) -> Mnist:
    return Mnist(make_digits(300, 1), make_digits(200, 2), make_digits(10, 3))


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory, data: Mnist) -> Path:
    from inkdigits.training.fit import Recipe, train

    folder = tmp_path_factory.mktemp("export") / "run"
    return train(Recipe(epochs=8, batch_size=32, augment=False), data, folder)


def test_onnx_answers_as_keras_does(keras_file: Path, data: Mnist, tmp_path: Path) -> None:
    import keras

    from inkdigits.training.export import to_onnx

    report = to_onnx(keras_file, tmp_path / "mine.onnx", data=data, version="4", name="mine")
    assert report.labels_agree == 1
    assert report.max_difference < 1e-4
    model = Model.load(tmp_path / "mine.onnx")
    assert (model.info.name, model.info.version) == ("mine", "4")
    x = data.test.images[..., None].astype(np.float32) / np.float32(255)
    theirs = keras.models.load_model(keras_file).predict(x, verbose=0)
    np.testing.assert_allclose(softmax(model.logits(x)), theirs, atol=1e-4)


def test_the_card_tells_how_it_was_made(keras_file: Path, data: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.export import to_onnx

    to_onnx(keras_file, tmp_path / "classic.onnx", data=data, version="1", name="classic")
    card: dict[str, Any] = json.loads((tmp_path / "classic.json").read_text(encoding="utf-8"))
    assert card["name"] == "classic"
    assert card["parameters"] == 213_354
    assert card["sha256"] == Model.load(tmp_path / "classic.onnx").info.sha256
    assert len(card["golden"]["logits"]) == 10
    assert "/" not in json.dumps(card["recipe"])


def test_a_model_that_disagrees_is_not_kept(
    keras_file: Path, data: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import export

    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(ModelError):
        export.to_onnx(keras_file, tmp_path / "m.onnx", data=data, version="1", name="m")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"seven"])
def test_what_is_no_keras_file_is_refused(content: bytes, data: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.export import to_onnx

    path = tmp_path / "bad.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"bad\.keras"):
        to_onnx(path, tmp_path / "m.onnx", data=data, version="1", name="m")
    assert not (tmp_path / "m.onnx").exists()


def test_the_same_keras_file_gives_the_same_bytes(
    keras_file: Path, data: Mnist, tmp_path: Path
) -> None:
    from inkdigits.training.export import to_onnx

    paths = [tmp_path / end / "m.onnx" for end in "ab"]
    for path in paths:
        to_onnx(keras_file, path, data=data, version="1", name="m")
    assert paths[0].read_bytes() == paths[1].read_bytes()
