"""Why a digit is read as it is: where its ink speaks for the answer, and what would change it.

In: a model, and what it is shown. Out: `Explanation`. The image is read again and again, each time
with a small patch of it emptied, all in one batch (occlusion sensitivity: Zeiler & Fergus,
"Visualizing and Understanding Convolutional Networks", ECCV 2014). Knows no training and no HTTP.
`page/engine/explain.js` does the same in the browser, on the same grid.
"""

from __future__ import annotations

import base64
import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode
from inkdigits.errors import ArrayError
from inkdigits.heatmap import drawn
from inkdigits.judge import judged
from inkdigits.model import DigitModel
from inkdigits.results import Box, Prediction
from inkdigits.shown import Shown

#: A side of the patches, and the step from one to the next; pixels of 28.
PATCH, STEP = 4, 2
_SIDE = 28


@dataclass(frozen=True)
class Rival:
    """What would have to go for another digit to fare best.

    Attributes:
        digit: the other one.
        patch: the ink without which it fares best, in pixels of the 28x28 image.
        before: its probability, 0 to 1.
        after: its probability without that ink.
        wins: whether it is then the most probable.
    """

    digit: int
    patch: Box
    before: float
    after: float
    wins: bool


@dataclass(frozen=True)
class Explanation:
    """Why a digit is read as it is.

    Attributes:
        prediction: as `classify` answers.
        digit: which answer is explained; `None` for a blank.
        against: which digit it is compared with; `None` for all others.
        evidence: (28, 28) float32, for each pixel the mean change of the log-odds (natural
            logarithm) that emptying a patch around it makes, turned round: above 0 where the ink
            speaks for `digit`, below 0 where it speaks against it. 0 where there is no ink near.
        rival: the next best digit, or `against`, and the ink that keeps it from being best.
        readings: how many images were read for this.
    """

    prediction: Prediction
    digit: int | None
    against: int | None
    evidence: NDArray[np.float32]
    rival: Rival | None
    readings: int

    def picture(self, scale: int = 12) -> bytes:
        """A PNG of (28 * scale) pixels a side: the ink, what speaks for the answer and against it.

        Raises:
            ArrayError: `scale` is not from 1 to 64.
        """
        if not 1 <= scale <= 64:
            raise ArrayError("The scale of a picture is from 1 to 64.")
        seen = self.prediction.seen
        ink = np.zeros((_SIDE, _SIDE), np.uint8) if seen is None else seen
        patch = self.rival.patch if self.rival else None
        file = io.BytesIO()
        drawn(ink, self.evidence, patch, scale).save(file, "PNG")
        return file.getvalue()

    def to_dict(self, *, picture: bool = False) -> dict[str, Any]:
        """A JSON-ready dict; with `picture`, a data URL of it as well."""
        rival = self.rival
        told: dict[str, Any] = {
            "prediction": self.prediction.to_dict(seen=True),
            "digit": self.digit,
            "against": self.against,
            "evidence": [[round(float(it), 4) for it in row] for row in self.evidence],
            "rival": None
            if rival is None
            else {
                "digit": rival.digit,
                "patch": asdict(rival.patch),
                "before": rival.before,
                "after": rival.after,
                "wins": rival.wins,
            },
            "readings": self.readings,
        }
        if picture:
            told["picture"] = f"data:image/png;base64,{base64.b64encode(self.picture()).decode()}"
        return told


def explained(
    model: DigitModel, shown: Shown, digit: int | None = None, against: int | None = None
) -> Explanation:
    """Explain the answer to what a model is shown.

    Args:
        model: which model.
        shown: what it is shown.
        digit: which answer; by default the one that it gives.
        against: another digit to compare with; by default all others.

    Raises:
        ArrayError: `digit` and `against` are not two different digits.
    """
    for it in (digit, against):
        if it is not None and it not in range(10):
            raise ArrayError("A digit is 0 to 9.")
    prediction = judged(model, [shown])[0]
    if prediction.digit is None or shown.digit is None:
        nothing = np.zeros((_SIDE, _SIDE), np.float32)
        return Explanation(prediction, None, against, nothing, None, 1)
    digit = prediction.digit if digit is None else digit
    if digit == against:
        raise ArrayError(f"It cannot be explained why a {digit} is not a {digit}: name another.")
    patches = _patches(shown.digit)
    images = np.repeat(shown.digit[None], len(patches) + 1, axis=0)
    for image, (y, x) in zip(images[1:], patches, strict=True):
        image[y : y + PATCH, x : x + PATCH] = 0
    logits = model.logits(images[..., None])
    probabilities = decode.softmax(logits, model.info.temperature)
    odds = _log_odds(logits / model.info.temperature, digit, against)
    evidence = _spread(patches, odds[0] - odds[1:])
    rival = _rival(patches, probabilities, digit, against)
    return Explanation(prediction, digit, against, evidence, rival, len(images))


def _patches(image: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The upper left corners of the patches that have ink in them, row by row."""
    corners = range(0, _SIDE - PATCH + 1, STEP)
    every = ((y, x) for y in corners for x in corners)
    return [(y, x) for y, x in every if image[y : y + PATCH, x : x + PATCH].any()]


def _log_odds(logits: NDArray[np.float32], digit: int, against: int | None) -> NDArray[np.float64]:
    """Of `digit` against another, or against all others together; (N,)."""
    exact = logits.astype(np.float64)
    if against is not None:
        return np.asarray(exact[:, digit] - exact[:, against])
    others = np.delete(exact, digit, axis=1)
    top = others.max(axis=1)
    return np.asarray(exact[:, digit] - top - np.log(np.exp(others - top[:, None]).sum(axis=1)))


def _spread(patches: list[tuple[int, int]], changes: NDArray[np.float64]) -> NDArray[np.float32]:
    """For each pixel, the mean change of the patches that cover it; (28, 28)."""
    total, count = np.zeros((_SIDE, _SIDE)), np.zeros((_SIDE, _SIDE))
    for (y, x), change in zip(patches, changes, strict=True):
        total[y : y + PATCH, x : x + PATCH] += change
        count[y : y + PATCH, x : x + PATCH] += 1
    return np.asarray(total / np.maximum(count, 1), np.float32)


def _rival(
    patches: list[tuple[int, int]],
    probabilities: NDArray[np.float64],
    digit: int,
    against: int | None,
) -> Rival | None:
    """The other digit, and the patch without which it is most probable."""
    if not patches:
        return None
    whole, without = probabilities[0], probabilities[1:]
    if against is None:
        against = next(int(it) for it in np.argsort(-whole) if it != digit)
    best = int(without[:, against].argmax())
    y, x = patches[best]
    after = without[best]
    return Rival(
        against,
        Box(x, y, PATCH, PATCH),
        float(whole[against]),
        float(after[against]),
        bool(after.argmax() == against),
    )
