"""Numbers that hold still though readings do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkdigits.results import Reading
from inkdigits.steady import ENOUGH, PATIENCE, WINDOW, Sighting, Steady
from tests.readings import HIGH, number, reading

NOTHING = reading()


def shown(steady: Steady, *readings: Reading) -> list[tuple[Sighting, ...]]:
    return [steady.update(each) for each in readings]


def texts(sightings: tuple[Sighting, ...]) -> list[str]:
    return [it.text for it in sightings]


def test_a_number_is_shown_once_it_was_read_often_enough() -> None:
    seen = shown(Steady(), *[reading(number("42", 0.8))] * 4)
    assert [texts(each) for each in seen] == [[], [], ["42"], ["42"]]
    last = seen[-1][0]
    assert (last.key, last.frames, last.missed, last.accepted) == (1, 4, 0, True)
    assert last.confidence == pytest.approx(0.8)
    assert last.to_dict()["box"] == {"x": 10, "y": 10, "width": 36, "height": HIGH}


def test_what_never_reads_the_same_is_never_shown() -> None:
    steady = Steady()
    for text in ("12", "17", "72", "71", "11", "77", "21", "27") * 3:
        assert steady.update(reading(number(text, 0.3))) == ()


def test_a_flicker_is_never_shown() -> None:
    steady = Steady()
    for _ in range(10):
        assert steady.update(reading(number("1"))) == ()
        shown(steady, NOTHING, NOTHING)


def test_a_misreading_does_not_change_the_text_but_the_confidence() -> None:
    steady = Steady()
    shown(steady, *[reading(number("42", 0.9))] * 3)
    wrong = reading(number("47", 0.6, others={"42": 0.3}))
    ((sighting,),) = shown(steady, wrong)
    assert (sighting.text, sighting.frames) == ("42", 4)
    assert sighting.confidence == pytest.approx((3 * 0.9 + 0.3) / 4)


def test_votes_weigh_what_their_confidence_says() -> None:
    """Three sure looks are worth more than four doubtful ones."""
    sure, doubtful = reading(number("42", 0.95)), reading(number("47", 0.4, accepted=False))
    seen = shown(Steady(), *[doubtful, sure] * 3, doubtful)
    assert texts(seen[-1]) == ["42"]
    assert not seen[-1][0].accepted  # and yet it is not likelier than not


def test_another_text_takes_over_when_it_has_led_for_long_enough() -> None:
    steady = Steady()
    shown(steady, *[reading(number("42", 0.9))] * WINDOW)
    seen = [texts(each)[0] for each in shown(steady, *[reading(number("47", 0.9))] * WINDOW)]
    change = seen.index("47")
    assert seen == ["42"] * change + ["47"] * (WINDOW - change)
    assert WINDOW // 2 < change <= WINDOW // 2 + ENOUGH


def test_a_text_that_leads_by_turns_does_not_take_over() -> None:
    steady = Steady(window=4)
    shown(steady, *[reading(number("42", 0.9))] * 4)
    turns = [reading(number(text, 0.9)) for text in ("47", "47", "42", "42") * 5]
    assert {texts(each)[0] for each in shown(steady, *turns)} == {"42"}


def test_a_number_outlives_some_frames_and_then_is_gone() -> None:
    steady = Steady()
    shown(steady, *[reading(number("42"))] * 3)
    seen = shown(steady, *[NOTHING] * (PATIENCE + 1))
    assert [it.missed for each in seen for it in each] == list(range(1, PATIENCE + 1))
    assert seen[-1] == ()
    assert texts(steady.update(reading(number("42")))) == []  # it has to be seen anew


def test_a_patience_beyond_the_window_forgets_no_text() -> None:
    steady = Steady(window=2, enough=2, patience=6)
    shown(steady, *[reading(number("42"))] * 2)
    assert [texts(each) for each in shown(steady, *[NOTHING] * 6)] == [["42"]] * 6


def test_a_moving_number_keeps_its_key() -> None:
    seen = shown(Steady(), *[reading(number("42", at=(5 + 25 * k, 5 + 3 * k))) for k in range(12)])
    assert {it.key for each in seen for it in each} == {1}
    assert seen[-1][0].box.x == 5 + 25 * 11


def test_a_jump_is_another_number_unless_it_reads_the_same() -> None:
    for text, key in (("42", 1), ("97", 2)):
        steady = Steady(patience=0)
        shown(steady, *[reading(number("42"))] * 3)
        seen = shown(steady, *[reading(number(text, at=(10, 10 + 3 * HIGH)))] * 3)
        assert [it.key for it in seen[-1]] == [key]


def test_neighbours_stay_apart_and_in_reading_order() -> None:
    steady = Steady()
    page = [
        number("12", at=(100, 5)),
        number("34", at=(10, HIGH + 13), line=1),
        number("56", at=(100, HIGH + 13), line=1),
    ]
    keys = [it.key for it in shown(steady, *[reading(*page)] * 3)[-1]]
    assert texts(steady.update(reading(*page[::-1]))) == ["12", "34", "56"]
    without = shown(steady, *[reading(page[0], page[2])] * 3)[-1]
    assert [(it.key, it.missed) for it in without] == [(keys[0], 0), (keys[1], 3), (keys[2], 0)]


def test_a_number_is_taken_by_one_track_alone() -> None:
    """Lines so close that their boxes overlap: one vanishes, and does not become the other."""
    steady = Steady()
    above, below = number("12", at=(20, 20)), number("34", at=(20, 20 + HIGH - 4), line=1)
    keys = [it.key for it in shown(steady, *[reading(above, below)] * 3)[-1]]
    seen = shown(steady, *[reading(below)] * (PATIENCE + 1))
    first = [(it.key, it.text, it.missed) for it in seen[0]]
    assert first == [(keys[0], "12", 1), (keys[1], "34", 0)]
    assert [it.key for it in seen[-1]] == [keys[1]]


def test_a_number_at_the_edge_is_followed_but_not_believed() -> None:
    steady = Steady()
    cut = reading(number("42", at=(604, 50)))
    assert not any(shown(steady, *[cut] * 10))
    whole = shown(steady, *[reading(number("421", at=(570, 50)))] * WINDOW)
    assert texts(whole[-1]) == ["421"]
    leaving = shown(steady, *[cut] * (2 * WINDOW))
    assert {it.text for each in leaving for it in each} == {"421"}
    assert (leaving[-1][0].missed, leaving[-1][0].box.x) == (0, 604)


def test_what_is_not_likelier_than_the_rest_is_not_accepted() -> None:
    steady = Steady()
    looks = [reading(number(text, 0.9)) for text in ("42", "47", "42", "72", "42", "41")]
    last = shown(steady, *looks)[-1][0]
    assert (last.text, last.accepted) == ("42", False)
    assert last.confidence == pytest.approx(0.45)
    assert (last.to_number().text, last.to_number().reason) == ("42", "unsure")


def test_most_looks_decide_whether_it_is_accepted() -> None:
    steady = Steady()
    doubtful = reading(number("42", 0.6, accepted=False))
    seen = shown(steady, doubtful, doubtful, reading(number("42", 0.9)))
    assert not seen[-1][0].accepted


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.3), st.integers(1, 4))
def test_whatever_comes_the_answer_is_sound(seed: int, missing: float, count: int) -> None:
    rng = np.random.default_rng(seed)
    steady, places = Steady(), rng.integers(0, 200, (count, 2))
    keys: dict[int, int] = {}
    for _ in range(20):
        places = places + rng.integers(-15, 16, places.shape)
        numbers = [
            number(str(rng.integers(100)), float(rng.random()), at=(int(x) + 99, int(y) + 99))
            for x, y in places
            if rng.random() >= missing
        ]
        sightings = steady.update(reading(*numbers))
        assert len({it.key for it in sightings}) == len(sightings)
        for it in sightings:
            assert it.text
            assert 0 <= it.confidence <= 1
            assert math.isfinite(it.confidence)
            assert 0 <= it.missed <= PATIENCE
            assert it.frames >= max(ENOUGH, keys.get(it.key, 0))
            keys[it.key] = it.frames
