"""Many trainings from one plan: every seed of every recipe, and what came of each.

In: a TOML file. Out: `Planned` runs, and a results file with a line of JSON for each finished one.
Does not train; knows nothing of processes.
"""

from __future__ import annotations

import itertools
import json
import math
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from inkdigits.errors import InkdigitsError
from inkdigits.training.recipe import Recipe

RESULTS = "results.jsonl"
_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "int | None": int,
    "str | None": str,
}


@dataclass(frozen=True)
class Planned:
    """One training to do.

    Attributes:
        group: what it is called together with its other seeds.
        settings: of the recipe, `network` and `seed` among them.
    """

    group: str
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.group}-{self.settings['seed']}"


def read(path: Path) -> tuple[Planned, ...]:
    """Read a plan.

    What stands at the top is for all runs; each table `[runs.NAME]` is a recipe. A list of values
    stands for as many recipes, of seeds for as many seeds of one recipe::

        epochs = 30
        seed = [0, 1, 2, 3, 4]
        [runs.plain]
        network = "standard"
        [runs.elastic]
        network = "standard"
        elastic = [0.3, 0.6]    # elastic-0.3 and elastic-0.6

    Raises:
        InkdigitsError: it cannot be read, or something in it is unknown.
    """
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InkdigitsError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InkdigitsError(f"{path} is not TOML: {error}.") from None
    tables = plan.pop("runs", None)
    if not isinstance(tables, dict) or not tables:
        raise InkdigitsError(f"{path} plans nothing: add a table [runs.NAME].")
    runs: list[Planned] = []
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InkdigitsError(f"{path}: runs.{name} is not a table.")
        runs += _expanded(path, name, {**plan, **table})
    return tuple(runs)


def _expanded(path: Path, name: str, table: dict[str, Any]) -> Iterator[Planned]:
    table = {key.replace("-", "_"): value for key, value in table.items()}
    wanted = {key: value if isinstance(value, list) else [value] for key, value in table.items()}
    for key, values in wanted.items():
        for value in values:
            _check(path, name, key, value)
    seeds = wanted.pop("seed", [Recipe.seed])
    several = [key for key, values in wanted.items() if len(values) > 1]
    for chosen in itertools.product(*wanted.values()):
        settings = {"network": name, **dict(zip(wanted, chosen, strict=True))}
        group = "-".join([name, *(str(settings[key]) for key in several)])
        for seed in seeds:
            yield Planned(group, {**settings, "seed": seed})


def _check(path: Path, name: str, key: str, value: Any) -> None:
    known = {field.name: str(field.type) for field in fields(Recipe)}
    if key not in known:
        raise InkdigitsError(
            f"{path}: runs.{name} has no setting {key!r}: choose from {', '.join(known)}."
        )
    kind = _TYPES[known[key]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InkdigitsError(f"{path}: {key} of runs.{name} cannot be {value!r}.")


class Results:
    """What came of the runs in a folder: `results.jsonl`, a line each."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / RESULTS
        self.rows: list[dict[str, Any]] = []
        if self.path.is_file():
            try:
                lines = self.path.read_text(encoding="utf-8").splitlines()
                self.rows = [json.loads(line) for line in lines if line]
            except ValueError:
                raise InkdigitsError(f"{self.path} is damaged: take out its broken line.") from None

    def of(self, run: Planned) -> dict[str, Any] | None:
        """The last row of a run that is finished, with the same settings."""
        wanted = (run.name, run.settings)
        rows = (it for it in reversed(self.rows) if (it["name"], it["settings"]) == wanted)
        return next(rows, None)

    def add(self, run: Planned, found: dict[str, Any]) -> None:
        """Write down what came of a run."""
        row = {**found, "name": run.name, "group": run.group, "settings": run.settings}
        self.rows.append(row)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


@dataclass(frozen=True)
class Summary:
    """One recipe over its seeds; accuracies 0 to 1.

    Attributes:
        group: of the runs.
        count: how many are finished.
        validation: the mean of their best validation accuracies.
        validation_spread: the standard deviation (n - 1), NaN for one run.
        test: the mean accuracy on the test part, or `None` where it was not read.
        test_spread: its standard deviation.
        best: the run with the best validation accuracy, ties going to the lower loss.
    """

    group: str
    count: int
    validation: float
    validation_spread: float
    test: float | None
    test_spread: float
    best: str


def summarise(rows: Iterable[dict[str, Any]]) -> list[Summary]:
    """One line a recipe, in the order of the first run of each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    return [_summary(group, runs) for group, runs in groups.items()]


def _summary(group: str, runs: list[dict[str, Any]]) -> Summary:
    validation = [run["val_accuracy"] for run in runs]
    test = [run["test_accuracy"] for run in runs if run.get("test_accuracy") is not None]
    return Summary(
        group,
        len(runs),
        mean(validation),
        _spread(validation),
        mean(test) if len(test) == len(runs) else None,
        _spread(test),
        max(runs, key=lambda run: (run["val_accuracy"], -run["val_loss"]))["name"],
    )


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else math.nan
