"""A template as a text: `Template` in, commented YAML out, which a person likes to edit.

`notation` reads it back. Writes no file.
"""

from __future__ import annotations

from collections.abc import Iterable

from inkdigits.forms.template import Field, Template

HEAD = """\
# A form for `inkdigits read --template`. Change the names, take out what is no field, add rules;
# `inkdigits template --check {file}` tells what is wrong with it and draws it anew.
#
# A field has
#   name       its column in the table: letters, digits, _ and -
#   box        [x, y, width, height] in parts of the sheet, from its upper left corner, 0 to 1
#   boxes      of how many printed boxes, one a digit, it consists (leave out: one blank)
#   optional   true: it may be left empty
# and rules, each of which may be left out:
#   length     how many digits: 8, or at least and at most: [1, 3]
#   range      [0, 100]: the least and the greatest number
#   pattern    '\\d{{4}}-\\d{{2}}': what the text looks like, in quotes: \\d, [3-9], digits, marks
#   checksum   luhn, ean13 or mod97
"""
ANCHORS = {
    "print": "# found by all that is printed on it, as the reference shows it",
    "corners": "# found by the sheet's four corners, or the picture's where it shows nothing else",
    "marks": "# found by four printed marks, filled squares or discs; their centres:",
}
#: Names that YAML takes for something else unless they are quoted.
WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")


def write(template: Template, file: str) -> str:
    """A template as a text that a person likes to edit; `file` is what it will be called."""
    lines = [HEAD.format(file=file), f"form: {_quoted(template.name)}"]
    lines.append(f"size: [{template.size[0]}, {template.size[1]}]  # only the ratio matters")
    if template.reference is not None:
        lines.append(f"reference: {_quoted(template.reference.name)}  # the blank form")
    lines.append(f"anchors: {template.anchors}  {ANCHORS[template.anchors]}")
    if template.marks:
        lines.append(f"marks: [{', '.join(map(_list, template.marks))}]")
    lines += ["", "fields:"]
    for it in template.fields:
        sides = (it.area.x, it.area.y, it.area.width, it.area.height)
        lines.append(f"  - name: {_name(it.name)}")
        lines.append(f"    box: {_list(sides)}")
        lines += [f"    {key}: {value}" for key, value in _more(it)]
    return "\n".join(lines) + "\n"


def _more(it: Field) -> list[tuple[str, str]]:
    rules = it.rules
    pairs: list[tuple[str, str]] = []
    if it.boxes:
        pairs.append(("boxes", str(it.boxes)))
    if it.optional:
        pairs.append(("optional", "true"))
    if rules.length is not None:
        length = rules.length
        pairs.append(("length", str(list(length) if isinstance(length, tuple) else length)))
    if rules.between is not None:
        pairs.append(("range", str(list(rules.between))))
    if rules.pattern is not None:
        pairs.append(("pattern", _quoted(rules.pattern)))
    if rules.checksum is not None:
        pairs.append(("checksum", rules.checksum))
    return pairs


def _list(sides: Iterable[float]) -> str:
    # no exponents: to YAML 1.1, 1e-05 is a text
    return f"[{', '.join(f'{side:.5f}'.rstrip('0').rstrip('.') for side in sides)}]"


def _name(name: str) -> str:
    return _quoted(name) if name.lower() in WORDS else name


def _quoted(text: str) -> str:
    """In single quotes, within which YAML knows no escape but '' for a quote."""
    return "'" + text.replace("'", "''") + "'"
