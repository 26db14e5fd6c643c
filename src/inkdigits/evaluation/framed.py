"""How well digits are read as their size, place, pen, paper and light change, one at a time.

In: two readers and the centre lines of labelled digits. Out: `Framing`, a curve an axis, which
becomes JSON. Knows nothing of how a picture is made (`framing.py`) and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits.data import mnist
from inkdigits.evaluation import centrelines, real
from inkdigits.evaluation.framing import AXES, Axis, Lines, present
from inkdigits.evaluation.plain import Reader

SEED = 42
#: Digits shown at every value, as many of each.
SHOWN = 200

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Sample:
    """Digits to be shown again and again.

    Attributes:
        source: what they are, for people.
        labels: (N,) 0 to 9.
        lines: the centre lines of each.
    """

    source: str
    labels: NDArray[np.int64]
    lines: tuple[Lines, ...]


@dataclass(frozen=True)
class Curve:
    """How one axis was read, a count a value.

    Attributes:
        axis: what was varied.
        right: read rightly, accepted or not.
        accepted: accepted.
        accepted_right: of these, the right ones.
        plain_right: read rightly by the plain reader.
    """

    axis: Axis
    right: tuple[int, ...]
    accepted: tuple[int, ...]
    accepted_right: tuple[int, ...]
    plain_right: tuple[int, ...]


@dataclass(frozen=True)
class Framing:
    """All curves.

    Attributes:
        source: what the digits are.
        shown: so many at every value.
        curves: one an axis.
    """

    source: str
    shown: int
    curves: tuple[Curve, ...]

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict; shares from 0 to 1."""
        return {
            "digits": self.source,
            "shown": self.shown,
            "axes": [
                {
                    "name": curve.axis.name,
                    "unit": curve.axis.unit,
                    "values": list(curve.axis.values),
                    "accuracy": self.shares(curve.right),
                    "accepted": self.shares(curve.accepted),
                    "accepted_right": self.shares(curve.accepted_right),
                    "plain_accuracy": self.shares(curve.plain_right),
                }
                for curve in self.curves
            ],
        }

    def shares(self, counts: Sequence[int]) -> list[float]:
        """Counts as shares of the digits shown."""
        return [count / self.shown for count in counts]


def sample(folder: Path | None, source: str | None = None, shown: int = SHOWN) -> Sample:
    """The digits to show: pen strokes, or else MNIST's validation digits, traced.

    Args:
        folder: of the real sets; `None` for none.
        source: of MNIST, as `mnist.load` takes it; read only where there are no pen strokes.
        shown: so many, as many of each digit, evenly spread.

    Raises:
        DataError: the pen strokes are damaged, or MNIST is not found.
    """
    if folder is not None and (folder / real.FILES["pendigits"]).is_file():
        labels, lines = real.strokes(folder / real.FILES["pendigits"])
        places = _even(labels, shown)
        chosen = tuple(lines(place) for place in places)
        return Sample("pen strokes of pendigits", labels[places], chosen)
    digits = mnist.load(source).validation
    truth = digits.truth.astype(np.int64)
    places = _even(truth, shown)
    traced = tuple(centrelines.trace(digits.images[place]) for place in places)
    return Sample("MNIST validation digits, traced", truth[places], traced)


def evaluate_framing(
    reader: Reader,
    plain: Reader,
    digits: Sample,
    *,
    axes: Sequence[Axis] = AXES,
    progress: Progress | None = None,
) -> Framing:
    """Show every digit at every value of every axis to both readers.

    Args:
        reader: what is judged.
        plain: what it is compared with.
        digits: to be shown.
        axes: what is varied.
        progress: called with ("framing", done, total) after each value.
    """
    total = sum(len(axis.values) for axis in axes)
    curves: list[Curve] = []
    done = 0
    for axis in axes:
        rows = []
        for setting in axis.settings:
            right = accepted = both = plain_right = 0
            for place, (label, lines) in enumerate(zip(digits.labels, digits.lines, strict=True)):
                picture = present(lines, setting, np.random.default_rng([SEED, place]))
                read = reader.classify(picture)
                right += read.digit == label
                accepted += read.accepted
                both += read.accepted and read.digit == label
                plain_right += plain.classify(picture).digit == label
            rows.append((right, accepted, both, plain_right))
            done += 1
            if progress:
                progress("framing", done, total)
        curves.append(Curve(axis, *(tuple(map(int, column)) for column in zip(*rows, strict=True))))
    return Framing(digits.source, len(digits.labels), tuple(curves))


def _even(labels: NDArray[np.integer], shown: int) -> NDArray[np.int64]:
    """Places of as many of each digit, spread evenly, digits taking turns."""
    each = max(1, shown // 10)
    rows = [np.flatnonzero(labels == digit) for digit in range(10)]
    picked = [row[real.spread(len(row), each)] for row in rows if len(row)]
    return np.sort(np.concatenate(picked)).astype(np.int64)
