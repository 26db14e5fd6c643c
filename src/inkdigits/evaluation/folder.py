"""The folder an evaluation leaves behind: a page, its pictures, and the figures as JSON.

In: an `Outcome` and the digits it was found on. Out: files. Measures nothing itself.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from inkdigits.data.digits import Digits
from inkdigits.errors import InkdigitsError
from inkdigits.evaluation import curves, gallery, plots
from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.page import page
from inkdigits.evaluation.robustness import examples

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def prepare(folder: Path) -> None:
    """Make the folder, and notice before the work that it or the pictures cannot be written.

    Raises:
        InkdigitsError: the folder cannot be made or written to.
        MissingExtraError: matplotlib is not installed.
    """
    plots.require()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def write(folder: Path, outcome: Outcome, digits: Digits) -> tuple[str, ...]:
    """Write report.md, report.json and the pictures; what was there of those names is replaced.

    Args:
        folder: as `prepare` left it.
        outcome: what was found.
        digits: what it was found on.

    Returns:
        The names of the files.

    Raises:
        InkdigitsError: a file cannot be written.
    """
    figures = _figures(outcome, digits)
    try:
        for name, figure in figures.items():
            figure.savefig(folder / name, dpi=plots.DPI)
        (folder / "report.md").write_text(page(outcome), encoding="utf-8")
        answer = json.dumps(outcome.to_dict(), indent=2)
        (folder / "report.json").write_text(answer + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(folder, error) from None
    return ("report.md", "report.json", *figures)


def _figures(outcome: Outcome, digits: Digits) -> dict[str, Figure]:
    mnist = outcome.mnist
    name = f"{mnist.model} {mnist.version}"
    right = f"{name}: {mnist.accuracy:.2%} right, n = {mnist.shown:,}"
    errors = f"{name}: {len(mnist.mistakes)} of {mnist.errors:,} errors, the surest first"
    figures = {
        "confusion.png": plots.draw_confusion(np.array(mnist.confusion), right),
        "errors.png": gallery.draw_mistakes(mnist.mistakes, errors),
        "reliability.png": plots.draw_reliability(
            mnist.reliability, f"{name}: ECE {mnist.ece:.4f}"
        ),
    }
    if outcome.corruptions is not None:
        rates = {result.name: result.error for result in outcome.corruptions.results}
        rates["as it is"] = 1 - mnist.accuracy
        mean = f"{name}: mean corruption error {outcome.corruptions.mean_error:.1%}"
        clean, corrupted = examples(digits, seed=outcome.corruptions.seed)
        figures["corruptions.png"] = gallery.draw_corruptions(clean, corrupted, rates, mean)
    return figures | _wild_figures(outcome, name)


def _wild_figures(outcome: Outcome, name: str) -> dict[str, Figure]:
    """The figures of `name` on what is not MNIST."""
    figures = {}
    real, framing = outcome.real, outcome.framing
    if real is not None and real.digits:
        shown = sum(result.shown for result in real.digits)
        title = f"{name} on real handwriting: ECE {real.ece:.4f}, n = {shown:,}"
        figures["reliability-real.png"] = plots.draw_reliability(real.reliability, title)
    if real is not None and real.tradeoff is not None:
        figures["tradeoff.png"] = curves.draw_tradeoff(real.tradeoff, name)
    if framing is not None:
        figures["framing.png"] = curves.draw_framing(framing, name)
    return figures


def _unwritable(folder: Path, error: OSError) -> InkdigitsError:
    return InkdigitsError(f"{folder} cannot be written to: {error.strerror or error}.")
