"""A tiny network that has all that an export must cope with, trained on the made-up bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inkdigits.data.digits import Digits


def tiny(digits: Digits | None = None) -> Any:
    """Batch normalisation after ReLU, pooling and dropout; trained where `digits` are given."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(5)
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="first"),
            layers.BatchNormalization(momentum=0.7, name="first_bn"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.1),
            layers.Conv2D(8, 3, padding="same", activation="relu", name="second"),
            layers.BatchNormalization(momentum=0.7, name="second_bn"),
            layers.Flatten(),
            layers.Dense(32, activation="relu", name="hidden"),
            layers.BatchNormalization(momentum=0.7, name="hidden_bn"),
            layers.Dropout(0.1),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="tiny",
    )
    if digits is not None:
        network.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        x = digits.images[..., None] / 255
        network.fit(x, digits.truth, batch_size=30, epochs=6, verbose=0)
    return network


def slight() -> Any:
    """A network of six variables under the name of one that is shipped: soon ready to train."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            layers.Conv2D(6, 5, strides=3, activation="relu", name="stem"),
            layers.BatchNormalization(name="stem_bn"),
            layers.Flatten(name="flat"),
            layers.Dense(10, activation="softmax", dtype="float32", name="probabilities"),
        ],
        name="nano",
    )


def saved(digits: Digits, folder: Path) -> Path:
    """The Keras file of a trained tiny network."""
    path = folder / "tiny.keras"
    tiny(digits).save(path)
    return path
