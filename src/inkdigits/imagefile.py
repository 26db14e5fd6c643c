"""The bytes of a PNG, JPEG, GIF, BMP, WebP or HEIC file -> grey pixels, with no surprises.

Formats are told by their first bytes, never by a name. The size is read from the header and
checked before decoding. Only the first frame counts. Does not know what limits are in force.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.errors import ImageError
from inkdigits.filechecks import checked, webp_size

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
#: Brands of a HEIF file (ISO/IEC 23008-12): coded with HEVC, or of any coding; AVIF's are none.
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"heif"})
_AVIF = frozenset({b"avif", b"avis"})
ORIENTATION = 0x0112  # EXIF tag
#: A JPEG is decoded at a half, a quarter or an eighth of its size while its longer side keeps so
#: many pixels, which is all that reading one digit needs and several times as fast.
ENOUGH = 900
#: How much more contrast one colour band must have before it is read instead of luminance.
BAND_ADVANTAGE = 1.5
_FILTERS = threading.Lock()
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(
    data: bytes, check: Callable[[int, int], None], enough: int = ENOUGH, *, heic: bool = False
) -> tuple[Image.Image, float, int]:
    """Decode the first frame, turned upright; a large JPEG at a part of its size.

    Args:
        data: the whole file.
        check: called with (width, height) from the header; raises to refuse.
        enough: pixels of the longer side that a large JPEG keeps at least.
        heic: whether HEIC files are read, too, where pillow-heif (the extra `heic`) is installed.

    Returns:
        The image, pixels of the file for one pixel of it, and how many further frames were left
        out.

    Raises:
        ImageError: `unsupported-format`, `corrupt-image` or `image-too-large`.
    """
    kind = sniff(data)
    if kind is None and heic and _is_heif(data):
        kind = "HEIC"
    if kind is None:
        what = "The file is empty:" if not data else "This is not a picture that can be read:"
        raise ImageError(
            f"{what} give a PNG, JPEG, GIF, BMP or WebP file.", code="unsupported-format"
        )
    if kind == "WEBP":  # its decoder reserves the whole canvas on opening
        check(*webp_size(data))
    try:
        if kind == "HEIC":
            return _decode_heic(data, check)
        data = checked(data, kind)
        with _opened(data, kind) as image:
            check(*image.size)
            size = image.width
            if kind == "JPEG":
                _thin_out(image, enough)
            image.load()
            return _upright(image), size / image.width, _further_frames(data, kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError(
            "The picture has far too many pixels: scale it down.", code="image-too-large"
        ) from None
    except ImageError:
        raise
    except Exception:  # Pillow's decoders raise almost anything on damaged files
        raise ImageError(
            f"The {kind} file is damaged or cut short: save or send it again.", code="corrupt-image"
        ) from None


def _decode_heic(data: bytes, check: Callable[[int, int], None]) -> tuple[Image.Image, float, int]:
    try:
        import pillow_heif
    except ModuleNotFoundError:
        raise ImageError(
            "Reading a HEIC file needs pillow-heif, which is not installed: run "
            "`pip install 'inkdigits[heic]'`, or save the picture as a JPEG.",
            code="unsupported-format",
        ) from None
    file = pillow_heif.open_heif(io.BytesIO(data))
    check(*file.size)
    # the decoder turns it upright, and says so in its EXIF
    return _upright(file.to_pillow()), 1.0, len(file) - 1


@contextmanager
def _opened(data: bytes, kind: str) -> Iterator[Image.Image]:
    with _quiet():
        image = Image.open(io.BytesIO(data), formats=[kind])
    with image:
        yield image


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow's remarks on odd metadata are dropped; its alarm at a huge picture is an error.

    Warning filters belong to the whole process, so only one thread at a time may change them.
    """
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def sniff(data: bytes) -> str | None:
    """The format that the first bytes announce, or `None`."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return "BMP" if data[:2] == b"BM" and len(data) > 14 else None


def _is_heif(data: bytes) -> bool:
    """Whether a file is HEIF, but not AVIF, by the brands at its start."""
    if data[4:8] != b"ftyp":
        return False
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size, 4))}
    return data[8:12] in _HEIF and not brands & _AVIF


def to_grey(image: Image.Image) -> NDArray[np.float32]:
    """Grey pixels (H, W) in [0, 1]; transparency shows paper that contrasts with the ink."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image)
    if image.mode in ("LA", "La", "PA", "RGBa", "RGBA") or "transparency" in image.info:
        return _without_alpha(image.convert("RGBA"))
    if image.mode in ("1", "L"):
        return _unit(image.convert("L"))
    return _best_band(image.convert("RGB"))


def _deep_grey(image: Image.Image) -> NDArray[np.float32]:
    values = np.asarray(image, np.float32)
    top = 65535.0 if image.mode != "F" and (image.mode != "I" or values.max() > 255) else 255.0
    return np.asarray(np.clip(values / np.float32(top), 0, 1), np.float32)


def _without_alpha(image: Image.Image) -> NDArray[np.float32]:
    alpha = _unit(image.getchannel("A"))
    grey = _best_band(image.convert("RGB"))
    if not alpha.any():  # nothing would be visible: the transparency carries no meaning
        return grey
    ink = float((grey * alpha).sum() / alpha.sum())
    paper = np.float32(1.0 if ink < 0.5 or alpha.all() else 0.0)
    return np.asarray(grey * alpha + paper * (1 - alpha), np.float32)


def _best_band(image: Image.Image) -> NDArray[np.float32]:
    """Luminance, or the colour band in which ink and paper differ clearly more."""
    small = np.asarray(image.resize((min(image.width, 64), min(image.height, 64))), np.float32)
    luma = small @ np.array([0.299, 0.587, 0.114], np.float32)
    spread = np.ptp(np.percentile(small, [1, 99], axis=(0, 1)), axis=0)
    if spread.max() > BAND_ADVANTAGE * np.ptp(np.percentile(luma, [1, 99])) + 8:
        return _unit(image.getchannel(int(spread.argmax())))
    return _unit(image.convert("L"))


def _unit(band: Image.Image) -> NDArray[np.float32]:
    return np.asarray(band, np.float32) / np.float32(255)


def _upright(image: Image.Image) -> Image.Image:
    try:
        with _quiet():
            turn = _TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken EXIF says nothing; the pixels are still good
        turn = None
    return image.transpose(turn) if turn is not None else image.copy()


def _thin_out(image: Image.Image, enough: int) -> None:
    """Have a JPEG decoded at a part of its size, where that is enough."""
    parts = [part for part in (2, 4, 8) if max(image.size) // part >= enough]
    if parts:
        image.draft(None, (image.width // parts[-1], image.height // parts[-1]))


def _further_frames(data: bytes, kind: str) -> int:
    if kind not in ("GIF", "PNG", "WEBP") or (kind == "PNG" and b"acTL" not in data):
        return 0
    try:
        with _opened(data, kind) as image:
            return int(getattr(image, "n_frames", 1)) - 1
    except Exception:  # damage behind the first frame does not concern us
        return 0
