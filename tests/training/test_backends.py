"""Training on PyTorch and JAX, each in a process of its own: Keras keeps one backend a process."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data import mnist
from inkdigits.evaluation.metrics import nll
from inkdigits.training.log import TrainingLog

pytestmark = pytest.mark.keras

#: A digit here is the place of a bar, which distortions would move.
ARGS = ("--epochs", "12", "--batch-size", "16", "--patience", "99", "--no-augment")


def lacking(module: str) -> str | None:
    """Why a test on this backend is left out; on CI it never is."""
    ci = os.environ.get("CI") == "true" and os.environ.get("INKDIGITS_ALLOW_SKIPS") != "1"
    return None if ci or importlib.util.find_spec(module) else f"{module} is not installed"


def python(*args: str, backend: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KERAS_BACKEND": backend, **env}
    return subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, check=False, env=environment
    )


def train(backend: str, npz: Path, out: Path, *args: str, **env: str) -> dict[str, object]:
    command = ["-m", "inkdigits", "train", "nano", "--source", str(npz), "--out", str(out)]
    done = python(*command, "--json", *args, backend=backend, **env)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(lacking("torch") is not None, reason=str(lacking("torch")))
def test_pytorch_trains_and_resumes_what_tensorflow_can_read(npz: Path, tmp_path: Path) -> None:
    import keras

    out = tmp_path / "run"
    args = (*ARGS, "--precision", "bfloat16")
    answer = train("torch", npz, out, *args)
    assert json.loads((out / "config.json").read_text())["backend"] == "torch"
    assert train("torch", npz, out, "--resume")["epochs"] == 12
    assert TrainingLog(out).rows[-1]["accuracy"] > 0.9

    assert keras.backend.backend() == "tensorflow"
    network = keras.models.load_model(out / "nano.keras")
    validation = mnist.load(npz).validation
    guessed = network.predict(validation.images[..., None] / np.float32(255), verbose=0)
    right = float((guessed.argmax(axis=1) == validation.truth).mean())
    # a run is validated in the precision that it is trained in
    assert right == pytest.approx(answer["val_accuracy"], abs=0.03)
    assert nll(guessed, validation.truth) == pytest.approx(answer["val_loss"], rel=0.1)


@pytest.mark.skipif(lacking("torch") is not None, reason=str(lacking("torch")))
def test_the_fused_layers_answer_and_learn_as_keras_own() -> None:
    script = """
        import keras, numpy as np
        from inkdigits.training import fused, networks
        from keras import ops

        network = networks.build("classic")
        copy = fused.twin(network)
        kinds = {type(layer).__name__ for layer in copy.layers}
        wanted = ("Conv2D", "BatchNormalization", "MaxPooling2D", "Dropout")
        assert {f"Fused{kind}" for kind in wanted} <= kinds, kinds
        rng = np.random.default_rng(0)
        images = rng.random((16, 28, 28, 1), np.float32)
        for name in ("block1_drop", "block2_drop", "hidden_drop"):
            for model in (network, copy):
                model.get_layer(name).rate = 0
        for model in (network, copy):  # batch statistics are taken up alike
            for _ in range(3):
                model(images, training=True)
        for ours, theirs in zip(copy.get_weights(), network.get_weights()):
            # PyTorch takes up the unbiased variance; over 16 x 28 x 28 pixels it is the same
            np.testing.assert_allclose(ours, theirs, rtol=0.08, atol=1e-4)
        network.set_weights(copy.get_weights())
        for training in (False, True):
            both = [ops.convert_to_numpy(m(images, training=training)) for m in (network, copy)]
            np.testing.assert_allclose(*both, atol=1e-4)

        drop = fused.FusedDropout(0.25)
        many = np.asarray(ops.convert_to_numpy(drop(ops.ones((1000, 100)), training=True)))
        np.testing.assert_allclose(np.unique(many), [0, 4 / 3], rtol=1e-6)
        assert abs((many == 0).mean() - 0.25) < 0.006
        assert (ops.convert_to_numpy(drop(ops.ones((10, 10)))) == 1).all()
        stem = keras.layers.Conv2D(3, 6, 2, padding="same", use_bias=False)
        strided = keras.Sequential([keras.Input((28, 28, 1)), stem])
        assert type(fused.twin(strided).layers[0]) is fused.FusedConv2D
        both = [ops.convert_to_numpy(m(images)) for m in (strided, fused.twin(strided))]
        np.testing.assert_allclose(*both, atol=1e-5)
        for side in (1, 3, 5, 7, 9, 11):
            pool = keras.layers.MaxPooling2D((side, 3), 1, padding="same")
            wide = keras.Sequential([keras.Input((28, 28, 1)), pool])
            assert type(fused.twin(wide).layers[0]) is fused.FusedDilation2D
            both = [ops.convert_to_numpy(m(images - 0.5)) for m in (wide, fused.twin(wide))]
            np.testing.assert_array_equal(*both)
        for name in ("standard", "nano", "micro"):
            network = networks.build(name)
            both = [ops.convert_to_numpy(m(images)) for m in (network, fused.twin(network))]
            np.testing.assert_allclose(*both, atol=1e-5)
        pool = keras.layers.MaxPooling2D(padding="same")
        padded = keras.Sequential([keras.Input((5, 5, 1)), pool])
        assert type(fused.twin(padded).layers[0]) is keras.layers.MaxPooling2D
        even = keras.layers.Conv2D(3, 2, padding="same", activation="gelu")
        lopsided = keras.Sequential([keras.Input((5, 5, 1)), even])
        assert type(fused.twin(lopsided).layers[0]) is keras.layers.Conv2D
        other = keras.layers.Conv2D(3, 5, padding="same", activation="gelu", use_bias=False)
        wide = keras.Sequential([keras.Input((9, 9, 1)), other])
        assert type(fused.twin(wide).layers[0]) is fused.FusedConv2D
        some = rng.random((2, 9, 9, 1), np.float32)
        both = [ops.convert_to_numpy(m(some)) for m in (wide, fused.twin(wide))]
        np.testing.assert_allclose(*both, atol=1e-5)
        assert fused.best_precision() in ("float32", "bfloat16")
    """
    done = python("-c", textwrap.dedent(script), backend="torch")
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(lacking("jax") is not None, reason=str(lacking("jax")))
def test_two_devices_share_each_batch(npz: Path, tmp_path: Path) -> None:
    two = "--xla_force_host_platform_device_count=2"
    args = (*ARGS, "--limit", "320", "--devices", "2")
    answer = train("jax", npz, tmp_path / "two", *args, XLA_FLAGS=two)
    assert json.loads((tmp_path / "two" / "config.json").read_text())["backend"] == "jax"
    assert answer["epochs"] == 12
    assert TrainingLog(tmp_path / "two").rows[-1]["accuracy"] > 0.9

    odd = [*("-m", "inkdigits", "train", "--source", str(npz), "--out", str(tmp_path / "odd"))]
    done = python(*odd, "--batch-size", "33", "--devices", "2", backend="jax", XLA_FLAGS=two)
    assert done.returncode == 1
    assert "33 images cannot be shared equally among 2 devices" in done.stderr
    done = python(*odd, "--devices", "9", backend="jax", XLA_FLAGS=two)
    assert "There are 2 devices, not 9" in done.stderr
    assert not (tmp_path / "odd").exists()
