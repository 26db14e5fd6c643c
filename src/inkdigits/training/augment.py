"""Random affine distortions of a batch, on the device, inside the Keras graph.

In and out: (N, H, W, 1) float in [0, 1]. All four distortions are one matrix an image, so that
the pixels are interpolated once. Identity outside training.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import keras
from keras import ops


@dataclass(frozen=True)
class Ranges:
    """How far each distortion goes, either way, drawn uniformly and independently.

    Attributes:
        rotation: degrees.
        shift: of the side, for x and y each.
        zoom: of the size, for x and y each.
        shear: degrees.
    """

    rotation: float = 10.0
    shift: float = 0.1
    zoom: float = 0.1
    shear: float = 10.0


@keras.saving.register_keras_serializable("inkdigits")
class RandomAffine(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Rotate, shift, zoom and shear each image of a batch by its own random amounts."""

    def __init__(
        self, ranges: Ranges | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ranges = ranges or Ranges()
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Distort `images` when `training`, else hand them on as they are."""
        if not training:
            return images
        return ops.image.affine_transform(
            images,
            self._matrices(ops.shape(images)[0], images.shape[1], images.shape[2]),
            interpolation="bilinear",
            fill_mode="constant",
            fill_value=0.0,
        )

    def _matrices(self, count: Any, height: int, width: int) -> Any:
        """Eight-number projective transforms (output -> input pixel), about the image's centre."""

        def draw(reach: float) -> Any:
            return keras.random.uniform((count,), -reach, reach, seed=self.generator)

        r = self.ranges
        angle, slant = draw(math.radians(r.rotation)), draw(math.radians(r.shear))
        zoom_x, zoom_y = 1.0 + draw(r.zoom), 1.0 + draw(r.zoom)
        move_x, move_y = draw(r.shift) * width, draw(r.shift) * height
        cos, sin, tan = ops.cos(angle), ops.sin(angle), ops.tan(slant)
        a, b = zoom_x * cos, zoom_x * (cos * tan - sin)
        c, d = zoom_y * sin, zoom_y * (sin * tan + cos)
        mid_x, mid_y = (width - 1) / 2, (height - 1) / 2
        shift_x = mid_x + move_x - a * mid_x - b * mid_y
        shift_y = mid_y + move_y - c * mid_x - d * mid_y
        nought = ops.zeros_like(a)
        return ops.stack([a, b, shift_x, c, d, shift_y, nought, nought], axis=1)

    def get_config(self) -> dict[str, Any]:
        """What Keras saves of this layer."""
        return {**super().get_config(), "ranges": asdict(self.ranges), "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RandomAffine:
        """Rebuild the layer from what `get_config` gave."""
        return cls(**{**config, "ranges": Ranges(**config["ranges"])})
