"""The networks, one function each: (28, 28, 1) in [0, 1] -> ten probabilities.

All are made of Keras's own layers, so that their files load wherever Keras is, inkdigits or not.
The last layer computes in float32 whatever the rest does: a softmax needs it. Knows nothing of
data or of how the weights are found.
"""

from __future__ import annotations

import keras
from keras import layers

from inkdigits.errors import InkdigitsError

#: The side of the square that fits into no stroke, in pixels.
GROUND = 9
#: The least brightness that counts as ink; what is fainter is not brightened to 1.
FAINTEST = 0.05


def standard() -> keras.Model:
    """A 6x6 stem of stride 2, two residual blocks, two convolutions: 179,242 parameters.

    The stem sees each pixel of the 28x28, but all that is dear happens at a quarter of the places
    and less, which leaves room for width and depth: 21.1 M multiply-adds. Each convolution is
    batch-normalised before its ReLU; the residual blocks are He et al.'s (CVPR 2016). What lies
    under the ink is taken away first, so that a grey or uneven ground changes little.
    """
    image = keras.Input((28, 28, 1), name="image")
    x = stack(_ink(image), folding_conv(48, "stem", 6, strides=2))
    x = residual(x, "block1")
    x = residual(x, "block2")
    x = layers.MaxPooling2D(name="pool")(x)
    x = stack(x, [*folding_conv(80, "block3_conv1"), *folding_conv(80, "block3_conv2")])
    x = layers.GlobalAveragePooling2D(name="gap")(x)
    return keras.Model(image, _probabilities()(x), name="standard")


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
            _probabilities(),
        ],
        name="classic",
    )


def nano() -> keras.Model:
    """`standard` in little, its second residual block a separable 5x5 one: 9,860 parameters.

    1.1 M multiply-adds.
    """
    image = keras.Input((28, 28, 1), name="image")
    x = stack(image, folding_conv(14, "stem", 6, strides=2))
    x = residual(x, "block1")
    x = layers.MaxPooling2D(name="pool")(x)
    x = stack(x, folding_conv(18, "block2_conv1"))
    separable = [
        layers.DepthwiseConv2D(5, padding="same", use_bias=False, name="block2_depthwise"),
        *folding_conv(18, "block2_pointwise", 1)[:-1],
    ]
    x = layers.ReLU(name="block2_relu")(layers.Add(name="block2_add")([x, stack(x, separable)]))
    x = stack(x, folding_conv(14, "block3_conv1"))
    x = layers.GlobalAveragePooling2D(name="gap")(x)
    return keras.Model(image, _probabilities()(x), name="nano")


def micro() -> keras.Model:
    """One separable convolution, used six times at two sizes: 998 parameters.

    A 4x4 stem of stride 2, then twice at 14x14 and four times at 7x7 the same weights, each time
    with a normalisation of its own and a way around it (weights shared over depth: Liang & Hu,
    CVPR 2015; separable convolutions: Sifre & Mallat 2014).
    """
    width = 13
    image = keras.Input((28, 28, 1), name="image")
    x = stack(image, folding_conv(width, "stem", 4, strides=2))
    depthwise = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")
    pointwise = layers.Conv2D(width, 1, padding="same", use_bias=False, name="pointwise")
    for use in range(1, 7):
        if use == 3:
            x = layers.MaxPooling2D(name="pool")(x)
        y = layers.BatchNormalization(name=f"use{use}_bn")(pointwise(depthwise(x)))
        x = layers.ReLU(name=f"use{use}_relu")(layers.Add(name=f"use{use}_add")([x, y]))
    x = layers.GlobalAveragePooling2D(name="gap")(x)
    return keras.Model(image, _probabilities()(x), name="micro")


def vit() -> keras.Model:
    """A small vision transformer: 49 patches of 4x4, width 64, four blocks, 138,826 parameters.

    After Dosovitskiy et al. (ICLR 2021), with the mean of all patches in place of a class token.
    Each block is pre-normalised self-attention of four heads, then a GELU layer of width 128.
    """
    patches, width = 7 * 7, 64
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Reshape((7, 4, 7, 4), name="rows_and_columns")(image)
    x = layers.Permute((1, 3, 2, 4), name="grid")(x)
    x = layers.Reshape((patches, 16), name="patches")(x)
    # a bias for each patch is the same as learned positions added to the embedded patches
    x = layers.EinsumDense("npc,cd->npd", (patches, width), bias_axes="pd", name="embed")(x)
    for block in range(1, 5):
        x = _transformer_block(x, width, f"block{block}")
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    x = layers.GlobalAveragePooling1D(name="gap")(x)
    return keras.Model(image, _probabilities()(x), name="vit")


NETWORKS = {
    "standard": standard,
    "classic": classic,
    "nano": nano,
    "micro": micro,
    "vit": vit,
}


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


def stack(x: keras.KerasTensor, stages: list[keras.layers.Layer]) -> keras.KerasTensor:
    """What the stages make of `x`, one after another."""
    for stage in stages:
        x = stage(x)
    return x


def folding_conv(
    filters: int, name: str, side: int = 3, strides: int = 1
) -> list[keras.layers.Layer]:
    """A convolution, normalised before its ReLU, so that the normalisation folds into it."""
    return [
        layers.Conv2D(filters, side, strides, padding="same", use_bias=False, name=name),
        layers.BatchNormalization(name=f"{name}_bn"),
        layers.ReLU(name=f"{name}_relu"),
    ]


def _ink(image: keras.KerasTensor) -> keras.KerasTensor:
    """The image without its ground, its brightest pixel at 1 again: a white top-hat.

    The ground is the image opened by a square that no stroke is as wide as (Serra 1982). A digit
    of MNIST is as good as unchanged: its ground is black already.
    """
    floor = image
    for turn in ("erode", "dilate"):  # an erosion is the dilation of the negative
        floor = layers.Rescaling(-1.0, name=f"ground_{turn}_negative")(floor)
        for way, size in (("down", (GROUND, 1)), ("across", (1, GROUND))):
            name = f"ground_{turn}_{way}"
            floor = layers.MaxPooling2D(size, 1, padding="same", name=name)(floor)
    ink = layers.Subtract(name="ground_remove")([image, floor])
    peak = layers.GlobalMaxPooling2D(keepdims=True, name="ground_peak")(ink)
    # 1 / max(peak, 1 / most), as 1 - softsign(x) is 1 / (1 + x): layers alone can be stored as HDF5
    most = 1 / FAINTEST
    over = layers.ReLU(name="ground_over")(layers.Rescaling(most, -1.0, name="ground_peaks")(peak))
    part = layers.Activation("softsign", name="ground_part")(over)
    gain = layers.Rescaling(-most, most, name="ground_gain")(part)
    return layers.Multiply(name="ground_stretch")([ink, gain])


def residual(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Two convolutions that keep the width of `x`, and a way around them."""
    first, second = (folding_conv(x.shape[-1], f"{name}_conv{place}") for place in (1, 2))
    y = stack(x, [*first, *second[:-1]])
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))


def _transformer_block(x: keras.KerasTensor, width: int, name: str) -> keras.KerasTensor:
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm1")(x)
    y = layers.MultiHeadAttention(4, width // 4, dropout=0.1, name=f"{name}_attention")(y, y)
    x = layers.Add(name=f"{name}_add1")([x, y])
    y = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm2")(x)
    y = layers.Dense(2 * width, activation="gelu", name=f"{name}_wide")(y)
    y = layers.Dense(width, name=f"{name}_narrow")(y)
    y = layers.Dropout(0.1, name=f"{name}_drop")(y)
    return layers.Add(name=f"{name}_add2")([x, y])


def _probabilities() -> keras.layers.Layer:
    return layers.Dense(10, activation="softmax", dtype="float32", name="probabilities")
