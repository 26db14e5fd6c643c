from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.errors import InkdigitsError
from inkdigits.forms import notation, rendition
from inkdigits.forms.template import NAME, RESERVED, Area, Field, Template, TemplateError
from inkdigits.rules import Rules

PLAIN = """\
form: 'gas meters'
size: [210, 297]
fields:
  - name: meter
    box: [0.1, 0.2, 0.3, 0.05]
    boxes: 8
    length: 8
    checksum: luhn
  - name: reading
    box: [0.1, 0.3, 0.3, 0.05]
    length: [1, 5]
    range: [0, 99999]
    optional: true
"""


def parse(text: str) -> Template:
    return notation.parse(text, Path("folder"))


def test_a_template_is_what_its_text_says() -> None:
    assert parse(PLAIN) == Template(
        "gas meters",
        (210, 297),
        (
            Field("meter", Area(0.1, 0.2, 0.3, 0.05), Rules(length=8, checksum="luhn"), boxes=8),
            Field(
                "reading",
                Area(0.1, 0.3, 0.3, 0.05),
                Rules(length=(1, 5), between=(0, 99999)),
                optional=True,
            ),
        ),
    )


def test_a_reference_is_looked_for_beside_the_template() -> None:
    text = PLAIN.replace("fields:", "reference: blank.png\nanchors: print\nfields:")
    assert parse(text).reference == Path("folder/blank.png")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("form: 'gas meters'", "", "line 2: a form has no 'form', which it needs"),
        ("size:", "sizes:", "line 2: a form has no 'sizes': there are form, size"),
        ("[210, 297]", "[210]", "line 1: size is two whole numbers: [width, height]"),
        ("[210, 297]", "[21, 2970]", "line 1: size is the sheet's width and height"),
        ("    boxes: 8", "    cells: 8", "line 6: field 1 has no 'cells': there are name, box"),
        ("    boxes: 8", "    boxes: 8.5", "line 6: field 'meter': boxes is a whole number"),
        ("    boxes: 8", "    boxes: 99", "line 4: field 'meter': boxes is a whole number from"),
        ("    boxes: 8", "    name: twice", "line 6: field 1 has 'name' twice"),
        ("[0.1, 0.2, 0.3, 0.05]", "[0.1, 0.2, 0.3]", "line 5: field 'meter': box is four numbers"),
        ("[0.1, 0.2, 0.3, 0.05]", "[a, 0, 1, 1]", "line 5: field 'meter': box is four numbers"),
        ("[0.1, 0.2, 0.3, 0.05]", "[0.8, 0.2, 0.3, 0.1]", "line 5: field 'meter': the box leaves"),
        ("[0.1, 0.2, 0.3, 0.05]", "[-0.1, 0, 0.3, 0.1]", "line 5: field 'meter': the box leaves"),
        ("[0.1, 0.2, 0.3, 0.05]", "[0, 0, 0, 0.1]", "line 5: field 'meter': a box needs a width"),
        ("[0.1, 0.2, 0.3, 0.05]", "[0, 0, .nan, 1]", "line 5: field 'meter': a box needs a width"),
        ("checksum: luhn", "checksum: crc", "line 7: field 'meter': "),
        ("checksum: luhn", "pattern: '['", "line 7: field 'meter': "),
        ("checksum: luhn", "pattern: 12", "line 7: field 'meter': pattern is a text"),
        ("name: reading", "name: METER", "line 1: two fields are named 'METER'"),
        ("name: reading", "name: no", "line 9: field 2: False is no name: put it in quotes"),
        ("name: reading", "name: '=1+1'", "line 9: field '=1+1': '=1+1' is no name of a field"),
        ("name: reading", "name: doubtful", "'doubtful' is the table's own column"),
        ("name: reading", "name: a_confidence", "'a_confidence' is the table's own column"),
        ("optional: true", "optional: maybe", "line 13: field 'reading': optional is true or"),
        ("fields:", "anchors: stars\nfields:", "anchors is one of print, corners, marks, not"),
        ("fields:", "anchors: print\nfields:", "anchors: print needs a reference"),
        ("fields:", "anchors: marks\nfields:", "anchors: marks and marks: [...] need each other"),
        ("fields:", "anchors: marks\nmarks: [[0, 0], [1, 0], [1, 1]]\nfields:", "four marks"),
        (
            "fields:",
            "anchors: marks\nmarks: [[0, 0], [1, 0], [0.5, 0], [1, 1]]\nfields:",
            "three of the marks stand on one line",
        ),
        ("form: 'gas meters'", "form: [", "line 3: this is no YAML: "),
        ("form: 'gas meters'", "form: !!python/object:os.system x", "line 1: this is no plain"),
        ("form: 'gas meters'", "form: 2001-99-99", "line 1: this is no plain value"),
        ("form: 'gas meters'", 'form: "two\\nlines"', "form is the form's name: one line"),
        (PLAIN, "", "line 1: the template is empty"),
        (PLAIN, "- a", "line 1: a form is written as `key: value` lines"),
        (PLAIN, "[" * 5000, "line 1: "),
        (PLAIN, "\x00", "line 1: this is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(old: str, new: str, words: str) -> None:
    assert old in PLAIN
    with pytest.raises(TemplateError) as error:
        parse(PLAIN.replace(old, new, 1))
    assert words in str(error.value)
    assert str(error.value).startswith("line ")
    assert "line " not in str(error.value).removeprefix("line ").replace("one line", "")


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    for content, words in ((b"\xff\xfe\xfa", "is no text"), (b"a" * 2**21, "larger than 1 MiB")):
        path = tmp_path / "form.yaml"
        path.write_bytes(content)
        with pytest.raises(TemplateError, match=words):
            notation.read(path)
    with pytest.raises(TemplateError, match=r"absent\.yaml could not be read: No such file"):
        notation.read(tmp_path / "absent.yaml")
    path.write_text(PLAIN.replace("size", "sizes"))
    with pytest.raises(TemplateError, match=r"form\.yaml, line 2: "):
        notation.read(path)


def test_overlapping_fields_are_told() -> None:
    fields = [Field(name, Area(x, 0, 0.1, 0.1)) for name, x in (("a", 0), ("b", 0.05), ("c", 0.5))]
    assert Template("t", (1, 1), tuple(fields)).overlaps == (("a", "b"),)


def sides() -> st.SearchStrategy[Area]:
    parts = st.floats(0, 1)
    return st.builds(_within, parts, parts, parts, parts)


def _within(x: float, y: float, width: float, height: float) -> Area:
    x, y = 0.999 * x, 0.999 * y
    return Area(x, y, max(0.001, width * (1 - x)), max(0.001, height * (1 - y)))


RULES = st.sampled_from(
    [
        Rules(),
        Rules(length=8, checksum="luhn"),
        Rules(length=(1, 9), between=(3, 12345)),
        Rules(pattern=r"\d{4}-\d{2}"),
        Rules(pattern="1: (2|[3-5]+)"),
        Rules(checksum="ean13"),
        Rules(checksum="mod97", between=(0, 10**9)),
    ]
)
NAMES = st.from_regex(NAME, fullmatch=True).filter(
    lambda name: name not in RESERVED and not name.endswith("_confidence")
) | st.sampled_from(["no", "Yes", "null", "y", "on"])


@settings(max_examples=50)
@given(
    st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=40).filter(
        lambda name: bool(name.strip()) and name.isprintable()
    ),
    st.lists(
        st.builds(Field, NAMES, sides(), RULES, st.integers(0, 64), st.booleans()),
        min_size=1,
        max_size=5,
        unique_by=lambda it: it.name.lower(),
    ),
    st.sampled_from(["print", "corners", "marks"]),
)
def test_what_is_written_is_read_back(name: str, fields: list[Field], anchors: str) -> None:
    marks = ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95)) if anchors == "marks" else ()
    reference = Path("folder/it's.png") if anchors == "print" else None
    template = Template(name, (210, 297), tuple(fields), anchors, marks, reference)  # type: ignore[arg-type]
    back = parse(rendition.write(template, "form.yaml"))
    assert (back.name, back.anchors, back.marks, back.reference) == (
        *(name, anchors, marks, reference),
    )
    for one, other in zip(back.fields, fields, strict=True):
        assert (one.name, one.rules, one.boxes, one.optional) == (
            *(other.name, other.rules, other.boxes, other.optional),
        )
        assert vars(one.area) == pytest.approx(vars(other.area), abs=1e-5)


@given(st.text(max_size=200))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    with suppress(InkdigitsError):
        parse(PLAIN[: len(text)] + text)
