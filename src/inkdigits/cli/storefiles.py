"""Predictions as a file: CSV, lines of JSON, or Parquet; written a few at a time.

In: predictions. Out: a file, whole or not at all. Knows no database.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from inkdigits.cli.cells import safe
from inkdigits.data import output
from inkdigits.errors import MissingExtraError

if TYPE_CHECKING:
    from inkdigits.store.prediction import Kept

COLUMNS = (
    *("id", "created_at", "request_id", "model", "version", "digit", "reason", "confidence"),
    *(f"p{digit}" for digit in range(10)),
    *("seconds", "kind", "seen"),
)
#: Rows of a Parquet file's group.
_GROUP = 10_000


def write(kept: Iterator[Kept], target: Path) -> int:
    """Write a file of the format that its name ends in; answers how many rows it has.

    Raises:
        MissingExtraError: Parquet is asked for, and PyArrow is not installed.
        InkdigitsError: the file could not be written.
    """
    form = FORMATS[target.suffix.lower()]
    count = 0

    def counted() -> Iterator[Kept]:
        nonlocal count
        for it in kept:
            count += 1
            yield it

    with output.writing(target) as partial:
        form(counted(), partial)
    return count


def _csv(kept: Iterable[Kept], path: Path) -> None:
    """A row a prediction; what the model saw as 784 numbers with spaces between."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for it in kept:
            row = it.to_dict()
            shares = row.pop("probabilities")
            row |= {f"p{digit}": share for digit, share in enumerate(shares)}
            row["seen"] = None if it.seen is None else " ".join(map(str, it.seen))
            writer.writerow([safe(row[name]) for name in COLUMNS])


def _json_lines(kept: Iterable[Kept], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(it.to_dict())}\n" for it in kept)


def _parquet(kept: Iterable[Kept], path: Path) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise MissingExtraError("PyArrow", "parquet") from None
    text, share = pa.string(), pa.float64()
    schema = pa.schema(
        {
            "id": text,
            "created_at": pa.timestamp("us", "UTC"),
            "request_id": text,
            "model": text,
            "version": text,
            "digit": pa.int8(),
            "reason": text,
            "confidence": share,
            "probabilities": pa.list_(pa.float32()),
            "seconds": share,
            "kind": text,
            "seen": pa.binary(),
        }
    )
    with pq.ParquetWriter(path, schema) as writer:
        rows = iter(kept)
        while group := list(islice(rows, _GROUP)):
            columns = {name: [getattr(it, name) for it in group] for name in schema.names}
            writer.write_table(pa.table(columns, schema))


FORMATS: dict[str, Callable[[Iterable[Kept], Path], None]] = {
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
}
