from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import opinion
from inkdigits.spelling import Place

Floats = NDArray[np.float64]
EVEN = np.full(10, 0.1)


def place(digits: dict[int, float], nothing: float = 0.0, other: float = 0.0) -> Place:
    shares = np.zeros(10)
    for digit, share in digits.items():
        shares[digit] = share
    return Place(4.0, shares, nothing, np.array([0, 0, 0, other]))


def shares(digits: dict[int, float]) -> Floats:
    return place(digits).digits


@st.composite
def parts(draw: st.DrawFn, many: int) -> Floats:
    """Probabilities that sum to 1."""
    given = np.array(draw(st.lists(st.floats(0, 1), min_size=many, max_size=many)))
    return np.asarray((given + 1e-9) / (given + 1e-9).sum())


@st.composite
def any_place(draw: st.DrawFn) -> Place:
    whole = draw(parts(15))
    return Place(draw(st.floats(0, 99)), whole[1:11], float(whole[0]), whole[11:])


def whole(it: Place) -> float:
    return float(it.digits.sum() + it.nothing + it.marks.sum())


@given(any_place(), parts(10), st.floats(0, 1), st.sampled_from([1e-4, 0.5]))
def test_what_is_agreed_on_is_all_there_is(
    seen: Place, told: Floats, chance: float, least: float
) -> None:
    for answer in (
        opinion.agreed(seen, told, chance, least),
        opinion.agreed_on_cut(seen, told, chance),
        opinion.expected(seen),
        opinion.still_there(3.0, [seen]),
    ):
        assert whole(answer) == pytest.approx(1)
        assert min(answer.digits.min(), answer.nothing, answer.marks.min()) >= 0


@given(any_place(), parts(10), st.floats(0, 1))
def test_of_a_cut_digit_only_which_it_is_is_heard(seen: Place, told: Floats, chance: float) -> None:
    answer = opinion.agreed_on_cut(seen, told, chance)
    assert answer.digits.sum() == pytest.approx(seen.digits.sum())
    assert (answer.nothing, answer.column) == (seen.nothing, seen.column)
    np.testing.assert_array_equal(answer.marks, seen.marks)


def test_who_knows_nothing_changes_nothing() -> None:
    seen = place({1: 0.6, 7: 0.4})
    for answer in (opinion.agreed(seen, EVEN, 0.9, 0.5), opinion.agreed_on_cut(seen, EVEN, 0.9)):
        assert answer.digits[[1, 7]] == pytest.approx([0.6, 0.4], abs=0.01)


def test_of_a_whole_digit_the_single_reader_is_heard_most_of_a_cut_one_less() -> None:
    seen, told = place({1: 0.8, 7: 0.2}), shares({1: 0.2, 7: 0.8})
    assert opinion.agreed(seen, told, 1.0, 0.5).mark == "7"
    cut = opinion.agreed_on_cut(seen, told, 1.0)
    assert cut.mark == "1"
    assert cut.digits[7] > 0.3, "but it is heard"
    sure = shares({1: 0.001, 7: 0.999})
    assert opinion.agreed_on_cut(seen, sure, 1.0).mark == "7"
    assert opinion.agreed_on_cut(seen, sure, 0.1).mark == "1", "not of what it takes for no digit"


def test_it_can_tell_that_it_is_no_digit_where_few_stand_around() -> None:
    seen, told = place({6: 0.98}, other=0.02), shares({6: 0.95, 5: 0.05})
    alone = opinion.agreed(seen, told, 1e-3, opinion.least(["?"]))
    assert alone.mark == "?"
    crowd = opinion.agreed(seen, told, 1e-3, opinion.least(["1", "2", ".", "3"]))
    assert crowd.mark == "6"


def test_how_sure_it_is_which_one_is_not_how_sure_it_is_one() -> None:
    """A sharp answer must not push out the chance that there is nothing."""
    seen = place({6: 0.5}, nothing=0.5)
    sharp = opinion.agreed(seen, shares({6: 1.0}), 0.5, 0.5)
    assert sharp.digits.sum() == pytest.approx(0.5 * 0.55 / (0.5 * 0.55 + 0.5), abs=0.01)


@pytest.mark.parametrize(
    ("others", "least"),
    [
        ([], 1e-4),
        (["1"], 1e-4),
        (["1", "2"], 0.5),
        (["1", None, ".", "2"], 0.5),
        (["1", "2", "?"], 1e-4),
        (["1", "2", "3", "?"], 0.5),
    ],
)
def test_among_digits_a_mark_may_look_odd(others: list[str | None], least: float) -> None:
    assert opinion.least(others) == least


def test_something_else_is_rarer_than_in_training() -> None:
    assert opinion.expected(place({4: 0.1}, other=0.9)).mark == "4"
    assert opinion.expected(place({4: 0.001}, other=0.999)).mark == "?"


def test_a_mark_in_which_nothing_was_seen_is_still_there() -> None:
    still = opinion.still_there(7.5, [place({3: 0.1}, nothing=0.9)])
    assert still.column == 7.5
    assert still.mark == "3"
    assert still.nothing == pytest.approx(0.1)
    assert opinion.still_there(7.5, []).digits == pytest.approx(np.full(10, 0.08))


@pytest.mark.parametrize(
    ("places", "number"),
    [
        ([], False),
        ([place({1: 1.0})], True),
        ([place({}, nothing=1.0)], False),
        ([place({1: 1.0}), place({}, other=1.0)], False),
        ([place({1: 1.0})] * 3 + [place({}, other=1.0)], True),
        ([place({1: 0.5, 7: 0.5})], True),  # a digit, whichever
        ([place({1: 0.7}, nothing=0.3)], False),
    ],
)
def test_a_number_is_mostly_and_surely_digits(places: list[Place], number: bool) -> None:
    assert opinion.is_number(places) is number
