"""What teaches a network to refuse: an answer for what is no digit, without a weight of its own.

In: ten logits. Out: eleven probabilities, the last that of no digit. Knows nothing of images.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("inkdigits")
class OpenSoftmax(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A softmax over the logits (N, 10) and a further one that is always 0: (N, 11).

    A constant loses nothing, since a softmax knows only differences (Salimans et al., NIPS 2016,
    section 5). The logarithm of the odds that there is a digit is then the logsumexp of the ten
    logits: `decode.energy_score`.
    """

    def call(self, logits: Any) -> Any:
        """Probabilities of the digits, then of none."""
        return ops.softmax(ops.pad(ops.cast(logits, "float32"), ((0, 0), (0, 1))), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """One more than there are digits."""
        return (*input_shape[:-1], None if input_shape[-1] is None else input_shape[-1] + 1)
