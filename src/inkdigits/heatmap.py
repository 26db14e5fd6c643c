"""Evidence drawn on the ink that it is about.

In: a 28x28 image and numbers for its pixels. Out: a picture. What speaks for the answer is orange,
what speaks against it blue, which every eye tells apart; the more, the stronger. Knows no model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inkdigits.results import Box

#: For, and against: of the colour-blind safe scale PuOr (Brewer, https://colorbrewer2.org).
FOR, AGAINST = np.array([230.0, 97, 1]), np.array([33.0, 75, 170])
#: Evidence, in natural log-odds, below which colours stay pale; small change is not blown up.
LEAST = 1.0
_DARK = 0.75  # how dark full ink is


def coloured(ink: NDArray[np.uint8], evidence: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The ink on white paper, tinted: (28, 28) uint8 and (28, 28) -> (28, 28, 3) uint8."""
    dark = ink[..., None] / 255
    paper = 255 - 255 * _DARK * dark
    strength = np.abs(evidence) / max(LEAST, float(np.abs(evidence).max()))
    tint = np.where((evidence > 0)[..., None], FOR, AGAINST)
    # on ink the colour is dark, beside it pale
    share = (strength * (0.35 + 0.55 * dark[..., 0]))[..., None]
    return np.asarray(np.rint(paper * (1 - share) + tint * share), np.uint8)


def drawn(
    ink: NDArray[np.uint8], evidence: NDArray[np.float32], patch: Box | None, scale: int
) -> Image.Image:
    """The same as a picture, `scale` pixels for one, with a frame around a patch."""
    small = Image.fromarray(coloured(ink, evidence))
    side = ink.shape[0] * scale
    picture = small.resize((side, side), Image.Resampling.NEAREST)
    if patch is not None and scale >= 4:
        left, top = patch.x * scale, patch.y * scale
        frame = (left, top, left + patch.width * scale - 1, top + patch.height * scale - 1)
        pen = ImageDraw.Draw(picture)
        pen.rectangle(frame, outline=(255, 255, 255), width=max(3, scale // 3))
        pen.rectangle(frame, outline=(0, 0, 0), width=max(1, scale // 6))
    return picture
