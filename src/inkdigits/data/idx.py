"""The IDX format of the original MNIST files, plain or gzipped.

In: a path. Out: an array, in the shape its header states. Does not know what the numbers mean.

Layout (LeCun, Cortes, Burges): two zero bytes, a type byte (0x08 = uint8), the number of
dimensions, one big-endian uint32 a dimension, then the values.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import DataError

UINT8 = 0x08


def read_idx(path: Path, *, md5: str | None = None) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes.

    Args:
        path: the file, gzipped (recognised by its content) or plain.
        md5: what the uncompressed bytes must hash to, or `None` not to check.

    Returns:
        The array, in the shape that the header states.

    Raises:
        DataError: the file is missing, truncated, not IDX, or not the expected one.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path} could not be read: {error.strerror}.", code="data-not-found"
        ) from None
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            raise DataError(f"{path} is a damaged gzip file: {_again(path)}.") from None
    array = _parse(raw, path)  # first, as it can say more than that something differs
    if md5 is not None and hashlib.md5(raw, usedforsecurity=False).hexdigest() != md5:
        raise DataError(
            f"{path} is not the original MNIST file (its checksum, MD5, differs): {_again(path)}."
        )
    return array


def _parse(raw: bytes, path: Path) -> NDArray[np.uint8]:
    if len(raw) < 4 or raw[0] or raw[1] or raw[2] != UINT8 or not raw[3]:
        what = "is not an IDX file of unsigned bytes" if raw else "is empty"
        raise DataError(f"{path} {what}: {_again(path)}.")
    rank = raw[3]
    header = 4 + 4 * rank
    if len(raw) < header:
        raise DataError(f"{path} ends within its header: {_again(path)}.")
    shape = struct.unpack(f">{rank}I", raw[4:header])
    if len(raw) - header != math.prod(shape):
        raise DataError(
            f"{path} promises {math.prod(shape)} values and holds {len(raw) - header}: "
            f"{_again(path)}."
        )
    try:
        return np.frombuffer(raw, np.uint8, offset=header).reshape(shape).copy()
    except ValueError:  # more dimensions, or longer ones, than NumPy has
        raise DataError(f"{path} states a shape that cannot be: {_again(path)}.") from None


def _again(path: Path) -> str:
    return f"fetch it again with `inkdigits data fetch --to {path.parent}`"
