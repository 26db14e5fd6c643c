"""MNIST as CSV, in both layouts found on Kaggle.

In: a path, or an open file. Out: `Digits`, whole or a block at a time. Does not know which part
of MNIST a file is, nor what is done with it.

Digit Recognizer: a header `label,pixel0,...,pixel783` (train.csv) or `pixel0,...` (test.csv).
"MNIST in CSV": a header `label,1x1,...,28x28`, or no header and the label first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits, is_inverted
from inkdigits.errors import DataError

PIXELS = 28 * 28
BLOCK = 1024
#: Bad rows that a message names; of further ones it gives the number.
NAMED = 10
#: Characters; 785 numbers need 3,140 of them.
LONGEST_LINE = 1 << 16
#: How files begin that people give in place of a CSV, and what to do with them.
PACKED = {"PK\x03\x04": "a ZIP archive", "\x1f\ufffd": "a gzip file"}
Row = tuple[int, str]


def read_csv(path: Path) -> Digits:
    """Read one CSV of digits.

    Returns:
        `Digits`; `labels` is `None` where the file has no label column.

    Raises:
        DataError: the file is missing or malformed; the message names the bad lines.
    """
    with open_csv(path) as file:
        parts = list(blocks(file, str(path)))
    images = np.concatenate([part.images for part in parts])
    labels = [part.labels for part in parts if part.labels is not None]
    return Digits(images, np.concatenate(labels) if labels else None)


def open_csv(path: Path) -> TextIO:
    """Open a CSV for `blocks`; raises `DataError` where it cannot be."""
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(
            f"{path} could not be read: {error.strerror}.", code="data-not-found"
        ) from None


def blocks(file: TextIO, name: str, *, size: int = BLOCK) -> Iterator[Digits]:
    """Read a CSV of digits a block at a time, so that its length does not matter.

    A bad row ends the blocks, but not the reading: all bad rows are told together.

    Args:
        file: text, decoded with `errors="replace"`; empty lines are passed over.
        name: of the file, for the messages.
        size: rows of a block; the last one may have fewer.

    Yields:
        `Digits` with at least one row; `labels` is `None` where there is no label column.

    Raises:
        DataError: not such a CSV, or without rows, or with bad ones: the message names the lines
            of the first ten, and says how many more there are.
    """
    lines = _lines(file, name)
    first = next(lines, None)
    if first is None:
        raise DataError(f"{name} is empty.")
    header, width = _layout(first, name)
    rows = lines if header else chain([first], lines)
    found, spoilt, faults = False, 0, list[str]()
    while block := list(islice(rows, size)):
        found = True
        table = _table([text for _, text in block], width)
        if table is None:
            bad = [row for row in block if _table([row[1]], width) is None]
            faults += [_fault(row, width) for row in bad[: NAMED - len(faults)]]
            spoilt += len(bad)
        elif not spoilt:
            yield _digits(table, name)
    if spoilt:
        raise DataError(_told(name, faults, spoilt))
    if not found:
        raise DataError(f"{name} has no rows.")


def _lines(file: TextIO, name: str) -> Iterator[Row]:
    """The lines that are not empty, with their numbers in the file."""
    number = 0
    try:
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                raise DataError(f"{name} line {number} is too long for a row of 28x28 pixels.")
            if text := line.strip(" \t\r\n"):
                yield number, text
    except OSError as error:  # a folder may open, and a disk may fail
        raise DataError(
            f"{name} could not be read: {error.strerror}.", code="data-not-found"
        ) from None


def _layout(first: Row, name: str) -> tuple[bool, int]:
    """Whether the first line is a header, and how many columns there are."""
    number, line = first
    for start, what in PACKED.items():
        if line.startswith(start):
            raise DataError(f"{name} is {what}: unpack it first.")
    if "\ufffd" in line or "\0" in line:
        raise DataError(f"{name} is not UTF-8 text: save it as CSV in UTF-8.")
    cells = [cell.strip(' "') for cell in line.split(",")]
    width, where = len(cells), f"{name} line {number}"
    if width == 1 and (";" in line or "\t" in line):
        other = "semicolons" if ";" in line else "tabs"
        raise DataError(f"{where} has {other} between its columns; commas are expected.")
    if width not in (PIXELS, PIXELS + 1):
        raise DataError(f"{where} has {width} columns; 784 or 785 are expected.")
    labelled = cells[0].lower() == "label"
    # the last one is a header that pandas writes for columns without names
    if not labelled and any(map(_is_whole, cells)) and cells != [str(n) for n in range(width)]:
        return False, width
    if labelled and width == PIXELS:
        raise DataError(f"{where} has a label and 783 pixels; 784 are expected.")
    if not labelled and width > PIXELS:
        raise DataError(
            f"{where} names the first of its 785 columns {cells[0][:20]!r}; 'label' is expected "
            "there, or 784 columns of pixels and nothing else."
        )
    return True, width


def _table(rows: Sequence[str], width: int) -> NDArray[np.uint8] | None:
    """Rows as numbers, (N, width), or `None` where any of them is not as it should be."""
    # some rare characters pass for digits with NumPy's reader, not the same in each process
    if not all(row.isascii() for row in rows):
        return None
    try:
        table = np.loadtxt(rows, np.uint8, comments=None, delimiter=",", ndmin=2)
    except ValueError:  # not a whole number from 0 to 255, or rows of different length
        return None
    fits = table.shape == (len(rows), width) and (width == PIXELS or table[:, 0].max() <= 9)
    return table if fits else None


def _digits(table: NDArray[np.uint8], name: str) -> Digits:
    images = table[:, -PIXELS:].reshape(-1, 28, 28)
    if is_inverted(images):
        raise DataError(
            f"{name} holds dark ink on a light ground; MNIST is bright on black: "
            "subtract each pixel from 255 first."
        )
    return Digits(images, table[:, 0] if table.shape[1] > PIXELS else None)


def _fault(row: Row, width: int) -> str:
    """What is wrong with a bad row; looked for only once it failed."""
    number, line = row
    cells = line.split(",")
    if len(cells) != width:
        return f"line {number} has {len(cells)} columns; {width} are expected"
    for cell in cells:
        if not _is_whole(cell) or len(cell.strip()) > 3 or int(cell) > 255:
            return f"line {number}: {cell[:20]!r} is not a whole number from 0 to 255"
    return f"line {number}: the label must be 0 to 9"


def _told(name: str, faults: list[str], spoilt: int) -> str:
    if spoilt == 1:
        return f"{name} {faults[0]}."
    more = f"\n  and {spoilt - len(faults):,} more" if spoilt > len(faults) else ""
    return f"{name} has {spoilt:,} bad rows:\n  " + "\n  ".join(faults) + more


def _is_whole(cell: str) -> bool:
    return cell.strip().isascii() and cell.strip().isdigit()
