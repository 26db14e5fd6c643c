"""What a number must satisfy: length, pattern, check digits, range.

In: for each place of a row, how likely each digit is, and that none is there. Out: the likeliest
texts that satisfy all rules together. Each rule is an automaton over digits; what all of them
accept is one automaton (`automaton`), through which the best texts are found (`search`). Knows
nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import combinations
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import ArrayError, RulesError
from inkdigits.rules import checks, search
from inkdigits.rules.automaton import Automaton, both
from inkdigits.rules.pattern import pattern
from inkdigits.rules.search import FLOOR

__all__ = ["FLOOR", "LONGEST", "Checksum", "Rules"]

Checksum = Literal["luhn", "ean13", "mod97"]
#: Digits of a text, at most.
LONGEST = 60


@dataclass(frozen=True)
class Rules:
    r"""What the text of a number must satisfy; all that is asked, at once.

    Where anything is asked, a text has at least one digit.

    Attributes:
        length: how many digits, or the fewest and the most; marks do not count.
        pattern: what the whole text is like, a part of regular expressions: `\d`, `[0-9]`,
            digits, marks such as - . , / : and the space, groups, `|`, `?`, `*`, `+`, `{m,n}`.
            Marks stand in the text whether they were seen on the paper or not. See
            `inkdigits.rules.pattern`.
        checksum: "luhn" (ISO/IEC 7812: bank cards, IMEI), two digits or more; "ean13" (GS1: EAN,
            ISBN-13), 13 digits; "mod97" (ISO/IEC 7064 MOD 97-10: remainder 1, as an IBAN has
            when its letters are replaced by digits and its head is moved behind), three or more.
        between: the least and the greatest value, both included, whole numbers from 0. Noughts
            may stand before it: 007 is 7.

    Raises:
        RulesError: one of them is wrong, or no text satisfies all of them.
    """

    length: int | tuple[int, int] | None = None
    pattern: str | None = None
    checksum: Checksum | None = None
    between: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.length is not None:
            _check_pair(
                _pair(self.length), 1, LONGEST, "length", "from the fewest to the most digits"
            )
        if self.between is not None:
            _check_pair(self.between, 0, 10**LONGEST - 1, "range", "from the least to the greatest")
        if self.pattern is not None and not isinstance(self.pattern, str):
            raise RulesError("The pattern is a text such as '[0-9]{4}'.")
        if self.checksum is not None and self.checksum not in get_args(Checksum):
            raise RulesError(
                f"There is no checksum {self.checksum!r}: choose among "
                f"{', '.join(get_args(Checksum))}."
            )
        if _is_empty(_compiled(self)):
            raise RulesError(_contradiction(self))

    @property
    def any(self) -> bool:
        """Whether anything is asked."""
        return self != _NONE

    def fits(self, text: str) -> bool:
        """Whether a text satisfies all rules.

        Args:
            text: digits; with the marks of the pattern, or with none of them.
        """
        digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
        if not _compiled(self).takes(digits):
            return False
        return text == digits or (self.pattern is not None and pattern(self.pattern).matches(text))

    def best(self, slots: NDArray[np.float64], count: int = 3) -> list[tuple[str, float]]:
        """The likeliest texts that satisfy all rules; without rules, the likeliest of all.

        The answer is exact. A text's probability is the product over the places of what it takes
        there; where it can be read in several ways, that of the likeliest way. It is the
        probability among all texts, whether they satisfy the rules or not.

        Args:
            slots: (N, 11) float64: for each place, left to right, the probabilities of the
                digits 0 to 9 and, [10], that none is there; rows sum to 1.
            count: how many texts at most.

        Returns:
            Texts, with the pattern's marks, and their probabilities, best first. Texts less than
            `FLOOR` times as likely as the likeliest of all without rules are left out: an empty
            answer says that nothing fits.

        Raises:
            ArrayError: the slots have another shape or are no probabilities.
        """
        slots = np.asarray(slots, np.float64)
        if slots.ndim != 2 or slots.shape[1] != 11:
            raise ArrayError(f"Slots have the shape (N, 11), not {slots.shape}.")
        if not (np.isfinite(slots).all() and (slots >= 0).all() and (slots > 0).any(axis=1).all()):
            raise ArrayError("Slots are probabilities, not all of a place 0.", code="not-finite")
        found = search.best(slots, _compiled(self), count)
        if self.pattern is None:
            return found
        marks = pattern(self.pattern)
        return [(marks.written(digits), share) for digits, share in found]


def _pair(length: int | tuple[int, int]) -> tuple[int, int]:
    return (length, length) if type(length) is int else length  # type: ignore[return-value]


def _check_pair(pair: object, least: int, greatest: int, name: str, what: str) -> None:
    top = greatest if greatest < 100 else f"a number of {LONGEST} digits"
    wanted = f"{what}, whole numbers from {least} to {top}"
    match pair:
        case (int(low), int(high)) if type(low) is int and type(high) is int:
            if not least <= low <= high <= greatest:
                raise RulesError(f"The {name} goes {wanted}; {low} to {high} does not.")
        case _:
            raise RulesError(f"The {name} goes {wanted}; {pair!r} is no such pair.")


def _parts(rules: Rules) -> Iterator[tuple[str, Automaton]]:
    """What is asked, in words, and its automaton."""
    if rules.length is not None:
        low, high = _pair(rules.length)
        words = f"{low}" if low == high else f"{low} to {high}"
        yield f"a length of {words}", checks.length(low, high)
    if rules.pattern is not None:
        yield f"the pattern {rules.pattern!r}", pattern(rules.pattern).automaton()
    if rules.between is not None:
        words = "the range {} to {}".format(*rules.between)
        yield words, checks.between(*rules.between)
    if rules.checksum is not None:
        yield f"the checksum {rules.checksum}", _checksum(rules.checksum)


@cache
def _checksum(name: str) -> Automaton:
    return checks.CHECKSUMS[name]()


@lru_cache(maxsize=128)
def _compiled(rules: Rules) -> Automaton:
    """One automaton for all rules, and at least one digit."""
    asked = [automaton for _, automaton in _parts(rules)]
    if not asked:
        return checks.anything()
    return reduce(both, asked, checks.length(1))


def _is_empty(automaton: Automaton) -> bool:
    """Whether no text of at most `LONGEST` digits is accepted."""
    return int(automaton.left[automaton.start]) > LONGEST


def _contradiction(rules: Rules) -> str:
    """Which of the rules cannot be satisfied at once, as few of them as tell."""
    parts = list(_parts(rules))
    for count in range(1, len(parts) + 1):
        for some in combinations(parts, count):
            if _is_empty(reduce(both, (automaton for _, automaton in some), checks.length(1))):
                words = " and ".join(name for name, _ in some)
                return f"No number of up to {LONGEST} digits satisfies {words}: change the rules."
    raise AssertionError("there is no contradiction")


_NONE = Rules()
