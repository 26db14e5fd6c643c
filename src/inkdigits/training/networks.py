"""The networks, one function each: (28, 28, 1) in [0, 1] -> ten probabilities.

Knows nothing of data or of how the weights are found.
"""

from __future__ import annotations

import keras
from keras import layers

from inkdigits.errors import InkdigitsError


def classic() -> keras.Model:
    """Three convolutional blocks and one dense layer: 213,354 parameters, 211,690 trainable.

    Each convolution is 3x3, padded, ReLU, then batch normalisation (Ioffe & Szegedy 2015);
    dropout is 25 % after the first two blocks and 50 % before the output.
    """
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            *_conv(32, "block1_conv1"),
            *_conv(32, "block1_conv2"),
            layers.MaxPooling2D(name="block1_pool"),
            layers.Dropout(0.25, name="block1_drop"),
            *_conv(64, "block2_conv1"),
            *_conv(64, "block2_conv2"),
            layers.MaxPooling2D(name="block2_pool"),
            layers.Dropout(0.25, name="block2_drop"),
            *_conv(128, "block3_conv1"),
            layers.GlobalAveragePooling2D(name="gap"),
            layers.Dense(512, activation="relu", name="hidden"),
            layers.BatchNormalization(name="hidden_bn"),
            layers.Dropout(0.5, name="hidden_drop"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="classic",
    )


NETWORKS = {"classic": classic}


def build(name: str) -> keras.Model:
    """Build a fresh network by name; raises `InkdigitsError` for a name that is not there."""
    if name not in NETWORKS:
        known = ", ".join(NETWORKS)
        raise InkdigitsError(f"There is no network named {name!r}: choose one of {known}.")
    return NETWORKS[name]()


def _conv(filters: int, name: str) -> list[keras.layers.Layer]:
    return [
        layers.Conv2D(filters, 3, padding="same", activation="relu", name=name),
        layers.BatchNormalization(name=f"{name}_bn"),
    ]
