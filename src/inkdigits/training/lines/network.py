"""The line reader's network: strips (N, 32, W, 1) in [0, 1] -> logits (N, W / 2, 15).

The trunk is that of `networks.standard` without its ground, so that it can begin with the weights
of a network that knows digits. Knows nothing of data or of how the weights are found.
"""

from __future__ import annotations

import keras
from keras import layers

from inkdigits.line import CLASSES
from inkdigits.strip import HEIGHT
from inkdigits.training.networks import folding_conv, residual, stack

#: Channels behind the trunk, and the share of them that is dropped while training.
WIDTH, DROPPED = 96, 0.1


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


def begin(network: keras.Model, digits: keras.Model) -> None:
    """Give the trunk the weights of a network of single digits, layer by layer of one name."""
    trunk = {"stem", "block1", "block2", "block3"}
    for layer in digits.layers:
        if layer.get_weights() and layer.name.split("_")[0] in trunk:
            network.get_layer(layer.name).set_weights(layer.get_weights())
