"""Batch normalisation that follows an activation, folded away where that changes no answer.

In: a Sequential network. Out: a network that gives the same answers with fewer operations. What
comes before the normalisation takes over its scale, what comes after it takes over its shift.
Converters fold a normalisation that stands *before* an activation by themselves, but not this one.
Knows nothing of files.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import layers

#: What a shift may pass on its way to a dense layer: the mean of shifted values is shifted alike.
_TRANSPARENT = (layers.Dropout, layers.GlobalAveragePooling2D)


def fold(network: keras.Model) -> keras.Model:
    """The same function with folded normalisation; the network itself where nothing folds.

    With y = s * relu(z) + t and s > 0, y = relu(s * z) + t: the scale s belongs into the weights
    before it. A shift t moves behind a max pooling, and through a mean into the bias of a dense
    layer. Before a padded convolution it stays, as an addition: the padding is of y, not of
    relu(z), so folding it there would be wrong at the edges.

    Args:
        network: (N, 28, 28, 1) in [0, 1] to ten answers; it is not changed. Only `Sequential`
            networks are folded.
    """
    if not isinstance(network, keras.Sequential):
        return network
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    stack = list(copy.layers)
    shifts = [norm for layer, norm in pairwise(stack) if _take_scale(layer, norm)]
    for norm in shifts:
        _move_behind_pooling(stack, norm)
        _take_shift(stack, norm)
    return keras.Sequential([keras.Input(network.input_shape[1:], name="image"), *stack])


def _take_scale(layer: keras.layers.Layer, norm: keras.layers.Layer) -> bool:
    """Multiply the weights of `layer` by the scale of `norm`, which is left with its shift."""
    if not isinstance(layer, layers.Conv2D | layers.Dense) or not _is_plain(norm):
        return False
    scale, shift = _affine(norm)
    linear = layer.activation is keras.activations.linear
    if not linear and (layer.activation is not keras.activations.relu or not (scale > 0).all()):
        return False
    # of both kinds of layer the last axis of the kernel, and the only one of the bias, is the unit
    layer.set_weights([weights * scale for weights in layer.get_weights()])
    one = np.ones_like(scale)
    norm.set_weights([one, shift, 0 * one, one - np.float32(norm.epsilon)])
    return True


def _move_behind_pooling(stack: list[Any], norm: keras.layers.Layer) -> None:
    place = stack.index(norm)
    if isinstance(stack[place + 1], layers.MaxPooling2D):
        stack.insert(place + 1, stack.pop(place))


def _take_shift(stack: list[Any], norm: keras.layers.Layer) -> None:
    """Add the shift of `norm` to the bias of the dense layer behind it, if there is one."""
    place = stack.index(norm)
    behind = next((it for it in stack[place + 1 :] if not isinstance(it, _TRANSPARENT)), None)
    if isinstance(behind, layers.Dense) and behind.use_bias:
        kernel, bias = behind.get_weights()
        behind.set_weights([kernel, bias + _affine(norm)[1] @ kernel])
        stack.remove(norm)


def _is_plain(norm: keras.layers.Layer) -> bool:
    return isinstance(norm, layers.BatchNormalization) and norm.scale and norm.center


def _affine(norm: keras.layers.Layer) -> tuple[Any, Any]:
    """(scale, shift) of a trained normalisation, (C,) float32 each."""
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + np.float32(norm.epsilon))
    return scale, beta - mean * scale
