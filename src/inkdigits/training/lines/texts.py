"""What is written in a row: digits, mostly, with the marks that people put between them.

In: a random generator. Out: a text over `line.ALPHABET`. Knows nothing of how it looks.
"""

from __future__ import annotations

import numpy as np

#: How often a row has so many digits, from one on.
LENGTHS = (10, 14, 14, 16, 16, 10, 5, 4, 2, 2, 2, 3)
#: How often a row has marks between its digits as amounts have them, ends in marks, has something
#: else before or behind it, within it, and is nothing but something else.
PARTED, ENDED, FLANKED, BROKEN, FOREIGN = 0.3, 0.18, 0.05, 0.015, 0.04
_ENDS = (".", "-", ".-", "--", ",", ",-", ".--")


def text(rng: np.random.Generator) -> str:
    """One row; each run of what is neither digit, point, comma nor dash is one `?`."""
    if rng.random() < FOREIGN:
        return "?"
    shares = np.array(LENGTHS) / sum(LENGTHS)
    count = int(rng.choice(len(LENGTHS), p=shares)) + 1
    digits = "".join(str(digit) for digit in _digits(count, rng))
    if rng.random() < PARTED:
        digits = _parted(digits, rng)
    if rng.random() < ENDED:
        digits += _ENDS[rng.integers(len(_ENDS))]
    if rng.random() < BROKEN:
        place = int(rng.integers(1, len(digits) + 1))
        digits = f"{digits[:place]}?{digits[place:]}"
    if rng.random() < FLANKED:
        digits = "?" + digits
    if rng.random() < FLANKED and not digits.endswith("?"):
        digits += "?"
    return digits


def _digits(count: int, rng: np.random.Generator) -> list[int]:
    """As numbers have them: often with zeros at the end, or one digit again and again."""
    digits = rng.integers(0, 10, count)
    kind = rng.random()
    if kind < 0.2:
        digits[-int(rng.integers(1, count + 1)) :] = 0
    elif kind < 0.28:
        first = int(rng.integers(count))
        digits[first : first + int(rng.integers(2, 5))] = digits[first]
    return [int(digit) for digit in digits]


def _parted(digits: str, rng: np.random.Generator) -> str:
    """With a mark at the thousands, or anywhere."""
    mark = ".,-"[int(rng.choice(3, p=(0.6, 0.25, 0.15)))]
    if rng.random() < 0.6 and len(digits) > 3:
        return f"{digits[:-3]}{mark}{digits[-3:]}"
    places = set(rng.integers(1, len(digits) + 1, rng.integers(1, 4)).tolist())
    return "".join(f"{mark}{digit}" if i in places else digit for i, digit in enumerate(digits))
