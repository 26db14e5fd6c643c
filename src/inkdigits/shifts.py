"""A digit reader that looks at every image more than once, each time shifted by whole pixels.

In: a `DigitModel` and how far to shift. Out: a `DigitModel` whose logits are the mean over the
shifts: test-time augmentation. An option that costs time, never what a model does by itself. Knows
nothing of what the logits mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import InkdigitsError
from inkdigits.model import BATCH, DigitModel, check_batch

#: Shifted by 3 pixels, a third of MNIST's digits lose ink at some edge; by 1, one in seventy.
MOST = 3


class Shifted:
    """A model read at all (2 * reach + 1)^2 shifts of up to `reach` pixels, and averaged.

    What is shifted in is 0, as MNIST's ground is; what is shifted out is lost. Averaging over
    moved copies is an old habit: Krizhevsky, Sutskever & Hinton, "ImageNet Classification with
    Deep Convolutional Neural Networks", NeurIPS 2012, average the softmax over ten crops. Here it
    is the logits: their mean is on the scale of a single reading, so the model's temperature and
    energy threshold still apply, though both were chosen without shifts.

    Attributes:
        info: the model's; where N, the reach, is not 0 with `+shiftsN` behind the version and
            without coverage levels, which hold for single readings only. The checksum is that
            of the file.
    """

    def __init__(self, model: DigitModel, reach: int = 1) -> None:
        """Wrap `model`.

        Raises:
            InkdigitsError: `reach` is no whole number from 0 to 3.
        """
        if type(reach) is not int or not 0 <= reach <= MOST:  # True is an int to isinstance
            raise InkdigitsError(
                f"Digits can be shifted by 0 to {MOST} whole pixels, not by {reach!r}."
            )
        self._model = model
        self.reach = reach
        self.info = model.info
        if reach:
            version = f"{model.info.version}+shifts{reach}"
            self.info = replace(model.info, version=version, coverage=())

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mean logits of a batch, as `Model.logits`; no more than 512 images are copied.

        Raises:
            ArrayError: `x` is not (N, 28, 28, 1).
        """
        check_batch(x)
        parts = [self._mean(x[start : start + BATCH]) for start in range(0, len(x), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, 10), np.float32)

    def _mean(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        reach = self.reach
        height, width = x.shape[1:3]
        framed = np.pad(x, ((0, 0), (reach, reach), (reach, reach), (0, 0)))
        total = np.zeros((len(x), 10))
        starts = range(2 * reach + 1)
        for top, left in ((top, left) for top in starts for left in starts):
            window = framed[:, top : top + height, left : left + width]
            total += self._model.logits(np.ascontiguousarray(window))
        mean: NDArray[np.float32] = (total / len(starts) ** 2).astype(np.float32)
        return mean


def shifted(model: DigitModel, reach: int) -> DigitModel:
    """`Shifted(model, reach)`, or `model` itself where `reach` is 0.

    Raises:
        InkdigitsError: `reach` is no whole number from 0 to 3.
    """
    wrapped = Shifted(model, reach)
    return wrapped if wrapped.reach else model
