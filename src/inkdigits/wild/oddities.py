"""What is no digit and is read as none: signs, scribbles, printed letters, blots.

In: a random generator. Out: strokes, or ink, and the name of what they are. Knows only which of
its neighbours to ask.
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from inkdigits.wild import glyphs
from inkdigits.wild.pen import Hand, write
from inkdigits.wild.scribbles import SCRIBBLES
from inkdigits.wild.signforms import SIGNS
from inkdigits.wild.textures import TEXTURES

#: A hand that keeps to the sign: a square whose corners it rounds would be a 0.
_HAND = Hand(slant=(-12, 18), usual_slant=3, turn=3, roundness=0.3, jitter=0.015)
_FORMS = {f"{key} {name}": form for key, forms in SIGNS.items() for name, form in forms.items()}
_WEIGHTS = list(accumulate(form.weight for form in _FORMS.values()))
_NAMES = tuple(_FORMS)
#: Share of the strokes that are scribbles; the others are letters and signs.
_SCRIBBLED = 0.4

#: The names of what `strokes` and `texture` make; `glyph` names its character.
KINDS: tuple[str, ...] = (*_NAMES, *SCRIBBLES, *TEXTURES)


def strokes(rng: np.random.Generator) -> tuple[str, list[NDArray[np.float64]]]:
    """Something drawn with a pen.

    Returns:
        one of `KINDS`, and its strokes, each (M, 2), y down, about one unit in size.
    """
    if rng.random() < _SCRIBBLED:
        name = tuple(SCRIBBLES)[rng.integers(len(SCRIBBLES))]
        return name, SCRIBBLES[name](rng)
    name = _NAMES[bisect(_WEIGHTS, rng.random() * _WEIGHTS[-1])]
    return name, write(_FORMS[name], rng, _HAND)


def glyph(rng: np.random.Generator) -> tuple[str, NDArray[np.float32]]:
    """A letter or sign of many alphabets, in a font chosen at random, and bent.

    Returns:
        the character, and its ink (H, W) in [0, 1], the longer side about 40 to 120 pixels.
    """
    return glyphs.glyph(rng)


def texture(rng: np.random.Generator) -> tuple[str, NDArray[np.float32]]:
    """Ink that was never a stroke.

    Returns:
        one of `KINDS`, and the ink (H, W) in [0, 1], 48 to 100 pixels a side.
    """
    name = tuple(TEXTURES)[rng.integers(len(TEXTURES))]
    return name, TEXTURES[name](rng)
