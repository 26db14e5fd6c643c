from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from inkdigits.cli import cli
from inkdigits.training import composition


def test_a_composition_is_written_once(npz: Path, tmp_path: Path) -> None:
    out = tmp_path / "wild.npz"
    args = ["compose", "--out", str(out), "--images", "100", "--views", "1", "--jobs", "1"]
    env = {"INKDIGITS_DATA": str(tmp_path / "nowhere")}
    done = CliRunner().invoke(cli, [*args, "--source", str(npz)], env=env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "1 views of" in done.output
    learn, check, about = composition.load(out)
    assert learn.images.shape[0] == 1
    assert len(check.labels[0])
    assert about["sets"] == []
    again = CliRunner().invoke(cli, args, env=env)
    assert again.exit_code == 1
    assert "already there" in str(again.exception)


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    args = ["compose", "--out", str(tmp_path / "a.npz"), "--real-source", str(tmp_path)]
    done = CliRunner().invoke(cli, args)
    assert done.exit_code == 1
    assert "holds none of the sets" in str(done.exception)
