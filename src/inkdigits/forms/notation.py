"""A template as a person writes it: YAML in, `Template` out.

Strict: what is not understood is refused in one sentence that names the file, the line and the
field. Only plain YAML is read, which can run nothing. Does not know what a form looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.forms.template import Anchors, Area, Field, Template, TemplateError
from inkdigits.rules import Rules

if TYPE_CHECKING:
    from yaml import Node

MAX_BYTES = 2**20
PAIRS = {
    "size": "[width, height]",
    "range": "[least, greatest]",
    "length": "[fewest, most]",
}
FORM_KEYS = ("form", "size", "reference", "anchors", "marks", "fields")
FIELD_KEYS = (
    *("name", "box", "boxes", "optional"),
    *("length", "pattern", "checksum", "range"),
)


def read(path: Path) -> Template:
    """Read a template.

    Raises:
        TemplateError: it is not there, or wrong; the message says in which line.
        MissingExtraError: PyYAML is not installed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TemplateError(f"{path} is larger than {MAX_BYTES >> 20} MiB: it is no template.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TemplateError(f"{path} could not be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise TemplateError(f"{path} is no text: a template is YAML in UTF-8.") from None
    try:
        return parse(text, path.parent)
    except TemplateError as error:
        raise TemplateError(f"{path}, {error}") from None


def parse(text: str, folder: Path) -> Template:
    """A template from its text; `folder` is where its reference is looked for.

    Raises:
        TemplateError: the message begins with the line.
    """
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("PyYAML", "forms") from None
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise TemplateError("line 1: the template is empty.")
            return _Reader(loader, folder).template(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise TemplateError(f"line {line}: this is no YAML: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise TemplateError(f"line 1: this is no YAML: {str(error).splitlines()[0]}.") from None
    except RecursionError:
        raise TemplateError("line 1: it is nested too deeply to be a template.") from None


class _Reader:
    """Turns nodes of YAML, which know their lines, into values."""

    def __init__(self, loader: Any, folder: Path) -> None:
        self._loader = loader
        self._folder = folder

    def template(self, node: Node) -> Template:
        keys = self._mapping(node, FORM_KEYS, "a form", needed=("form", "size", "fields"))
        reference = self._value(keys["reference"]) if "reference" in keys else None
        anchors: Any = self._value(keys["anchors"]) if "anchors" in keys else "corners"
        try:
            if anchors not in get_args(Anchors):
                raise TemplateError(
                    f"anchors is one of {', '.join(get_args(Anchors))}, not {anchors!r}"
                )
            if reference is not None and not (isinstance(reference, str) and reference):
                raise TemplateError("reference is the name of a picture file beside the template")
            return Template(
                name=_text(self._value(keys["form"]), "form"),
                size=_pair(self._value(keys["size"]), "size"),
                fields=self._fields(keys["fields"]),
                anchors=anchors,
                marks=_marks(self._value(keys["marks"])) if "marks" in keys else (),
                reference=None if reference is None else self._folder / reference,
            )
        except TemplateError as error:
            raise _at(node, error) from None

    def _fields(self, node: Node) -> tuple[Field, ...]:
        if node.id != "sequence":
            raise _at(node, "fields is a list: each field begins with `- name:`")
        return tuple(self._field(item, n) for n, item in enumerate(node.value, 1))

    def _field(self, node: Node, count: int) -> Field:
        keys = self._mapping(node, FIELD_KEYS, f"field {count}", needed=("name", "box"))
        name = self._value(keys["name"])
        if not isinstance(name, str):
            raise _at(keys["name"], f"field {count}: {name!r} is no name: put it in quotes")
        given = {key: self._value(value) for key, value in keys.items()}
        here = node
        try:
            here = keys["box"]
            area = _area(given["box"])
            here = keys.get("boxes", node)
            boxes = _whole(given.get("boxes", 0), "boxes")
            here = keys.get("optional", node)
            optional = given.get("optional", False)
            if not isinstance(optional, bool):
                raise TemplateError("optional is true or false")
            here = next((keys[key] for key in FIELD_KEYS[4:] if key in keys), node)
            rules = _rules(given)
            here = node
            return Field(name, area, rules, boxes, optional)
        except InkdigitsError as error:
            raise _at(here, f"field {name!r}: {error}") from None

    def _value(self, node: Node) -> Any:
        import yaml

        try:
            return self._loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:  # a date that is none, an unknown !tag
            why = getattr(error, "problem", None) or str(error)
            raise _at(node, f"this is no plain value: {why}") from None

    def _mapping(
        self, node: Node, known: tuple[str, ...], what: str, needed: tuple[str, ...]
    ) -> dict[str, Node]:
        if node.id != "mapping":
            raise _at(node, f"{what} is written as `key: value` lines")
        keys: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value) if key.id == "scalar" else "?"
            if name not in known:
                raise _at(key, f"{what} has no {name[:70]!r}: there are {', '.join(known)}")
            if name in keys:
                raise _at(key, f"{what} has {name!r} twice")
            keys[name] = value
        for name in needed:
            if name not in keys:
                raise _at(node, f"{what} has no {name!r}, which it needs")
        return keys


def _at(node: Node, why: object) -> TemplateError:
    text = str(why).removesuffix(".")
    if text.startswith("line "):
        return TemplateError(f"{text}.")
    return TemplateError(f"line {node.start_mark.line + 1}: {text}.")


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise TemplateError(f"{key} is a short text; put numbers in quotes")
    return value


def _whole(value: object, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TemplateError(f"{key} is a whole number, not {value!r}")
    return value


def _pair(value: object, key: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise TemplateError(f"{key} is two whole numbers: {PAIRS[key]}")
    return _whole(value[0], key), _whole(value[1], key)


def _numbers(value: object, count: int, what: str) -> list[float]:
    given = value if isinstance(value, list) else []
    right = [it for it in given if isinstance(it, int | float) and not isinstance(it, bool)]
    if len(given) != count or len(right) != count:
        raise TemplateError(f"{what}, not {value!r}")
    return [float(it) for it in right]


def _area(value: object) -> Area:
    return Area(*_numbers(value, 4, "box is four numbers [x, y, width, height]"))


def _marks(value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list):
        raise TemplateError("marks is a list of four [x, y]")
    pairs = [_numbers(mark, 2, "a mark is two numbers [x, y]") for mark in value]
    return tuple((x, y) for x, y in pairs)


def _rules(given: Mapping[str, Any]) -> Rules:
    length = given.get("length")
    if isinstance(length, list):
        length = _pair(length, "length")
    elif length is not None:
        length = _whole(length, "length")
    for key in ("pattern", "checksum"):
        if key in given and not isinstance(given[key], str):
            raise TemplateError(f"{key} is a text: put it in quotes")
    between = _pair(given["range"], "range") if "range" in given else None
    return Rules(
        length=length,
        pattern=given.get("pattern"),
        checksum=given.get("checksum"),
        between=between,
    )
