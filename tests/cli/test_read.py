from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from inkdigits import Recognizer
from inkdigits.cli import cli
from inkdigits.results import Box, Number, Prediction, Reading
from inkdigits.rules import Rules
from tests.pictures import drawing, encode, seven

EVEN = (0.1,) * 10


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["read", *map(str, args)], input=stdin)


def number(text: str, line: int = 0, x: int = 10, **more: object) -> Number:
    said = {"confidence": 0.97, "accepted": True, "reason": None, **more}
    box = Box(x, 20 + 60 * line, 60, 40)
    digits = tuple(
        Prediction(int(d), 0.99, EVEN, True, None, "m", "1", Box(x + 15 * k, box.y, 12, 40))
        for k, d in enumerate(filter(str.isdigit, text))
    )
    candidates = said.pop("candidates", ((text, said["confidence"]),))
    return Number(text, box=box, digits=digits, candidates=candidates, line=line, **said)  # type: ignore[arg-type]


PAGE = Reading(
    (
        number("12"),
        number("2025-11", x=90),
        number(
            "77",
            1,
            confidence=0.6,
            accepted=False,
            reason="unsure",
            candidates=(("77", 0.6), ("71", 0.3), ("17", 0.05), ("11", 0.04)),
        ),
        number("5", 2, accepted=False, reason="no_fit", confidence=0.9),
    ),
    200,
    200,
    "stand-in",
    "1",
    left_out=2,
)
EMPTY = Reading((), 200, 200, "stand-in", "1")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the recogniser is asked; it reads `PAGE` where there is ink, and sees to the file."""
    from inkdigits import image

    calls: list[dict[str, object]] = []

    def read(_: Recognizer, source: object, **options: object) -> Reading:
        picture = image.load(source, options["limits"])  # type: ignore[arg-type]
        calls.append(options)
        return PAGE if picture.pixels.min() < 0.5 else EMPTY

    def read_number(_: Recognizer, source: object, **options: object) -> Number | None:
        found = read(_, source, **options).numbers
        return found[0] if found else None

    monkeypatch.setattr(Recognizer, "read", read)
    monkeypatch.setattr(Recognizer, "read_number", read_number)
    return calls


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with pictures in it."""
    place = tmp_path / "work"
    (place / "scans").mkdir(parents=True)
    seven().save(place / "seven.png")
    seven().save(place / "scans" / "seven.png")
    Image.new("L", (200, 200), 255).save(place / "scans" / "blank.png")
    (place / "notes.txt").write_text("no picture")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def scan(folder: Path) -> Path:
    """A PDF of three pages, the second blank."""
    pytest.importorskip("pypdfium2")
    path = folder / "scan.pdf"
    blank = Image.new("L", (200, 200), 255)
    seven().save(path, "PDF", resolution=200, save_all=True, append_images=[blank, seven()])
    return path


@pytest.mark.usefixtures("asked", "folder")
def test_numbers_stand_in_a_table_in_reading_order() -> None:
    result = run("seven.png")
    assert result.exit_code == 0
    head, *rows, last = (line.rstrip() for line in result.stdout.splitlines())
    assert head.split() == ["Picture", "Line", "Number", "Confidence", "Remark"]
    assert [row.split()[:4] for row in rows] == [
        ["seven.png", "1", "12", "97.0%"],
        ["2025-11", "97.0%"],
        ["2", "77", "60.0%", "not"],
        ["3", "5", "90.0%", "no"],
    ]
    assert rows[2].endswith("not sure: 77, 71 or 17")
    assert rows[3].endswith("no likely reading satisfies the rules")
    assert last == (
        "4 numbers on 1 picture, 2 of them doubtful; 2 pieces of writing left out as no number."
    )


@pytest.mark.usefixtures("asked", "folder")
def test_a_page_without_numbers_is_said_plainly() -> None:
    result = run("scans/blank.png")
    assert result.exit_code == 0
    assert "no number found" in result.stdout
    assert result.stdout.splitlines()[-1] == "0 numbers on 1 picture."


@pytest.mark.usefixtures("asked", "folder")
def test_json_has_one_entry_a_picture() -> None:
    result = run("seven.png", "missing.png", "scans", "--json")
    assert result.exit_code == 1
    first, missing, blank, last = json.loads(result.stdout)
    assert first == {"source": "seven.png", "page": None, **json.loads(json.dumps(PAGE.to_dict()))}
    assert missing["error"]["code"] == "image-not-found"
    assert [Path(it["source"]).name for it in (blank, last)] == ["blank.png", "seven.png"]
    assert blank["flags"] == ["no_content"]


@pytest.mark.usefixtures("asked")
def test_a_csv_has_one_row_a_number(folder: Path) -> None:
    result = run("seven.png", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows[2] == {
        **{"file": "seven.png", "page": "", "line": "1", "text": "77", "confidence": "0.6000"},
        **{"accepted": "false", "reason": "unsure"},
        **{"x": "10", "y": "80", "width": "60", "height": "40"},
    }
    assert [row["text"] for row in rows] == ["12", "2025-11", "77", "5"]
    written = run("seven.png", "--csv", "out.csv")
    assert (folder / "out.csv").read_text() == result.stdout
    assert "12" in written.stdout
    again = run("seven.png", "--csv", "out.csv")
    assert again.exit_code == 1
    assert "--force" in str(again.exception)
    assert run("scans", "--csv", "out.csv", "--force").exit_code == 0
    assert len((folder / "out.csv").read_text().splitlines()) == 5


@pytest.mark.usefixtures("asked", "folder")
def test_a_csv_on_standard_output_is_nothing_else() -> None:
    result = run("missing.png", "notes.txt", "scans/blank.png", "--csv", "-")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "file,page,line,text,confidence,accepted,reason,x,y,width,height"
    ]
    missing, notes = result.stderr.splitlines()
    assert missing == "missing.png could not be read: No such file or directory."
    assert notes.startswith("notes.txt: This is not a picture")


def test_formulas_are_defused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: list[dict[str, object]]
) -> None:
    found = Reading((number("-12+3"),), 200, 200, "m", "1")
    monkeypatch.setattr(Recognizer, "read", lambda *_, **__: found)
    (folder / "seven.png").rename(folder / "=cmd.png")
    (row,) = csv.DictReader(io.StringIO(run("=cmd.png", "--csv", "-").stdout))
    assert (row["file"], row["text"]) == ("'=cmd.png", "'-12+3")


def test_the_pages_of_a_pdf_are_pictures(scan: Path, asked: list[dict[str, object]]) -> None:
    rows = json.loads(run(scan, "seven.png", "--json").stdout)
    assert [(Path(it["source"]).name, it["page"], len(it["numbers"])) for it in rows] == [
        ("scan.pdf", 1, 4),
        ("scan.pdf", 2, 0),
        ("scan.pdf", 3, 4),
        ("seven.png", None, 4),
    ]
    table = run(scan).stdout.splitlines()
    assert table[0].split() == ["Picture", "Page", "Line", "Number", "Confidence", "Remark"]
    assert len(asked) == 7
    piped = json.loads(run("-", "--json", stdin=scan.read_bytes()).stdout)
    assert [(it["source"], it["page"]) for it in piped] == [("-", 1), ("-", 2), ("-", 3)]
    folder = json.loads(run(scan.parent, "--json").stdout)
    assert sum(Path(it["source"]).name == "scan.pdf" for it in folder) == 3


@pytest.mark.usefixtures("asked")
def test_a_damaged_pdf_does_not_stop_the_others(folder: Path) -> None:
    pytest.importorskip("pypdfium2")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 and nothing")
    result = run("bad.pdf", "seven.png", "--json")
    assert result.exit_code == 1
    bad, good = json.loads(result.stdout)
    assert (bad["page"], bad["error"]["code"]) == (None, "corrupt-image")
    assert len(good["numbers"]) == 4


@pytest.mark.usefixtures("asked", "folder")
def test_standard_input_is_read() -> None:
    (row,) = json.loads(run("-", "--json", stdin=encode(seven(), "PNG")).stdout)
    assert (row["source"], row["text"]) == ("-", PAGE.text)
    assert run("-", stdin=b"").exit_code == 1


@pytest.mark.usefixtures("folder")
def test_options_reach_the_reader(asked: list[dict[str, object]]) -> None:
    from inkdigits.image import UNLIMITED

    run("seven.png")
    given = ("--length", "4-6", "--pattern", r"\d+", "--checksum", "luhn", "--range", "0:999999")
    run("seven.png", "--group", "row", *given, "--no-limits")
    run("seven.png", "--single", "--length", "11")
    assert asked == [
        {"group": "gap", "rules": Rules(), "limits": None},
        {
            "group": "row",
            "rules": Rules((4, 6), r"\d+", "luhn", (0, 999999)),
            "limits": UNLIMITED,
        },
        {"rules": Rules(11), "limits": None},
    ]


@pytest.mark.usefixtures("asked", "folder")
def test_a_single_number() -> None:
    (row,) = json.loads(run("seven.png", "--single", "--json").stdout)
    assert [it["text"] for it in row["numbers"]] == ["12"]
    assert (row["width"], row["height"]) == (200, 200)
    (none,) = json.loads(run("scans/blank.png", "--single", "--json").stdout)
    assert none["numbers"] == []


@pytest.mark.usefixtures("asked")
def test_one_drawing(folder: Path) -> None:
    assert run("seven.png", "--annotate", "out.jpg").exit_code == 0
    with Image.open(folder / "out.jpg") as picture:
        assert picture.format == "JPEG"
        assert picture.width >= 700
        assert np.asarray(picture.convert("RGB")).std() > 0
    again = run("seven.png", "--annotate", "out.jpg")
    assert "--force" in str(again.exception)
    assert run("seven.png", "--annotate", "out.jpg", "--force").exit_code == 0
    onto = run("seven.png", "--annotate", "seven.png", "--force")
    assert "the file to read from" in str(onto.exception)


def test_drawings_of_many_have_names_of_their_own(
    scan: Path, folder: Path, asked: list[dict[str, object]]
) -> None:
    result = run("seven.png", "scans", "missing.png", scan, "--annotate", "drawn")
    assert result.exit_code == 1
    assert sorted(it.name for it in (folder / "drawn").iterdir()) == [
        "blank.png",
        "scan-page-1.png",
        "scan-page-2.png",
        "scan-page-3.png",
        "seven-2.png",
        "seven.png",
    ]
    again = run("seven.png", "--annotate", "drawn")
    assert "not empty" in str(again.exception)
    one = run(scan, "--annotate", "one.png")
    assert "scan.pdf has 3 pages" in str(one.exception)
    assert run("seven.png", "--annotate", "drawn", "--force").exit_code == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Missing argument"),
        (["--json", "--csv", "-"], "cannot both"),
        (["--single", "--group", "row"], "--single"),
        (["--group", "word"], "gap"),
        (["--length", "x"], "11 or 4-6"),
        (["--length", "4-"], "11 or 4-6"),
        (["--length", "-4"], "11 or 4-6"),
        (["--length", "6-4"], "from the fewest to the most"),
        (["--range", "5"], "0:100"),
        (["--range", "9:1"], "from the least to the greatest"),
        (["--pattern", "abc"], "character 1"),
        (["--checksum", "md5"], "luhn"),
        (["--length", "3", "--pattern", r"\d\d"], "a length of 3 and the pattern"),
        (["--annotate", "out.pdf"], ".png"),
        (["seven.png", "--annotate", "out.png"], "a folder for several"),
        (["nothing*.png"], "Nothing matches"),
        (["empty"], "no pictures"),
    ],
)
def test_wrong_calls_exit_with_2(
    args: list[str], words: str, folder: Path, asked: list[dict[str, object]]
) -> None:
    (folder / "empty").mkdir()
    result = run(*(["seven.png", *args] if args else []))
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert asked == []


def test_an_unknown_model_is_one_sentence_and_no_traceback(folder: Path) -> None:
    command = [sys.executable, "-m", "inkdigits", "read", "seven.png", "--model", "nope"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("inkdigits: ")
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def pen() -> Callable[[str], Image.Image]:
    """Writes digits of a plain hand in a row."""

    def write(text: str) -> Image.Image:
        page = Image.new("L", (130 * len(text) + 100, 300), 255)
        for k, digit in enumerate(text):
            page.paste(
                Image.fromarray(drawing(int(digit), side=200)).crop((35, 0, 165, 200)),
                (50 + 130 * k, 50),
            )
        return page

    return write


def test_what_was_written_is_read(folder: Path, pen: Callable[[str], Image.Image]) -> None:
    pen("4712").save("number.png")
    for way in ([], ["--single"], ["--length", "4"], ["--group", "row"]):
        (row,) = json.loads(run("number.png", "--json", *way).stdout)
        assert row["text"] == "4712"
        (found,) = row["numbers"]
        assert found["box"]["x"] == pytest.approx(80, abs=25)
        assert found["box"]["x"] + found["box"]["width"] == pytest.approx(540, abs=40)
    (row,) = json.loads(run("number.png", "--json", "--length", "9").stdout)
    assert [(it["text"], it["reason"]) for it in row["numbers"]] == [("4712", "no_fit")]
    (row,) = json.loads(run("number.png", "--json", "--pattern", r"\d\d/\d\d").stdout)
    assert row["text"] == "47/12"
