from __future__ import annotations

from pathlib import Path

import pytest

from inkdigits import ModelError
from tests.cli.conftest import Run

pytestmark = pytest.mark.keras


def test_a_fresh_network_is_exported_and_described(run: Run, npz: Path, tmp_path: Path) -> None:
    from inkdigits.training import networks

    source = tmp_path / "fresh.keras"
    networks.build("classic").save(source)
    result = run(
        *("export", source, "--out", tmp_path / "out", "--name", "mine", "--model-version", "7"),
        *("--source", npz),
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"mine.onnx", "mine.json"}
    said = {line[:15].strip(): line[16:] for line in result.stdout.splitlines()}
    assert said["model"].startswith("mine 7 -> ")
    assert said["labels agree"] == "100.00% of 60 validation digits"
    size = (tmp_path / "out" / "mine.onnx").stat().st_size
    assert said["size"].startswith(f"{size:,} bytes")
    assert {"max difference", "temperature", "accept from", "digit from"} <= set(said)


def test_a_name_that_is_a_path_is_refused(run: Run, npz: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "m.keras", "--name", "../m", "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "cannot name a model" in str(result.exception)


def test_an_absent_file_is_said(run: Run, npz: Path, tmp_path: Path) -> None:
    result = run("export", tmp_path / "gone.keras", "--source", npz)
    assert isinstance(result.exception, ModelError)
    assert "does not exist" in str(result.exception)
