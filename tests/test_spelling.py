from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import line, spelling


def columns(text: str, sure: float = 8.0) -> NDArray[np.float32]:
    """Logits of a text over the alphabet, a space a column of nothing."""
    logits = np.zeros((len(text), line.CLASSES), np.float32)
    for k, mark in enumerate(text):
        logits[k, line.NOTHING if mark == " " else line.ALPHABET.index(mark) + 1] = sure
    return logits


@pytest.mark.parametrize(
    ("shown", "marks"),
    [
        (" 1  2 ", "12"),
        ("  77  7 ", "77"),  # a run is one character, a gap parts two
        (" 4455 ", "45"),  # two runs without a gap
        (" 1.234-", "1.234-"),
        ("   ", ""),
    ],
)
def test_runs_become_places(shown: str, marks: str) -> None:
    found = spelling.places(spelling.shares(columns(shown)))
    assert "".join(place.mark or "" for place in found) == marks
    assert [place.column for place in found] == sorted(place.column for place in found)


def test_a_place_lies_where_its_column_is() -> None:
    (place,) = spelling.places(spelling.shares(columns("   33  ")))
    assert place.column == pytest.approx(4.0, abs=0.05)


def test_the_digits_are_joined_and_marks_left_out() -> None:
    text, sure = spelling.likeliest(spelling.places(spelling.shares(columns(" 1 .  2 ? 3 "))))
    assert text == "123"
    assert 0.9 < sure <= 1


def test_a_doubt_stays_a_doubt() -> None:
    logits = columns(" 1 ")
    logits[1, line.encode("7")[0]] = 8.0
    (place,) = spelling.places(spelling.shares(logits))
    assert place.digits[1] == pytest.approx(place.digits[7])
    assert place.digits[1] == pytest.approx(0.5, abs=0.01)
    assert place.slot.sum() == pytest.approx(1)


def test_a_faint_doubt_is_a_place_of_its_own() -> None:
    logits = columns(" 1   ")
    logits[3, line.encode("7")[0]] = 7.0  # against 8 for nothing
    found = spelling.places(spelling.shares(logits))
    assert [place.mark for place in found] == ["1", None]
    assert 0.15 < found[1].digits[7] < 0.35


def test_temperature_flattens() -> None:
    sharp, flat = (spelling.places(spelling.shares(columns(" 5 ", 4.0), t))[0] for t in (1.0, 2.0))
    assert sharp.digits[5] > flat.digits[5]


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    """What a path of classes spells, by the definition."""
    return tuple(k for k, _ in itertools.groupby(path) if k != line.NOTHING)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_single_characters_are_summed_over_all_alignments(length: int, seed: int) -> None:
    shares = np.random.default_rng(seed).dirichlet(np.ones(4), length)
    expected = np.zeros(4)
    for path in itertools.product(range(4), repeat=length):
        spelled = collapse(path)
        if len(spelled) <= 1:
            chance = np.prod([shares[k, c] for k, c in enumerate(path)])
            expected[spelled[0] if spelled else 0] += chance
    assert spelling._single(shares) == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_the_best_places_of_a_text_are_found(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    slots = rng.dirichlet(np.full(11, 0.5), count)
    found = [spelling.Place(k, slot[:10], slot[10], np.zeros(4)) for k, slot in enumerate(slots)]
    digits = "".join(str(d) for d in rng.integers(0, 10, rng.integers(0, count + 1)))
    chosen = spelling.aligned(found, digits)

    def chance(places: tuple[int, ...]) -> float:
        digit_of = dict(zip(places, digits, strict=True))
        return float(
            np.prod([slots[k, int(digit_of[k]) if k in digit_of else 10] for k in range(count)])
        )

    best = max(map(chance, itertools.combinations(range(count), len(digits))))
    assert chance(tuple(chosen)) == pytest.approx(best)
