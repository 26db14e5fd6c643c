"""`inkdigits explain`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from inkdigits import strokes
from inkdigits.cli import cli

SEVEN = [[[10, 10], [40, 10], [20, 70]]]


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    file = tmp_path / "seven.png"
    Image.fromarray(np.rint(strokes.render(SEVEN).pixels * 255).astype(np.uint8)).save(file)
    return file


def run(*arguments: object, **how: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["explain", *map(str, arguments)], **how)  # type: ignore[arg-type]
    return done.exit_code, done.output


def test_it_says_in_words_what_it_sees(seven: Path) -> None:
    code, text = run(seven, "--against", 1)
    assert code == 0
    first, second, third = text.splitlines()
    assert first.startswith("Read as 7, 9")
    assert second.startswith("What speaks most for 7 rather than 1 is the ink ")
    assert third.startswith("Without its ink ")
    assert ", 1 would go from 0." in third


def test_it_draws(seven: Path, tmp_path: Path) -> None:
    out = tmp_path / "why.png"
    assert run(seven, "--out", out) == (0, run(seven)[1] + f"Picture: {out}\n")
    with Image.open(out) as picture:
        assert picture.size == (336, 336)


def test_it_takes_standard_input_and_prints_json(seven: Path) -> None:
    code, text = run("-", "--json", "--digit", 1, input=seven.read_bytes())
    assert code == 0
    assert json.loads(text)["digit"] == 1
    assert json.loads(text)["prediction"]["digit"] == 7


def test_a_blank_has_nothing_to_explain(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("L", (50, 50), 255).save(file, "PNG")
    assert run("-", input=file.getvalue()) == (0, "There is no ink to explain.\n")


def test_what_is_read_is_not_written_over(seven: Path) -> None:
    before = seven.read_bytes()
    done = CliRunner().invoke(cli, ["explain", str(seven), "--out", str(seven)])
    assert done.exit_code == 1
    assert "is the file to read from" in str(done.exception)
    assert seven.read_bytes() == before


def test_a_wrong_digit_is_a_wrong_call(seven: Path) -> None:
    assert run(seven, "--against", 10)[0] == 2
    done = CliRunner().invoke(cli, ["explain", str(seven), "--against", "7"])
    assert "why a 7 is not a 7" in str(done.exception)
