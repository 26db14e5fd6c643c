from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from inkdigits.cli import cli
from inkdigits.errors import InkdigitsError


def test_a_site_is_written_and_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["site", str(tmp_path / "site")])
    assert result.exit_code == 0
    assert result.output.startswith("Wrote ")
    assert result.output.endswith(f" into {tmp_path / 'site'}.\n")
    assert (tmp_path / "site" / "index.html").is_file()


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    result = CliRunner().invoke(cli, ["site", str(tmp_path)])
    assert isinstance(result.exception, InkdigitsError)
