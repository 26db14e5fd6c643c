"""Handwriting that is not MNIST, shown as users show it, and what is no digit at all.

In: a reader and a folder of the sets. Out: one `SetResult` a set. The sets serve development
only; none is shipped. What is no digit is made up (`madeup.py`) and needs no folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.real import DARK_INK, LOOKALIKES
from inkdigits.errors import DataError
from inkdigits.evaluation import madeup, presenter
from inkdigits.evaluation.plain import PlainReader, Reader
from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.setresult import SetResult

#: The file of each set.
FILES = {
    "pendigits": "pendigits_strokes.npz",
    "hwd1000": "hwd1000.npz",
    "usps": "usps_train.npz",
    "optdigits32": "optdigits32.npz",
    "numbers16": "numbers16.npz",
    "cheques": "orand_car_a_dev.npz",
    "letters": "uji_letters_strokes.npz",
}
#: The arrays of small images, of pen strokes, and of digits in boxes; one of these is there.
_LAYOUTS = (
    {"images"},
    {"points", "stroke_offsets", "sample_offsets"},
    {"pixels", "shapes", "offsets", "boxes_xywh", "box_image"},
)
SEED = 42
#: So many pictures of a set, evenly spread, are shown to the plain reader too.
COMPARED = 1000


@dataclass(frozen=True)
class _Show:
    """A set that is about to be shown."""

    name: str
    kind: str
    count: int
    pictures: Iterator[tuple[str, NDArray[np.float32]]]


Progress = Callable[[str, int, int], None]
Lines = list[NDArray[np.floating]]


def holds_sets(folder: Path) -> bool:
    """Whether any of the sets is in `folder`."""
    return any((folder / file).is_file() for file in FILES.values())


def evaluate_real(
    reader: Reader,
    folder: Path | None,
    *,
    plain: Reader | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> list[SetResult]:
    """Show every set in `folder`, and what is no digit, to a reader.

    Args:
        reader: what is judged.
        folder: holds the .npz files; one that is absent is left out. `None` for no folder: only
            what is made up is shown.
        plain: what it is compared with, on at most 1,000 pictures a set; `PlainReader.load()`
            where it is left out.
        limit: show at most this many of each set, spread evenly over it.
        progress: called with (set, done, total) now and then.

    Raises:
        DataError: none of the sets is in `folder`, or one is damaged.
    """
    if folder is not None and not holds_sets(folder):
        raise DataError(f"{folder} holds none of the real sets.", code="data-not-found")
    plain = plain or PlainReader.load()
    return [_read(show, reader, plain, progress) for show in _shows(folder, limit)]


def pictures(
    name: str, path: Path, limit: int | None = None
) -> tuple[int, Iterator[tuple[str, NDArray[np.float32]]]]:
    """How many pictures a set has, and the pairs (label, picture as shown), always the same.

    Raises:
        DataError: the file is damaged.
    """
    labels, arrays = _load(path)
    picked = range(len(labels)) if limit is None else spread(len(labels), limit)
    picked = [i for i in picked if name != "letters" or labels[i] not in LOOKALIKES]
    return len(picked), ((labels[i], _shown(name, arrays, i)) for i in picked)


def strokes(path: Path) -> tuple[NDArray[np.int64], Callable[[int], Lines]]:
    """The labels (N,) of a file of digits as pen strokes, and what gives the strokes of each.

    Raises:
        DataError: the file is damaged.
    """
    labels, arrays = _load(path)
    return np.array(labels).astype(np.int64), lambda index: _lines(arrays, index)


def spread(count: int, limit: int) -> list[int]:
    """At most `limit` places of `count`, evenly spread, the first and the last among them."""
    return [int(i) for i in np.unique(np.linspace(0, count - 1, min(limit, count)).round())]


def _load(path: Path) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """The label of each sample, and the arrays of a file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        if not any(keys <= set(arrays) for keys in _LAYOUTS):
            raise DataError(f"{path} is not laid out as its set is.")
        # letters have a name each beside their code; cheques a label a box
        column = next(key for key in ("label_names", "box_labels", "labels") if key in arrays)
        return [str(label) for label in arrays[column]], arrays
    except (OSError, KeyError, ValueError, StopIteration):
        raise DataError(f"{path} is damaged.") from None


def _shows(folder: Path | None, limit: int | None) -> Iterator[_Show]:
    for name, file in FILES.items():
        if folder is not None and (folder / file).is_file():
            kind = "letters" if name == "letters" else "digits"
            yield _Show(name, kind, *pictures(name, folder / file, limit))
    for name in madeup.available():
        yield _Show(name, madeup.SETS[name].kind, *madeup.pictures(name, limit))


def _shown(name: str, arrays: dict[str, NDArray[Any]], index: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([SEED, index])
    if "boxes_xywh" in arrays:
        which = int(arrays["box_image"][index])
        first, last = arrays["offsets"][which : which + 2]
        page = arrays["pixels"][first:last].reshape(arrays["shapes"][which])
        return presenter.cut(page, arrays["boxes_xywh"][index], rng)
    if "points" not in arrays:
        return presenter.scanned(arrays["images"][index], rng, dark_ink=name in DARK_INK)
    return presenter.drawn(_lines(arrays, index), rng)


def _lines(arrays: dict[str, NDArray[Any]], index: int) -> Lines:
    first, last = arrays["sample_offsets"][index : index + 2]
    ends = arrays["stroke_offsets"]
    return [arrays["points"][ends[k] : ends[k + 1]] for k in range(first, last)]


def _read(show: _Show, reader: Reader, plain: Reader, progress: Progress | None) -> SetResult:
    compared = set(spread(show.count, COMPARED))
    labels, ours, theirs = [], [], {}
    for place, (label, picture) in enumerate(show.pictures):
        labels.append(label)
        ours.append(reader.classify(picture))
        if place in compared:
            theirs[place] = plain.classify(picture)
        if progress and ((place + 1) % 50 == 0 or place + 1 == show.count):
            progress(show.name, place + 1, show.count)
    return SetResult(
        show.name,
        show.kind,
        Readings.of(labels, ours),
        Readings.of([labels[place] for place in theirs], list(theirs.values())),
    )
