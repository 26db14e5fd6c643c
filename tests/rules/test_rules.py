from __future__ import annotations

import itertools
import math
import re
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits.errors import ArrayError, RulesError
from inkdigits.rules import FLOOR, Rules

Slots = NDArray[np.float64]


def luhn(text: str) -> bool:
    doubled = [2 * int(d) if k % 2 else int(d) for k, d in enumerate(reversed(text))]
    return len(text) >= 2 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def ean13(text: str) -> bool:
    return len(text) == 13 and sum(int(d) * (1, 3)[k % 2] for k, d in enumerate(text)) % 10 == 0


def mod97(text: str) -> bool:
    return len(text) >= 3 and int(text) % 97 == 1


PLAIN = {"luhn": luhn, "ean13": ean13, "mod97": mod97}


def satisfies(text: str, rules: Rules) -> bool:
    """The rules once more, as a person would check them; for patterns without marks."""
    if not rules.any:
        return True
    low, high = (rules.length,) * 2 if isinstance(rules.length, int) else rules.length or (1, 60)
    return (
        low <= len(text) <= high
        and (rules.pattern is None or re.fullmatch(rules.pattern, text) is not None)
        and (rules.between is None or rules.between[0] <= int(text) <= rules.between[1])
        and (rules.checksum is None or PLAIN[rules.checksum](text))
    )


def brute_force(slots: Slots, rules: Rules) -> dict[str, float]:
    """Every text that fits with the probability of its likeliest way."""
    found: dict[str, float] = {}
    for way in itertools.product(range(11), repeat=len(slots)):
        text = "".join(str(d) for d in way if d < 10)
        share = math.prod(float(slots[k, d]) for k, d in enumerate(way))
        if share > found.get(text, 0.0):
            found[text] = share
    floor = FLOOR * float(np.prod(slots.max(axis=1)))
    return {t: p for t, p in found.items() if p >= floor and satisfies(t, rules)}


def made_slots(seed: int, count: int, peaked: float) -> Slots:
    """Places with a few likely digits each; the smaller `peaked`, the surer."""
    rng = np.random.default_rng(seed)
    slots = rng.dirichlet([peaked] * 11, count)
    slots[rng.random(slots.shape) < 0.3] = 0.0
    slots[:, 10] += 1e-3
    return np.asarray(slots / slots.sum(axis=1, keepdims=True), np.float64)


def sure(text: str, share: float = 0.99) -> Slots:
    """Places that surely show a text, " " for a place where most likely nothing stands."""
    slots = np.full((len(text), 11), (1 - share) / 10)
    for k, sign in enumerate(text):
        slots[k, 10 if sign == " " else int(sign)] = share
    return slots


SOME_RULES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "length": st.sampled_from([None, None, 2, 3, (1, 3), (2, 4)]),
        "pattern": st.sampled_from(
            [
                None,
                None,
                r"\d+",
                r"[1-6]\d{1,2}",
                r"(12|3\d)?\d*",
                "[^0][^0]+|0",
                r"(\d\d)+",
                "7*1?",
            ]
        ),
        "checksum": st.sampled_from([None, None, "luhn", "mod97"]),
        "between": st.sampled_from([None, None, (0, 100), (17, 2345), (5, 5), (100, 999)]),
    }
)


@settings(max_examples=150, deadline=None)
@given(SOME_RULES, st.integers(0, 2**32), st.integers(0, 4), st.sampled_from([0.05, 0.3, 5.0]))
def test_the_best_texts_are_those_of_brute_force(
    asked: dict[str, Any], seed: int, places: int, peaked: float
) -> None:
    try:
        rules = Rules(**asked)
    except RulesError:
        longest = (f"{n:0{width}}" for width in range(1, 5) for n in range(10**width))
        probe = Rules.__new__(Rules)
        for name, value in asked.items():
            object.__setattr__(probe, name, value)
        assert not any(satisfies(text, probe) for text in longest)
        return
    slots = made_slots(seed, places, peaked)
    expected = brute_force(slots, rules)
    found = rules.best(slots, 4)
    assert len(found) == min(4, len(expected))
    assert [p for _, p in found] == pytest.approx(sorted(expected.values())[::-1][:4])
    assert dict(found) == pytest.approx({text: expected[text] for text, _ in found})
    assert all(rules.fits(text) for text in expected)


@settings(max_examples=200, deadline=None)
@given(SOME_RULES, st.from_regex(r"\A[0-9]{0,7}\Z"))
def test_a_text_fits_as_a_person_would_say(asked: dict[str, Any], text: str) -> None:
    try:
        rules = Rules(**asked)
    except RulesError:
        return
    assert rules.fits(text) == satisfies(text, rules)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 3))
def test_a_range_counts_values_and_not_noughts(one: int, two: int, value: int, more: int) -> None:
    low, high = sorted((one, two))
    assert Rules(between=(low, high)).fits("0" * more + str(value)) == (low <= value <= high)


@pytest.mark.parametrize(
    ("checksum", "text"),
    [
        ("luhn", "79927398713"),
        ("luhn", "4111111111111111"),
        ("luhn", "490154203237518"),  # an IMEI
        ("ean13", "4006381333931"),
        ("ean13", "9780306406157"),  # an ISBN
        ("mod97", "79444"),  # ISO/IEC 7064's own
        ("mod97", "3214282912345698765432161182"),  # the IBAN GB82 WEST 1234 5698 7654 32
    ],
)
def test_checksums_of_published_examples(checksum: str, text: str) -> None:
    rules = Rules(checksum=checksum)  # type: ignore[arg-type]
    assert rules.fits(text)
    wrong = [f"{text[:k]}{d}{text[k + 1 :]}" for k in range(len(text)) for d in range(10)]
    assert [it for it in wrong if rules.fits(it)] == [text] * len(text)
    swapped = text[:-3] + text[-2] + text[-3] + text[-1]
    assert rules.fits(swapped) == (swapped == text or PLAIN[checksum](swapped))


def told(found: list[tuple[str, float]]) -> dict[str, Any]:
    return dict(found)


def test_a_check_digit_mends_a_misread_digit() -> None:
    slots = sure("79927398773")
    slots[9, 7], slots[9, 1] = 0.6, 0.39  # 7 seen where 1 was written
    ((text, share), *_) = Rules(checksum="luhn").best(slots)
    assert text == "79927398713"
    assert share == pytest.approx(0.99**10 * 0.39)
    assert Rules().best(slots)[0][0] == "79927398773"


def test_a_length_finds_the_place_where_nothing_stands() -> None:
    slots = sure("12 345")
    assert told(Rules().best(slots, 1)) == {"12345": pytest.approx(0.99**6)}
    slots[3, 3], slots[3, 10] = 0.5, 0.5
    assert told(Rules(length=4).best(slots, 1)) == {"1245": pytest.approx(0.5 * 0.99**5)}


def test_one_text_is_given_once_with_its_likeliest_way() -> None:
    slots = np.zeros((2, 11))
    slots[:, [1, 10]] = [[0.6, 0.4], [0.7, 0.3]]
    found = Rules().best(slots, 9)
    assert [text for text, _ in found] == ["11", "1", ""]
    assert [share for _, share in found] == pytest.approx([0.42, 0.28, 0.12])


def test_nothing_likely_fits() -> None:
    slots = sure("1234", share=1 - 1e-9)
    assert Rules(length=3).best(slots) == []
    assert Rules(between=(0, 100)).best(slots) == []
    assert told(Rules().best(slots)) == {"1234": pytest.approx(1.0)}
    assert Rules(length=3).best(np.zeros((0, 11))) == []
    assert Rules().best(np.zeros((0, 11))) == [("", 1.0)]


@pytest.mark.parametrize(
    ("pattern", "digits", "text"),
    [
        (r"\d{4}-\d{2}", "202511", "2025-11"),
        (r"\d+[.]\d\d", None, None),
        (r"\d+\.\d\d", "1250", "12.50"),
        (r"\d+.\d\d", "1250", "12.50"),
        (r"(\d\d/)?\d{4}", "112025", "11/2025"),
        (r"-?\d+", "12", "-12"),
        (r"\d{1,3}(,\d{3})*", "1234567", "1,234,567"),
        (r"^\d\d : \d\d$", "0930", "09 : 30"),
        (r"(?:0\d-|1-)*\d+", "0711", "07-1-1"),
        ("-+[1]-?", "1", "-1-"),
        (r"\(\d\)", "5", "(5)"),
    ],
)
def test_marks_of_a_pattern_are_written(pattern: str, digits: str | None, text: str | None) -> None:
    if digits is None or text is None:
        with pytest.raises(RulesError, match="a class has digits only"):
            Rules(pattern=pattern)
        return
    rules = Rules(pattern=pattern)
    assert rules.best(sure(digits), 1)[0][0] == text
    assert rules.fits(text)
    assert rules.fits(digits)
    assert not rules.fits(text + "-")
    assert not rules.fits(text + "²")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"length": 0}, "0 to 0 does not"),
        ({"length": (5, 3)}, "from the fewest to the most digits"),
        ({"length": 61}, "from 1 to 60"),
        ({"length": True}, "True is no such pair"),
        ({"length": "4"}, "'4' is no such pair"),
        ({"between": (7, 3)}, "range"),
        ({"between": (-1, 3)}, "range"),
        ({"between": 7}, "range"),
        ({"pattern": 7}, "text"),
        ({"pattern": ""}, "1 to 500"),
        ({"pattern": "\\d" * 251}, "1 to 500"),
        ({"pattern": "ab"}, "character 1: 'a' is neither a digit nor a mark"),
        ({"pattern": "٣"}, "neither a digit nor a mark"),
        ({"pattern": r"\w+"}, "character 2"),
        ({"pattern": r"\d{4"}, r"\{m\}"),
        ({"pattern": r"\d{3,2}"}, "from fewer to more"),
        ({"pattern": r"\d{61}"}, "60 at most"),
        ({"pattern": r"\d+?"}, "two repetitions"),
        ({"pattern": "*1"}, "not understood"),
        ({"pattern": "(1"}, "not closed"),
        ({"pattern": "1)"}, "character 2"),
        ({"pattern": "[3-1]"}, "backwards"),
        ({"pattern": r"[^\d]"}, "no digit"),
        ({"pattern": "1\\"}, "backslash"),
        ({"pattern": "(" * 21 + ")" * 21}, "more than 20 groups"),
        ({"checksum": "md5"}, "choose among luhn, ean13, mod97"),
        # what no number satisfies
        ({"pattern": "--"}, "satisfies the pattern '--'"),
        ({"length": 5, "pattern": r"\d{4}"}, "a length of 5 and the pattern"),
        ({"length": 2, "between": (100, 200), "checksum": "luhn"}, "length of 2 and the range"),
        ({"length": 12, "checksum": "ean13"}, "a length of 12 and the checksum ean13"),
        ({"between": (11, 17), "checksum": "luhn"}, "the range 11 to 17 and the checksum luhn"),
        # what would take for ever
        ({"pattern": r"(\d*)*1\d{20}"}, "too complicated"),
        ({"pattern": "(((((){60}){60}){60}){60}){60}"}, "too complicated"),
        ({"pattern": r"((\d{60}){60}){60}"}, "too complicated"),
    ],
)
def test_wrong_rules_are_refused_in_one_sentence(asked: dict[str, Any], words: str) -> None:
    began = time.perf_counter()
    with pytest.raises(RulesError, match=re.compile(words)) as caught:
        Rules(**asked)
    assert caught.value.code == "bad-rule"
    assert "\n" not in str(caught.value)
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("slots", [np.zeros((3, 10)), np.zeros(11), np.zeros((2, 11))])
def test_what_are_no_slots_is_refused(slots: Slots) -> None:
    with pytest.raises(ArrayError):
        Rules(length=2).best(slots)


def test_a_nan_is_refused() -> None:
    slots = sure("12")
    slots[0, 3] = np.nan
    with pytest.raises(ArrayError) as caught:
        Rules().best(slots)
    assert caught.value.code == "not-finite"


ASKED: list[dict[str, Any]] = [{"length": 3}, {"between": (0, 9)}, {"pattern": "1"}]


def test_any_tells_whether_something_is_asked() -> None:
    assert not Rules().any
    assert all(Rules(**it).any for it in ASKED)


def test_many_places_with_all_rules_are_found_in_no_time() -> None:
    """Without the estimate, or without its bound on visits, this takes minutes."""
    rules = Rules((20, 22), r"\d{2} (\d{4} ?)+\d*", "mod97", (10**18, 9 * 10**21))
    rng = np.random.default_rng(1)
    slots = [rng.dirichlet([share] * 11, 24) for share in (0.05, 1.0, 50.0)]
    slots.append(np.full((60, 11), 1 / 11))
    began = time.perf_counter()
    found = [rules.best(it) for it in slots]
    assert time.perf_counter() - began < 3
    assert [len(it) for it in found] == [3, 3, 3, 3]
    assert all(rules.fits(text) for texts in found for text, _ in texts)
