"""Photographed pages of handwritten numbers, made up, with what stands on them.

In: a random generator, what kind of page, and a `Style`. Out: `Page`: a grey picture, and every
number with its box. Knows the order of the steps, and nothing of how a page is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.wild import arrangement, photo
from inkdigits.wild.pagestyle import KINDS, LAYOUTS, SPACINGS, Kind, Layout, Spacing, Style, style
from inkdigits.wild.sheets import Written

__all__ = [
    "KINDS",
    "LAYOUTS",
    "SPACINGS",
    "Kind",
    "Layout",
    "Page",
    "Spacing",
    "Style",
    "Written",
    "page",
    "style",
]
Rng = np.random.Generator


@dataclass(frozen=True)
class Page:
    """A picture of a page.

    Attributes:
        pixels: (H, W) uint8.
        numbers: line by line, from the left, of the page as it was written: a picture that is
            turned keeps their order.
    """

    pixels: NDArray[np.uint8]
    numbers: tuple[Written, ...]


def page(rng: Rng, kind: Kind | None = None, how: Style | None = None) -> Page:
    """Write a page and photograph it; the same generator state gives the same page.

    Args:
        rng: decides what is left open.
        kind: of paper; any where it is left out.
        how: it is written and photographed; `style` chooses one that is like life.
    """
    how = how or Style()
    sheet = arrangement.written(rng, kind or KINDS[rng.integers(len(KINDS))], how)
    strength = np.float32(rng.uniform(0.6, 0.9))
    pixels, there = photo.photographed(sheet.paper * (1 - sheet.ink * strength), how, rng)
    numbers = (replace(each, box=photo.moved(each.box, there)) for each in sheet.numbers)
    return Page(pixels, tuple(numbers))
