"""Lengths, ranges and check digits as automata.

In: what is asked. Out: the automaton of the digits that satisfy it. Knows nothing of patterns.
"""

from __future__ import annotations

from collections.abc import Callable

from inkdigits.rules.automaton import Automaton, both, built

#: What a digit counts for where Luhn doubles it: the digits of twice the digit, added up.
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def anything() -> Automaton:
    """Accepts every string of digits, the empty one too."""
    return built(0, lambda _, __: 0, lambda _: True)


def length(fewest: int, most: int | None = None) -> Automaton:
    """Accepts `fewest` to `most` digits; without `most`, any number from `fewest` on."""

    def step(count: int, _: int) -> int | None:
        if most is None:
            return min(count + 1, fewest)
        return count + 1 if count < most else None

    return built(0, step, lambda count: count >= fewest)


def between(least: int, greatest: int) -> Automaton:
    """Accepts numbers from `least` to `greatest`, with or without noughts before them."""
    low, high = str(least), str(greatest)

    # (digits since the noughts, how they compare with as many first digits of both bounds)
    def step(state: tuple[int, int, int], digit: int) -> tuple[int, int, int] | None:
        count, to_low, to_high = state
        if count == 0 and digit == 0:
            return state
        if count == len(high):
            return None
        to_high = to_high or _sign(digit - int(high[count]))
        # 1: already longer than the lower bound
        to_low = to_low or (_sign(digit - int(low[count])) if count < len(low) else 1)
        return count + 1, to_low, to_high

    def accepts(state: tuple[int, int, int]) -> bool:
        count, to_low, to_high = state
        if count == 0:
            return least == 0
        enough = count > len(low) or (count == len(low) and to_low >= 0)
        return enough and (count < len(high) or to_high <= 0)

    return built((0, 0, 0), step, accepts)


def luhn() -> Automaton:
    """Accepts what ends in its Luhn digit (ISO/IEC 7812-1, annex B): two digits or more."""

    # two sums, as it is not known from the left which digits are doubled: the first holds if the
    # last digit so far is the check digit, the second if one more follows
    def step(sums: tuple[int, int], digit: int) -> tuple[int, int]:
        return (sums[1] + digit) % 10, (sums[0] + _DOUBLED[digit]) % 10

    return both(built((0, 0), step, lambda sums: sums[0] == 0), length(2))


def ean13() -> Automaton:
    """Accepts 13 digits of which the last is the check digit of GS1 (weights 1 and 3)."""

    def step(state: tuple[int, int], digit: int) -> tuple[int, int] | None:
        count, total = state
        return (count + 1, (total + digit * (3 if count % 2 else 1)) % 10) if count < 13 else None

    return built((0, 0), step, lambda state: state == (13, 0))


def mod97() -> Automaton:
    """Accepts what is 1 modulo 97 (ISO/IEC 7064, MOD 97-10): three digits or more."""
    return both(built(0, lambda rest, digit: (10 * rest + digit) % 97, lambda r: r == 1), length(3))


#: Name of a checksum -> its automaton.
CHECKSUMS: dict[str, Callable[[], Automaton]] = {"luhn": luhn, "ean13": ean13, "mod97": mod97}


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
