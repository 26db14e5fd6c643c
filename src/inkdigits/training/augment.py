"""Random distortions of a batch, on the device, inside the Keras graph.

In and out: (N, H, W, 1) float in [0, 1]. All distortions together are one field of coordinates an
image, so that the pixels are interpolated once. Identity outside training.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import keras
from keras import ops

GRID = 5  # nodes of the elastic field, each way


@dataclass(frozen=True)
class Ranges:
    """How far each distortion goes, either way, drawn uniformly and independently.

    Attributes:
        rotation: degrees.
        shift: of the side, for x and y each.
        zoom: of the size, for x and y each.
        shear: degrees.
        elastic: pixels, at each node of a 5x5 grid laid over the image, x and y each; between
            the nodes the field is bicubic (a coarse form of Simard, Steinkraus & Platt 2003).
    """

    rotation: float = 10.0
    shift: float = 0.1
    zoom: float = 0.1
    shear: float = 10.0
    elastic: float = 0.0


@keras.saving.register_keras_serializable("inkdigits")
class RandomDistortion(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Rotate, shift, zoom, shear and bend each image of a batch by its own random amounts."""

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
        count, height, width = ops.shape(images)[0], images.shape[1], images.shape[2]
        x, y = self._sources(count, height, width)
        return _sampled(images, x, y)

    def _draw(self, reach: float, shape: tuple[Any, ...]) -> Any:
        return keras.random.uniform(shape, -reach, reach, seed=self.generator)

    def _sources(self, count: Any, height: int, width: int) -> tuple[Any, Any]:
        """Where each pixel of the result comes from: x and y, (N, H, W) each, in pixels."""
        r, one = self.ranges, (count, 1, 1)
        angle, slant = (
            self._draw(math.radians(r.rotation), one),
            self._draw(math.radians(r.shear), one),
        )
        zoom_x, zoom_y = 1.0 + self._draw(r.zoom, one), 1.0 + self._draw(r.zoom, one)
        move_x, move_y = self._draw(r.shift, one) * width, self._draw(r.shift, one) * height
        mid_x, mid_y = (width - 1) / 2, (height - 1) / 2
        x = ops.arange(width, dtype="float32")[None, None, :] - mid_x
        y = ops.arange(height, dtype="float32")[None, :, None] - mid_y
        cos, sin, tan = ops.cos(angle), ops.sin(angle), ops.tan(slant)
        new_x = zoom_x * (cos * x + (cos * tan - sin) * y) + mid_x + move_x
        new_y = zoom_y * (sin * x + (sin * tan + cos) * y) + mid_y + move_y
        if r.elastic:
            nodes = self._draw(r.elastic, (count, GRID, GRID, 2))
            bend = ops.image.resize(nodes, (height, width), interpolation="bicubic")
            new_x, new_y = new_x + bend[..., 0], new_y + bend[..., 1]
        return new_x, new_y

    def get_config(self) -> dict[str, Any]:
        """What Keras saves of this layer."""
        return {**super().get_config(), "ranges": asdict(self.ranges), "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RandomDistortion:
        """Rebuild the layer from what `get_config` gave."""
        return cls(**{**config, "ranges": Ranges(**config["ranges"])})


def _sampled(images: Any, x: Any, y: Any) -> Any:
    """`images` (N, H, W, 1) read bilinearly at x and y, (N, H, W) each, in pixels; 0 outside."""
    height, width = images.shape[1], images.shape[2]
    flat = ops.reshape(images, (-1, height * width))
    left, top = ops.floor(x), ops.floor(y)
    total: Any = 0.0
    for column, part_x in ((left, 1 - (x - left)), (left + 1, x - left)):
        for row, part_y in ((top, 1 - (y - top)), (top + 1, y - top)):
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            place = ops.clip(row, 0, height - 1) * width + ops.clip(column, 0, width - 1)
            index = ops.cast(ops.reshape(place, (-1, height * width)), "int32")
            value = ops.reshape(ops.take_along_axis(flat, index, axis=1), (-1, height, width))
            total += value * part_x * part_y * ops.cast(inside, value.dtype)
    return total[..., None]
