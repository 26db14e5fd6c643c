from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkdigits.cli.sweep import command
from inkdigits.errors import InkdigitsError

pytestmark = pytest.mark.keras


def plan(tmp_path: Path, text: str) -> str:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_seeds_are_trained_tested_and_tabulated_once(
    npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "epochs = 1\nbatch-size = 16\naugment = false\n[runs.nano]\nseed = [0, 1]"
    arguments = [plan(tmp_path, text), "--source", str(npz)]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert "nano-0: validation" in done.stderr
    assert "nano" in done.stdout
    out = tmp_path / "runs" / "plan"
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert {row["name"] for row in rows} == {"nano-0", "nano-1"}
    assert not any("test_accuracy" in row for row in rows)

    arguments.append("--test")
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    seconds = {row["name"]: row["seconds"] for row in rows}
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()][2:]
    assert {row["name"]: row["seconds"] for row in rows} == seconds  # not trained again
    assert all(0 <= row["test_accuracy"] <= 1 and row["seconds"] > 0 for row in rows)
    assert (out / "nano-0" / "nano.keras").is_file()

    again = CliRunner().invoke(command, [*arguments, "--json"])
    assert again.stderr == ""  # nothing was left to do
    (summary,) = json.loads(again.stdout)
    assert summary["count"] == 2
    assert summary["validation"] == pytest.approx(sum(row["val_accuracy"] for row in rows) / 2)
    assert summary["test"] == pytest.approx(sum(row["test_accuracy"] for row in rows) / 2)


def test_a_training_that_fails_is_named(
    npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["-m", "inkdigits", "sweep", plan(tmp_path, "[runs.nope]"), "--source", str(npz)]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 of 1 trainings failed: nope-42." in done.stderr
    said = tmp_path / "runs" / "plan" / "nope-42" / "output.txt"
    assert "no network named 'nope'" in said.read_text()


def test_a_folder_of_another_recipe_is_not_gone_on_with(
    npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import recipe

    monkeypatch.chdir(tmp_path)
    recipe.write(recipe.Recipe(network="nano", epochs=2, seed=3), tmp_path / "out" / "nano-3")
    given = plan(tmp_path, "epochs = 3\n[runs.nano]\nseed = 3")
    done = CliRunner().invoke(command, [given, "--source", str(npz), "--out", "out"])
    assert isinstance(done.exception, InkdigitsError)
    assert "another recipe (epochs was 2, not 3)" in str(done.exception)
    assert not (tmp_path / "out" / "results.jsonl").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_sweep_goes_on(
    number: int, code: int, npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "epochs = 4\npatience = 9\nbatch-size = 16\naugment = false\n[runs.nano]\nseed = 3"
    arguments = ["-m", "inkdigits", "sweep", plan(tmp_path, text), "--source", str(npz)]
    heed = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    heed += "; import runpy; sys.argv = sys.argv[1:]; runpy.run_module('inkdigits', alter_sys=True)"
    command_line = [sys.executable, "-c", heed, "inkdigits", *arguments[2:]]
    log = tmp_path / "runs" / "plan" / "nano-3" / "training_log.csv"
    with subprocess.Popen(command_line, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 240
        while not log.is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate()
    assert process.returncode == code, said
    assert "the same command goes on" in said
    done = subprocess.run(
        [sys.executable, *arguments, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (row,) = (tmp_path / "runs" / "plan" / "results.jsonl").read_text().splitlines()
    assert json.loads(row)["epochs"] == 4
