"""Runs that are stopped, killed or left without room, and what is left of them."""

from __future__ import annotations

import csv
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkdigits import InkdigitsError
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.training.recipe import Recipe

pytestmark = pytest.mark.keras

RECIPE = Recipe("nano", epochs=4, batch_size=32, augment=False, patience=99)


@pytest.fixture
def small(make_digits: Callable[..., Digits], quick: None) -> Mnist:
    return Mnist(make_digits(128, 1), make_digits(40, 2), make_digits(10, 3))


def rows(folder: Path) -> list[dict[str, str]]:
    path = folder / "training_log.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def start(npz: Path, out: Path) -> subprocess.Popen[str]:
    """A training in a process of its own, three epochs old."""
    command = [sys.executable, "-m", "inkdigits", "train", "nano", "--source", str(npz)]
    # a shell that runs the tests in the background has them ignore it, and their children too
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [*command, "--out", str(out), "--epochs", "400", "--patience", "999"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
    )
    signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 120
    while len(rows(out)) < 3 and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    return process


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_a_stopped_run_goes_on(number: int, code: int, npz: Path, tmp_path: Path) -> None:
    from inkdigits.data import mnist
    from inkdigits.training import recipe as recipes
    from inkdigits.training.fit import train

    process = start(npz, tmp_path / "run")
    try:
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert "Traceback" not in said
    if code > 0:
        assert f"--resume --out {tmp_path / 'run'}" in said
    config = tmp_path / "run" / "config.json"
    done = len(rows(tmp_path / "run"))
    assert done < 400
    # the rest would take long: the recipe is cut short where the run was stopped
    assert recipes.read(tmp_path / "run").epochs == 400
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('"epochs": 400', f'"epochs": {done + 2}'), encoding="utf-8")
    best = train(RECIPE, mnist.load(npz), tmp_path / "run", resume=True)
    assert best.is_file()
    assert [int(row["epoch"]) for row in rows(tmp_path / "run")] == list(range(1, done + 3))


def test_a_resumed_run_ends_where_an_unbroken_one_does(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from inkdigits.training import checkpoint, fit

    recipe = replace(RECIPE, epochs=24)
    fit.train(recipe, small, tmp_path / "whole")
    save = checkpoint.Checkpoint.save

    def stop(self: Any, row: dict[str, float], *rest: Any) -> None:
        save(self, row, *rest)
        if row["epoch"] in (5, 13):
            raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint.Checkpoint, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        fit.train(recipe, small, tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        fit.train(recipe, small, tmp_path / "broken", resume=True)
    monkeypatch.undo()
    fit.train(recipe, small, tmp_path / "broken", resume=True)
    whole, broken = rows(tmp_path / "whole"), rows(tmp_path / "broken")
    assert [row["learning_rate"] for row in broken] == [row["learning_rate"] for row in whole]
    for run in (whole, broken):
        assert float(run[-1]["accuracy"]) > 0.9
        assert float(run[-1]["loss"]) < float(run[4]["loss"]) / 1.5
    assert float(broken[-1]["loss"]) == pytest.approx(float(whole[-1]["loss"]), rel=0.3)


@pytest.mark.parametrize("full", ["checkpoint.keras", "nano.keras", "training_log.csv"])
def test_a_full_disk_costs_one_epoch(
    full: str, small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import checkpoint, fit
    from inkdigits.training.log import TrainingLog

    replace_file, append = checkpoint._replace, TrainingLog.append
    no_room = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill(path: Path, save: Any) -> None:
        if path.name.endswith(full) and len(rows(tmp_path)) >= 2:

            def torn(partial: Path) -> None:
                partial.write_bytes(b"PK")
                raise no_room

            save = torn
        replace_file(path, save)

    def fill_log(self: TrainingLog, row: dict[str, float]) -> None:
        if full == self.path.name and row["epoch"] == 3:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("3,0.9")
            raise no_room
        append(self, row)

    monkeypatch.setattr(checkpoint, "_replace", fill)
    monkeypatch.setattr(TrainingLog, "append", fill_log)
    # each epoch must be the best, so that each file is written each time
    monkeypatch.setattr(TrainingLog, "is_better", lambda *_: True)
    with pytest.raises(InkdigitsError, match=r"No space left on device.*--resume"):
        fit.train(RECIPE, small, tmp_path)
    assert not list(tmp_path.glob("partial-*"))
    monkeypatch.undo()
    fit.train(RECIPE, small, tmp_path, resume=True)
    assert [int(row["epoch"]) for row in rows(tmp_path)] == [1, 2, 3, 4]
    assert not list(tmp_path.glob("best-*"))


def test_a_disk_without_room_is_seen_before_it_is_written_to(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import fit

    room = shutil.disk_usage(tmp_path)._replace(free=500_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    with pytest.raises(InkdigitsError, match=r"Epoch 1 could not be saved .*No space left"):
        fit.train(RECIPE, small, tmp_path)
    assert not list(tmp_path.glob("*.keras"))


def test_no_room_for_the_pictures_is_said(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import drawing, fit

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(drawing, "architecture", full)
    with pytest.raises(InkdigitsError, match=r"pictures .*No space left on device"):
        fit.train(RECIPE, small, tmp_path)
    monkeypatch.undo()
    assert fit.train(RECIPE, small, tmp_path, resume=True).is_file()


def test_a_best_network_that_was_not_put_in_place_is(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training import fit

    best = fit.train(RECIPE, small, tmp_path)
    content = best.read_bytes()
    best.rename(tmp_path / "best-4-nano.keras")
    (tmp_path / "best-5-nano.keras").write_bytes(b"of an epoch that was never finished")
    fit.train(RECIPE, small, tmp_path, resume=True)
    assert best.read_bytes() == content
    assert not list(tmp_path.glob("best-*"))


@pytest.mark.parametrize("name", ["config.json", "checkpoint.keras", "training_log.csv"])
def test_a_damaged_run_is_said(name: str, small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training import fit

    fit.train(RECIPE, small, tmp_path)
    path = tmp_path / name
    if name == "training_log.csv":
        path.write_text(path.read_text().replace("\n2,", "\ntwo,"))
    else:
        path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InkdigitsError, match="damaged"):
        fit.train(RECIPE, small, tmp_path, resume=True)


def test_a_folder_that_cannot_be_made_is_said(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training import fit

    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InkdigitsError, match="cannot be written"):
        fit.train(RECIPE, small, tmp_path / "file" / "run")


def test_missing_matplotlib_is_noticed_before_the_training(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import fit

    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InkdigitsError, match="matplotlib"):
        fit.train(RECIPE, small, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_missing_tensorboard_is_noticed_before_the_training(
    small: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkdigits.training import fit

    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InkdigitsError, match="tensorboard"):
        fit.train(RECIPE, small, tmp_path / "run", tensorboard=True)
    assert not (tmp_path / "run").exists()


def test_tensorboard_gets_the_curves(small: Mnist, tmp_path: Path) -> None:
    from inkdigits.training import fit

    fit.train(RECIPE, small, tmp_path, tensorboard=True)
    for part in ("train", "validation"):
        files = (tmp_path / "tensorboard" / part).glob("events*")
        events = b"".join(path.read_bytes() for path in files)
        assert b"epoch_loss" in events
        assert b"epoch_accuracy" in events
