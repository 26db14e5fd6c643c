from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from inkdigits import DataError, ModelError
from tests.cli.conftest import Run
from tests.pictures import drawing


def test_real_handwriting_is_shown_where_it_is_found(run: Run, npz: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    images = np.stack([drawing(d, side=28, part=0.7, pen=3) for d in (0, 7)])
    np.savez(real / "hwd1000.npz", images=images, labels=np.array([0, 7]))
    result = run("evaluate", "--source", npz, "--real-source", real, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["mnist"]["shown"] == 100
    (row,) = answer["real"]["sets"]
    assert (row["name"], row["shown"], row["right"]) == ("hwd1000", 2, 2)


def test_absent_handwriting_is_said(run: Run, npz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKDIGITS_DATA", raising=False)
    result = run("evaluate", "--source", npz, "--limit", 20)
    assert result.exit_code == 0, result.output
    assert "n = 20" in result.stdout
    assert "left out: it was not found" in result.stdout


def test_a_bad_model_or_no_data_is_one_error(run: Run, npz: Path, tmp_path: Path) -> None:
    assert isinstance(run("evaluate", "nope", "--source", npz).exception, ModelError)
    assert isinstance(run("evaluate", "--source", tmp_path / "gone").exception, DataError)


def test_an_onnx_is_evaluated_without_keras(npz: Path) -> None:
    code = (
        "import sys\n"
        "from inkdigits.cli import cli\n"
        f"cli(['evaluate', '--source', {str(npz)!r}, '--no-real', '--limit', '9'], "
        "standalone_mode=False)\n"
        "print(sorted({'keras', 'tensorflow', 'matplotlib'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
