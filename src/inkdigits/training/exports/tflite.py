"""A trained network as a TFLite model, for phones and small computers.

In: a Keras model and, for `int8`, images to learn the ranges of its tensors from. Out: the bytes
of a `.tflite` file. Knows nothing of how good the result is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def convert(
    network: keras.Model, kind: str | None, *, images: NDArray[np.float32], scratch: Path
) -> bytes:
    """Convert a network.

    Args:
        network: (N, 28, 28, 1) in [0, 1] to ten probabilities, which stay probabilities.
        kind: `None` for float32; `float16` halves the weights, which are widened as they are
            used; `dynamic` keeps weights in 8 bits and quantises activations as they come; `int8`
            does everything, input and output included, in 8-bit integers (Jacob et al., CVPR
            2018), weights with a scale for each channel.
        images: (N, 28, 28, 1) in [0, 1], to find the ranges with; only `int8` looks at them.
        scratch: a folder to make.
    """
    network.export(scratch, verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(scratch))
    if kind is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    elif kind == "int8":

        def representative() -> Iterator[list[NDArray[np.float32]]]:
            return ([image[None]] for image in images)

        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    made = converter.convert()
    assert isinstance(made, bytes)
    return made
