"""From what the model is shown of pictures to predictions.

In: `Shown`, and a model. Out: `Prediction`. Knows the model's batches and decisions; knows nothing
of how a picture came to be shown so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode
from inkdigits.decode import Decision
from inkdigits.model import DigitModel
from inkdigits.results import Prediction
from inkdigits.shown import Shown, pieces

_BLANK = (0.1,) * 10


def judged(
    model: DigitModel, many: Sequence[Shown], coverage: float | None = None
) -> list[Prediction]:
    """One prediction each, in order.

    Args:
        model: reads them, all at once.
        many: what it is shown; of a blank, nothing.
        coverage: of the prediction sets, as the model promises it; `None` for none.

    Raises:
        CoverageError: the model promises no such coverage.
    """
    decisions = iter(_decided(model, [it.digit for it in many if it.digit is not None]))
    return [
        _blank(model, it)
        if it.digit is None
        else _prediction(model, it, it.digit, next(decisions), coverage)
        for it in many
    ]


def _decided(model: DigitModel, digits: Sequence[NDArray[np.float32]]) -> list[Decision]:
    if not digits:
        return []
    return decode.decode(model.logits(np.stack(digits)[..., None]), model.info)


def _prediction(
    model: DigitModel,
    shown: Shown,
    digit: NDArray[np.float32],
    decision: Decision,
    coverage: float | None,
) -> Prediction:
    if decision.accepted and shown.doubtful:
        decision = replace(decision, accepted=False, reason="unsure")
    elif not decision.accepted and _shows_several(model, shown):
        decision = replace(decision, reason="several_digits")
    chosen = None
    if coverage is not None:
        threshold = decode.coverage_threshold(model.info, coverage)
        chosen = decode.prediction_set(decision.probabilities, threshold)
    return Prediction(
        decision.digit,
        decision.confidence,
        decision.probabilities,
        decision.accepted,
        decision.reason,
        model.info.name,
        model.info.version,
        shown.box,
        shown.picture.frames_ignored,
        np.round(digit * 255).astype(np.uint8),
        decision.digitness,
        chosen,
    )


def _shows_several(model: DigitModel, shown: Shown) -> bool:
    """Whether at least two pieces of ink that stand side by side are digits of their own."""
    return sum(decision.accepted for decision in _decided(model, pieces(shown))) >= 2


def _blank(model: DigitModel, shown: Shown) -> Prediction:
    seen, ignored = np.zeros((28, 28), np.uint8), shown.picture.frames_ignored
    name, version = model.info.name, model.info.version
    return Prediction(None, 0.0, _BLANK, False, "blank", name, version, None, ignored, seen)
