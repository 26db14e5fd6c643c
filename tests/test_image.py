from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from inkdigits import ArrayError, ImageError
from inkdigits.image import Limits, load, unit_range
from tests.pictures import drawing, encode, seven


@pytest.mark.parametrize("kind", ["path", "str", "bytes", "bytearray", "file", "pil", "array"])
def test_every_kind_of_source_gives_the_same_pixels(kind: str, tmp_path: Path) -> None:
    grey, data = drawing(7), encode(seven(), "PNG")
    path = tmp_path / "7.png"
    path.write_bytes(data)
    source = {
        "path": path,
        "str": str(path),
        "bytes": data,
        "bytearray": bytearray(data),
        "file": io.BytesIO(data),
        "pil": seven(),
        "array": grey,
    }[kind]
    pixels = load(source).pixels  # type: ignore[arg-type]
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels, grey / 255, atol=1e-6)


def test_rgb_and_grey_arrays_agree() -> None:
    grey = drawing(7)
    rgb = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_allclose(load(rgb).pixels, load(grey).pixels, atol=1 / 255)
    np.testing.assert_allclose(load(grey[..., None]).pixels, load(grey).pixels)


def test_ink_of_the_papers_brightness_is_seen_in_its_colour() -> None:
    ink = drawing(7) < 128
    rgb = np.empty((*ink.shape, 3), np.uint8)
    rgb[:] = (200, 120, 120)
    rgb[ink] = (60, 165, 190)  # the same luminance, another colour
    luma = np.asarray(Image.fromarray(rgb).convert("L"), float)
    assert np.ptp(luma) < 15
    assert np.ptp(load(rgb).pixels) > 0.4


@pytest.mark.parametrize(
    ("array", "code", "words"),
    [
        (np.zeros(784), "tensor-shape", "784"),
        (np.zeros((2, 28, 28, 1)), "tensor-shape", "2 x 28 x 28 x 1"),
        (np.zeros((28, 28, 2)), "tensor-shape", "channels"),
        (np.zeros((0, 28)), "tensor-shape", "empty"),
        (np.full((28, 28), 255.0), "tensor-shape", "divide by 255"),
        (np.full((28, 28), -1), "tensor-shape", "0 to 255"),
        (np.full((28, 28), 300), "tensor-shape", "0 to 255"),
        (np.full((28, 28), np.nan), "not-finite", "NaN"),
        (np.full((28, 28), np.inf), "not-finite", "infinity"),
        (np.full((28, 28), "7"), "tensor-shape", "<U1"),
        (np.full((28, 28), 1j), "tensor-shape", "complex"),
        (np.full((28, 28), None), "tensor-shape", "object"),
    ],
)
def test_bad_arrays_are_refused(array: np.ndarray, code: str, words: str) -> None:
    with pytest.raises(ArrayError, match=words) as caught:
        load(array)
    assert caught.value.code == code


@pytest.mark.parametrize("source", [None, 7, [[0, 1], [1, 0]]])
def test_other_objects_are_refused(source: object) -> None:
    with pytest.raises(ArrayError, match="path, bytes"):
        load(source)  # type: ignore[arg-type]


def test_a_text_file_object_is_refused() -> None:
    with pytest.raises(ImageError, match="binary mode"):
        load(io.StringIO("7"))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["missing.png", "", "a\0b.png", "x" * 5000])
def test_an_unreadable_path_says_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError) as caught:
        load(f"{tmp_path}/{name}")
    assert caught.value.code == "image-not-found"


def test_a_file_over_the_byte_limit_is_refused() -> None:
    data = encode(seven(), "BMP")
    with pytest.raises(ImageError, match="MiB") as caught:
        load(data, Limits(max_bytes=len(data) - 1))
    assert caught.value.code == "image-too-large"
    assert load(data, Limits(max_bytes=len(data))).pixels.shape == (200, 200)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, max_side=9)))
def test_bytes_as_numbers_become_the_unit_range(array: np.ndarray) -> None:
    pixels = unit_range(array)
    assert pixels.dtype == np.float32
    np.testing.assert_array_equal(np.round(pixels * 255), array)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"\xff\xd8\xff"]),
)
def test_any_bytes_give_a_picture_or_a_clear_error(body: bytes, start: bytes) -> None:
    try:
        picture = load(start + body)
    except ImageError as error:
        code = error.code
    else:
        assert picture.pixels.min() >= 0
        assert picture.pixels.max() <= 1
        return
    assert code in ("unsupported-format", "corrupt-image", "image-too-large")


@pytest.mark.parametrize(("size", "part"), [((4000, 3000), 4), ((1900, 1500), 2), ((1700, 900), 1)])
def test_a_large_jpeg_is_decoded_at_a_part_of_its_size(size: tuple[int, int], part: int) -> None:
    photo = Image.new("L", size, 220)
    photo.paste(20, (size[0] // 2, 100, size[0] // 2 + 80, 400))
    picture = load(encode(photo, "JPEG"))
    assert picture.scale == part
    assert picture.pixels.shape == (size[1] // part, size[0] // part)
    dark = np.flatnonzero((picture.pixels < 0.5).any(axis=0)) * part
    assert abs(int(dark[0]) - size[0] // 2) <= 2 * part
    assert load(encode(photo, "PNG")).scale == 1
