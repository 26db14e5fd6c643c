from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits import InkdigitsError
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist

pytestmark = pytest.mark.keras


@pytest.fixture
def small(make_digits: Callable[..., Digits]) -> Mnist:
    return Mnist(make_digits(256, 1), make_digits(64, 2), make_digits(10, 3))


def trained(small: Mnist, folder: Path, **changes: Any) -> Path:
    from inkdigits.training.fit import train
    from inkdigits.training.recipe import Recipe

    asked = Recipe("nano", **{"epochs": 2, "batch_size": 64, "augment": False, **changes})
    return train(asked, small, folder)


def test_a_blend_has_the_mean_of_the_weights_and_statistics_of_its_own(
    small: Mnist, tmp_path: Path
) -> None:
    import keras

    from inkdigits.training.blend import blend

    start = trained(small, tmp_path / "before")
    run = trained(small, tmp_path / "after", start=str(start), seed=7).parent
    made = blend(start, run, 0.25, tmp_path / "between", small)
    before, after, between = (
        keras.models.load_model(path, compile=False) for path in (start, run / "nano.keras", made)
    )
    kernel = before.get_layer("block1_conv1").kernel.shape
    assert kernel == between.get_layer("block1_conv1").kernel.shape
    for one, other, mean in zip(
        before.trainable_weights, after.trainable_weights, between.trainable_weights, strict=True
    ):
        expected = 0.75 * np.asarray(one) + 0.25 * np.asarray(other)
        np.testing.assert_allclose(np.asarray(mean), expected, atol=1e-6)
    # the first statistics are those of the first convolution's answers to what was learnt
    x = small.train.images[..., None].astype(np.float32) / 255
    answers = keras.Model(between.inputs, between.get_layer("stem").output).predict(x, verbose=0)
    found = np.asarray(between.get_layer("stem_bn").moving_mean)
    np.testing.assert_allclose(found, answers.mean(axis=(0, 1, 2)), atol=1e-3)
    config = json.loads((made.parent / "config.json").read_text())
    assert config["blend"] == {"with": "before/nano.keras", "share": 0.25}
    with pytest.raises(InkdigitsError, match="already holds a run"):
        blend(start, run, 0.25, tmp_path / "between", small)


def test_networks_of_two_kinds_do_not_mix(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training import networks
    from inkdigits.training.blend import blend

    run = trained(small, tmp_path / "run", epochs=1).parent
    networks.build("micro").save(tmp_path / "micro.keras")
    with pytest.raises(InkdigitsError, match="different kinds"):
        blend(tmp_path / "micro.keras", run, 0.5, tmp_path / "out", small)
    assert not (tmp_path / "out").exists()
