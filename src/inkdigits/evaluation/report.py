"""How well a model reads MNIST's test part.

In: a model and labelled digits. Out: a `Report` that becomes JSON or Markdown. Knows nothing of
pictures, of files or of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.decode import decode, softmax
from inkdigits.evaluation import metrics
from inkdigits.evaluation.metrics import Score
from inkdigits.model import BATCH, Model

#: Test images, by their place, whose labels people who look at them reject. The accuracy is given
#: with and without them.
DISPUTED = (
    *(947, 1621, 1901, 2130, 2462, 2597, 2654, 3520),
    *(3558, 5937, 6651, 6783, 8527, 9679, 9729),
)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Report:
    """What was measured; shares from 0 to 1.

    Attributes:
        model: the model's name.
        version: the model's version.
        sha256: of the model's file.
        shown: how many digits were shown.
        errors: how many were read wrongly.
        accuracy: the share read rightly.
        interval: its 95 % Wilson interval.
        undisputed_shown: digits shown whose labels are not disputed.
        undisputed_accuracy: the accuracy on those.
        digits: the score of each digit.
        macro: their plain mean.
        weighted: their mean by support.
        confusion: ten rows (true digit) of ten counts (digit read).
        nll: mean negative log-likelihood of the calibrated probabilities, in nats.
        ece: expected calibration error in 15 bins.
        accepted: the share accepted.
        accepted_accuracy: the share of the accepted that were read rightly; 0 for none.
    """

    model: str
    version: str
    sha256: str
    shown: int
    errors: int
    accuracy: float
    interval: tuple[float, float]
    undisputed_shown: int
    undisputed_accuracy: float
    digits: tuple[Score, ...]
    macro: Score
    weighted: Score
    confusion: tuple[tuple[int, ...], ...]
    nll: float
    ece: float
    accepted: float
    accepted_accuracy: float

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {"set": "MNIST test", **asdict(self)}

    def to_markdown(self) -> str:
        """A page: the headline, the score of each digit, the confusion table."""
        low, high = self.interval
        lines = [
            f"# {self.model} {self.version} on MNIST's test part",
            "",
            f"- Accuracy: **{self.accuracy:.2%}** (95 % interval {low:.2%} to {high:.2%}; "
            f"n = {self.shown:,}, {self.errors:,} errors)",
            f"- Without the disputed labels: {self.undisputed_accuracy:.2%} "
            f"(n = {self.undisputed_shown:,})",
            f"- Accepted: {self.accepted:.2%}, of which {self.accepted_accuracy:.2%} right",
            f"- Calibration: ECE {self.ece:.4f} (15 bins), NLL {self.nll:.4f}",
            f"- Model file: SHA-256 `{self.sha256}`",
            "",
            "| digit | precision | recall | F1 | images |",
            "|---|---:|---:|---:|---:|",
            *(_row(str(digit), score) for digit, score in enumerate(self.digits)),
            _row("macro mean", self.macro),
            _row("weighted mean", self.weighted),
            "",
            "Confusion (row: true digit, column: digit read):",
            "",
            "| | " + " | ".join(map(str, range(10))) + " |",
            "|---|" + "---:|" * 10,
            *(f"| **{d}** | " + " | ".join(map(str, row)) + " |" for d, row in _rows(self)),
        ]
        return "\n".join(lines) + "\n"


def evaluate_mnist(model: Model, digits: Digits, *, progress: Progress | None = None) -> Report:
    """Measure a model on MNIST's test part or the first images of it.

    Args:
        model: what is judged.
        digits: labelled, in MNIST's own order (the disputed labels are known by their place).
        progress: called with ("mnist", done, total) after each batch.

    Raises:
        ValueError: there are no images, or they have no labels.
    """
    truth = digits.truth
    if not len(digits):
        raise ValueError("there are no digits to evaluate on")
    logits = _logits(model, digits.images, progress)
    probabilities = softmax(logits, model.info.temperature)
    predicted = probabilities.argmax(axis=1)
    right = predicted == truth
    undisputed = ~np.isin(np.arange(len(truth)), DISPUTED)
    accepted = np.array([decision.accepted for decision in decode(logits, model.info)])
    table = metrics.confusion(truth, predicted)
    scores = metrics.per_digit(table)
    return Report(
        model=model.info.name,
        version=model.info.version,
        sha256=model.info.sha256,
        shown=len(truth),
        errors=int((~right).sum()),
        accuracy=float(right.mean()),
        interval=metrics.wilson(int(right.sum()), len(truth)),
        undisputed_shown=int(undisputed.sum()),
        undisputed_accuracy=_mean(right[undisputed]),
        digits=scores,
        macro=metrics.macro(scores),
        weighted=metrics.weighted(scores),
        confusion=tuple(tuple(row) for row in table.tolist()),
        nll=metrics.nll(probabilities, truth),
        ece=metrics.ece(probabilities, truth),
        accepted=_mean(accepted),
        accepted_accuracy=_mean(right[accepted]),
    )


def _logits(
    model: Model, images: NDArray[np.uint8], progress: Progress | None
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH, :, :, None]
        parts.append(model.logits((batch / 255).astype(np.float32)))
        if progress:
            progress("mnist", start + len(batch), len(images))
    return np.concatenate(parts)


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _row(label: str, score: Score) -> str:
    return (
        f"| {label} | {score.precision:.2%} | {score.recall:.2%} | {score.f1:.2%} "
        f"| {score.support:,} |"
    )


def _rows(report: Report) -> list[tuple[int, tuple[int, ...]]]:
    return list(enumerate(report.confusion))
