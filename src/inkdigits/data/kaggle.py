"""MNIST as CSV, in both layouts found on Kaggle.

Digit Recognizer: a header `label,pixel0,...,pixel783` (train.csv) or `pixel0,...` (test.csv).
"MNIST in CSV": a header `label,1x1,...,28x28`, or no header and the label first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inkdigits.data.digits import Digits
from inkdigits.errors import DataError

PIXELS = 28 * 28


def read_csv(path: Path) -> Digits:
    """Read one CSV of digits.

    Returns:
        `Digits`; `labels` is `None` where the file has no label column.

    Raises:
        DataError: the file is missing or malformed; the message names the first bad line.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline().strip()
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.", code="data-not-found") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not a text file.") from None
    columns = first.split(",")
    header = not columns[0].strip().isdigit()
    labelled = len(columns) == PIXELS + 1
    if not labelled and len(columns) != PIXELS:
        raise DataError(f"{path} line 1 has {len(columns)} columns; 784 or 785 are expected.")
    table = _table(path, skip=int(header), width=len(columns))
    labels = None
    if labelled:
        labels, table = table[:, 0], table[:, 1:]
        if (bad := np.flatnonzero(labels > 9)).size:
            raise DataError(f"{path} line {bad[0] + 1 + header}: the label must be 0 to 9.")
    return Digits(table.reshape(-1, 28, 28), labels)


def _table(path: Path, *, skip: int, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    try:
        table = np.loadtxt(path, np.int64, delimiter=",", skiprows=skip, ndmin=2, encoding="utf-8-sig")
    except ValueError:
        raise DataError(_first_bad_line(path, skip, width)) from None
    if table.shape[1:] != (width,) or not table.size or table.min() < 0 or table.max() > 255:
        raise DataError(_first_bad_line(path, skip, width))
    return table.astype(np.uint8)


def _first_bad_line(path: Path, skip: int, width: int) -> str:
    """Say which line broke the fast reader; runs only after it failed."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            cells = line.strip().split(",")
            if number <= skip or not line.strip():
                continue
            if len(cells) != width:
                return f"{path} line {number} has {len(cells)} columns; {width} are expected."
            for cell in cells:
                if not cell.strip().isdigit() or int(cell) > 255:
                    return f"{path} line {number}: {cell[:20]!r} is not a whole number from 0 to 255."
    return f"{path} has no rows."
