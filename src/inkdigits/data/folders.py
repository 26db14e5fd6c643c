"""Digits as folders of pictures: `0/` to `9/`, each with 28x28 PNGs of that digit.

In: a folder, or one with `train` (or `training`) and `test` (or `testing`) in it, each laid out
so. Out: `Digits`, in the order of the names. Does not scale, centre or invert a picture: what
is not already 28x28, opaque, 8-bit and bright on black is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.data.digits import Digits, is_inverted
from inkdigits.errors import DataError

SIDE = 28
LEARN_NAMES = ("train", "training")
TEST_NAMES = ("test", "testing")
#: What file managers leave behind; everything else that is not a PNG is an error.
STRAY = ("thumbs.db", "desktop.ini")


def is_folders(place: Path) -> bool:
    """Whether `place` looks like folders of digits, complete or not."""
    return any(_has_digit(part) for part in (place, *(place / name for name in LEARN_NAMES)))


def read_folders(place: Path) -> tuple[Digits, Digits]:
    """Read a folder of pictures as (learn, test); `test` is empty where there is none.

    Raises:
        DataError: a digit has no folder, there is no picture, or one is not as it should be;
            the message names it.
    """
    if _has_digit(place):
        learn = _read_part(place)
        return learn, learn[:0]
    learn = _read_part(next(place / name for name in LEARN_NAMES if _has_digit(place / name)))
    for name in TEST_NAMES:
        if (place / name).is_dir():
            return learn, _read_part(place / name)
    return learn, learn[:0]


def _has_digit(place: Path) -> bool:
    return any((place / str(digit)).is_dir() for digit in range(10))


def _read_part(place: Path) -> Digits:
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    for digit in range(10):
        for path in _pictures(place / str(digit)):
            images.append(_read_picture(path))
            labels.append(digit)
    if not images:
        raise DataError(f"{place} has no PNG in its folders 0/ to 9/.")
    stack = np.stack(images)
    if is_inverted(stack):
        raise DataError(
            f"{place} holds dark ink on a light ground; MNIST is bright on black: "
            "invert the pictures first."
        )
    return Digits(stack, np.array(labels, np.uint8))


def _pictures(folder: Path) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        raise DataError(f"{folder} is missing: each digit, 0 to 9, needs its folder.") from None
    for path in paths:
        if path.name.startswith(".") or path.name.lower() in STRAY:
            continue
        if path.suffix.lower() != ".png":
            raise DataError(f"{path} is not a PNG: only 28x28 PNGs may lie there.")
        yield path


def _read_picture(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            size, mode = picture.size, picture.mode
            clear = picture.has_transparency_data
            pixels = np.asarray(picture.convert("L")) if size == (SIDE, SIDE) else None
    except Exception:  # Pillow, zlib and struct each have their own word for a damaged file
        raise DataError(f"{path} is not a readable PNG.") from None
    if pixels is None:
        raise DataError(f"{path} is {size[0]}x{size[1]} pixels; 28x28 are expected.")
    if mode.startswith(("I", "F")):
        raise DataError(f"{path} has 16 bits a pixel; 8 are expected.")
    if clear:
        raise DataError(f"{path} is transparent; put it on a black ground first.")
    return pixels
