"""Deterministic automata over the ten digits: what a rule is, as far as digits go.

In: tables. Out: automata, and what two of them both accept. Knows neither rules nor pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import RulesError

#: The state from which nothing is accepted any more, in every automaton.
DEAD = 0
#: More digits than any text has.
NEVER = 10**6
#: States of an automaton, and pairs of states looked at for two at once.
MOST_STATES, MOST_PAIRS = 20_000, 20_000_000
TOO_COMPLEX = "These rules are too complicated together: use a simpler pattern or fewer rules."
S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Automaton:
    """A trimmed automaton.

    Attributes:
        after: (S, 10) int64: the state after a state and a digit; state 0 is dead.
        accepts: (S,) bool: whether a text may end in a state.
        start: the state before the first digit; 0 where no text at all is accepted.
        reached: (S,) int64: the fewest digits that lead to a state.
        left: (S,) int64: the fewest digits from a state to one that accepts.
    """

    after: NDArray[np.int64]
    accepts: NDArray[np.bool_]
    start: int
    reached: NDArray[np.int64]
    left: NDArray[np.int64]

    def takes(self, digits: str) -> bool:
        """Whether a string of digits is accepted."""
        state = self.start
        for digit in digits:
            state = int(self.after[state, int(digit)])
        return bool(self.accepts[state])


def built(
    start: S,
    step: Callable[[S, int], S | None],
    accepts: Callable[[S], bool],
    most: int = MOST_STATES,
) -> Automaton:
    """The automaton of a start, a step (`None`: dead) and the states that accept.

    Raises:
        RulesError: it has more than `most` states.
    """
    numbers: dict[S, int] = {start: 1}
    states, rows = [start], [[DEAD] * 10]
    for state in states:  # grows as it goes
        row = []
        for digit in range(10):
            then = step(state, digit)
            if then is not None and then not in numbers:
                states.append(then)
                numbers[then] = len(states)
            row.append(DEAD if then is None else numbers[then])
        rows.append(row)
        if len(states) > most:
            raise RulesError(TOO_COMPLEX)
    taken = [False, *(accepts(state) for state in states)]
    return _trimmed(np.array(rows, np.int64), np.array(taken, np.bool_), 1)


def both(one: Automaton, other: Automaton) -> Automaton:
    """What two automata accept alike: their product.

    Raises:
        RulesError: it has too many states.
    """
    width = len(other.after)
    if len(one.after) * width > MOST_PAIRS:
        raise RulesError(TOO_COMPLEX)
    known = np.zeros(len(one.after) * width, np.bool_)
    new = np.array([one.start * width + other.start])
    if DEAD in (one.start, other.start):
        new = new[:0]
    known[new] = True
    while new.size:
        left, right = one.after[new // width], other.after[new % width]
        reached = np.unique((left * width + right)[(left != DEAD) & (right != DEAD)])
        new = reached[~known[reached]]
        known[new] = True
    pairs = np.flatnonzero(known)
    if len(pairs) > MOST_STATES:
        raise RulesError(TOO_COMPLEX)
    numbers = np.zeros(len(known), np.int64)
    numbers[pairs] = np.arange(1, len(pairs) + 1)
    first, second = pairs // width, pairs % width
    after = np.zeros((len(pairs) + 1, 10), np.int64)
    # a pair with a dead half is not known, so its number is that of the dead state
    after[1:] = numbers[one.after[first] * width + other.after[second]]
    accepts = np.r_[False, one.accepts[first] & other.accepts[second]]
    return _trimmed(after, accepts, int(numbers[one.start * width + other.start]))


def _trimmed(after: NDArray[np.int64], accepts: NDArray[np.bool_], start: int) -> Automaton:
    """Without the states that no text comes to, or from which none is accepted."""
    left = np.where(accepts, 0, NEVER)
    while True:
        nearer = np.minimum(left, 1 + left[after].min(axis=1))
        if (nearer == left).all():
            break
        left = nearer
    alive = left < NEVER
    reached = np.full(len(after), NEVER)
    new, digits = np.array([start])[alive[[start]]], 0
    while new.size:
        reached[new] = digits
        then = np.unique(after[new])
        new, digits = then[alive[then] & (reached[then] == NEVER)], digits + 1
    alive &= reached < NEVER
    alive[DEAD] = True
    kept = np.flatnonzero(alive)
    numbers = np.zeros(len(after), np.int64)
    numbers[kept] = np.arange(len(kept))
    return Automaton(
        numbers[np.where(alive[after[kept]], after[kept], DEAD)],
        accepts[kept],
        int(numbers[start]),
        reached[kept],
        left[kept],
    )
