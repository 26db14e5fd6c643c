"""MNIST as CSV, in both layouts found on Kaggle.

In: a path. Out: `Digits`. Does not know which part of MNIST a file is.

Digit Recognizer: a header `label,pixel0,...,pixel783` (train.csv) or `pixel0,...` (test.csv).
"MNIST in CSV": a header `label,1x1,...,28x28`, or no header and the label first.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
        raise DataError(
            f"{path} could not be read: {error.strerror}.", code="data-not-found"
        ) from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not a text file.") from None
    columns = first.split(",")
    header = not _is_whole(columns[0])
    labelled = len(columns) == PIXELS + 1
    if not labelled and len(columns) != PIXELS:
        raise DataError(f"{path} line 1 has {len(columns)} columns; 784 or 785 are expected.")
    table = _table(path, skip=int(header), width=len(columns))
    labels = None
    if labelled:
        labels, table = table[:, 0], table[:, 1:]
        if (bad := np.flatnonzero(labels > 9)).size:
            number = [line for line, _ in _rows(path, int(header))][bad[0]]
            raise DataError(f"{path} line {number}: the label must be 0 to 9.")
    return Digits(table.reshape(-1, 28, 28), labels)


def _table(path: Path, *, skip: int, width: int) -> NDArray[np.uint8]:
    """All rows at once; NumPy's reader refuses whatever is not a whole number from 0 to 255."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            if not any(line.strip() for line in islice(file, skip, None)):
                raise DataError(f"{path} has no rows.")
            file.seek(0)
            rows = map(_plain, islice(file, skip, None))
            table = np.loadtxt(rows, np.uint8, comments=None, delimiter=",", ndmin=2)
    except ValueError:
        raise DataError(_first_bad_line(path, skip, width)) from None
    if table.shape[1:] != (width,):
        raise DataError(_first_bad_line(path, skip, width))
    return table


def _plain(line: str) -> str:
    """The line, if ASCII: some rare characters pass for digits with NumPy's reader."""
    if not line.isascii():
        raise ValueError
    return line


def _rows(path: Path, skip: int) -> Iterator[tuple[int, str]]:
    """The lines that hold a row, with their numbers in the file."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if number > skip and line.strip():
                yield number, line


def _first_bad_line(path: Path, skip: int, width: int) -> str:
    """Say which line broke the fast reader; runs only after it failed."""
    for number, line in _rows(path, skip):
        cells = line.strip().split(",")
        if len(cells) != width:
            return f"{path} line {number} has {len(cells)} columns; {width} are expected."
        for cell in cells:
            if not _is_whole(cell) or len(cell.strip()) > 3 or int(cell) > 255:
                return f"{path} line {number}: {cell[:20]!r} is not a whole number from 0 to 255."
    return f"{path} is not a table of whole numbers from 0 to 255."


def _is_whole(cell: str) -> bool:
    return cell.strip().isascii() and cell.strip().isdigit()
