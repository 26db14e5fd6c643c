"""A picture in any form that a caller may hold -> upright grey pixels.

In: a path, bytes, a file, a PIL image or an array. Out: `Picture`. Limits are enforced from the
header, before any pixel is decoded. Does not know what is on the picture.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits import imagefile
from inkdigits.errors import ArrayError, ImageError

ImageSource = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | BinaryIO
    | Image.Image
    | NDArray[np.generic]
)
Grey = NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """What picture is read; anything else is refused before it is decoded.

    Attributes:
        max_bytes: of the encoded file.
        max_side: width and height, pixels.
        max_pixels: width times height.
        heic: whether HEIC files are read where pillow-heif is installed (the extra `heic`).
    """

    max_bytes: int = 5 * 2**20
    max_side: int = 4096
    max_pixels: int = 16_000_000
    heic: bool = True

    def check(self, width: int, height: int) -> None:
        """Raise `ImageError` (`image-too-large`) for a picture outside the limits."""
        if max(width, height) > self.max_side or width * height > self.max_pixels:
            raise ImageError(
                f"The picture is {width} x {height} pixels; at most {self.max_side} a side and "
                f"{self.max_pixels / 1e6:g} megapixels are read: scale it down.",
                code="image-too-large",
            )


#: No limits at all, for pictures that the caller trusts.
UNLIMITED = Limits(max_bytes=2**62, max_side=2**31, max_pixels=2**62)


@dataclass(frozen=True)
class Picture:
    """An upright grey picture.

    Attributes:
        pixels: (H, W) float32 in [0, 1], 0 black, 1 white.
        frames_ignored: how many further frames the file had.
        scale: pixels of the file for one pixel here, each way, >= 1.
    """

    pixels: Grey
    frames_ignored: int = 0
    scale: float = 1.0


def load(
    source: ImageSource, limits: Limits | None = None, enough: int = imagefile.ENOUGH
) -> Picture:
    """Read a picture.

    Args:
        source: a path; the bytes of a PNG, JPEG, GIF, BMP, WebP or, with the extra `heic`, HEIC
            file, or an open binary file of one; a PIL image; or an array, (H, W), (H, W, 1),
            (H, W, 3) RGB or (H, W, 4) RGBA, of integers 0 to 255, booleans, or floats 0 to 1.
        limits: sizes to refuse; `None` for the usual ones, `UNLIMITED` for none.
        enough: pixels of the longer side that suffice, so that a large JPEG is decoded at a part
            of its size.

    Raises:
        ImageError: not an image of these formats, damaged, too large, or not there.
        ArrayError: an array of another shape, type or range.
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        return Picture(from_array(source, limits))
    if isinstance(source, Image.Image):
        limits.check(*source.size)
        return Picture(imagefile.to_grey(source))
    data = _bytes_of(source, limits)
    image, scale, ignored = imagefile.decode(data, limits.check, enough, heic=limits.heic)
    return Picture(imagefile.to_grey(image), ignored, scale)


def colour(source: ImageSource, limits: Limits | None = None) -> Image.Image:
    """A picture to draw on: RGB, upright as `load` has it, in its full size.

    Args:
        source: as for `load`.
        limits: as for `load`.

    Raises:
        ImageError, ArrayError: as `load` does.
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        if source.ndim == 3 and source.shape[2] == 3:
            from_array(source, limits)  # refuses what is no picture
            return Image.fromarray(np.round(unit_range(source) * 255).astype(np.uint8))
        return _grey_image(from_array(source, limits))
    if isinstance(source, Image.Image):
        limits.check(*source.size)
        picture = source
    else:
        data = _bytes_of(source, limits)
        picture, _, _ = imagefile.decode(data, limits.check, limits.max_side, heic=limits.heic)
    if picture.mode in ("RGB", "CMYK", "YCbCr", "P") and "transparency" not in picture.info:
        return picture.convert("RGB")
    return _grey_image(imagefile.to_grey(picture))


def _grey_image(pixels: Grey) -> Image.Image:
    return Image.fromarray(np.round(pixels * 255).astype(np.uint8)).convert("RGB")


def from_array(array: NDArray[np.generic], limits: Limits) -> Grey:
    """An array as grey pixels; the rules are those of `load`."""
    shape = " x ".join(map(str, array.shape)) or "a single number"
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ArrayError(
            "A picture has the shape (height, width), optionally with 1, 3 or 4 channels; "
            f"this is {shape}."
        )
    if 0 in array.shape:
        raise ArrayError(f"This picture is empty: its shape is {shape}.")
    limits.check(array.shape[1], array.shape[0])
    pixels = unit_range(array)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.ascontiguousarray(pixels.reshape(pixels.shape[:2]))
    bands = np.round(pixels * 255).astype(np.uint8)
    return imagefile.to_grey(Image.fromarray(bands))


def unit_range(array: NDArray[np.generic]) -> Grey:
    """Numbers as float32 in [0, 1]: integers are divided by 255, floats and booleans kept.

    Raises:
        ArrayError: not numbers, out of range (`tensor-shape`), NaN or infinite (`not-finite`).
    """
    if array.dtype.kind == "b":
        return array.astype(np.float32)
    if array.dtype.kind not in "iuf":
        raise ArrayError(f"Pixels are integers 0 to 255 or floats 0 to 1, not {array.dtype}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ArrayError("Pixels must be finite: there is a NaN or an infinity.", code="not-finite")
    top = 1 if array.dtype.kind == "f" else 255
    if array.size and (array.min() < 0 or array.max() > top):
        hint = " (divide by 255, or pass uint8)" if top == 1 else ""
        raise ArrayError(f"{array.dtype} pixels must lie in 0 to {top}{hint}.")
    return array.astype(np.float32) / np.float32(top)


def _bytes_of(source: object, limits: Limits) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = _read(Path(source), limits)
    elif hasattr(source, "read"):
        data = source.read(limits.max_bytes + 1) if limits.max_bytes < 2**40 else source.read()
        if not isinstance(data, bytes):
            raise ImageError(
                "The file must be opened in binary mode ('rb').", code="unsupported-format"
            )
    else:
        raise ArrayError(
            "A picture is given as a path, bytes, binary file, PIL image or NumPy array, "
            f"not {type(source).__name__}."
        )
    _check_bytes(len(data), limits)
    return data


def _read(path: Path, limits: Limits) -> bytes:
    try:
        _check_bytes(path.stat().st_size, limits)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a usable file name"
        raise ImageError(f"{path} could not be read: {why}.", code="image-not-found") from None


def _check_bytes(count: int, limits: Limits) -> None:
    if count > limits.max_bytes:
        raise ImageError(
            f"The file is larger than {limits.max_bytes / 2**20:g} MiB: scale the picture down.",
            code="image-too-large",
        )
