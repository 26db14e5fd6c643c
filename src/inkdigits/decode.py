"""What the logits mean: calibrated probabilities and whether to act on them.

In: (N, 10) logits and what the model says about itself. Out: one `Decision` a row. Knows nothing
of how logits are made, and nothing of blanks: where there is no ink, no model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import CoverageError
from inkdigits.model import ModelInfo
from inkdigits.results import Reason

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Decision:
    """One row of logits, read.

    Attributes:
        digit: the most probable digit.
        confidence: its calibrated probability, 0.1 to 1.
        probabilities: of the digits 0 to 9, summing to 1.
        accepted: whether to act on `digit`.
        reason: `unsure`, `not_a_digit`, or `None` when accepted.
        digitness: the energy score.
    """

    digit: int
    confidence: float
    probabilities: tuple[float, ...]
    accepted: bool
    reason: Reason | None
    digitness: float | None = None


def softmax(logits: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (N, 10) of logits (N, 10) divided by a temperature above 0.

    Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    answer: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return answer


def energy_score(logits: Floats) -> NDArray[np.float64]:
    """logsumexp of each row of logits (N, 10): high for digits, low for what is unlike them.

    The negative free energy of Liu et al., "Energy-based Out-of-distribution Detection",
    NeurIPS 2020, at temperature 1. Where the model was trained with outliers, by a softmax over
    its ten logits and an eleventh that is always 0, this is the log-odds that the image shows a
    digit (Salimans et al., "Improved Techniques for Training GANs", NeurIPS 2016, section 5).
    """
    exact = logits.astype(np.float64)
    top = exact.max(axis=1)
    answer: NDArray[np.float64] = top + np.log(np.exp(exact - top[:, None]).sum(axis=1))
    return answer


def decode(logits: Floats, info: ModelInfo) -> list[Decision]:
    """Turn logits (N, 10) into decisions, with the model's temperature and thresholds.

    A row under the energy threshold is `not_a_digit`; else one under the accept threshold is
    `unsure`; the rest are accepted.
    """
    probabilities = softmax(logits, info.temperature)
    energies = energy_score(logits)
    decisions = []
    for row, energy in zip(probabilities, energies, strict=True):
        digit = int(row.argmax())
        confidence = float(row[digit])
        reason: Reason | None = None
        if info.energy_threshold is not None and energy < info.energy_threshold:
            reason = "not_a_digit"
        elif confidence < info.accept_threshold:
            reason = "unsure"
        shares = tuple(row.tolist())
        decision = Decision(digit, confidence, shares, reason is None, reason, float(energy))
        decisions.append(decision)
    return decisions


def coverage_threshold(info: ModelInfo, coverage: float) -> float:
    """From which probability on a digit belongs to the prediction set of that coverage.

    Raises:
        CoverageError: the model promises no such coverage.
    """
    known = dict(info.coverage)
    if isinstance(coverage, float) and coverage in known:
        return known[coverage]
    if not known:
        raise CoverageError(
            f"The model {info.name} {info.version} promises no coverage: ask for none, or read "
            "without shifts, with a model that was exported with levels of coverage."
        )
    levels = ", ".join(str(level) for level in known)
    raise CoverageError(f"The coverage is one of {levels}, not {coverage!r}.")


def prediction_set(probabilities: tuple[float, ...], threshold: float) -> tuple[int, ...]:
    """The digits with at least a probability, ascending; always with the most probable one.

    The least ambiguous sets of Sadinle, Lei & Wasserman, "Least Ambiguous Set-Valued Classifiers
    with Bounded Error Levels", JASA 2019.
    """
    least = min(threshold, max(probabilities))
    return tuple(digit for digit, share in enumerate(probabilities) if share >= least)
