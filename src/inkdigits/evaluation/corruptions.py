"""The fifteen corruptions of MNIST-C: ways to spoil a digit that leave it readable to people.

In: (N, 28, 28) uint8, ink bright on black. Out: the same shape and type, corrupted; image `i` of a
set always in the same way. What is done to the pixels stands in `distortions.py` and
`overlays.py`; here stand the strengths' names and the chances. Knows nothing of models or labels.

Source: Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019
(arXiv:1906.02337), with the strengths of the code published beside it (google-research/mnist-c,
`corruptions.py`), which has one strength each. This is an implementation of our own with chances
of its own, so the pictures are not those of the published files, and figures agree with figures on
those only roughly. Known differences: how floats become bytes was not published, here they are
rounded; OpenCV samples to 1/32 of a pixel and thins edges along four directions, where the
original interpolates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from inkdigits.evaluation import distortions, overlays
from inkdigits.evaluation.distortions import SIDE, Floats

SEED = 42
#: Images corrupted at once: fog needs half a megabyte for each.
BLOCK = 256


@dataclass(frozen=True)
class _Corruption:
    """What chance decides for one image (28, 28), and what is done to (N, 28, 28) with it."""

    throw: Callable[[Generator, Floats], ArrayLike]
    effect: Callable[[Floats, NDArray[Any]], Floats]


def corrupt(
    name: str, images: NDArray[np.uint8], *, seed: int = SEED, first: int = 0
) -> NDArray[np.uint8]:
    """Corrupt images of digits.

    Args:
        name: one of `NAMES`.
        images: (N, 28, 28), 0 to 255, ink bright; N may be 0.
        seed: of all chance, 0 or more.
        first: the place of `images[0]` in its set, so that a set may be corrupted in parts.

    Returns:
        (N, 28, 28), 0 to 255.

    Raises:
        ValueError: there is no such corruption, or the images are not 28x28 uint8.
    """
    if name not in _CORRUPTIONS:
        raise ValueError(f"there is no corruption {name!r}; there are {', '.join(NAMES)}")
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"images are (N, 28, 28) uint8, not {images.shape} {images.dtype}")
    kind, answer = _CORRUPTIONS[name], np.empty_like(images)
    for start in range(0, len(images), BLOCK):
        block = (images[start : start + BLOCK] / 255).astype(np.float32)
        streams = (
            np.random.default_rng([seed, NAMES.index(name), first + start + i])
            for i in range(len(block))
        )
        luck = [np.asarray(kind.throw(*pair)) for pair in zip(streams, block, strict=True)]
        spoilt = kind.effect(block, np.stack(luck))
        answer[start : start + BLOCK] = np.rint(np.clip(spoilt, 0, 1) * 255)
    return answer


def _nothing(rng: Generator, image: Floats) -> ArrayLike:
    return 0


def _side(rng: Generator, image: Floats) -> ArrayLike:
    return rng.integers(2)


_CORRUPTIONS = {
    "shot noise": _Corruption(
        lambda rng, image: rng.poisson(distortions.PHOTONS * image.astype(np.float64)),
        distortions.shot,
    ),
    "impulse noise": _Corruption(lambda rng, _: rng.random((SIDE, SIDE)), distortions.impulses),
    "glass blur": _Corruption(
        lambda rng, _: rng.integers(0, 8, (2, SIDE, SIDE)), distortions.glass
    ),
    "motion blur": _Corruption(lambda rng, _: rng.uniform(-45, 45), distortions.motion),
    "shear": _Corruption(_side, distortions.shear),
    "scale": _Corruption(_nothing, distortions.shrink),
    "rotate": _Corruption(_side, distortions.rotate),
    "brightness": _Corruption(_nothing, distortions.brighten),
    "translate": _Corruption(lambda rng, _: rng.integers(2, size=2), distortions.translate),
    "stripe": _Corruption(_nothing, distortions.stripe),
    "fog": _Corruption(lambda rng, _: rng.random(overlays.FOG_SIDE**2, np.float32), overlays.fog),
    "spatter": _Corruption(lambda rng, _: rng.normal(0.65, 0.3, (SIDE, SIDE)), overlays.spatter),
    "dotted line": _Corruption(lambda rng, _: rng.integers(0, 27, 2), overlays.dotted_line),
    "zigzag": _Corruption(lambda rng, _: rng.integers([0, -5], [27, 5]), overlays.zigzag),
    "canny edges": _Corruption(_nothing, distortions.edges),
}
#: In the order of the paper.
NAMES = tuple(_CORRUPTIONS)
