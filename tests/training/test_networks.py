from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inkdigits import InkdigitsError

pytestmark = pytest.mark.keras

#: The published table: what each block gives, and its parameters with batch normalisation. It
#: prints 66,560 for the dense layer, with which its own total of 213,354 would not come out.
TABLE = [
    ("block1_conv1_bn", (28, 28, 32), 448),
    ("block1_conv2_bn", (28, 28, 32), 9_376),
    ("block1_drop", (14, 14, 32), 0),
    ("block2_conv1_bn", (14, 14, 64), 18_752),
    ("block2_conv2_bn", (14, 14, 64), 37_184),
    ("block2_drop", (7, 7, 64), 0),
    ("block3_conv1_bn", (7, 7, 128), 74_368),
    ("gap", (128,), 0),
    ("hidden_bn", (512,), 68_096),
    ("hidden_drop", (512,), 0),
    ("probabilities", (10,), 5_130),
]


def test_classic_has_the_published_parameters() -> None:
    from inkdigits.training.networks import build

    network = build("classic")
    assert network.count_params() == 213_354
    assert sum(int(w.shape.num_elements()) for w in network.trainable_weights) == 211_690


def test_classic_has_the_published_shapes() -> None:
    from inkdigits.training.networks import build

    network = build("classic")
    got, since = [], 0
    names = {name for name, *_ in TABLE}
    for layer in network.layers:
        since += layer.count_params()
        if layer.name in names:
            got.append((layer.name, tuple(layer.output.shape[1:]), since))
            since = 0
    assert got == TABLE


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("standard", 179_242), ("nano", 9_860), ("micro", 998), ("vit", 138_826)],
)
def test_the_others_have_their_documented_size(name: str, parameters: int) -> None:
    from inkdigits.training.networks import NETWORKS, build

    assert build(name).count_params() == parameters
    assert f"{parameters:,} parameters" in (NETWORKS[name].__doc__ or "")


@pytest.mark.parametrize(
    ("name", "products"),
    [("standard", 21_112_352), ("nano", 1_050_602), ("micro", 209_066)],
)
def test_networks_multiply_as_often_as_they_say(name: str, products: int) -> None:
    from inkdigits.training.networks import build

    network, total = build(name), 0
    for layer in network.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is None:
            continue
        for node in layer._inbound_nodes:  # a shared layer has several
            places = node.output_tensors[0].shape[1:-1]  # of a convolution; a dense layer has none
            total += int(np.prod(kernel.shape)) * int(np.prod(places))
    assert total == products
    assert total < (22_000_000 if name == "standard" else 2_000_000)


def test_the_transformer_looks_at_patches_in_their_places() -> None:
    from inkdigits.training.networks import build

    network = build("vit")
    images = np.zeros((2, 28, 28, 1), np.float32)
    images[0, 4:8, 8:12] = 1  # exactly the patch in row 1, column 2
    until = keras_model_until(network, "patches")
    patches = until.predict(images, verbose=0)
    assert patches.shape == (2, 49, 16)
    assert patches[0, 1 * 7 + 2].tolist() == [1] * 16
    assert patches.sum() == 16


def keras_model_until(network: Any, layer: str) -> Any:
    import keras

    return keras.Model(network.inputs, network.get_layer(layer).output)


@pytest.mark.parametrize("name", ["standard", "classic", "nano", "micro", "vit"])
def test_probabilities_stay_float32_in_bfloat16_training(name: str) -> None:
    from inkdigits.training.fused import twin
    from inkdigits.training.networks import build

    network = build(name)
    images = np.random.default_rng(0).random((4, 28, 28, 1), np.float32)
    half = twin(network, "bfloat16")
    first = next(layer for layer in half.layers if layer.weights)
    assert first.compute_dtype == "bfloat16"
    assert first.variable_dtype == "float32"
    ground = [layer for layer in half.layers if layer.name.startswith("ground_")]
    assert all(layer.compute_dtype == "float32" for layer in ground)
    assert bool(ground) == (name == "standard")
    answer = half.predict(images, verbose=0)
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, network.predict(images, verbose=0), atol=0.05)
    np.testing.assert_array_equal(
        twin(network).predict(images, verbose=0), network.predict(images, verbose=0)
    )


def test_an_unknown_network_is_refused() -> None:
    from inkdigits.training.networks import build

    with pytest.raises(InkdigitsError, match="choose one of standard"):
        build("resnet")


def test_standard_sees_ink_whatever_lies_under_it() -> None:
    import keras

    from inkdigits.training.networks import build

    network = build("standard")
    seen = keras.Model(network.inputs, network.get_layer("stem").input)
    images = np.zeros((3, 28, 28, 1), np.float32)
    images[0, 5:23, 12:15] = 1
    images[0, 12:15, 8:20] = 0.5
    slope = np.linspace(0, 0.2, 28, dtype=np.float32)[None, :, None]
    images[1] = 0.3 + 0.5 * images[0]
    images[2] = 0.2 + slope + 0.5 * images[0]
    plain, grey, uneven = seen.predict(images, verbose=0)
    np.testing.assert_allclose(plain, images[0], atol=1e-6)
    np.testing.assert_allclose(grey, plain, atol=1e-6)
    assert np.abs(uneven - plain).max() < 0.2
    assert not seen.predict(np.full((1, 28, 28, 1), 0.7, np.float32), verbose=0).any()
