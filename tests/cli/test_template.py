"""`inkdigits template`, and what `inkdigits read --template` is made of."""

from __future__ import annotations

import csv
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from inkdigits import ImageError, InkdigitsError
from inkdigits.cli import forms
from inkdigits.forms import notation
from inkdigits.forms.template import TemplateError
from inkdigits.image import ImageSource
from inkdigits.results import Box, Number, Prediction
from inkdigits.rules import Rules
from tests.cli.conftest import Run
from tests.forms import made


class Teller:
    """Reads 42 everywhere."""

    def read_number(self, source: ImageSource, /, *, rules: Rules | None = None) -> Number | None:
        whole = Box(0, 0, 4000, 400)
        digit = Prediction(4, 1.0, (0.1,) * 10, True, None, "m", "1", whole)
        return Number("42", 0.9, True, None, whole, (digit,), (("42", 0.9),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a blank form."""
    Image.fromarray(made.blank()).save(tmp_path / "blank.png")
    return tmp_path


@pytest.fixture
def form(run: Run, folder: Path) -> Path:
    """A template of it, the optional fields said."""
    path = folder / "form.yaml"
    assert run("template", folder / "blank.png", "-o", path).exit_code == 0
    path.write_text(path.read_text().replace("    box:", "    optional: true\n    box:"))
    return path


def test_a_blank_form_becomes_a_template_and_a_drawing(run: Run, folder: Path) -> None:
    path = folder / "score.yaml"
    result = run("template", folder / "blank.png", "-o", path)
    assert result.exit_code == 0, result.output
    assert "score.yaml has 25 fields: look at" in result.stderr
    template = notation.read(path)
    assert (template.name, template.anchors) == ("score", "print")
    assert [it.boxes for it in template.fields[:4]] == [2, 2, 4, 8]
    assert template.reference == folder / "score.reference.png"
    with Image.open(folder / "score.preview.png") as preview:
        assert preview.size == (made.WIDTH, made.HEIGHT)
    named = run("template", folder / "blank.png", "-o", folder / "b.yaml", "--name", "it's")
    assert named.exit_code == 0
    assert notation.read(folder / "b.yaml").name == "it's"


def test_a_large_scan_is_kept_smaller(run: Run, folder: Path) -> None:
    with Image.open(folder / "blank.png") as blank:
        blank.resize((2480, 3508)).save(folder / "large.png")
    result = run("template", folder / "large.png", "-o", folder / "large.yaml")
    assert result.exit_code == 0, result.output
    with Image.open(folder / "large.reference.png") as reference:
        assert max(reference.size) == 2000


def test_check_tells_what_is_wrong_and_draws_anew(run: Run, form: Path) -> None:
    preview = form.with_suffix(".preview.png")
    before = preview.read_bytes()
    form.write_text(form.read_text().replace("field_1\n", "a_longer_name\n"))
    result = run("template", "--check", form)
    assert result.exit_code == 0
    assert f"{form} is right: 25 fields; {preview} shows them." in result.stderr
    assert preview.read_bytes() != before
    text = form.read_text()
    form.write_text(text + "  - name: again\n    box: [0.15, 0.13, 0.08, 0.03]\n")
    assert (
        "Warning: the fields a_longer_name and again overlap."
        in run("template", "--check", form).stderr
    )
    form.write_text(text.replace("boxes: 8", "boxes: eight"))
    result = run("template", "--check", form)
    assert isinstance(result.exception, TemplateError)
    assert "field 'field_4': boxes is a whole number, not 'eight'" in str(result.exception)


def test_nothing_is_overwritten_unasked(run: Run, folder: Path, form: Path) -> None:
    for name in ("form.yaml", "form.reference.png", "form.preview.png"):
        kept = [path.read_bytes() for path in sorted(folder.iterdir())]
        result = run("template", folder / "blank.png", "-o", form)
        assert isinstance(result.exception, InkdigitsError)
        assert "--force" in str(result.exception)
        assert [path.read_bytes() for path in sorted(folder.iterdir())] == kept
        (folder / name).unlink()
    result = run("template", folder / "blank.png", "-o", folder / "blank.yaml", "--force")
    assert result.exit_code == 0
    Image.fromarray(made.blank()).save(folder / "x.reference.png")
    result = run("template", folder / "x.reference.png", "-o", folder / "x.yaml", "--force")
    assert "is the file to read from" in str(result.exception)


def test_what_is_no_blank_form_is_said(run: Run, folder: Path) -> None:
    Image.new("L", (300, 400), 255).save(folder / "white.png")
    result = run("template", folder / "white.png", "-o", folder / "form.yaml")
    assert "shows no empty box and no line to write on" in str(result.exception)
    result = run("template", folder / "absent.png", "-o", folder / "form.yaml")
    assert isinstance(result.exception, ImageError)
    assert sorted(path.name for path in folder.iterdir()) == ["blank.png", "white.png"]


@pytest.mark.parametrize(
    "args",
    [
        *((), ("a.png",), ("a.png", "-o", "a.txt"), ("a.png", "--check", "a.yaml")),
        *(("--check", "a.yaml", "--name", "n"), ("--check", "a.yaml", "-o", "b.yaml")),
    ],
)
def test_wrong_calls_exit_with_2(run: Run, args: tuple[str, ...]) -> None:
    assert run("template", *args).exit_code == 2


def read(
    form: Path,
    *names: object,
    review: Path | None = None,
    confidences: bool = False,
    table: Path | None = None,
    force: bool = False,
) -> Result:
    """`forms.read` as a command of its own."""
    asked = forms.Form(form, review, confidences)

    @click.command()
    def command() -> None:
        forms.read(asked, [str(name) for name in names], Teller(), table=table, force=force)

    return CliRunner().invoke(command, [])


def scan(folder: Path, name: str) -> Path:
    page = made.filled({"day": "17", "id": "12345678"}, np.random.default_rng(0))
    pixels = made.scanned(page, degrees=1).picture.pixels
    Image.fromarray((pixels * 255).astype(np.uint8)).save(folder / name)
    return folder / name


def test_sheets_become_a_table_and_a_page(folder: Path, form: Path) -> None:
    table, review = folder / "out.csv", folder / "review.html"
    (folder / "notes.png").write_text("none")
    names = [scan(folder, "a.png"), folder / "notes.png", folder / "absent.png"]
    result = read(form, *names, table=table, review=review, confidences=True)
    assert result.exit_code == 1
    assert result.stdout == ""
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [row["sheet"] for row in rows] == [str(name) for name in names]
    assert [row["doubtful"] for row in rows] == ["", "unsupported-format", "image-not-found"]
    read_ = {key: value for key, value in rows[0].items() if value and key != "sheet"}
    assert read_ == {
        **{"field_1": "42", "field_1_confidence": "0.9000"},
        **{"field_4": "42", "field_4_confidence": "0.9000"},
    }
    assert "1 of 3 sheets read, 0 of 25 cells doubtful; the table is" in result.stderr
    assert f"{folder / 'notes.png'}: " in result.stderr
    assert "2 sheets could not be read" in review.read_text()


def test_each_page_of_a_pdf_is_a_sheet(run: Run, folder: Path) -> None:
    pytest.importorskip("pypdfium2")
    with Image.open(folder / "blank.png") as blank, Image.open(scan(folder, "a.png")) as sheet:
        blank.save(folder / "blank.pdf", resolution=120)
        sheet.save(folder / "two.pdf", resolution=120, save_all=True, append_images=[blank])
    form = folder / "form.yaml"
    assert run("template", folder / "blank.pdf", "-o", form).exit_code == 0
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7")
    result = read(form, folder / "two.pdf", folder / "broken.pdf")
    assert result.exit_code == 1
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["sheet"] for row in rows] == [
        *(f"{folder / 'two.pdf'}#page={number}" for number in (1, 2)),
        str(folder / "broken.pdf"),
    ]
    assert [row["field_1"] for row in rows] == ["42", "", ""]
    assert rows[2]["doubtful"] == "corrupt-image"
    assert "broken.pdf: The PDF file is damaged" in result.stderr


def test_the_table_goes_to_standard_output(folder: Path, form: Path) -> None:
    result = read(form, scan(folder, "a.png"))
    assert result.exit_code == 0, result.stderr
    (row,) = csv.DictReader(result.stdout.splitlines())
    assert (row["field_1"], row["field_2"], row["field_4"]) == ("42", "", "42")


def test_nothing_is_written_over_unasked(folder: Path, form: Path) -> None:
    sheet = scan(folder, "a.png")
    for result in (
        read(form, sheet, force=True, table=sheet),
        read(form, sheet, force=True, review=form),
        read(form, sheet, force=True, table=form.with_suffix(".reference.png")),
    ):
        assert "is the file to read from" in str(result.exception)
    (folder / "out.csv").write_text("precious")
    result = read(form, sheet, table=folder / "out.csv")
    assert "--force" in str(result.exception)
    assert (folder / "out.csv").read_text() == "precious"
    assert read(form, sheet, table=folder / "x", review=folder / "x").exit_code == 2


def test_read_with_a_template_reads_forms(run: Run, folder: Path, form: Path) -> None:
    sheet, table, review = scan(folder, "a.png"), folder / "out.csv", folder / "review.html"
    result = run("read", "--template", form, sheet, "--csv", table, "--review", review)
    assert result.exit_code == 0, result.output
    (row,) = csv.DictReader(table.read_text().splitlines())
    assert (row["field_1"], row["field_4"], row["doubtful"]) == ("17", "12345678", "")
    assert "There is nothing to review." in review.read_text()
    assert "1 of 1 sheets read, 0 of 25 cells doubtful" in result.stderr
    result = run("read", "--template", form, sheet, "--confidence")
    (row,) = csv.DictReader(result.stdout.splitlines())
    assert row["field_1"] == "17"
    assert 0.9 <= float(row["field_1_confidence"]) <= 1


@pytest.mark.parametrize(
    "args",
    [
        *(("--review", "a.html"), ("--confidence",), ("--template", "f.yaml", "--json")),
        *(("--template", "f.yaml", "--single"), ("--template", "f.yaml", "--length", "3")),
    ],
)
def test_read_refuses_what_does_not_go_together(run: Run, args: tuple[str, ...]) -> None:
    result = run("read", "a.png", *args)
    assert result.exit_code == 2
    assert "--template" in result.stderr
