"""How well a model reads MNIST's test part.

In: a model and labelled digits. Out: a `Report`, which becomes JSON. Knows nothing of files, of
drawing or of the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.decode import decode, softmax
from inkdigits.evaluation import metrics
from inkdigits.evaluation.metrics import Bin, Floats, Score
from inkdigits.model import BATCH, DigitModel

#: Test images, by their place, whose labels people who look at them reject. The accuracy is given
#: with and without them.
DISPUTED = (
    *(947, 1621, 1901, 2130, 2462, 2597, 2654, 3520),
    *(3558, 5937, 6651, 6783, 8527, 9679, 9729),
)
#: The labels that MNIST's test part opens with, by which it is known from other sets.
OPENING = (7, 2, 1, 0, 4, 1, 4, 9, 5, 9)
#: So many errors are kept with their pictures.
GALLERY = 100

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Mistake:
    """One digit read wrongly.

    Attributes:
        index: its place in the set.
        truth: its label.
        guess: the digit read.
        confidence: how sure the model was of its guess, 0 to 1, calibrated.
        disputed: whether people reject the label too.
        accepted: whether the guess would have been acted on.
        image: (28, 28) uint8, ink bright on black.
    """

    index: int
    truth: int
    guess: int
    confidence: float
    disputed: bool
    accepted: bool
    image: NDArray[np.uint8] = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict of all but the image, which the index finds."""
        names = ("index", "truth", "guess", "confidence", "disputed", "accepted")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Report:
    """What was measured; shares from 0 to 1.

    Attributes:
        set: what was shown: `MNIST test`, or `another test set` where the labels are not those.
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
        temperature: what the logits were divided by.
        loss: mean cross-entropy (negative log-likelihood) of the calibrated probabilities, nats.
        raw_loss: the same at temperature 1.
        ece: expected calibration error in 15 bins.
        raw_ece: the same at temperature 1.
        reliability: those bins.
        accepted: the share accepted.
        accepted_accuracy: the share of the accepted that were read rightly; 0 for none.
        mistakes: the errors, the surest first, at most 100.
    """

    set: str
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
    temperature: float
    loss: float
    raw_loss: float
    ece: float
    raw_ece: float
    reliability: tuple[Bin, ...]
    accepted: float
    accepted_accuracy: float
    mistakes: tuple[Mistake, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; `nll` is the older name of `loss`."""
        said = {name: value for name, value in vars(self).items() if name != "mistakes"}
        for name in ("macro", "weighted"):
            said[name] = asdict(said[name])
        for name in ("digits", "reliability"):
            said[name] = [asdict(row) for row in said[name]]
        mistakes = [mistake.to_dict() for mistake in self.mistakes]
        return {**said, "nll": self.loss, "mistakes": mistakes}


def evaluate_mnist(
    model: DigitModel, digits: Digits, *, progress: Progress | None = None
) -> Report:
    """Measure a model on MNIST's test part or the first images of it.

    Args:
        model: what is judged.
        digits: labelled; MNIST's in MNIST's own order, by which the disputed labels are known.
        progress: called with ("mnist", done, total) after each batch.

    Raises:
        ValueError: there are no images, or they have no labels.
    """
    truth = digits.truth
    if not len(digits):
        raise ValueError("there are no digits to evaluate on")
    logits = _logits(model, digits.images, progress)
    probabilities, raw = softmax(logits, model.info.temperature), softmax(logits)
    predicted = probabilities.argmax(axis=1)
    right = predicted == truth
    ours = bool((truth[: len(OPENING)] == OPENING[: len(truth)]).all())
    disputed = np.isin(np.arange(len(truth)), DISPUTED if ours else ())
    accepted = np.array([decision.accepted for decision in decode(logits, model.info)])
    table = metrics.confusion(truth, predicted)
    scores = metrics.per_digit(table)
    return Report(
        set="MNIST test" if ours else "another test set",
        model=model.info.name,
        version=model.info.version,
        sha256=model.info.sha256,
        shown=len(truth),
        errors=int((~right).sum()),
        accuracy=float(right.mean()),
        interval=metrics.wilson(int(right.sum()), len(truth)),
        undisputed_shown=int((~disputed).sum()),
        undisputed_accuracy=_mean(right[~disputed]),
        digits=scores,
        macro=metrics.macro(scores),
        weighted=metrics.weighted(scores),
        confusion=tuple(tuple(row) for row in table.tolist()),
        temperature=model.info.temperature,
        loss=metrics.nll(probabilities, truth),
        raw_loss=metrics.nll(raw, truth),
        ece=metrics.ece(probabilities, truth),
        raw_ece=metrics.ece(raw, truth),
        reliability=metrics.reliability(probabilities, truth),
        accepted=_mean(accepted),
        accepted_accuracy=_mean(right[accepted]),
        mistakes=_mistakes(digits, probabilities, accepted, disputed),
    )


def _logits(
    model: DigitModel, images: NDArray[np.uint8], progress: Progress | None
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(images), BATCH):
        batch = images[start : start + BATCH, :, :, None]
        parts.append(model.logits((batch / 255).astype(np.float32)))
        if progress:
            progress("mnist", start + len(batch), len(images))
    return np.concatenate(parts)


def _mistakes(
    digits: Digits,
    probabilities: Floats,
    accepted: NDArray[np.bool_],
    disputed: NDArray[np.bool_],
) -> tuple[Mistake, ...]:
    guesses, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(guesses != digits.truth)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][:GALLERY]
    return tuple(
        Mistake(
            index=i,
            truth=int(digits.truth[i]),
            guess=int(guesses[i]),
            confidence=float(sure[i]),
            disputed=bool(disputed[i]),
            accepted=bool(accepted[i]),
            image=digits.images[i],
        )
        for i in worst.tolist()
    )


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else 0.0
