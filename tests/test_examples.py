"""Every example and every Python block of the README runs, as its reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.M
)


def run(folder: Path, *arguments: str) -> str:
    """What Python prints, run in `folder` with warnings as errors of their own."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `photo.png`: a 7 in dark ink on light paper."""
    paper = Image.new("L", (300, 300), 235)
    pen = [(90, 80), (210, 80), (130, 230)]
    ImageDraw.Draw(paper).line(pen, fill=30, width=18, joint="curve")
    paper.save(tmp_path / "photo.png")
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_runs_as_it_is_and_is_short(example: Path, folder: Path) -> None:
    assert run(folder, str(example)).strip()
    assert len(example.read_text(encoding="utf-8").splitlines()) < 30


def test_classify_file_reads_the_file_it_is_given(folder: Path) -> None:
    said = run(folder, str(ROOT / "examples" / "classify_file.py"), "photo.png")
    assert said.startswith("7 with ")


def test_classify_array_reads_the_array_it_is_given(folder: Path) -> None:
    np.save(folder / "digits.npy", np.zeros((3, 28, 28), np.uint8))
    said = run(folder, str(ROOT / "examples" / "classify_array.py"), "digits.npy")
    assert len(said.splitlines()) == 3


def test_readme_shows_python() -> None:
    assert BLOCKS


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_readme_block_runs(number: int, folder: Path) -> None:
    (folder / "block.py").write_text(BLOCKS[number], encoding="utf-8")
    run(folder, "block.py")
