"""Digits drawn by ourselves, and files of every kind made from them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkdigits.strokes import draw

#: Pen strokes of plain digits in a unit square, y down.
STROKES: dict[int, list[list[tuple[float, float]]]] = {
    0: [[(0.5 + 0.3 * np.sin(t), 0.5 - 0.5 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 40)]],
    1: [[(0.5, 0.0), (0.5, 1.0)]],
    2: [
        [(0.5 - 0.35 * np.cos(t), 0.3 - 0.3 * np.sin(t)) for t in np.linspace(0, np.pi, 20)]
        + [(0.8, 0.45), (0.15, 1.0), (0.9, 1.0)]
    ],
    4: [[(0.3, 0.0), (0.1, 0.55), (0.85, 0.55)], [(0.7, 0.15), (0.65, 1.0)]],
    7: [[(0.1, 0.05), (0.85, 0.0), (0.35, 1.0)]],
}


def drawing(
    digit: int, *, side: int = 200, part: float = 0.5, pen: float = 14.0
) -> NDArray[np.uint8]:
    """A digit, black on white, in the middle of a square; (side, side) uint8."""
    start, size = side * (1 - part) / 2, side * part
    lines = [np.array(line) * size + start for line in STROKES[digit]]
    grey: NDArray[np.uint8] = np.round(draw(lines, (side, side), pen) * 255).astype(np.uint8)
    return grey


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def seven() -> Image.Image:
    """The 7 that most cases show."""
    return Image.fromarray(drawing(7))


def png_with_header(width: int, height: int, *, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG whose header announces a size and that holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, body)
        for name, body in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    )


def black(side: int) -> bytes:
    """A whole PNG of black pixels, made without holding them."""
    pack = zlib.compressobj(9)
    rows = b"".join(pack.compress(bytes(side + 1)) for _ in range(side)) + pack.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*piece) for piece in pieces)


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk with its CRC."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _insert_chunk(png: bytes, name: bytes, body: bytes, times: int = 1) -> bytes:
    return png[:33] + chunk(name, body) * times + png[33:]  # behind IHDR


def _bomb(name: bytes, size: int = 50_000_000, times: int = 1) -> bytes:
    """A PNG with compressed texts, or a profile, that swell to `size` each."""
    head, body = b"\0\1\0\0\0" if name == b"iTXt" else b"\0\0", zlib.compress(bytes(size))
    png = _plain()
    return (
        png[:33] + b"".join(chunk(name, b"%d" % n + head + body) for n in range(times)) + png[33:]
    )


def _segment(marker: int, body: bytes, times: int = 1, *, file: bytes | None = None) -> bytes:
    """A JPEG with further segments behind its first two bytes."""
    jpeg = file or _plain("JPEG")
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    return jpeg[:2] + segment * times + jpeg[2:]


def _exif(entries: bytes, count: int, after: int = 0) -> bytes:
    """A JPEG whose EXIF announces `count` entries."""
    body = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", count) + entries
    return _segment(0xE1, body + struct.pack(">I", after))


def _passes(count: int) -> bytes:
    """A JPEG of 4000 x 4000 whose last pass comes `count` times more: 33 bytes, 6 ms each."""
    jpeg = encode(Image.new("L", (4000, 4000), 255), "JPEG", progressive=True)
    return jpeg[:-2] + jpeg[jpeg.rfind(b"\xff\xda") : -2] * count + jpeg[-2:]


def _remarked(count: int) -> bytes:
    """A GIF with comments before its frame."""
    gif = _plain("GIF")
    table = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:table] + b"\x21\xfe\1a\0" * count + gif[table:]


def _sized(kind: str, side: int) -> bytes:
    """A file whose header says that it is a square of `side`, and holds next to nothing."""
    file = bytearray(_plain(kind, lossless=True) if kind == "WEBP" else _plain(kind))
    at = {"JPEG": file.find(b"\xff\xc0") + 5, "GIF": 6, "BMP": 18, "WEBP": 21}[kind]
    if kind == "WEBP":
        file[at : at + 4] = struct.pack("<I", side - 1 | (side - 1) << 14)
    else:
        file[at : at + (8 if kind == "BMP" else 4)] = struct.pack(
            {"JPEG": ">HH", "GIF": "<HH", "BMP": "<ii"}[kind], side, side
        )
    return bytes(file)


def _animated(kind: str, frames: int) -> bytes:
    rest = [Image.fromarray(drawing(0, pen=4 + n % 20)) for n in range(frames - 1)]
    return encode(seven(), kind, save_all=True, append_images=rest)


def _rotated(orientation: int) -> bytes:
    """A JPEG that is only upright when its EXIF orientation is obeyed."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = seven() if undo is None else seven().transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(image, "JPEG", exif=exif)


def _deep() -> bytes:
    """16-bit grey whose high bytes matter: `convert("L")` would clip all of it to white."""
    values = drawing(7).astype(np.uint16) * 200 + 1000
    return encode(Image.fromarray(values), "PNG")


def _ink_in_alpha(colour: int) -> bytes:
    alpha = Image.fromarray(255 - drawing(7))
    layer = Image.new("L", alpha.size, colour)
    return encode(Image.merge("LA", [layer, alpha]), "PNG")


def _transparent() -> bytes:
    rgba = seven().convert("RGBA")
    rgba.putalpha(0)
    return encode(rgba, "PNG")


def _palette_with_transparency() -> bytes:
    image = seven().convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    return encode(image, "PNG", transparency=int(np.asarray(image)[0, 0]))


@dataclass(frozen=True)
class Case:
    """One picture and what must come of it: a digit, `None` for a blank, or an error code."""

    name: str
    make: Callable[[], bytes]
    answer: int | str | None
    frames_ignored: int = 0


def _cut(kind: str, at: Callable[[bytes], int]) -> Callable[[], bytes]:
    def make() -> bytes:
        whole = encode(seven(), kind)
        return whole[: at(whole)]

    return make


def _flip(png: bytes, at: int) -> bytes:
    return png[:at] + bytes([png[at] ^ 0x55]) + png[at + 1 :]


def _plain(kind: str = "PNG", **options: object) -> bytes:
    return encode(seven(), kind, **options)


KINDS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
UNSUPPORTED, CORRUPT, TOO_LARGE = "unsupported-format", "corrupt-image", "image-too-large"

CASES = [
    Case("empty", lambda: b"", UNSUPPORTED),
    Case("one byte", lambda: b"x", UNSUPPORTED),
    Case("text", lambda: b"seven, honestly\n" * 9, UNSUPPORTED),
    Case("html", lambda: b"<!doctype html><title>7</title>", UNSUPPORTED),
    Case("pdf", lambda: b"%PDF-1.7\n1 0 obj\n", UNSUPPORTED),
    Case("zip", lambda: b"PK\x03\x04" + bytes(60), UNSUPPORTED),
    Case("svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', UNSUPPORTED),
    Case("eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", UNSUPPORTED),
    Case("tiff", lambda: _plain("TIFF"), UNSUPPORTED),
    Case("ico", lambda: _plain("ICO"), UNSUPPORTED),
    Case("ppm", lambda: _plain("PPM"), UNSUPPORTED),
    Case("jp2", lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60), UNSUPPORTED),
    Case("avif", lambda: b"\0\0\0\x1cftypavif" + bytes(60), UNSUPPORTED),
    *(Case(f"{k} cut at 20 bytes", _cut(k, lambda _: 20), CORRUPT) for k in KINDS),
    *(Case(f"{k} cut in half", _cut(k, lambda b: len(b) // 2), CORRUPT) for k in KINDS),
    Case("png header crc", lambda: _flip(_plain(), 30), CORRUPT),
    Case("png data flipped", lambda: _flip(_plain(), len(_plain()) - 40), CORRUPT),
    Case("png colour type 5", lambda: png_with_header(8, 8, colour=5), CORRUPT),
    Case("png 0x0", lambda: png_with_header(0, 0), CORRUPT),
    Case("png without its last byte", lambda: _plain()[:-1], 7),
    Case("gif without its last byte", lambda: _plain("GIF")[:-1], 7),
    Case("script behind a png", lambda: _plain() + b"<script>alert(1)</script>", 7),
    Case("zip behind a jpeg", lambda: _plain("JPEG") + b"PK\x03\x04" + bytes(60), 7),
    Case("1x1", lambda: encode(Image.new("L", (1, 1), 255), "PNG"), None),
    Case("white page", lambda: encode(Image.new("RGB", (300, 400), "white"), "JPEG"), None),
    Case("grey page", lambda: encode(Image.new("L", (64, 64), 90), "PNG"), None),
    Case("1x20000", lambda: encode(Image.new("L", (1, 20000)), "PNG"), TOO_LARGE),
    Case("30000x30000 header", lambda: png_with_header(30000, 30000), TOO_LARGE),
    Case("2^31-1 sides", lambda: png_with_header(2**31 - 1, 2**31 - 1), TOO_LARGE),
    Case("8000x8000", lambda: black(8000), TOO_LARGE),
    Case("12000x12000", lambda: black(12000), TOO_LARGE),
    Case("jpeg 65535x65535 header", lambda: _sized("JPEG", 65535), TOO_LARGE),
    Case("gif 65535x65535 header", lambda: _sized("GIF", 65535), TOO_LARGE),
    Case("bmp 2^31-1 sides", lambda: _sized("BMP", 2**31 - 1), TOO_LARGE),
    Case("webp 16384x16384 header", lambda: _sized("WEBP", 16384), TOO_LARGE),
    Case("zTXt bomb", lambda: _bomb(b"zTXt"), 7),
    Case("iTXt bomb", lambda: _bomb(b"iTXt"), 7),
    Case("iCCP bomb", lambda: _bomb(b"iCCP"), 7),
    Case("60 zTXt of 1 MB", lambda: _bomb(b"zTXt", 1_000_000, 60), 7),
    Case("60,000 tEXt", lambda: _insert_chunk(_plain(), b"tEXt", b"a\0", 60_000), CORRUPT),
    Case("60,000 empty IDAT", lambda: _insert_chunk(_plain(), b"IDAT", b"", 60_000), CORRUPT),
    Case("60,000 empty comments in a jpeg", lambda: _segment(0xFE, b"", 60_000), CORRUPT),
    Case("60,000 EXIF", lambda: _segment(0xE1, b"Exif\0\0x", 60_000), CORRUPT),
    Case("500,000 bytes of filling", lambda: _plain("JPEG")[:2] + b"\xff" * 500_000, CORRUPT),
    Case("jpeg of 1,000 passes", lambda: _passes(1000), CORRUPT),
    Case("60,000 comments in a gif", lambda: _remarked(60_000), CORRUPT),
    Case("3 comments in a gif", lambda: _remarked(3), 7),
    Case("bad icc", lambda: _plain(icc_profile=b"not a profile"), 7),
    Case("broken exif", lambda: _plain("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"), 7),
    Case("exif of itself", lambda: _exif(b"\x87\x69\0\4\0\0\0\1\0\0\0\x08" * 2, 2, 8), 7),
    Case(
        "exif of 65,535 values",
        lambda: _exif(b"\x01\x12\0\3\xff\xff\xff\xff\0\0\0\x08" * 5000, 65535),
        7,
    ),
    Case("16-bit grey", _deep, 7),
    Case("1-bit", lambda: encode(seven().convert("1"), "PNG"), 7),
    Case("palette", lambda: encode(seven().convert("P"), "PNG"), 7),
    Case("palette with transparency", _palette_with_transparency, 7),
    Case("black ink in alpha", lambda: _ink_in_alpha(0), 7),
    Case("white ink in alpha", lambda: _ink_in_alpha(255), 7),
    Case("fully transparent", _transparent, 7),
    Case("cmyk jpeg", lambda: encode(seven().convert("CMYK"), "JPEG"), 7),
    Case("progressive jpeg", lambda: _plain("JPEG", progressive=True), 7),
    Case("bmp", lambda: _plain("BMP"), 7),
    Case("lossless webp", lambda: _plain("WEBP", lossless=True), 7),
    Case("webp", lambda: _plain("WEBP"), 7),
    *(Case(f"exif orientation {n}", lambda n=n: _rotated(n), 7) for n in range(1, 9)),  # type: ignore[misc]
    Case("gif of 300 frames", lambda: _animated("GIF", 300), 7, 299),
    Case("apng of 3 frames", lambda: _animated("PNG", 3), 7, 2),
    Case("webp of 3 frames", lambda: _animated("WEBP", 3), 7, 2),
]
