from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from tests.training.tiny import saved

pytestmark = pytest.mark.keras


def inkdigits(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "inkdigits", *arguments], capture_output=True, text=True, check=False
    )


def test_a_network_learns_from_what_a_teacher_answered(
    npz: Path, make_digits: Callable[..., Digits], tmp_path: Path
) -> None:
    teacher = saved(make_digits(300, 3), tmp_path)
    lessons, run = str(tmp_path / "lessons.npz"), tmp_path / "run"
    reach = ("--rotation", "0", "--shift", "0", "--zoom", "0", "--shear", "0")
    done = inkdigits(
        *("distil", str(teacher), "--views", "2", "--out", lessons),
        *("--source", str(npz), *reach),
    )
    assert done.returncode == 0, done.stderr
    assert "2 views of 540 images, answered by 1 teacher:" in done.stdout
    args = ("--epochs", "6", "--batch-size", "16", "--out", str(run), "--source", str(npz))
    done = inkdigits("train", "nano", "--lessons", lessons, *args, "--json")
    assert done.returncode == 0, done.stderr
    config = json.loads((run / "config.json").read_text())
    assert config["lessons"]["teachers"] == [f"{tmp_path.name}/tiny.keras"]
    assert config["recipe"]["lessons"] == lessons
    log = (run / "training_log.csv").read_text().splitlines()
    first, last = (float(line.split(",")[2]) for line in (log[1], log[-1]))
    assert last < first


def test_lessons_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "lessons.npz"
    path.write_bytes(b"dear")
    done = inkdigits("distil", str(tmp_path / "a.keras"), "--out", str(path))
    assert done.returncode == 1
    assert "is already there" in done.stderr
    assert path.read_bytes() == b"dear"


def test_a_teacher_that_is_not_there_is_said_to_be(npz: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "lessons.npz")
    done = inkdigits("distil", str(tmp_path / "a.keras"), "--out", out, "--source", str(npz))
    assert done.returncode == 1
    assert "a.keras" in done.stderr
    assert "Traceback" not in done.stderr


def test_lessons_that_are_none_are_refused(npz: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.npz"
    np.savez(bad, images=np.zeros(3))
    out = str(tmp_path / "run")
    done = inkdigits("train", "nano", "--lessons", str(bad), "--source", str(npz), "--out", out)
    assert done.returncode == 1
    assert "holds no lessons" in done.stderr
    assert not Path(out).exists()
