"""Temperature and thresholds, chosen on the validation part.

In: validation logits (N, 10) and labels (N,). Out: a `Calibration`. Never shown the test part;
knows nothing of networks.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from inkdigits.decode import energy_score, softmax
from inkdigits.evaluation.metrics import Floats, Labels, ece, nll

#: The share of accepted digits that shall be read rightly.
WANTED_ACCURACY = 0.999
#: The share of rightly read digits that may be taken for no digit.
ENERGY_LOSS = 0.003
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

    def to_dict(self) -> dict[str, float]:
        """A JSON-ready dict."""
        return asdict(self)


def calibrate(logits: Floats, truth: Labels) -> Calibration:
    """Choose temperature and thresholds.

    Args:
        logits: (N, 10), N at least 1.
        truth: (N,) labels 0 to 9.
    """
    warmth = round(temperature(logits, truth), 4)
    before, after = softmax(logits), softmax(logits, warmth)
    confidence, right = after.max(axis=1), after.argmax(axis=1) == truth
    energies = energy_score(logits)
    accept = accept_threshold(confidence, right)
    energy = round(energy_threshold(energies, right), 4)
    accepted = (confidence >= accept) & (energies >= energy)
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


def energy_threshold(
    energies: Floats, right: NDArray[np.bool_], loss: float = ENERGY_LOSS
) -> float:
    """The energy score under which the share `loss` of the rightly read digits lies.

    Args:
        energies: (N,) logsumexp of the logits.
        right: (N,) whether each was read rightly; where none was, all are looked at.
        loss: the share to give up.
    """
    known = energies[right] if right.any() else energies
    return float(np.quantile(known.astype(np.float64), loss))
