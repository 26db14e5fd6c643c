"""The notebook: in step with its readable twin, executed to its end, and executable anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

jupytext = pytest.importorskip("jupytext", reason="the `notebook` extra is not installed")
nbformat = pytest.importorskip("nbformat", reason="the `notebook` extra is not installed")

FOLDER = Path(__file__).parents[1] / "notebooks"
SHOWN = FOLDER / "mnist_digit_recognition.ipynb"


@pytest.fixture(scope="module")
def cells() -> list[Any]:
    found: list[Any] = nbformat.read(SHOWN, as_version=4).cells
    return found


def texts(cells: list[Any]) -> str:
    """All that the cells printed."""
    printed = []
    for cell in cells:
        for output in cell.get("outputs", []):
            printed.append(output.get("text", "") + output.get("data", {}).get("text/plain", ""))
    return "\n".join(printed)


def test_the_notebook_and_its_twin_are_in_step(cells: list[Any]) -> None:
    twin = jupytext.read(FOLDER / "mnist_digit_recognition.py").cells
    assert [(c.cell_type, c.source) for c in cells] == [(c.cell_type, c.source) for c in twin]


def test_it_has_fifteen_steps_in_order(cells: list[Any]) -> None:
    heads = re.findall(r"^## (\d+)\. ", "\n".join(c.source for c in cells), re.MULTILINE)
    assert [int(head) for head in heads] == list(range(1, 16))


def test_what_it_shows_is_a_whole_run(cells: list[Any]) -> None:
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert "error" not in kinds
    pictures = [o for c in code for o in c.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 9
    assert "Fast mode" not in texts(cells)
    assert "n = 10,000" in texts(cells) or "of 10,000 read rightly" in texts(cells)


def test_it_is_small_and_tells_nothing_of_the_machine(cells: list[Any]) -> None:
    assert SHOWN.stat().st_size < 1_000_000
    for word in ("/home/", "/root", "/tmp", "/work", "\\Users\\", "Warning", "Traceback"):
        assert word not in texts(cells), word


@pytest.mark.keras
@pytest.mark.data
def test_it_runs_to_its_end_in_fast_mode(tmp_path: Path) -> None:
    target = tmp_path / "fast.ipynb"
    done = subprocess.run(
        [sys.executable, str(FOLDER / "execute.py"), str(target)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "INKDIGITS_FAST": "1", "INKDIGITS_RUN": str(tmp_path / "run")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    cells = nbformat.read(target, as_version=4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    said = texts(cells)
    assert "Fast mode" in said
    assert "of 500 read rightly" in said
    assert "100% alike" in said
    submission = (tmp_path / "run" / "submission.csv").read_text(encoding="utf-8")
    assert submission.splitlines()[0] == "ImageId,Label"
    assert len(submission.splitlines()) == 401
