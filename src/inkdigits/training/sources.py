"""What there is to compose of: digits and letters, and which of them may be learnt from.

In: MNIST and other sets. Out: `Sources`, the part to learn from or the part that validates. Knows
nothing of what is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.data.real import LOOKALIKES, Handwriting
from inkdigits.wild import scene

#: The last part of each set, by other writers where they are known, which validates.
HELD_OUT = 0.1


@dataclass(frozen=True)
class Manner:
    """How marks are shown.

    Attributes:
        crowded: the share that stands in a line of writing.
        squared: the share of digits that were stretched to a square.
        bend: how much they are bent, to the usual.
        chances: what else happens.
    """

    crowded: float
    squared: float
    bend: float
    chances: scene.Chances


#: To be learnt from: hard, and everything more often than it happens.
TEACHING = Manner(0.3, 0.08, 1.0, scene.Chances())
#: To choose thresholds by: about as people show digits. Real handwriting is bent already.
CHECKING = Manner(0.08, 0.04, 0.25, scene.Chances(0.6, 0.1, 0.2, 0.25, 0.25, 0.1))


@dataclass(frozen=True)
class Sources:
    """What there is to compose of.

    Attributes:
        mnist: labelled digits.
        sets: other handwriting, by name.
        held_out: whether to draw on the part that validates, else on the other.
    """

    mnist: Digits
    sets: dict[str, Handwriting]
    held_out: bool = False

    @property
    def manner(self) -> Manner:
        """How to show them."""
        return CHECKING if self.held_out else TEACHING

    def part(self, name: str) -> NDArray[np.intp]:
        """The samples of a set to draw on."""
        kept = self.sets[name]
        if kept.writers is None:
            last = np.arange(len(kept)) >= round(len(kept) * (1 - HELD_OUT))
        else:
            names = np.unique(kept.writers)
            last = np.isin(kept.writers, names[round(len(names) * (1 - HELD_OUT)) :])
        return np.flatnonzero(last == self.held_out)

    @cached_property
    def chosen(self) -> dict[str, NDArray[np.intp]]:
        """The samples to draw on, by set; no letter that may be taken for a digit."""
        parts = {name: self.part(name) for name in self.sets}
        if "letters" in parts:
            labels = self.sets["letters"].labels
            plain = [i for i in parts["letters"] if labels[i] not in LOOKALIKES]
            parts["letters"] = np.array(plain, np.intp)
        return parts

    def of_digit(self, name: str, digit: int, writer: str | None = None) -> NDArray[np.intp]:
        """The samples to draw on of MNIST (`mnist`) or of a set that show a digit, by a writer."""
        key = name, digit, writer
        if key not in self._found:
            if name == "mnist":
                found = np.flatnonzero(self.mnist.truth == digit)
            else:
                kept, chosen = self.sets[name], self.chosen[name]
                mine = kept.labels[chosen] == str(digit)
                if writer is not None and kept.writers is not None:
                    by = mine & (kept.writers[chosen] == writer)
                    mine = by if by.any() else mine
                found = chosen[mine]
            self._found[key] = found
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[str, int, str | None], NDArray[np.intp]]:
        return {}
