"""A picture of one digit -> what the model is shown of it.

In: a picture in any form. Out: `Shown`: the normalised digit, and where it stands. Knows nothing of
models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits import image, ink, preprocess, segment
from inkdigits.errors import InkdigitsError
from inkdigits.image import ImageSource, Limits, Picture
from inkdigits.results import Box

#: Longer side of the copy in which several digits are looked for, and pieces that are read at most.
WIDE, PIECES = 384, 16


@dataclass(frozen=True)
class Shown:
    """What the model is shown of a picture.

    Attributes:
        picture: whence.
        digit: (28, 28) float32; `None` for a blank.
        box: where it stands; `None` for a blank or a picture as MNIST has it.
        doubtful: whether it may be a line or a shadow on the paper.
    """

    picture: Picture
    digit: NDArray[np.float32] | None
    box: Box | None
    doubtful: bool = False


def pictures(
    sources: Iterable[ImageSource],
    limits: Limits | None,
    on_error: Callable[[int, InkdigitsError], object] | None,
) -> Iterator[Picture]:
    """Load pictures one by one; `on_error` is told the place and error of each that cannot be.

    Raises:
        ImageError, ArrayError: a picture cannot be read, and there is no `on_error`.
    """
    for place, source in enumerate(sources):
        try:
            picture = image.load(source, limits)
        except InkdigitsError as error:
            if on_error is None:
                raise
            on_error(place, error)
        else:
            yield picture


def shown(picture: Picture) -> Shown:
    """Find the digit of a picture and normalise it; one as MNIST has it stays as it is."""
    if preprocess.is_normalised(picture.pixels):
        return Shown(picture, picture.pixels, None)
    glyph = segment.locate(picture)
    if glyph is None:
        return Shown(picture, None, None)
    return Shown(picture, preprocess.normalise(glyph), glyph.box, glyph.doubtful)


def pieces(of: Shown) -> list[NDArray[np.float32]]:
    """The normalised pieces of ink that stand side by side; none where there is but one."""
    if of.box is None:
        return []
    found = segment.apart(ink.extract(of.picture, WIDE))
    largest = sorted(found, key=lambda piece: -piece.ink.size)[:PIECES]
    return [preprocess.normalise(piece) for piece in largest] if len(found) > 1 else []
