"""The figures of a reader, in plain NumPy.

In: labels (N,) 0 to 9, and predictions or probabilities (N, 10). Out: numbers. Knows nothing of
models or of data sets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.integer]
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Score:
    """How well one digit is read, or an average over digits. Shares from 0 to 1.

    A share of nothing (a digit never predicted, or never shown) counts as 0.

    Attributes:
        precision: of the images read as this digit, how many are.
        recall: of the images of this digit, how many are read as it.
        f1: the harmonic mean of the two.
        support: how many images of this digit there are.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Bin:
    """The images whose confidence lies in (low, high].

    Attributes:
        low: the least confidence, left out.
        high: the greatest, 0 to 1.
        count: how many images there are.
        confidence: their mean confidence; 0 for none.
        accuracy: the share of them read rightly; 0 for none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def wilson(right: int, shown: int, z: float = 1.959964) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson 1927); 95 % by default, (0, 1) for none shown.

    Raises:
        ValueError: unless 0 <= right <= shown.
    """
    if not 0 <= right <= shown:
        raise ValueError(f"{right} right of {shown} shown is not a share")
    if not shown:
        return 0.0, 1.0
    share, extra = right / shown, z * z / shown
    middle = (share + extra / 2) / (1 + extra)
    reach = z * math.sqrt(share * (1 - share) / shown + extra / (4 * shown)) / (1 + extra)
    low = 0.0 if right == 0 else max(0.0, middle - reach)
    high = 1.0 if right == shown else min(1.0, middle + reach)
    return low, high


def confusion(truth: Labels, predicted: Labels) -> NDArray[np.int64]:
    """(10, 10) counts: row the true digit, column the one read."""
    pairs = truth.astype(np.int64) * 10 + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=100).reshape(10, 10)


def per_digit(table: NDArray[np.int64]) -> tuple[Score, ...]:
    """The score of each digit 0 to 9, from a confusion table (10, 10)."""
    scores = []
    for digit in range(10):
        hit, read, support = (
            int(table[digit, digit]),
            int(table[:, digit].sum()),
            int(table[digit].sum()),
        )
        scores.append(
            Score(_share(hit, read), _share(hit, support), _share(2 * hit, read + support), support)
        )
    return tuple(scores)


def macro(scores: Sequence[Score]) -> Score:
    """The plain mean over digits."""
    return _mean(scores, [1] * len(scores))


def weighted(scores: Sequence[Score]) -> Score:
    """The mean over digits, each weighing as many images as it has."""
    return _mean(scores, [score.support for score in scores])


def nll(probabilities: Floats, truth: Labels) -> float:
    """Mean negative log-likelihood in nats; probabilities under 1e-12 count as that."""
    if not len(truth):
        return 0.0
    given = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.maximum(given, 1e-12)).mean())


def reliability(probabilities: Floats, truth: Labels, bins: int = 15) -> tuple[Bin, ...]:
    """How often the reader is right, by how sure it is: equally wide bins of confidence.

    The bins go from (0, 1/bins] to (1 - 1/bins, 1]; the diagram drawn of them is DeGroot and
    Fienberg's (1983).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(place, minlength=bins)
    sums = np.bincount(place, weights=confidence, minlength=bins)
    hits = np.bincount(place, weights=right, minlength=bins)
    shares = np.maximum(counts, 1)
    return tuple(
        Bin(
            low=k / bins,
            high=(k + 1) / bins,
            count=int(counts[k]),
            confidence=float(sums[k] / shares[k]),
            accuracy=float(hits[k] / shares[k]),
        )
        for k in range(bins)
    )


def ece(probabilities: Floats, truth: Labels, bins: int = 15) -> float:
    """Expected calibration error (Naeini et al. 2015; Guo et al. 2017), 0 to 1.

    The mean gap between accuracy and mean confidence over the bins of `reliability`, each
    weighing its images; 0 for no images.
    """
    if not len(truth):
        return 0.0
    bars = reliability(probabilities, truth, bins)
    return sum(bar.count * abs(bar.accuracy - bar.confidence) for bar in bars) / len(truth)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(scores: Sequence[Score], weights: Sequence[int]) -> Score:
    total = sum(weights)
    means = [
        sum(w * v for w, v in zip(weights, values, strict=True)) / total if total else 0.0
        for values in zip(*((s.precision, s.recall, s.f1) for s in scores), strict=True)
    ]
    return Score(means[0], means[1], means[2], sum(score.support for score in scores))
