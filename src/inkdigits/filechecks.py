"""Whether the structure of an image file is sound, told before it is decoded.

In: the bytes of a PNG, JPEG or GIF. Out: the bytes that the decoder is given, or `ValueError`. A
few kilobytes can be built so that a decoder spends minutes or a hundred megabytes on them, far
within its limit of pixels: by texts that swell when they are unpacked, by passes over the same
pixels, by thousands of empty pieces. Does not know what a picture shows, nor its limits of size.
"""

from __future__ import annotations

import re
import struct
import zlib

#: Passes in which a JPEG may bring its pixels; each costs as much as all of a plain one. Encoders
#: make a dozen.
MAX_SCANS = 64
#: Pieces that any file may be made of; more must be of `SMALLEST` bytes on average.
MAX_PIECES, SMALLEST = 1000, 256
#: Chunks of a PNG that say nothing of its pixels and may be compressed, or many.
_WORDS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
_SCAN, _END = b"\xff\xda", b"\xff\xd9"
#: A marker of a JPEG that begins something: none that stands alone in pixels, nor filling.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")


def checked(data: bytes, kind: str) -> bytes:
    """The file as its decoder may have it: of a PNG, without its texts and colour profile.

    Raises:
        ValueError: it is damaged, or built to be slow to decode.
    """
    if kind == "PNG":
        return _png(data)
    if kind == "JPEG":
        _check_jpeg(data)
    elif kind == "GIF":
        _check_gif(data)
    return data


def webp_size(data: bytes) -> tuple[int, int]:
    """Canvas size from a WebP header (RFC 9649); (0, 0) where the header is not whole."""
    if len(data) < 30:
        return 0, 0
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _count(pieces: int, data: bytes) -> None:
    if pieces > MAX_PIECES and pieces > len(data) // SMALLEST:
        raise ValueError("made of too many pieces")


def _png(data: bytes) -> bytes:
    """Without texts; `ValueError` where a chunk of pixels fails its CRC, which Pillow lets pass."""
    at, kept, pieces = 8, 0, 0
    rest: list[bytes] = []
    while at + 12 <= len(data):
        pieces += 1
        _count(pieces, data)
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if name == b"IDAT" and data[end - 4 : end] != struct.pack(
            ">I", zlib.crc32(data[at + 4 : end - 4])
        ):
            raise ValueError("IDAT fails its CRC")
        if name == b"IEND":
            break
        if name in _WORDS:
            rest.append(data[kept:at])
            kept = end
        at = end
    return b"".join([*rest, data[kept:]]) if rest else data


def _check_jpeg(data: bytes) -> None:
    """Walk the segments up to the pixels, and from pass to pass where there may be too many."""
    at, pieces, scans = 2, 0, 0
    many = data.count(_SCAN) > MAX_SCANS
    while found := _MARKER.search(data, at):
        pieces += 1
        if scans == 0:  # what stands between segments is looked at byte by byte
            pieces += found.start() - at
        _count(pieces, data)
        at, marker = found.end(), found[0]
        if marker == _END:
            return
        if marker == _SCAN:
            scans += 1
            if not many:
                return
            if scans > MAX_SCANS:
                raise ValueError("pixels in too many passes")
        at += int.from_bytes(data[at : at + 2], "big")
    if scans == 0:
        raise ValueError("no pixels")


def _check_gif(data: bytes) -> None:
    """Walk what stands before the first frame."""
    if len(data) < 13:
        return
    at, pieces = 13 + _table(data[10]), 0
    while data[at : at + 1] == b"\x21":  # an extension: its label, then blocks up to an empty one
        at += 2
        while at < len(data) and data[at]:
            pieces += 1
            _count(pieces, data)
            at += 1 + data[at]
        at += 1
        pieces += 1
        _count(pieces, data)


def _table(packed: int) -> int:
    """Bytes of a table of colours, by the byte that announces it."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0
