"""Handwriting that is not MNIST, shown as users show it and read as users' pictures are.

In: a recogniser and a folder of the sets. Out: one `SetResult` a set. The sets serve development
only; none is shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import DataError
from inkdigits.evaluation import presenter
from inkdigits.recognizer import Recognizer

#: Letters that may pass for digits; left out when false accepts are counted.
LOOKALIKES = frozenset("OoQDIilZzSsBgqb")
#: The sets whose mean accuracy is quoted.
MEAN_OF = ("pendigits", "hwd1000", "usps", "optdigits32", "numbers16")
#: The file of each set.
FILES = {
    "pendigits": "pendigits_strokes.npz",
    "hwd1000": "hwd1000.npz",
    "usps": "usps_train.npz",
    "optdigits32": "optdigits32.npz",
    "numbers16": "numbers16.npz",
    "letters": "uji_letters_strokes.npz",
}
_DARK_INK = frozenset({"hwd1000", "numbers16"})
SEED = 42


@dataclass(frozen=True)
class SetResult:
    """How one set was read.

    Attributes:
        name: of the set.
        kind: `digits`, or `letters`, of which none should be accepted.
        shown: pictures shown.
        right: digits read right, accepted or not; 0 for letters.
        accepted: predictions that were accepted.
        accepted_right: of these, the right ones.
    """

    name: str
    kind: Literal["digits", "letters"]
    shown: int
    right: int
    accepted: int
    accepted_right: int

    @property
    def accuracy(self) -> float:
        """The part read right, accepted or not."""
        return self.right / self.shown

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict with the accuracy in it."""
        return {**asdict(self), "accuracy": self.accuracy}


Progress = Callable[[str, int, int], None]


def holds_sets(folder: Path) -> bool:
    """Whether any of the sets is in `folder`."""
    return any((folder / file).is_file() for file in FILES.values())


def mean_accuracy(results: Sequence[SetResult]) -> float | None:
    """The mean accuracy over the quoted sets; `None` unless all of them are there."""
    found = {result.name: result.accuracy for result in results}
    if not set(MEAN_OF) <= set(found):
        return None
    return sum(found[name] for name in MEAN_OF) / len(MEAN_OF)


def evaluate_real(
    recognizer: Recognizer,
    folder: Path,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> list[SetResult]:
    """Show every set in `folder` to the recogniser.

    Args:
        recognizer: what is judged.
        folder: holds the .npz files; one that is absent is left out.
        limit: show at most this many of each set, spread evenly over it.
        progress: called with (set, done, total) now and then.

    Raises:
        DataError: none of the sets is there, or one is damaged.
    """
    if not holds_sets(folder):
        raise DataError(f"{folder} holds none of the real sets.", code="data-not-found")
    return [
        _evaluate_set(recognizer, name, folder / file, limit, progress)
        for name, file in FILES.items()
        if (folder / file).is_file()
    ]


def pictures(
    name: str, path: Path, limit: int | None = None
) -> tuple[int, Iterator[tuple[str, Any]]]:
    """How many pictures a set has, and the pairs (label, picture as shown), always the same."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        labels = [str(label) for label in arrays["labels"]]
        if "label_names" in arrays:
            labels = [str(arrays["label_names"][int(label)]) for label in arrays["labels"]]
    except (OSError, KeyError, ValueError):
        raise DataError(f"{path} is damaged.") from None
    picked = range(len(labels)) if limit is None else _spread(len(labels), limit)
    picked = [i for i in picked if name != "letters" or labels[i] not in LOOKALIKES]
    return len(picked), ((labels[i], _shown(name, arrays, i)) for i in picked)


def _shown(name: str, arrays: dict[str, NDArray[Any]], index: int) -> NDArray[np.float32]:
    rng = np.random.default_rng([SEED, index])
    if "points" not in arrays:
        return presenter.scanned(arrays["images"][index], rng, dark_ink=name in _DARK_INK)
    first, last = arrays["sample_offsets"][index : index + 2]
    ends = arrays["stroke_offsets"]
    lines = [arrays["points"][ends[k] : ends[k + 1]] for k in range(first, last)]
    return presenter.drawn(lines, rng)


def _evaluate_set(
    recognizer: Recognizer, name: str, path: Path, limit: int | None, progress: Progress | None
) -> SetResult:
    total, shown = pictures(name, path, limit)
    right = accepted = both = 0
    for done, (label, picture) in enumerate(shown, 1):
        prediction = recognizer.classify(picture)
        correct = str(prediction.digit) == label
        right += correct
        accepted += prediction.accepted
        both += correct and prediction.accepted
        if progress and (done % 50 == 0 or done == total):
            progress(name, done, total)
    kind: Literal["digits", "letters"] = "letters" if name == "letters" else "digits"
    return SetResult(name, kind, total, right, accepted, both)


def _spread(count: int, limit: int) -> list[int]:
    return [int(i) for i in np.unique(np.linspace(0, count - 1, min(limit, count)).round())]
