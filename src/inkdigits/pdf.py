"""The pages of a PDF as pictures.

In: a path, or the bytes of a PDF. Out: an RGB picture a page, one after the other. Drawn by
PDFium (pypdfium2, the extra `pdf`). Knows nothing of numbers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from inkdigits.errors import ImageError, MissingExtraError
from inkdigits.image import Limits

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

#: Bytes and pages of a PDF, at most; pages are drawn one at a time.
MAX_BYTES, MAX_PAGES = 200 * 2**20, 500
#: Dots an inch: what scanners give, and the fewest that a large page is drawn with.
DPI, FEWEST_DPI = 200, 72
_POINTS = 72  # an inch
_PASSWORD = 4  # PDFium's FPDF_ERR_PASSWORD
_PDFIUM = threading.Lock()  # which is for one thread at a time


def is_pdf(start: bytes) -> bool:
    """Whether a file starts as a PDF does: with its mark in the first 1024 bytes."""
    return b"%PDF-" in start[:1024]


def pages(
    source: str | os.PathLike[str] | bytes,
    dpi: int = DPI,
    limits: Limits | None = None,
    max_pages: int = MAX_PAGES,
) -> Pages:
    """The pages of a PDF, each drawn when its turn comes.

    Args:
        source: the path of a PDF, or its bytes.
        dpi: dots an inch. A page that would be larger than `limits` is drawn with fewer, down
            to `FEWEST_DPI`, and refused where that is not enough.
        limits: how large a page may be in pixels; `None` for the usual ones.
        max_pages: how many pages a PDF may have.

    Returns:
        An iterator with a length. Where a page is refused, `next` raises `ImageError`, and may
        be called again for the page that follows.

    Raises:
        MissingExtraError: pypdfium2 is not installed.
        ImageError: not a PDF, damaged or locked with a password (`corrupt-image`), too many
            bytes or pages (`image-too-large`), or not there (`image-not-found`).
    """
    return Pages(_bytes_of(source), dpi, limits or Limits(), max_pages)


class Pages(Iterator[Image.Image]):
    """See `pages`."""

    def __init__(self, data: bytes, dpi: int, limits: Limits, max_pages: int) -> None:
        if not is_pdf(data):
            raise ImageError("This is no PDF file.", code="unsupported-format")
        self._document = _opened(data)
        self._dpi, self._limits, self._next = dpi, limits, 0
        with _PDFIUM:
            self._count = len(self._document)
        if self._count == 0:
            raise ImageError("The PDF file has no pages.")
        if self._count > max_pages:
            raise ImageError(
                f"The PDF file has {self._count:,} pages; at most {max_pages:,} are read: "
                "split it.",
                code="image-too-large",
            )

    def __len__(self) -> int:
        return self._count

    def __next__(self) -> Image.Image:
        if self._next >= self._count:
            with _PDFIUM:
                self._document.close()
            raise StopIteration
        self._next += 1
        return self._drawn(self._next)

    def _drawn(self, number: int) -> Image.Image:
        from pypdfium2 import PdfiumError

        try:
            with _PDFIUM:
                page = self._document[number - 1]
                try:
                    dpi = self._affordable(number, *page.get_size())
                    scale = dpi / _POINTS
                    drawn: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil()
                    # the pixels are PDFium's own and go with the page
                    return drawn.convert("RGB") if drawn.mode != "RGB" else drawn.copy()
                finally:
                    page.close()
        except PdfiumError:
            raise ImageError(
                f"Page {number} of the PDF file is damaged: save or send it again."
            ) from None

    def _affordable(self, number: int, width: float, height: float) -> float:
        """The dots an inch that a page of so many points is drawn with."""
        wide, tall = (max(side, 1.0) / _POINTS for side in (width, height))
        most: float = min(
            self._dpi,
            (self._limits.max_side - 1) / max(wide, tall),
            (0.999 * self._limits.max_pixels / (wide * tall)) ** 0.5,
        )
        if most < min(FEWEST_DPI, self._dpi):
            raise ImageError(
                f"Page {number} of the PDF file is {wide * 2.54:.0f} x {tall * 2.54:.0f} cm, too "
                "large to be drawn legibly: cut it into parts.",
                code="image-too-large",
            )
        return most


def _opened(data: bytes) -> PdfDocument:
    try:
        import pypdfium2
    except ModuleNotFoundError:
        raise MissingExtraError("pypdfium2", "pdf") from None
    try:
        with _PDFIUM:
            return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            words = "The PDF file is locked with a password: save it without one."
        else:
            words = "The PDF file is damaged or has no pages: save or send it again."
        raise ImageError(words) from None


def _bytes_of(source: str | os.PathLike[str] | bytes) -> bytes:
    if isinstance(source, bytes):
        count = len(source)
    else:
        path = Path(source)
        try:
            count = path.stat().st_size
            if count <= MAX_BYTES:
                return path.read_bytes()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a usable file name"
            raise ImageError(f"{path} could not be read: {why}.", code="image-not-found") from None
    if count > MAX_BYTES:
        raise ImageError(
            f"The PDF file is larger than {MAX_BYTES >> 20} MiB: split it.", code="image-too-large"
        )
    assert isinstance(source, bytes)
    return source
