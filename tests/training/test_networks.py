from __future__ import annotations

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


def test_an_unknown_network_is_refused() -> None:
    from inkdigits.training.networks import build

    with pytest.raises(InkdigitsError, match="choose one of classic"):
        build("resnet")
