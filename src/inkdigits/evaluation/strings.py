"""Pictures of one number each, with what they say: composed of MNIST, pen strokes, real cheques.

In: digits, or the files of other handwriting. Out: `Strings`, dark ink on light paper. Knows
nothing of who reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.data import real
from inkdigits.data.digits import Digits
from inkdigits.errors import DataError

Rng = np.random.Generator
Picture = NDArray[np.uint8]
CHEQUES = "orand_car_a_dev.npz"
#: Gaps between digits cut to their ink, as parts of the narrower one's width: apart, touching or
#: nearly, and laid over one another.
SPACINGS = {"spaced": (0.15, 0.5), "touching": (-0.08, 0.02), "overlapped": (-0.35, -0.15)}
#: Digits of a composed string, and of one written with a pen.
LENGTHS, PEN_LENGTHS = (1, 20), (2, 6)
#: Paper around a string, pixels; a narrow digit counts as this wide.
MARGIN, NARROWEST = 12, 8


@dataclass(frozen=True)
class Strings:
    """A set of numbers.

    Attributes:
        name: of the set.
        pictures: each (H, W) uint8.
        texts: their digits.
    """

    name: str
    pictures: tuple[Picture, ...]
    texts: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[Picture, str]]:
        return zip(self.pictures, self.texts, strict=True)

    def __len__(self) -> int:
        return len(self.texts)


def composed(
    digits: Digits, spacing: str, count: int, *, length: int | None = None, seed: int = 0
) -> Strings:
    """Strings of MNIST digits side by side.

    Args:
        digits: to compose of.
        spacing: one of `SPACINGS`.
        count: how many.
        length: digits of each; `None` for 1 to 20.
        seed: decides which.
    """
    rng = np.random.default_rng([seed, len(spacing)])
    pictures, texts = [], []
    for _ in range(count):
        many = length or int(rng.integers(LENGTHS[0], LENGTHS[1] + 1))
        chosen = rng.integers(0, len(digits), many)
        pictures.append(_side_by_side([digits.images[k] for k in chosen], spacing, rng))
        texts.append("".join(str(digits.truth[k]) for k in chosen))
    size = "1 to 20" if length is None else str(length)
    return Strings(f"MNIST, {size} digits, {spacing}", tuple(pictures), tuple(texts))


def written(source: real.Handwriting, count: int, *, seed: int = 0) -> Strings:
    """Numbers of 2 to 6 digits, each by one writer of a set of pen strokes, with one pen."""
    rng = np.random.default_rng(seed)
    names = np.zeros(len(source), str) if source.writers is None else source.writers
    pictures, texts = [], []
    for _ in range(count):
        mine = np.flatnonzero(names == rng.choice(names))
        chosen = rng.choice(mine, int(rng.integers(PEN_LENGTHS[0], PEN_LENGTHS[1] + 1)))
        pictures.append(_in_a_row([source.strokes(k) for k in chosen], rng))
        texts.append("".join(str(source.labels[k]) for k in chosen))
    return Strings("pen strokes, 2 to 6 digits", tuple(pictures), tuple(texts))


def cheques(folder: Path, limit: int | None = None) -> Strings:
    """Amounts cut out of cheques; points and dashes do not count.

    Raises:
        DataError: they are not there, or their file is damaged.
    """
    path = folder / CHEQUES
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {key: file[key] for key in ("pixels", "shapes", "offsets", "strings")}
    except FileNotFoundError:
        raise DataError(f"{folder} holds no {path.name}.", code="data-not-found") from None
    except (OSError, KeyError, ValueError):
        raise DataError(f"{path} is damaged.") from None
    pictures = []
    for k, shape in enumerate(arrays["shapes"][:limit]):
        first, last = arrays["offsets"][k : k + 2]
        pixels = arrays["pixels"][first:last].reshape(shape)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.shape[2] == 3 else pixels[..., 0]
        pictures.append(np.asarray(grey, np.uint8))
    return Strings("cheque amounts", tuple(pictures), tuple(map(str, arrays["strings"][:limit])))


def _side_by_side(images: list[NDArray[np.uint8]], spacing: str, rng: Rng) -> Picture:
    cut = []
    for image in images:
        columns = np.flatnonzero((image > 50).any(axis=0))
        cut.append(image[:, columns[0] : columns[-1] + 1] if len(columns) else image)
    width = sum(max(mark.shape[1], 20) for mark in cut) * 2 + 2 * MARGIN
    field = np.zeros((28 + 2 * MARGIN, width), np.uint8)
    place = MARGIN
    for k, mark in enumerate(cut):
        if k:
            wide = min(mark.shape[1], cut[k - 1].shape[1])
            place += round(rng.uniform(*SPACINGS[spacing]) * max(wide, NARROWEST))
        spot = field[MARGIN : MARGIN + 28, place : place + mark.shape[1]]
        np.maximum(spot, mark, out=spot)
        place += mark.shape[1]
    return np.asarray(255 - field[:, : place + MARGIN], np.uint8)


def _in_a_row(digits: list[list[NDArray[np.floating]]], rng: Rng) -> Picture:
    height = rng.uniform(40, 90)
    pen = height * rng.uniform(0.05, 0.13)
    paths, place = [], 0.0
    for lines in digits:
        every = np.concatenate(lines)
        low, extent = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-6)
        scale = min(height * rng.uniform(0.9, 1.05) / extent[1], 1.3 * height / extent[0])
        down = rng.normal(0, 0.04) * height - extent[1] * scale
        paths += [(line - low) * scale + [place, down] for line in lines]
        place += float(extent[0] * scale + rng.uniform(0.08, 0.35) * height + pen)
    every = np.concatenate(paths)
    low = every.min(axis=0) - MARGIN - pen
    wide, tall = (int(side) for side in np.ceil(np.ptp(every, axis=0) + 2 * (MARGIN + pen)))
    drawn = strokes.draw([path - low for path in paths], (wide, tall), pen)
    return np.asarray(np.round(drawn * 255), np.uint8)
