"""MNIST: found or fetched, verified, and split the one way this project uses.

In: a folder, a file or nothing (then `INKDIGITS_DATA`, then the cache that `inkdigits data fetch`
fills). Out: `Digits`. Knows nothing of training.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.data.folders import is_folders, read_folders
from inkdigits.data.idx import read_idx
from inkdigits.data.kaggle import read_csv
from inkdigits.errors import DataError

#: MD5 of the uncompressed original files.
CONTENT_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
SPLIT_SEED = 42
VALIDATION_SIZE = 6_000


@dataclass(frozen=True)
class Mnist:
    """The three parts of MNIST: 54,000 to learn from, 6,000 to choose by, 10,000 to report."""

    train: Digits
    validation: Digits
    test: Digits


def cache_folder() -> Path:
    """Where `inkdigits data fetch` puts MNIST: `$XDG_CACHE_HOME/inkdigits/mnist` and kin."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "inkdigits" / "mnist"


def find(source: str | os.PathLike[str] | None = None) -> Path:
    """The file or folder that holds MNIST.

    Args:
        source: a folder of IDX files (or one with a `mnist` folder in it), an `mnist.npz`, a
            Kaggle CSV, a folder with such an `mnist.npz` or `train.csv` in it, or a folder of
            pictures (`folders.py`); `None` looks at `$INKDIGITS_DATA`, then at the cache.

    Raises:
        DataError: nothing is there (code `data-not-found`).
    """
    named = source if source is not None else os.environ.get("INKDIGITS_DATA")
    base = Path(named) if named else cache_folder()
    for place in (base / "mnist", base):
        if place.is_file() or _idx_names(place) or is_folders(place):
            return place
        for name in ("mnist.npz", "train.csv"):
            if (place / name).is_file():
                return place / name
    kinds = "neither IDX files nor mnist.npz, train.csv or folders 0/ to 9/ of PNGs"
    why = f"it has {kinds}" if base.is_dir() else "it does not exist"
    raise DataError(
        f"MNIST was not found in {base} ({why}): run `inkdigits data fetch`, "
        "or point INKDIGITS_DATA at a folder that has it.",
        code="data-not-found",
    )


def load(source: str | os.PathLike[str] | None = None) -> Mnist:
    """Load MNIST and split it 54,000 / 6,000 / 10,000, stratified, seed 42.

    A Kaggle training CSV, and a folder of pictures without a `test` folder, have no test part
    of their own: there `test` is empty.

    Raises:
        DataError: the data is missing, damaged, malformed or without labels; the message names
            the file.
    """
    place = find(source)
    learn, test = _read(place)
    if learn.labels is None:
        raise DataError(f"{place} has no label column: give Kaggle's train.csv, not test.csv.")
    train, validation = split(learn)
    return Mnist(train, validation, test)


def load_parts(source: str | os.PathLike[str] | None = None) -> dict[str, Digits]:
    """`train`, `validation` and `test` as `load` gives them; of a CSV without labels, all of it
    as `unlabelled`.

    Raises:
        DataError: as `load`, but for the labels.
    """
    learn, test = _read(find(source))
    if learn.labels is None:
        return {"unlabelled": learn}
    train, validation = split(learn)
    return {"train": train, "validation": validation, "test": test}


def load_test(source: str | os.PathLike[str] | None = None) -> Digits:
    """Only the 10,000 test images; raises `DataError` as `load` does."""
    place = find(source)
    if _idx_names(place):
        return _idx_pair(place, "t10k")
    test = load(source).test
    if not len(test):
        raise DataError(f"{place} has no test part: give the IDX files or mnist.npz.")
    return test


def _read(place: Path) -> tuple[Digits, Digits]:
    """(learn, test) of what `find` found."""
    if _idx_names(place):
        return _idx_pair(place, "train"), _idx_pair(place, "t10k")
    if place.is_dir():
        return read_folders(place)
    if place.suffix.lower() == ".npz":
        return read_npz(place)
    if place.suffix.lower() == ".csv":
        learn = read_csv(place)
        return learn, learn[:0]
    if _idx_names(place.parent) and "-idx" in place.name:
        raise DataError(f"{place} is one of MNIST's four files: give the folder they are in.")
    raise DataError(
        f"{place} is none of: a folder of IDX files, mnist.npz, a Kaggle CSV, "
        "a folder of pictures 0/ to 9/."
    )


def read_npz(path: Path) -> tuple[Digits, Digits]:
    """Read Keras's `mnist.npz` (x_train, y_train, x_test, y_test) as (learn, test)."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            parts = [np.asarray(arrays[k]) for k in ("x_train", "y_train", "x_test", "y_test")]
    except KeyError as error:
        raise DataError(f"{path} has no array named {error.args[0].split()[0]}.") from None
    except Exception:  # zipfile, zlib and NumPy each have their own word for a damaged file
        raise DataError(f"{path} is not a readable .npz file: fetch it again.") from None
    learn = _checked(parts[0], parts[1], path)
    return learn, _checked(parts[2], parts[3], path)


def split(
    learn: Digits, *, validation: int = VALIDATION_SIZE, seed: int = SPLIT_SEED
) -> tuple[Digits, Digits]:
    """Split into (train, validation), stratified: each digit keeps its share in both.

    Sizes per digit are the largest-remainder rounding of its share, so that the validation
    part has exactly `validation` images (a tenth of the set where it is smaller than 60,000).
    """
    wanted = min(validation, len(learn) // 10)
    counts = learn.counts()
    share = counts * wanted / max(len(learn), 1)
    take = np.floor(share).astype(int)
    for digit in np.argsort(take - share, kind="stable")[: wanted - take.sum()]:
        take[digit] += 1
    rng = np.random.default_rng(seed)
    held: list[NDArray[np.intp]] = []
    for digit in range(10):
        held.append(rng.permutation(np.flatnonzero(learn.truth == digit))[: take[digit]])
    chosen = np.zeros(len(learn), bool)
    chosen[np.concatenate(held)] = True
    return learn[np.flatnonzero(~chosen)], learn[np.flatnonzero(chosen)]


def lacking(place: Path) -> list[str]:
    """Which of MNIST's four files are not in a folder that has some of them."""
    there = _idx_names(place)
    return [name for name in CONTENT_MD5 if name not in there] if there else []


def _idx_names(folder: Path) -> list[str]:
    """Which of the four files are in a folder, plain or gzipped."""
    ends = ("", ".gz")
    return [name for name in CONTENT_MD5 if any((folder / f"{name}{e}").is_file() for e in ends)]


def _idx_pair(folder: Path, part: str) -> Digits:
    wanted = (f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte")
    if missing := [name for name in lacking(folder) if name in wanted]:
        raise DataError(
            f"{folder} has only some of MNIST's four files and lacks {' and '.join(missing)}: "
            f"run `inkdigits data fetch --to {folder}`.",
            code="data-not-found",
        )
    arrays = []
    for name in wanted:
        gz = folder / f"{name}.gz"
        arrays.append(read_idx(gz if gz.is_file() else folder / name, md5=CONTENT_MD5[name]))
    return _checked(arrays[0], arrays[1], folder)


def _checked(images: NDArray[np.generic], labels: NDArray[np.generic], path: Path) -> Digits:
    if images.shape[1:] != (28, 28) or images.dtype != np.uint8:
        raise DataError(
            f"{path} does not hold 28x28 uint8 images, but {images.dtype} of shape {images.shape}."
        )
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise DataError(
            f"{path} does not hold one whole number a label, but {labels.dtype} of shape "
            f"{labels.shape}."
        )
    if len(labels) != len(images):
        raise DataError(f"{path} has {len(images):,} images and {len(labels):,} labels for them.")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) <= 9:
        raise DataError(f"{path} has labels other than 0 to 9.")
    return Digits(images.astype(np.uint8), labels.astype(np.uint8))
