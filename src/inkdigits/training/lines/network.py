"""The line reader's network: strips (N, 32, W, 1) in [0, 1] -> logits (N, W / 2, 15).

The trunk is that of `networks.standard` without its ground, so that it can begin with the weights
of a network that knows digits. Knows nothing of data or of how the weights are found.
"""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from inkdigits.errors import InkdigitsError, ModelError
from inkdigits.line import CLASSES
from inkdigits.strip import HEIGHT
from inkdigits.training.networks import folding_conv, residual, stack

#: Channels behind the trunk, and the share of them that is dropped while training.
WIDTH, DROPPED = 96, 0.1
#: Parts that a network of single digits has too.
TRUNK = {"stem", "block1", "block2", "block3"}


def line() -> keras.Model:
    """A fully convolutional network whose columns are read by CTC, 452 k parameters.

    Two columns of the strip become one: wide enough for a 1, narrow enough to part two of them.
    Convolutions along the row let a column see a digit to each side and no more, so that the
    network learns no language. Connectionist temporal classification: Graves et al., ICML 2006;
    without recurrence: Yin et al., "Scene Text Recognition with Sliding Convolutional Character
    Models", 2017.
    """
    image = keras.Input((HEIGHT, None, 1), name="strip")
    x = stack(image, folding_conv(48, "stem", 6, strides=2))
    x = residual(x, "block1")
    x = residual(x, "block2")
    x = layers.MaxPooling2D((2, 1), name="pool")(x)
    x = stack(x, [*folding_conv(80, "block3_conv1"), *folding_conv(80, "block3_conv2")])
    x = layers.ZeroPadding2D((0, 1), name="collapse_margin")(x)
    collapse = layers.Conv2D(WIDTH, (HEIGHT // 4, 3), use_bias=False, name="collapse")
    x = layers.BatchNormalization(name="collapse_bn")(collapse(x))
    x = layers.ReLU(name="collapse_relu")(x)
    for place in (1, 2):
        along = layers.Conv2D(WIDTH, (1, 5), padding="same", use_bias=False, name=f"along{place}")
        y = layers.BatchNormalization(name=f"along{place}_bn")(along(x))
        x = layers.ReLU(name=f"along{place}_relu")(layers.Add(name=f"along{place}_add")([x, y]))
    x = layers.Dropout(DROPPED, name="drop")(x)
    x = layers.Conv2D(CLASSES, 1, dtype="float32", name="classes")(x)
    return keras.Model(image, layers.Reshape((-1, CLASSES), name="columns")(x), name="line")


def begin(network: keras.Model, start: Path) -> None:
    """Begin with the weights of a file: of a line reader, or of `standard` for the trunk.

    Raises:
        InkdigitsError: the file's network is neither.
    """
    found = _file(start)
    if found.name == network.name:
        network.set_weights(found.get_weights())
        return
    try:
        for layer in found.layers:
            if layer.get_weights() and layer.name.split("_")[0] in TRUNK:
                network.get_layer(layer.name).set_weights(layer.get_weights())
    except ValueError:
        raise InkdigitsError(
            f"{start} is neither a line reader nor a network of the kind `standard`."
        ) from None


def load(path: Path) -> keras.Model:
    """A trained line reader from its file.

    Raises:
        InkdigitsError: there is none in it.
    """
    found = _file(path)
    if found.name != "line":
        raise InkdigitsError(f"{path} is no line reader, but {found.name!r}.")
    return found


def _file(path: Path) -> keras.Model:
    try:
        return keras.models.load_model(path, compile=False)
    except Exception:  # Keras raises almost anything on a damaged file
        raise ModelError(f"{path} is no Keras model that can be loaded.") from None
