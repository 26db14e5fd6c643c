"""From a request of /api/v1/read to the page that is to be read, and how.

In: content type, body and query. Out: `Page`. Each option may stand in the query, or in the JSON or
form beside the picture. Knows the options; what they do is `inkdigits.rules`' and the layout's
business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from python_multipart.multipart import parse_options_header

from inkdigits.errors import RulesError
from inkdigits.layout import Grouping
from inkdigits.rules import LONGEST, Checksum, Rules
from inkdigits.service import fields, multipart, strict_json
from inkdigits.service.payload import FORM, JSON
from inkdigits.service.problems import Problem
from inkdigits.service.settings import Settings
from inkdigits.service.strict_json import step

#: Types of a body that is the picture itself; what it is, its first bytes say.
PICTURES = (
    *("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"),
    "application/octet-stream",
)
#: Every type of body.
KINDS = (*PICTURES, FORM, JSON)
GROUPS: tuple[Grouping, ...] = get_args(Grouping)
CHECKSUMS: tuple[Checksum, ...] = get_args(Checksum)
#: The rules as a request calls them, and as `Rules` does.
_RULES = {"length": "length", "pattern": "pattern", "checksum": "checksum", "range": "between"}
_OPTIONS = frozenset({"group", "turn", "seen", "model", *_RULES})


@dataclass(frozen=True)
class Page:
    """A page to read.

    Attributes:
        pointer: the JSON pointer of the picture.
        image: an encoded picture.
        group: which digits of a line are one number.
        rules: what each number must satisfy.
        turn: whether other ways up are tried.
        model: which model reads, `name` or `name:version`; `None` for the default.
        seen: whether to answer with what the model saw of each digit.
    """

    pointer: str
    image: bytes
    group: Grouping
    rules: Rules
    turn: bool
    model: str | None = None
    seen: bool = False


def read(kind: str, body: bytes, query: Sequence[tuple[str, str]], settings: Settings) -> Page:
    """The picture and its options.

    Args:
        kind: the Content-Type, one of `KINDS`.
        body: the whole body.
        query: names and values of the query, in order.
        settings: limits.

    Raises:
        Problem: something is missing, wrong, given twice or too large.
    """
    options = _from_query(query)
    name = parse_options_header(kind)[0].decode("latin-1")
    if name == FORM:
        image, given = _from_form(multipart.parse(kind, body, settings.max_parts))
    elif name == JSON:
        value = fields.members(strict_json.loads(body), _OPTIONS | {"image"})
        if "image" not in value:
            raise Problem.at("/image", "missing", "Send the picture as image: base64 or data URL.")
        image = fields.picture(value["image"], "/image", settings.max_image)
        given = {name: value[name] for name in value if name != "image"}
    else:
        image, given = body, {}
    if len(image) > settings.max_image:
        message = f"A picture has at most {settings.max_image:,} bytes."
        raise Problem.at("/image", "payload-too-large", message, problem="payload-too-large")
    for twice in options.keys() & given.keys():
        raise _twice(twice)
    options.update(given)
    pointer = "/image" if name in (FORM, JSON) else ""
    return Page(
        pointer,
        image,
        _choice(options.get("group", "gap"), "/group", GROUPS),
        _rules(options),
        fields.boolean(options.get("turn", True), "/turn"),
        fields.name(options["model"], "/model") if "model" in options else None,
        fields.boolean(options.get("seen", False), "/seen"),
    )


def _from_query(query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    fields.members(dict(query), _OPTIONS)
    for name, text in query:
        if name in options:
            raise _twice(name)
        options[name] = _FROM_TEXT[name](text)
    return options


def _from_form(parts: dict[str, multipart.Part]) -> tuple[bytes, dict[str, Any]]:
    fields.members(dict(parts), _OPTIONS | {"image"})
    image = parts.pop("image", None)
    if image is None or not image.is_file:
        raise Problem.at("/image", "missing", "Send the picture as a file named image.")
    options = {}
    for name, part in parts.items():
        try:
            text = bytes(part.data).decode()
        except UnicodeDecodeError:
            part.is_file = True  # no more a text than a file is
        if part.is_file:
            raise Problem.at(step("", name), "wrong-type", "This field is a text, in UTF-8.")
        options[name] = _FROM_TEXT[name](text)
    return bytes(image.data), options


def _rules(options: dict[str, Any]) -> Rules:
    checks: dict[str, Callable[[Any], object]] = {
        "length": lambda value: _span(value, "/length", 1, LONGEST, alone=True),
        "pattern": lambda value: _text(value, "/pattern"),
        "checksum": lambda value: _choice(value, "/checksum", CHECKSUMS),
        "range": lambda value: _span(value, "/range", 0, 10**LONGEST - 1, alone=False),
    }
    asked = {name: checks[name](options[name]) for name in _RULES if name in options}
    for name, value in asked.items():
        _made({name: value}, f"/{name}")  # so that a wrong one is pointed at
    return _made(asked, "")


def _made(asked: dict[str, Any], pointer: str) -> Rules:
    try:
        return Rules(**{_RULES[name]: value for name, value in asked.items()})
    except RulesError as error:
        message = str(error).replace(f" {asked.get('pattern')!r}", "")  # what was sent stays there
        raise Problem.at(pointer, error.code, message, problem=error.code) from None


def _span(value: Any, pointer: str, low: int, high: int, *, alone: bool) -> Any:
    """A list of two integers as a tuple; where `alone`, also an integer."""
    if isinstance(value, list) and len(value) == 2:
        return tuple(fields.integer(each, pointer, low, high) for each in value)
    if alone and type(value) is int:
        return fields.integer(value, pointer, low, high)
    words = "4, or from 3 to 5" if alone else "from 0 to 100"
    message = f"This field is a {'number or a ' * alone}pair of numbers, such as {words}."
    raise Problem.at(pointer, "wrong-type", message)


def _text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise Problem.at(pointer, "wrong-type", "This field is a text.")
    return value


def _choice(value: Any, pointer: str, known: Sequence[str]) -> Any:
    if not isinstance(value, str) or value not in known:
        raise Problem.at(pointer, "unknown", f"This field is one of {', '.join(known)}.")
    return value


def _length_of(text: str) -> object:
    """ "4" -> 4, "3-5" -> [3, 5]; anything else is no length."""
    return int(text) if re.fullmatch("[0-9]{1,60}", text) else _pair_of(text, "-")


def _pair_of(text: str, sign: str) -> object:
    found = re.fullmatch(f"([0-9]{{1,60}}){sign}([0-9]{{1,60}})", text)
    return None if found is None else [int(number) for number in found.groups()]


def _twice(name: str) -> Problem:
    return Problem.at(step("", name), "exclusive", "This option is given twice.")


_BOOLEANS = {"true": True, "false": False}
_FROM_TEXT: dict[str, Callable[[str], object]] = {
    "group": str,
    "turn": _BOOLEANS.get,
    "seen": _BOOLEANS.get,
    "length": _length_of,
    "model": str,
    "pattern": str,
    "checksum": str,
    "range": lambda text: _pair_of(text, ":"),
}
