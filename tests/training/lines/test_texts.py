from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from inkdigits.line import ALPHABET
from inkdigits.training.lines import texts


@pytest.fixture(scope="module")
def many() -> list[str]:
    rng = np.random.default_rng(0)
    return [texts.text(rng) for _ in range(4000)]


def test_texts_are_of_the_alphabet(many: list[str]) -> None:
    assert set("".join(many)) == set(ALPHABET)
    assert all(many)


def test_a_run_of_something_else_is_one_mark(many: list[str]) -> None:
    assert not any("??" in text for text in many)


def test_every_length_is_written_and_every_digit_about_as_often(many: list[str]) -> None:
    lengths = Counter(sum(map(str.isdigit, text)) for text in many)
    assert set(lengths) == set(range(len(texts.LENGTHS) + 1))
    digits = Counter("".join(many))
    nonzero = [digits[digit] for digit in "123456789"]
    assert max(nonzero) < 1.25 * min(nonzero)
    assert digits["0"] > max(nonzero)  # amounts end in zeros


def test_amounts_have_their_mark_before_three_digits(many: list[str]) -> None:
    assert sum(len(text) > 4 and text[-4] in ".,-" for text in many) > 0.08 * len(many)
