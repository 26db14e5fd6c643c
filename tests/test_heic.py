"""HEIC files: read by the library where pillow-heif is installed, never by the server."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from inkdigits import ImageError, Recognizer, image
from inkdigits.image import Limits
from inkdigits.service.app import create_app
from tests.pictures import seven


@pytest.fixture(scope="module")
def heic() -> bytes:
    return encoded(seven())


def encoded(picture: Image.Image, *, turned: int = 1) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = turned
    pillow_heif.from_pillow(picture.convert("RGB")).save(out, exif=exif.tobytes())
    return out.getvalue()


def test_a_heic_is_read(heic: bytes) -> None:
    prediction = Recognizer.load().classify(heic)
    assert prediction.digit == 7
    assert image.colour(heic).size == (200, 200)


def test_it_is_upright_once_and_not_twice() -> None:
    picture = Image.new("L", (120, 60), 255)
    picture.paste(0, (0, 0, 40, 20))  # top left
    (pixels,) = (image.load(encoded(picture, turned=6)).pixels,)
    assert pixels.shape == (120, 60)
    assert pixels[5:30, 45:55].max() < 0.2  # a quarter turn clockwise: top right
    assert pixels[60:].min() > 0.8


@pytest.mark.parametrize("part", [20, 0.5, -1])
def test_a_damaged_one_is_refused(heic: bytes, part: float) -> None:
    end = int(len(heic) * part) if part == 0.5 else int(part)
    with pytest.raises(ImageError) as caught:
        image.load(heic[:end])
    assert caught.value.code == "corrupt-image"


def test_its_size_is_checked_before_it_is_decoded(
    heic: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")

    def decoded(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(pillow_heif.HeifFile, "to_pillow", decoded)
    with pytest.raises(ImageError, match="200 x 200") as caught:
        image.load(heic, Limits(max_side=199))
    assert caught.value.code == "image-too-large"


def test_without_the_extra_it_says_what_to_install(
    heic: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r"pip install 'inkdigits\[heic\]'") as caught:
        image.load(heic)
    assert caught.value.code == "unsupported-format"


def brand(major: bytes, *others: bytes) -> bytes:
    size = (16 + 4 * len(others)).to_bytes(4, "big")
    return size + b"ftyp" + major + bytes(4) + b"".join(others) + bytes(40)


@pytest.mark.parametrize(
    "data",
    [brand(b"avif", b"mif1"), brand(b"mif1", b"avif"), brand(b"isom"), brand(b"qt  "), b"\0\0\0"],
)
def test_kindred_formats_are_unsupported(data: bytes) -> None:
    with pytest.raises(ImageError, match="give a PNG") as caught:
        image.load(data)
    assert caught.value.code == "unsupported-format"


def test_the_server_keeps_to_its_five_formats(heic: bytes) -> None:
    with TestClient(create_app(recognizer=Recognizer.load())) as client:
        answer = client.post("/api/v1/classify", files={"image": ("7.heic", heic)})
    assert answer.status_code == 415
    assert answer.json()["type"].endswith("unsupported-format")
    assert "heic" not in answer.text.lower()


def test_the_decoder_stays_our_own(heic: bytes) -> None:
    """Nothing is registered with Pillow: what others open is their own affair."""
    script = (
        "import sys; from PIL import Image; from inkdigits import image\n"
        "image.load(sys.stdin.buffer); Image.init(); print('HEIF' in Image.OPEN)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=heic, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"False"]
