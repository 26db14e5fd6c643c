"""The training images, held where the network computes: their numbers in, their pixels out.

An epoch then moves a number an image to the device, not its pixels. Knows nothing of what is
learned from them, or in which order.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable("inkdigits")
class Album(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Looks images up: (N,) int32 numbers to (N, height, width, 1) float32 in [0, 1].

    The images are not saved with the model: `fill` the layer after it was loaded.
    """

    def __init__(self, count: int, height: int = 28, width: int = 28, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "trainable": False, "dtype": "float32"})
        self.shape = (count, height, width)
        self.images = self.add_weight(
            shape=self.shape, dtype="uint8", initializer="zeros", trainable=False, name="images"
        )

    def fill(self, images: NDArray[Any]) -> None:
        """Take in the images, `count` of them, uint8."""
        self.images.assign(images)

    def call(self, numbers: Any) -> Any:
        """The images of these numbers, which must be 0 or more and less than `count`."""
        chosen = ops.take(self.images, ops.cast(numbers, "int32"), axis=0)
        return ops.cast(chosen, "float32")[..., None] / 255.0

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """(N, height, width, 1)."""
        return (*input_shape, *self.shape[1:], 1)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        count, height, width = self.shape
        return {**super().get_config(), "count": count, "height": height, "width": width}

    def save_own_variables(self, store: Any) -> None:
        """Save nothing: the images are no part of what was learned."""

    def load_own_variables(self, store: Any) -> None:
        """Load nothing."""
