"""The likeliest texts that an automaton accepts.

In: for each place of a row, how likely each digit is, and none; an automaton. Out: the best texts
of all, not only of those that were looked at. Knows nothing of patterns or pictures.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from inkdigits.rules.automaton import Automaton

#: Texts less likely than this, as a part of the likeliest of all with or without rules, are not
#: given: one in ten thousand, which is about what readers give to digits that are not there.
FLOOR = 1e-4
NOTHING = 10


def best(slots: NDArray[np.float64], rule: Automaton, count: int) -> list[tuple[str, float]]:
    """The `count` likeliest accepted strings of digits, best first.

    Backwards over the places, the best that can still come of each state is found; with that as
    the estimate of a best-first search (Hart et al., 1968), strings come out in their order. A
    string counts as its likeliest way through the places; of the strings that reach a state at a
    place only the best `count` can matter, so the work is bounded by places x states x count.
    """
    tops = slots.max(axis=1)
    shares = slots / tops[:, None]  # parts of the likeliest text of all
    whole = math.exp(np.log(tops).sum())
    likely = [np.flatnonzero(row[:NOTHING] >= FLOOR) for row in shares]
    coming = _coming(shares, likely, rule)
    found: list[tuple[str, float]] = []
    seen: set[tuple[int, str]] = set()
    visits: Counter[tuple[int, int]] = Counter()
    # (minus the estimate, minus the place, the string, its state, its share so far)
    heap = [(-float(coming[0, rule.start]), 0, "", rule.start, 1.0)]
    while heap and len(found) < count and -heap[0][0] >= FLOOR:
        _, place, text, state, share = heapq.heappop(heap)
        place = -place
        if (place, text) in seen or visits[place, state] >= count:
            continue
        seen.add((place, text))
        visits[place, state] += 1
        if place == len(slots):
            found.append((text, share * whole))
            continue
        digits, ahead = likely[place], coming[place + 1]
        then = [state, *rule.after[state, digits].tolist()]
        parts = [share * float(shares[place, NOTHING]), *(share * shares[place, digits]).tolist()]
        texts = [text, *(f"{text}{digit}" for digit in digits.tolist())]
        for longer, after, part, rest in zip(texts, then, parts, ahead[then].tolist(), strict=True):
            if part * rest >= FLOOR:
                heapq.heappush(heap, (-part * rest, -place - 1, longer, after, part))
    return found


def _coming(
    shares: NDArray[np.float64], likely: list[NDArray[np.intp]], rule: Automaton
) -> NDArray[np.float64]:
    """(N + 1, S): the best share that places from the n-th on can have from a state."""
    many = len(shares)
    coming = np.zeros((many + 1, len(rule.after)))
    coming[many] = rule.accepts
    for place in range(many - 1, -1, -1):
        able = np.flatnonzero((rule.reached <= place) & (rule.left <= many - place))
        ahead = coming[place + 1]
        top = shares[place, NOTHING] * ahead[able]
        for digit in likely[place]:
            np.maximum(top, shares[place, digit] * ahead[rule.after[able, digit]], out=top)
        coming[place, able] = top
    return coming
