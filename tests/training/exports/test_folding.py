from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.training.tiny import tiny

pytestmark = pytest.mark.keras


def _shaken(network: Any) -> Any:
    """The network with normalisations as training leaves them, far from one and zero."""
    import keras

    rng = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = (
                rng.uniform(0.3, 2, w.shape) for w in layer.get_weights()
            )
            layer.set_weights([gamma, beta - 1, mean, variance])
    return network


def _kinds(network: Any) -> list[str]:
    return [type(layer).__name__ for layer in network.layers]


def _answers(network: Any) -> np.ndarray[Any, Any]:
    images = np.random.default_rng(2).random((50, 28, 28, 1), np.float32)
    return np.asarray(network.predict(images, verbose=0))


def test_the_answers_stay_and_the_work_shrinks() -> None:
    from inkdigits.training.exports.folding import fold

    network = _shaken(tiny())
    before = _answers(network)
    assert before.std() > 0.05  # not the same for all images
    folded = fold(network)
    np.testing.assert_allclose(_answers(folded), before, atol=1e-5)
    np.testing.assert_array_equal(_answers(network), before)
    # the first one has moved behind the pooling, the one before the last layer is gone
    assert _kinds(folded)[:3] == ["Conv2D", "MaxPooling2D", "BatchNormalization"]
    assert _kinds(folded).count("BatchNormalization") == 2
    for layer in folded.layers:
        if layer.name.endswith("_bn"):
            gamma, _, mean, variance = layer.get_weights()
            assert (gamma == 1).all()
            assert (mean == 0).all()
            assert (variance + np.float32(layer.epsilon) == 1).all()


def test_a_negative_scale_stays_where_it_is() -> None:
    from inkdigits.training.exports.folding import fold

    network = _shaken(tiny())
    norm = network.get_layer("first_bn")
    gamma, *rest = norm.get_weights()
    norm.set_weights([gamma * [1, -1, 1, 1], *rest])
    before = _answers(network)
    folded = fold(network)
    np.testing.assert_allclose(_answers(folded), before, atol=1e-5)
    assert (folded.get_layer("first_bn").get_weights()[0] != 1).any()


def test_the_shift_goes_through_a_mean_and_a_linear_layer_takes_any_sign() -> None:
    import keras
    from keras import layers

    from inkdigits.training.exports.folding import fold

    network = _shaken(
        keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(6, 3, use_bias=False, name="linear"),
                layers.BatchNormalization(name="before_bn"),
                layers.ReLU(),
                layers.Conv2D(6, 3, activation="relu"),
                layers.BatchNormalization(name="after_bn"),
                layers.GlobalAveragePooling2D(),
                layers.Dense(10, activation="softmax"),
            ]
        )
    )
    norm = network.get_layer("before_bn")
    gamma, *rest = norm.get_weights()
    norm.set_weights([-gamma, *rest])
    before = _answers(network)
    folded = fold(network)
    np.testing.assert_allclose(_answers(folded), before, atol=1e-5)
    assert "after_bn" not in {layer.name for layer in folded.layers}
    assert (folded.get_layer("before_bn").get_weights()[0] == 1).all()


def test_a_network_with_branches_is_left_alone() -> None:
    import keras
    from keras import layers

    from inkdigits.training.exports.folding import fold

    image = keras.Input((28, 28, 1))
    x = layers.Flatten()(image)
    network = keras.Model(image, layers.Dense(10)(layers.Add()([x, x])))
    assert fold(network) is network
