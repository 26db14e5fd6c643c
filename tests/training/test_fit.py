from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits import InkdigitsError
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist

pytestmark = pytest.mark.keras


@pytest.fixture
def small(make_digits: Callable[..., Digits], quick: None) -> Mnist:
    return Mnist(make_digits(256, 1), make_digits(64, 2), make_digits(10, 3))


def recipe(**changes: Any) -> Any:
    from inkdigits.training.recipe import Recipe

    return replace(Recipe("nano", epochs=3, batch_size=64, augment=False), **changes)


def test_a_run_leaves_all_its_files_and_learns(small: Mnist, tmp_path: Path) -> None:
    import keras

    from inkdigits.training.fit import train

    best = train(recipe(epochs=12), small, tmp_path / "run")
    assert best == tmp_path / "run" / "nano.keras"
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "config.json",
        "training_log.csv",
        "learning_curve.png",
        "model_summary.txt",
        "architecture.png",
        "confusion.png",
        "nano.keras",
        "checkpoint.keras",
    }
    assert "4,030" in (tmp_path / "run" / "model_summary.txt").read_text(encoding="utf-8")
    log = (tmp_path / "run" / "training_log.csv").read_text(encoding="utf-8").splitlines()
    header = log[0].split(",")
    rows = [dict(zip(header, map(float, line.split(",")), strict=True)) for line in log[1:]]
    assert [row["epoch"] for row in rows] == list(range(1, 13))
    assert rows[-1]["accuracy"] > 0.9
    assert rows[-1]["loss"] < rows[0]["loss"]
    network = keras.models.load_model(best)
    answer = network.predict(np.zeros((2, 28, 28, 1), np.float32), verbose=0)
    np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)


def test_an_interrupted_run_goes_on_where_it_stopped(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import fit
    from inkdigits.training.log import TrainingLog

    append = TrainingLog.append

    def interrupted(self: Any, row: dict[str, float]) -> None:
        append(self, row)
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingLog, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit.train(recipe(), small, tmp_path / "run")
    monkeypatch.undo()
    fit.train(recipe(epochs=99), small, tmp_path / "run", resume=True)  # its own recipe counts
    log = (tmp_path / "run" / "training_log.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in log[1:]] == ["1", "2", "3"]
    rates = [float(line.split(",")[-1]) for line in log[1:]]
    assert rates[0] > rates[1] > rates[2]  # the schedule went on too


def test_a_run_killed_before_its_checkpoint_trains_no_epoch_twice(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    from inkdigits.training import checkpoint, fit

    replace_file = checkpoint._replace

    def killed(path: Path, save: Any) -> None:
        log = tmp_path / "run" / "training_log.csv"
        if path.name == "checkpoint.keras" and len(log.read_text().splitlines()) == 3:
            raise KeyboardInterrupt
        replace_file(path, save)

    monkeypatch.setattr(checkpoint, "_replace", killed)
    with pytest.raises(KeyboardInterrupt):
        fit.train(recipe(), small, tmp_path / "run")
    monkeypatch.undo()
    fit.train(recipe(), small, tmp_path / "run", resume=True)
    log = (tmp_path / "run" / "training_log.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in log[1:]] == ["1", "2", "3"]
    model = keras.models.load_model(tmp_path / "run" / "checkpoint.keras")
    assert int(model.optimizer.iterations) == 3 * 4  # 256 images in batches of 64


def test_a_run_that_stalls_stops_early(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    blank = Digits(np.zeros_like(small.train.images), small.train.labels)
    same = Mnist(blank, blank[:64], blank[:0])
    train(recipe(epochs=30, patience=2, learning_rate=1e-12), same, tmp_path / "run")
    log = (tmp_path / "run" / "training_log.csv").read_text(encoding="utf-8").splitlines()
    assert len(log) - 1 < 30


def test_a_folder_that_holds_a_run_is_not_overwritten(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    train(recipe(epochs=1, limit=64), small, tmp_path)
    with pytest.raises(InkdigitsError, match="--resume"):
        train(recipe(), small, tmp_path)


def test_nothing_to_resume_is_said(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    with pytest.raises(InkdigitsError, match="no run to resume"):
        train(recipe(), small, tmp_path / "empty", resume=True)


def test_an_unknown_network_leaves_no_folder(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    with pytest.raises(InkdigitsError, match="choose one of"):
        train(recipe(network="nope"), small, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_diverging_run_says_what_to_do(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    with pytest.raises(InkdigitsError, match="lower --learning-rate"):
        train(recipe(learning_rate=1e30), small, tmp_path / "run")


def test_the_config_tells_the_recipe(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training.fit import train

    train(recipe(epochs=1, limit=64, seed=5), small, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["recipe"]["seed"] == 5
    assert config["recipe"]["limit"] == 64


def test_a_run_learns_to_refuse(small: Mnist, tmp_path: Path) -> None:
    """Bars are digits, noise is none: the log-odds of a digit must tell them apart."""
    import keras

    from inkdigits.decode import energy_score
    from inkdigits.training import composition
    from inkdigits.training.composition import NOTHING, Composition
    from inkdigits.training.fit import train

    noise = np.random.default_rng(3).integers(0, 256, (1, 200, 28, 28), np.uint8)
    labels = np.full((1, 200), NOTHING, np.uint8)
    labels[0, :40] = small.train.truth[:40]
    noise[0, :40] = small.train.images[:40]
    made = Composition(noise, labels, np.zeros(200, np.int8))
    wild = tmp_path / "wild.npz"
    composition.save(wild, made, made, {"seed": 9})
    folder = tmp_path / "run"
    best = train(recipe(epochs=14, batch_size=16, wild=str(wild)), small, folder)
    assert json.loads((folder / "config.json").read_text())["wild"] == {"seed": 9}
    digits, outliers = composition.load_check(folder / composition.CHECK)
    assert len(digits) == 40
    network = keras.models.load_model(best)
    logits = keras.Model(network.inputs, _before_softmax(network))

    def odds(images: Any) -> Any:
        return energy_score(logits.predict(images[..., None] / 255, verbose=0))

    assert np.median(odds(digits.images)) > 0 > np.median(odds(outliers))
    answer = network.predict(np.zeros((2, 28, 28, 1), np.float32), verbose=0)
    assert answer.shape == (2, 10)


def _before_softmax(network: Any) -> Any:
    """The last layer's input through its weights alone."""
    from keras import ops

    last = network.layers[-1]
    return ops.matmul(last.input, last.kernel) + last.bias


def test_a_run_begins_with_the_weights_of_another(small: Mnist, tmp_path: Path) -> None:
    import keras

    from inkdigits.training.fit import train

    first = train(recipe(epochs=6), small, tmp_path / "first")
    log = (tmp_path / "first" / "training_log.csv").read_text().splitlines()
    ended = float(log[-1].split(",")[2])
    train(recipe(epochs=1, start=str(first), learning_rate=1e-6), small, tmp_path / "second")
    log = (tmp_path / "second" / "training_log.csv").read_text().splitlines()
    assert float(log[1].split(",")[2]) < 1.5 * ended + 0.1
    keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    ).save(tmp_path / "other.keras")
    with pytest.raises(InkdigitsError, match="cannot be begun with"):
        train(recipe(start=str(tmp_path / "other.keras")), small, tmp_path / "third")
