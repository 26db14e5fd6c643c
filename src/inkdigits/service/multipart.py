"""multipart/form-data (RFC 7578), held to the letter.

In: a Content-Type header and a whole body. Out: the parts. A body that stops early, repeats a
name or has too many parts is refused. File names are read only to tell a file from a text: they
are dropped at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from inkdigits.service.problems import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# The parser logs each malformed body by itself; the service has its own line for it.
logging.getLogger("python_multipart").setLevel(logging.ERROR)

MAX_HEADER = 16 * 1024  # bytes of one header line of a part; file names can be long


@dataclass
class Part:
    """One part of a form: its name, whether it is a file, and its bytes."""

    name: str = ""
    is_file: bool = False
    data: bytearray = field(default_factory=bytearray)


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type header names.

    Raises:
        Problem: there is none (`malformed-multipart`).
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:
        raise _malformed("The Content-Type header must name a boundary of 1 to 70 characters.")
    return boundary


def parse(content_type: str, body: bytes, max_parts: int) -> dict[str, Part]:
    """The parts of a form by their names.

    Raises:
        Problem: `malformed-multipart` (400).
    """
    form = _Form(max_parts)
    try:
        parser = MultipartParser(
            boundary_of(content_type), form.callbacks(), max_header_size=MAX_HEADER
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _malformed("The form data are not well formed.") from None
    if not form.ended:
        raise _malformed("The form data stop before their closing boundary.")
    return form.parts


class _Form:
    """Collects what the parser calls out."""

    def __init__(self, max_parts: int) -> None:
        self.max_parts = max_parts
        self.parts: dict[str, Part] = {}
        self.ended = False
        self._part = Part()
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": lambda data, start, end: self._part.data.extend(data[start:end]),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._part, self._disposition = Part(), b""

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise _malformed("Each part needs a Content-Disposition: form-data with a name.")
        self._part.name = options[b"name"].decode("utf-8", "replace")
        self._part.is_file = b"filename" in options
        if self._part.name in self.parts:
            raise _malformed("Two parts of the form have the same name.")
        if len(self.parts) >= self.max_parts:
            raise _malformed(f"A form has at most {self.max_parts} parts.")
        self.parts[self._part.name] = self._part

    def _end(self) -> None:
        self.ended = True


def _malformed(detail: str) -> Problem:
    return Problem("malformed-multipart", detail)
