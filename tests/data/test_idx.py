"""IDX: what was written comes back, and damage is always a DataError."""

from __future__ import annotations

import gzip
import hashlib
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from inkdigits.data.idx import read_idx
from inkdigits.errors import DataError

ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(max_dims=4, min_side=0, max_side=5))


def idx_bytes(array: NDArray[np.uint8]) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("idx") / "some-idx"


@given(array=ARRAYS, zipped=st.booleans())
def test_round_trip(path: Path, array: NDArray[np.uint8], zipped: bool) -> None:
    raw = idx_bytes(array)
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    read = read_idx(path, md5=hashlib.md5(raw).hexdigest())
    assert read.dtype == np.uint8
    assert read.shape == array.shape
    np.testing.assert_array_equal(read, array)
    read[...] = 0  # its own memory


@given(array=ARRAYS, zipped=st.booleans(), data=st.data())
def test_cut_short(path: Path, array: NDArray[np.uint8], zipped: bool, data: st.DataObject) -> None:
    raw = gzip.compress(idx_bytes(array)) if zipped else idx_bytes(array)
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(DataError):
        read_idx(path)


@given(array=ARRAYS, zipped=st.booleans(), data=st.data())
def test_a_changed_byte_is_found_by_the_checksum(
    path: Path, array: NDArray[np.uint8], zipped: bool, data: st.DataObject
) -> None:
    plain = idx_bytes(array)
    raw = bytearray(gzip.compress(plain) if zipped else plain)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(raw))
    try:
        read = read_idx(path, md5=hashlib.md5(plain).hexdigest())
    except DataError:
        return
    np.testing.assert_array_equal(read, array)  # a byte of gzip's header that says nothing


@given(raw=st.binary(max_size=80) | st.binary(max_size=400).map(lambda b: b"\0\0\x08" + b))
def test_noise_is_refused_or_read(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with suppress(DataError):
        assert read_idx(path).dtype == np.uint8


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\x08\0",  # no dimension
        b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0",  # floats
        b"\0\0\x08\xff" + struct.pack(">255I", *[1] * 255) + b"x",  # too many dimensions
        b"\0\0\x08\x04" + struct.pack(">4I", 0, *[2**32 - 1] * 3),  # too long ones
        b"\0\0\x08\x01\0\0\0\x01xx",  # one value too many
    ],
)
def test_impossible_files(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(DataError, match="some-idx"):
        read_idx(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for place in (tmp_path / "absent", tmp_path):
        with pytest.raises(DataError, match="could not be read") as caught:
            read_idx(place)
        assert caught.value.code == "data-not-found"
