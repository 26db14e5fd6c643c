"""From the bytes of a request to what is to be read.

In: content type and body. Out: `Submission`, or a batch of them. Knows the fields of each
request and the limits; does not know what is done with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers

from inkdigits.service import fields, multipart, strict_json
from inkdigits.service.problems import Problem
from inkdigits.service.settings import Settings

JSON = "application/json"
FORM = "multipart/form-data"
_OPTIONS = frozenset({"top_k", "seen", "coverage", "model"})
_SOURCES = ("image", "pixels", "strokes")


@dataclass(frozen=True)
class Options:
    """How to answer.

    Attributes:
        top_k: how many digits to list.
        seen: whether to answer with what the model saw.
        coverage: of a prediction set, as far as it is a number; `None` for no set.
        model: `name` or `name:version`, as far as it is a text; `None` for the default.
    """

    top_k: int = 3
    seen: bool = False
    coverage: float | None = None
    model: str | None = None


@dataclass(frozen=True)
class Submission:
    """One digit to read and how to answer.

    Attributes:
        pointer: the JSON pointer of the field that it came from.
        image: an encoded picture or an array; `None` for strokes.
        strokes: pen strokes; `None` for a picture.
        options: how to answer.
    """

    pointer: str
    image: bytes | NDArray[np.generic] | None = None
    strokes: fields.Strokes | None = None
    options: Options = Options()


@dataclass(frozen=True)
class Batch:
    """Many pictures as they came, each still to be checked by `submission`, so that a bad one
    does not spoil the rest."""

    members: list[Any]
    max_image: int
    options: Options

    def submission(self, index: int) -> Submission:
        """Member `index`. Raises `Problem`."""
        pointer = f"/images/{index}"
        image = fields.picture(self.members[index], pointer, self.max_image)
        return Submission(pointer, image, options=self.options)


def content_type(headers: Headers, *accepted: str) -> str:
    """The Content-Type header, once it is known to be one of `accepted` and not compressed.

    Raises:
        Problem: `unsupported-media-type` (415).
    """
    check_coding(headers)
    given = ", ".join(headers.getlist("content-type"))
    kind, options = parse_options_header(given)
    charset = options.get(b"charset", b"utf-8").lower()
    if kind.decode("latin-1") not in accepted or charset not in (b"utf-8", b"utf8"):
        raise Problem("unsupported-media-type", f"Send {' or '.join(accepted)}, in UTF-8.")
    return given


def check_coding(headers: Headers) -> None:
    """See that the body is not compressed.

    Raises:
        Problem: `unsupported-media-type` (415).
    """
    codings = ",".join(headers.getlist("content-encoding")) or "identity"
    if codings.strip().lower() != "identity":
        raise Problem("unsupported-media-type", "Send the body without a Content-Encoding.")


def read_classify(kind: str, body: bytes, settings: Settings) -> Submission:
    """The body of /api/v1/classify, JSON or multipart. Raises `Problem`."""
    if parse_options_header(kind)[0] == FORM.encode():
        return _read_form(multipart.parse(kind, body, settings.max_parts), settings)
    return of_value(strict_json.loads(body), settings)


def of_value(value: object, settings: Settings) -> Submission:
    """The same of JSON that is parsed. Raises `Problem`."""
    value = fields.members(value, _OPTIONS.union(_SOURCES))
    given = [name for name in _SOURCES if name in value]
    if len(given) != 1:
        code = "exclusive" if given else "missing"
        raise Problem.at("", code, "Send exactly one of image, pixels and strokes.")
    name = given[0]
    pointer = f"/{name}"
    options = _options(value)
    if name == "strokes":
        return Submission(pointer, strokes=fields.strokes(value[name], pointer), options=options)
    if name == "pixels":
        return Submission(pointer, fields.pixels(value[name], pointer), options=options)
    image = fields.picture(value[name], pointer, settings.max_image)
    return Submission(pointer, image, options=options)


def read_legacy(_: str, body: bytes, settings: Settings) -> Submission:
    """The body of /predict: an object with `image` alone. Raises `Problem`."""
    value = fields.members(strict_json.loads(body), frozenset({"image"}))
    if "image" not in value:
        raise Problem.at("/image", "missing", "Send the picture as image: a data URL.")
    return Submission("/image", fields.picture(value["image"], "/image", settings.max_image))


def read_batch(_: str, body: bytes, settings: Settings) -> Batch:
    """The body of /api/v1/classify/batch. Raises `Problem`."""
    value = fields.members(strict_json.loads(body), _OPTIONS | {"images"})
    if "images" not in value:
        raise Problem.at("/images", "missing", "Send the pictures as images: a list.")
    images = value["images"]
    if not isinstance(images, list):
        raise Problem.at("/images", "wrong-type", "This field is a list of pictures.")
    if not images:
        message = "A batch holds at least one picture."
        raise Problem.at("/images", "tensor-shape", message, problem="tensor-shape")
    if len(images) > settings.max_batch:
        message = f"A batch holds at most {settings.max_batch} pictures."
        raise Problem.at("/images", "batch-too-large", message, problem="batch-too-large")
    return Batch(images, settings.max_image, _options(value))


def _options(value: dict[str, Any]) -> Options:
    coverage = fields.share(value["coverage"], "/coverage") if "coverage" in value else None
    return Options(
        fields.integer(value.get("top_k", 3), "/top_k", 1, 10),
        fields.boolean(value.get("seen", False), "/seen"),
        coverage,
        fields.name(value["model"], "/model") if "model" in value else None,
    )


def _read_form(parts: dict[str, multipart.Part], settings: Settings) -> Submission:
    fields.members(dict(parts), _OPTIONS | {"image"})
    image = parts.pop("image", None)
    if image is None or not image.is_file:
        raise Problem.at("/image", "missing", "Send the picture as a file named image.")
    if len(image.data) > settings.max_image:
        message = f"A picture has at most {settings.max_image:,} bytes."
        raise Problem.at("/image", "payload-too-large", message, problem="payload-too-large")
    texts = {name: _FORM_TEXT[name](part) for name, part in parts.items()}
    return Submission("/image", bytes(image.data), options=_options(texts))


def _form_integer(part: multipart.Part) -> int | None:
    text = bytes(part.data)
    return int(text) if text.isdigit() and len(text) < 10 and not part.is_file else None


def _form_boolean(part: multipart.Part) -> bool | None:
    return {b"true": True, b"false": False}.get(bytes(part.data))


def _form_number(part: multipart.Part) -> float | None:
    text = bytes(part.data)
    return float(text) if re.fullmatch(rb"\d{0,9}\.?\d{1,20}", text) and not part.is_file else None


def _form_text(part: multipart.Part) -> str | None:
    try:
        return None if part.is_file else bytes(part.data).decode()
    except UnicodeDecodeError:
        return None


_FORM_TEXT: dict[str, Callable[[multipart.Part], object]] = {
    "top_k": _form_integer,
    "seen": _form_boolean,
    "coverage": _form_number,
    "model": _form_text,
}
