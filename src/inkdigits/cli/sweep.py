"""`inkdigits sweep`: a plan in; a run folder for each training, a results file and a table out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inkdigits.cli.train import INTERRUPTED, TERMINATED, ToldToStop, told_to_stop
from inkdigits.errors import InkdigitsError
from inkdigits.training import jobs as workshop
from inkdigits.training import sweep
from inkdigits.training.recipe import Recipe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


@click.command("sweep")
@click.argument("plan", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of all the runs. Default: runs/ and the plan's name.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Trainings at a time. Default: one a core, with a thread each: that trains most images.",
)
@click.option(
    "--test",
    is_flag=True,
    help="Read MNIST's test part once with each finished network: for finished candidates only.",
)
@click.option("--source", help="Where MNIST is, as for `train`.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    plan: Path,
    out: Path | None,
    jobs: int | None,
    test: bool,
    source: str | None,
    as_json: bool,
) -> None:
    """Train every run of PLAN, a TOML file, and tabulate mean and spread over seeds.

    \b
    epochs = 30
    seed = [0, 1, 2, 3, 4]
    [runs.plain]
    network = "standard"
    [runs.bent]
    network = "standard"
    elastic = [0.3, 0.6]

    Settings are the long options of `inkdigits train`. What is finished is not trained again, what
    was interrupted goes on: give the same command again.
    """
    planned = sweep.read(plan)
    out = out or Path("runs") / plan.stem
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InkdigitsError(f"{out} cannot be made: {error.strerror}.") from None
    results = sweep.Results(out)
    at_once = min(jobs or len(workshop.cores()), len(planned))
    try:
        with told_to_stop(), _Bars() as bars:
            there = workshop.Workshop(out, source, test)
            failed = there.do(planned, results, at_once, bars.update)
    except KeyboardInterrupt as stop:
        click.echo("Interrupted: the same command goes on where it stopped.", err=True)
        ctx.exit(TERMINATED if isinstance(stop, ToldToStop) else INTERRUPTED)
    summaries = sweep.summarise(row for run in planned if (row := results.of(run)) is not None)
    if as_json:
        click.echo(json.dumps([_plain(summary) for summary in summaries], indent=2))
    else:
        _show(summaries)
    if failed:
        raise InkdigitsError(
            f"{len(failed)} of {len(planned)} trainings failed: {', '.join(failed)}. "
            f"{workshop.OUTPUT} in their folders under {out} says why."
        )


class _Bars:
    """A bar for each training under way, a line for each that ended, on the error stream."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._console: Console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, run: sweep.Planned, epochs: int, found: dict[str, Any] | None) -> None:
        """Move the bar of a run; `found` is what came of it, once it ended."""
        if run.name not in self._tasks:
            total = run.settings.get("epochs", Recipe.epochs)
            self._tasks[run.name] = self._progress.add_task(run.name, total=total)
        self._progress.update(self._tasks[run.name], completed=epochs)
        if found is not None:
            self._progress.remove_task(self._tasks.pop(run.name))
            self._console.print(_line(run, found))


def _line(run: sweep.Planned, found: dict[str, Any]) -> str:
    if not found:
        return f"{run.name}: failed"
    tested = f", test {found['test_accuracy']:.2%}" if "test_accuracy" in found else ""
    return (
        f"{run.name}: validation {found['val_accuracy']:.2%} in epoch {found['best_epoch']} "
        f"of {found['epochs']}{tested}, {found['seconds']:.0f} s"
    )


def _plain(summary: sweep.Summary) -> dict[str, Any]:
    """NaN is no JSON."""
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in vars(summary).items()
    }


def _show(summaries: list[sweep.Summary]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("recipe", "runs", "validation", "test", "best on validation")
    for column in table.columns[1:4]:
        column.justify = "right"
    for it in summaries:
        test = "" if it.test is None else _spread(it.test, it.test_spread)
        table.add_row(
            it.group,
            str(it.count),
            _spread(it.validation, it.validation_spread),
            test,
            it.best,
        )
    Console(highlight=False).print(table)


def _spread(mean: float, deviation: float) -> str:
    return f"{mean:.3%}" if math.isnan(deviation) else f"{mean:.3%} ± {100 * deviation:.3f}"
