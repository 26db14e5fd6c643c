"""The trainings of a plan, several at a time, each in a process and on cores of its own.

In: `Planned` runs. Out: their folders, and a line of the results file for each. Knows nothing of
the command line but that `inkdigits train` and `inkdigits evaluate` do the work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from inkdigits.errors import InkdigitsError
from inkdigits.training import recipe
from inkdigits.training.recipe import CONFIG, Recipe
from inkdigits.training.sweep import Planned, Results

POLL = 0.5  # seconds between looks at the trainings
OUTPUT = "output.txt"

#: Told of a run: the epochs it has done, and once it ended what came of it (`{}`: it failed).
Progress = Callable[[Planned, int, "dict[str, Any] | None"], None]


@dataclass(frozen=True)
class _Job:
    run: Planned
    folder: Path
    process: subprocess.Popen[bytes]
    cores: frozenset[int]
    start: float


@dataclass(frozen=True)
class Workshop:
    """Where and how the trainings of a plan are done.

    Attributes:
        folder: of all the runs.
        source: where MNIST is, or `None` for the usual place.
        test: read the test part once with each finished network.
    """

    folder: Path
    source: str | None = None
    test: bool = False

    def do(
        self, runs: Sequence[Planned], results: Results, jobs: int, progress: Progress
    ) -> list[str]:
        """Do what is not done yet; a run that was interrupted goes on.

        Args:
            runs: what is planned.
            results: what is done; gets a row for each that ends well.
            jobs: trainings at a time.
            progress: told of each run, now and then.

        Returns:
            The names of the runs that failed.

        Raises:
            InkdigitsError: a run's folder holds one by other settings.
        """
        left = [run for run in runs if results.of(run) is None]
        for run in left:
            _refuse_another(run, self.folder / run.name)
        self._catch_up(runs, results, progress)
        free, running, failed = _shares(jobs), list[_Job](), list[str]()
        try:
            while left or running:
                while left and free:
                    running.append(self._start(left.pop(0), free.pop()))
                time.sleep(POLL)
                for job in [job for job in running if job.process.poll() is not None]:
                    running.remove(job)
                    free.append(job.cores)
                    found = self._found(job)
                    if found:
                        results.add(job.run, found)
                    else:
                        failed.append(job.run.name)
                    progress(job.run, _epochs(job.folder), found)
                for job in running:
                    progress(job.run, _epochs(job.folder), None)
        finally:
            for job in running:
                job.process.terminate()  # `train` leaves its last epoch whole
            for job in running:
                job.process.wait()
        return failed

    def _catch_up(self, runs: Sequence[Planned], results: Results, progress: Progress) -> None:
        """Test what was trained before, where the test part shall be read."""
        for run in runs:
            row = results.of(run)
            if self.test and row is not None and "test_accuracy" not in row:
                network = run.settings.get("network", Recipe.network)
                tested = self._tested(self.folder / run.name / f"{network}.keras")
                results.add(run, {**row, **tested})
                progress(run, row["epochs"], {**row, **tested})

    def _start(self, run: Planned, cores: frozenset[int]) -> _Job:
        folder = self.folder / run.name
        begun = (folder / CONFIG).is_file()
        arguments = [*self._verb("train"), "--json", "--out", str(folder)]
        arguments += ["--resume"] if begun else options(run)
        threads = str(len(cores))
        folder.mkdir(exist_ok=True)
        with (folder / OUTPUT).open("ab") as log, (folder / "result.json").open("wb") as answer:
            process = subprocess.Popen(  # noqa: S603  # our own command
                arguments,
                stdout=answer,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "OMP_NUM_THREADS": threads, "TF_NUM_INTRAOP_THREADS": threads},
            )
        if hasattr(os, "sched_setaffinity"):  # a thread that wanders leaves its cache behind
            os.sched_setaffinity(process.pid, cores)
        return _Job(run, folder, process, cores, time.monotonic())

    def _found(self, job: _Job) -> dict[str, Any]:
        """What came of a training that ended; nothing where it failed."""
        if job.process.returncode:
            return {}
        found = json.loads((job.folder / "result.json").read_text(encoding="utf-8"))
        wanted = ("epochs", "best_epoch", "val_accuracy", "val_loss")
        seconds = round(time.monotonic() - job.start, 1)
        row = {**{key: found[key] for key in wanted}, "seconds": seconds}
        return {**row, **self._tested(Path(found["model"]))} if self.test else row

    def _tested(self, model: Path) -> dict[str, Any]:
        """Read the test part with a finished network."""
        done = subprocess.run(  # noqa: S603  # our own command
            [*self._verb("evaluate"), str(model), "--no-corruptions", "--no-real", "--json"],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            why = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise InkdigitsError(f"{model} could not be tested: {''.join(why)}")
        report = json.loads(done.stdout)["mnist"]
        return {
            "test_accuracy": report["accuracy"],
            "test_errors": report["errors"],
            "test_undisputed_accuracy": report["undisputed_accuracy"],
        }

    def _verb(self, verb: str) -> list[str]:
        source = [] if self.source is None else ["--source", self.source]
        return [sys.executable, "-m", "inkdigits", verb, *source]


def _refuse_another(run: Planned, folder: Path) -> None:
    """See that a run which would go on is the run that is planned."""
    if not (folder / CONFIG).is_file():
        return
    begun = recipe.read(folder)
    for key, wanted in run.settings.items():
        if getattr(begun, key) != wanted:
            raise InkdigitsError(
                f"{folder} holds a run by another recipe ({key} was {getattr(begun, key)!r}, not "
                f"{wanted!r}): take it away, or choose another --out."
            )


def options(run: Planned) -> list[str]:
    """What to tell `inkdigits train` for the settings of a run."""
    told = [str(run.settings.get("network", Recipe.network))]
    for field in fields(Recipe):
        value = run.settings.get(field.name)
        name = field.name.replace("_", "-")
        if field.name == "network" or value is None:
            continue
        if isinstance(value, bool):
            told.append(f"--{name}" if value else f"--no-{name}")
        else:
            told += [f"--{name}", str(value)]
    return told


def cores() -> list[int]:
    """The processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _shares(jobs: int) -> list[frozenset[int]]:
    """The cores of each job: shared out equally, or each core to several jobs."""
    there = cores()
    return [frozenset(there[job::jobs] or [there[job % len(there)]]) for job in range(jobs)]


def _epochs(folder: Path) -> int:
    try:
        lines = (folder / "training_log.csv").read_text(encoding="utf-8").count("\n")
    except OSError:
        return 0
    return max(lines - 1, 0)
