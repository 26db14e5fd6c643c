"""A letter or sign out of a printed font, bent until it might be someone's hand.

In: a random generator, and the fonts that matplotlib brings along. Out: a character and its ink.
Which characters may be drawn is `lookalikes.py`'s to say.
"""

from __future__ import annotations

import math
from bisect import bisect
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.wild.lookalikes import GROUPS, family

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Ink = NDArray[np.float32]
#: Fonts whose tables are Unicode; of the TeX fonts only the letters are.
FONTS = tuple(
    f"{family}{cut}"
    for family, cuts in {
        "DejaVuSans": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "DejaVuSansMono": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "DejaVuSerif": ("", "-Bold", "-Italic", "-BoldItalic"),
        "STIXGeneral": ("", "Bol", "Italic", "BolIta"),
        "cm": ("r10", "mi10", "ss10", "tt10", "b10"),
    }.items()
    for cut in cuts
)
#: In the cursive cuts these are other shapes: one-storeyed a (9), Cyrillic letters like m and u.
CURSIVE, CURSIVE_OUT = ("Ital", "BolIta", "mi10"), set("aevwкптд")
#: Points of the font, so many pixels, that characters are drawn at before they are bent.
SIZE = 72


class Row(NamedTuple):
    """A character and the fonts that hold it."""

    character: str
    fonts: tuple[str, ...]


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[tuple[Row, ...], ...]]:
    """Group -> its letters, each with those made from it by accents, the bare one first.

    Read once a process, in about a fifth of a second.
    """
    from matplotlib.ft2font import FT2Font

    fonts: dict[str, list[str]] = {}
    for name in FONTS:
        for character in map(chr, FT2Font(str(_path(name))).get_charmap()):
            tex = name.startswith("cm") and not (character.isascii() and character.isalpha())
            bent = any(cut in name for cut in CURSIVE) and character in CURSIVE_OUT
            if not tex and not bent:
                fonts.setdefault(character, []).append(name)
    found: dict[str, dict[str, list[Row]]] = {group: {} for group in GROUPS}
    for character in sorted(fonts):
        kin = family(character)
        if kin:
            row = Row(character, tuple(fonts[character]))
            found[kin[0]].setdefault(kin[1], []).append(row)
    return {group: tuple(map(tuple, kin.values())) for group, kin in found.items()}


def glyph(rng: np.random.Generator) -> tuple[str, Ink]:
    """A character, drawn: see `oddities.glyph`. Six in ten letters have no accent."""
    weights = list(accumulate(GROUPS.values()))
    families = table()[tuple(GROUPS)[bisect(weights, rng.random() * weights[-1])]]
    rows = families[rng.integers(len(families))]
    row = rows[0] if rng.random() < 0.6 else rows[rng.integers(len(rows))]
    ink = printed(row.character, row.fonts[rng.integers(len(row.fonts))])
    return row.character, _crop(_bent(_weighted(ink, rng), rng))


def printed(character: str, font: str) -> Ink:
    """The character as the font has it: ink (H, W) in [0, 1], its box and nothing more."""
    from PIL import Image, ImageDraw

    face = _face(font)
    left, top, right, bottom = map(round, face.getbbox(character))
    page = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(page).text((-left, -top), character, fill=255, font=face)
    return np.asarray(page, np.float32) / np.float32(255)


def _weighted(ink: Ink, rng: np.random.Generator) -> Ink:
    """Thinned or thickened, unless that breaks it in pieces or fills it up."""
    luck, width = rng.random(), int(rng.integers(2, 6))
    ink = np.pad(ink, 4)
    if luck < 0.65:
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        other = np.asarray(cv2.erode(ink, pen) if luck < 0.35 else cv2.dilate(ink, pen), np.float32)
        if 0.4 < float(other.sum()) / float(ink.sum()) < 1.6 and _pieces(other) == _pieces(ink):
            return other
    return ink


def _pieces(ink: Ink) -> int:
    return cv2.connectedComponents((ink > 0.4).view(np.uint8))[0]


def _bent(ink: Ink, rng: np.random.Generator) -> Ink:
    """Turned up to 15 degrees, sheared up to 20, 0.6 to 1.5 times as wide, and bent a little."""
    tall = rng.uniform(40, 100)
    scale = tall / max(ink.shape)
    turn, shear = np.radians(rng.uniform([-15, -20], [15, 20]))
    wide = math.exp(rng.uniform(math.log(0.6), math.log(1.5)))
    cos, sin = math.cos(turn), math.sin(turn)
    forward = np.array([[cos, -sin], [sin, cos]]) @ [[wide, -math.tan(shear)], [0, 1]] * scale
    size = np.abs(forward) @ ink.shape[::-1] + 8
    columns, rows = (int(side) for side in np.ceil(size))
    back = np.linalg.inv(forward).astype(np.float32)
    x = np.arange(columns, dtype=np.float32)[None] - np.float32(columns / 2)
    y = np.arange(rows, dtype=np.float32)[:, None] - np.float32(rows / 2)
    bumps = rng.normal(0, rng.uniform(0, 0.03) * max(ink.shape), (4, 4, 2)).astype(np.float32)
    bend = cv2.resize(bumps, (columns, rows), interpolation=cv2.INTER_CUBIC)
    where_x = back[0, 0] * x + back[0, 1] * y + np.float32(ink.shape[1] / 2) + bend[..., 0]
    where_y = back[1, 0] * x + back[1, 1] * y + np.float32(ink.shape[0] / 2) + bend[..., 1]
    return np.asarray(cv2.remap(ink, where_x, where_y, cv2.INTER_LINEAR), np.float32)


def _crop(ink: Ink) -> Ink:
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.1), np.flatnonzero(ink.max(axis=0) > 0.1)
    if not len(rows):
        return ink
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.clip(np.pad(box, 2), 0, 1)


def _path(name: str) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"


@lru_cache(maxsize=len(FONTS))
def _face(name: str) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(_path(name), SIZE, layout_engine=ImageFont.Layout.BASIC)
