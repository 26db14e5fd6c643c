from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from inkdigits.cli import cli

pytestmark = pytest.mark.keras


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, npz: Path) -> None:
    start, run = tmp_path / "a.keras", tmp_path / "run"
    start.write_bytes(b"")
    run.mkdir()
    args = ["blend", str(start), str(run), "--source", str(npz)]
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 1
    assert "holds no run" in str(done.exception)
    done = CliRunner().invoke(cli, [*args, "--share", "2"])
    assert done.exit_code == 2
