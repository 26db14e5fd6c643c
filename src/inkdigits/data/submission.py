"""What was read, as Kaggle's Digit Recognizer takes it.

In: digits, or their probabilities. Out: CSV text. Does not know how a digit is read, nor where
the text goes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def submission(digits: NDArray[np.integer]) -> str:
    """The digits (N,) as Kaggle wants them: `ImageId,Label`, the first image being 1."""
    rows = (f"{number},{digit}\n" for number, digit in enumerate(digits.tolist(), 1))
    return "ImageId,Label\n" + "".join(rows)


def probability_table(probabilities: NDArray[np.floating]) -> str:
    """The probabilities (N, 10) of the digits 0 to 9: `ImageId,p0,...,p9`, six decimals."""
    head = ",".join(["ImageId", *(f"p{digit}" for digit in range(10))])
    rows = (
        ",".join([str(number), *(f"{p:.6f}" for p in row)])
        for number, row in enumerate(probabilities.tolist(), 1)
    )
    return "\n".join([head, *rows]) + "\n"
