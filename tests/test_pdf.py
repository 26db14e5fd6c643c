from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkdigits import ImageError, MissingExtraError, Recognizer, pdf
from inkdigits.image import UNLIMITED, Limits
from tests.pictures import seven

pytest.importorskip("pypdfium2")


def scanned(*pictures: Image.Image, dpi: int = 100) -> bytes:
    """A PDF of scans, a page each."""
    out = io.BytesIO()
    first, *others = (picture.convert("L") for picture in pictures)
    first.save(out, "PDF", resolution=dpi, save_all=True, append_images=others)
    return out.getvalue()


def drawn(kids: int, *, side: float = 200, count: int | None = None, more: str = "") -> bytes:
    """A PDF of so many pages of one content, put together by hand."""
    pages = (
        f"2 0 obj<</Type/Pages/Kids[{'3 0 R ' * kids}]/Count {kids if count is None else count}>>"
    )
    objects = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        f"{pages}endobj",
        f"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 {side} {side}]{more}>>endobj",
        "trailer<</Root 1 0 R/Size 4>>",
    ]
    return "\n".join(["%PDF-1.4", *objects, "%%EOF"]).encode()


LOCKED = "5 0 obj<</Filter/Standard/V 1/R 2/P -4/O({o})/U({u})>>endobj"


def locked() -> bytes:
    """A PDF whose user password is not the empty one: its check value is nonsense."""
    plain = drawn(1).decode()
    words = LOCKED.format(o="o" * 32, u="u" * 32)
    ids = "/Encrypt 5 0 R/ID[(0123456789abcdef)(0123456789abcdef)]/Size 6>>"
    return plain.replace("trailer", f"{words}\ntrailer").replace("/Size 4>>", ids).encode()


def test_pages_come_one_by_one_with_their_digits() -> None:
    blank = Image.new("L", (300, 400), 255)
    found = pdf.pages(scanned(seven(), blank, seven()), dpi=200)
    assert len(found) == 3
    pictures = list(found)
    assert [it.mode for it in pictures] == ["RGB"] * 3
    assert [it.size for it in pictures] == [(400, 400), (600, 800), (400, 400)]
    reader = Recognizer.load()
    assert [reader.classify(it).digit for it in pictures] == [7, None, 7]


def test_a_path_is_as_good_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(seven()))
    (one,), (other,) = pdf.pages(path), pdf.pages(path.read_bytes())
    assert np.array_equal(np.asarray(one), np.asarray(other))
    assert one.size == (400, 400)
    with pytest.raises(ImageError) as caught:
        pdf.pages(tmp_path / "missing.pdf")
    assert caught.value.code == "image-not-found"


def test_a_page_turned_in_its_viewer_is_turned() -> None:
    (page,) = pdf.pages(drawn(1, more="/Rotate 90/CropBox[0 0 200 100]"))
    assert page.width < page.height


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "unsupported-format", "no PDF"),
        (b"\x89PNG\r\n\x1a\n", "unsupported-format", "no PDF"),
        (b"%PDF-1.7\nnothing else", "corrupt-image", "damaged"),
        (scanned(seven())[:300], "corrupt-image", "damaged"),
        (drawn(0), "corrupt-image", "has no pages"),
        (drawn(0, count=99999999), "corrupt-image", "has no pages"),
        (drawn(1000), "image-too-large", "1,000 pages; at most 500"),
        (locked(), "corrupt-image", "password"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(data: bytes, code: str, words: str) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        pdf.pages(data)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_the_limit_of_pages_can_be_lifted() -> None:
    assert len(pdf.pages(drawn(1000), max_pages=1000)) == 1000


@pytest.mark.parametrize(
    ("side", "pixels"),
    [
        (595, 1653),  # as long as A4 is wide
        (1684, 4000),  # A2: fewer dots, at most 16 megapixels
        (3370, 4000),  # A0
    ],
)
def test_a_large_page_is_drawn_with_fewer_dots(side: int, pixels: int) -> None:
    (page,) = pdf.pages(drawn(1, side=side))
    assert page.width == pytest.approx(pixels, abs=10)
    Limits().check(*page.size)


def test_a_huge_page_is_refused_and_the_next_is_read() -> None:
    data = drawn(2, side=90000)
    found = pdf.pages(data)
    for number in (1, 2):
        with pytest.raises(ImageError, match=f"Page {number} .* is 3175 x 3175 cm") as caught:
            next(found)
        assert caught.value.code == "image-too-large"
    with pytest.raises(StopIteration):
        next(found)
    (small,) = pdf.pages(drawn(1, side=4200), dpi=72, limits=UNLIMITED)
    assert small.width == pytest.approx(4200, abs=2)


def test_a_file_of_too_many_bytes_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "MAX_BYTES", 1000)
    path = tmp_path / "scan.pdf"
    path.write_bytes(scanned(seven()))
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError) as caught:
            pdf.pages(source)
        assert caught.value.code == "image-too-large"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'inkdigits\[pdf\]'"):
        pdf.pages(scanned(seven()))


@pytest.mark.parametrize(
    ("start", "answer"),
    [(b"%PDF-1.7", True), (b"\xef\xbb\xbf\n%PDF-1.4", True), (b"PDF", False), (b"", False)],
)
def test_a_pdf_is_told_by_its_start(start: bytes, answer: bool) -> None:
    assert pdf.is_pdf(start) == answer
