"""Temperature, thresholds and prediction sets, chosen on the validation part.

In: validation logits (N, 10) and labels (N,), perhaps logits of what is no digit. Out: a
`Calibration`. Never shown the test part; knows nothing of networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.decode import energy_score, softmax
from inkdigits.evaluation.metrics import Floats, Labels, ece, nll

#: The share of accepted digits that shall be read rightly.
WANTED_ACCURACY = 0.999
#: The share of rightly read digits that may be taken for no digit.
ENERGY_LOSS = 0.003
#: Where the reader was trained with what is no digit, it refuses this share of all digits, for
#: whichever reason: they were picked to be harder than MNIST's, so that those it reads wrongly are
#: more than one in a thousand of them.
REFUSED = 0.03
#: How often a prediction set shall hold the true digit.
LEVELS = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
#: Below this a reading is more likely wrong than right, whatever the validation part says.
LEAST_THRESHOLD = 0.5
COLDEST, HOTTEST = 0.05, 20.0
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Calibration:
    """What validation says of a model.

    Attributes:
        temperature: see `temperature`.
        accept_threshold: see `accept_threshold`.
        energy_threshold: see `energy_threshold`.
        size: how many validation images it was chosen on.
        accuracy: the share of them read rightly.
        nll_before: mean negative log-likelihood at temperature 1, in nats.
        nll: the same at `temperature`.
        ece_before: expected calibration error (15 bins) at temperature 1.
        ece: the same at `temperature`.
        accepted: the share of images accepted with both thresholds.
        accuracy_accepted: the share of those read rightly.
        coverage: (level, threshold) of prediction sets; see `coverage_thresholds`.
        outliers: how many images of no digit there were, or `None`.
        outliers_accepted: the share of them accepted with both thresholds, or `None`.
    """

    temperature: float
    accept_threshold: float
    energy_threshold: float
    size: int
    accuracy: float
    nll_before: float
    nll: float
    ece_before: float
    ece: float
    accepted: float
    accuracy_accepted: float
    coverage: tuple[tuple[float, float], ...] = ()
    outliers: int | None = None
    outliers_accepted: float | None = None

    @property
    def coverage_by_level(self) -> dict[str, float]:
        """`coverage` as JSON has it: levels as strings."""
        return {str(level): threshold for level, threshold in self.coverage}

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        told = asdict(self)
        del told["coverage"]
        return {**told, "coverage_thresholds": self.coverage_by_level}


def calibrate(logits: Floats, truth: Labels, outliers: Floats | None = None) -> Calibration:
    """Choose temperature and thresholds.

    Args:
        logits: (N, 10), N at least 1.
        truth: (N,) labels 0 to 9.
        outliers: (M, 10) logits of what is no digit. They choose nothing, but say that the reader
            was trained to refuse: then thresholds are chosen by the share of digits refused, and
            not by the share of accepted digits that are read rightly.
    """
    warmth = round(temperature(logits, truth), 4)
    before, after = softmax(logits), softmax(logits, warmth)
    confidence, right = after.max(axis=1), after.argmax(axis=1) == truth
    energies = energy_score(logits)
    energy = energy_threshold(energies, right)
    energy = math.floor(energy * 10_000) / 10_000  # rounding up would refuse more
    if outliers is None:
        accept = accept_threshold(confidence, right)
    else:
        accept = rate_threshold(np.where(energies >= energy, confidence, 0))

    def accepts(logits: Floats) -> NDArray[np.bool_]:
        sure = softmax(logits, warmth).max(axis=1) >= accept
        return np.asarray(sure & (energy_score(logits) >= energy))

    accepted = accepts(logits)
    return Calibration(
        temperature=warmth,
        accept_threshold=accept,
        energy_threshold=energy,
        size=len(truth),
        accuracy=float(right.mean()),
        nll_before=nll(before, truth),
        nll=nll(after, truth),
        ece_before=ece(before, truth),
        ece=ece(after, truth),
        accepted=float(accepted.mean()),
        accuracy_accepted=float(right[accepted].mean()) if accepted.any() else 0.0,
        coverage=coverage_thresholds(after[np.arange(len(truth)), truth]),
        outliers=None if outliers is None else len(outliers),
        outliers_accepted=float(accepts(outliers).mean())
        if outliers is not None and len(outliers)
        else None,
    )


def temperature(logits: Floats, truth: Labels) -> float:
    """The temperature of least negative log-likelihood (Guo et al., ICML 2017), 0.05 to 20.

    In 1/T the likelihood is convex, hence unimodal in log T, where a golden-section search
    (Kiefer 1953) narrows it to one part in a hundred thousand.
    """

    def loss(log_t: float) -> float:
        return nll(softmax(logits, math.exp(log_t)), truth)

    low, high = math.log(COLDEST), math.log(HOTTEST)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    loss_left, loss_right = loss(left), loss(right)
    while high - low > 1e-5:
        if loss_left <= loss_right:
            high, right, loss_right = right, left, loss_left
            left = high - _GOLDEN * (high - low)
            loss_left = loss(left)
        else:
            low, left, loss_left = left, right, loss_right
            right = low + _GOLDEN * (high - low)
            loss_right = loss(right)
    return math.exp((low + high) / 2)


def accept_threshold(
    confidence: Floats, right: NDArray[np.bool_], wanted: float = WANTED_ACCURACY
) -> float:
    """The smallest threshold, 0.5 or more, above which at least `wanted` are read rightly.

    It is put halfway between the least confident image that is accepted and the most confident
    one that is not; 1 where no threshold reaches `wanted`.

    Args:
        confidence: (N,) calibrated, 0 to 1.
        right: (N,) whether each was read rightly.
        wanted: the accuracy asked for among the accepted.
    """
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order].astype(np.float64)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    ends = np.append(falling[1:] < falling[:-1], True)  # images of equal confidence go together
    enough = np.flatnonzero(ends & (accuracy >= wanted))
    if not enough.size:
        return 1.0
    last = int(enough[-1])
    if last + 1 == len(order):
        return LEAST_THRESHOLD
    # Six digits are kept; rounding up must not reach past the images it accepts.
    halfway = min(round((falling[last] + falling[last + 1]) / 2, 6), falling[last])
    return max(float(halfway), LEAST_THRESHOLD)


def rate_threshold(confidence: Floats, share: float = REFUSED) -> float:
    """The highest threshold, 0.5 or more, under which at most `share` of the images lie.

    Args:
        confidence: (N,) calibrated, 0 to 1; 0 for those that are refused already.
        share: 0 to 1, to refuse in all.
    """
    rising = np.sort(confidence.astype(np.float64))
    known = float(rising[min(int(share * len(rising) + 1e-9), len(rising) - 1)])
    return max(math.floor(known * 1e6) / 1e6, LEAST_THRESHOLD)  # rounding up would refuse more


def energy_threshold(
    energies: Floats, right: NDArray[np.bool_], loss: float = ENERGY_LOSS
) -> float:
    """The highest energy score under which at most the share `loss` of what is read rightly lies.

    Args:
        energies: (N,) logsumexp of the logits.
        right: (N,) whether each was read rightly; where none was, all are looked at.
        loss: the share to give up.
    """
    known = np.sort(energies[right] if right.any() else energies)
    return float(known[int(loss * len(known) + 1e-9)])


def coverage_thresholds(
    shares: Floats, levels: Sequence[float] = LEVELS
) -> tuple[tuple[float, float], ...]:
    """From which probability on a digit belongs to the prediction set, for each level.

    The set of all digits with at least that probability holds the true one with at least the
    level's probability, on average over calibration sets, for digits that come as the calibrated
    ones came: split conformal prediction (Papadopoulos, Proedrou, Vovk & Gammerman 2002; Vovk,
    Gammerman & Shafer 2005), whose sets by one threshold are the smallest on average (Sadinle, Lei
    & Wasserman 2019). The threshold is the ceil((n + 1) level)-th greatest of the true digits'
    probabilities. The temperature was chosen on the same images: one number for thousands.

    Args:
        shares: (N,) the true digit's calibrated probability of each image.
        levels: between 0 and 1; one that N images are too few for is left out.

    Returns:
        (level, threshold) pairs, levels rising.
    """
    falling = np.sort(shares.astype(np.float64))[::-1]
    # 1e-9: 0.999 of 1,000 is the 999th, whatever a float makes of it
    ranks = [(level, math.ceil((len(shares) + 1) * level - 1e-9)) for level in sorted(levels)]
    return tuple(
        (level, float(falling[rank - 1])) for level, rank in ranks if 1 <= rank <= len(shares)
    )
