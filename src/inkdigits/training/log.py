"""The log of a training run: one CSV row an epoch, and its picture."""

from __future__ import annotations

import csv
from pathlib import Path

from inkdigits.errors import InkdigitsError
from inkdigits.evaluation import plots


class TrainingLog:
    """`training_log.csv` of a run folder; rows already there are read back."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "training_log.csv"
        self.rows: list[dict[str, float]] = []
        if self.path.is_file():
            # a row without its end was being written when the run was killed
            whole = self.path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
            try:
                self.rows = [_numbers(row) for row in csv.DictReader(whole)]
            except (TypeError, ValueError):
                raise InkdigitsError(
                    f"{self.path} is damaged: take out its broken row, then --resume goes on."
                ) from None

    def append(self, row: dict[str, float]) -> None:
        """Add one epoch and write it out."""
        fresh = not self.rows
        self.rows.append(row)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            if fresh:
                writer.writeheader()
            writer.writerow(row)

    def keep(self, count: int) -> None:
        """Drop all rows but the first `count`, and whatever follows the last whole row."""
        kept, self.rows = self.rows[:count], []
        self.path.unlink(missing_ok=True)
        for row in kept:
            self.append(row)

    def is_better(self, row: dict[str, float]) -> bool:
        """Whether `row` has the best validation accuracy so far, ties going to the lower loss."""
        return not self.rows or _score(row) > max(map(_score, self.rows))

    def waited(self) -> int:
        """Epochs since the best one."""
        scores = [_score(row) for row in self.rows]
        return len(scores) - 1 - scores.index(max(scores)) if scores else 0

    def plot(self) -> Path:
        """Draw accuracy and loss by epoch into `learning_curve.png` beside the log."""
        panels = {
            title: {
                name: [scale * row[column] for row in self.rows]
                for name, column in (("training, distorted", key), ("validation", f"val_{key}"))
            }
            for title, key, scale in (("Accuracy (%)", "accuracy", 100), ("Loss", "loss", 1))
        }
        figure = plots.draw_learning_curve(panels)
        target = self.path.with_name("learning_curve.png")
        figure.savefig(target, dpi=plots.DPI)
        return target


def _numbers(row: dict[str, str]) -> dict[str, float]:
    return {key: int(value) if key == "epoch" else float(value) for key, value in row.items()}


def _score(row: dict[str, float]) -> tuple[float, float]:
    return row["val_accuracy"], -row["val_loss"]
