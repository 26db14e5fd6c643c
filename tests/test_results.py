from __future__ import annotations

import json

import pytest

from inkdigits.results import Prediction, Reason


def prediction(shares: dict[int, float], reason: Reason | None, **more: object) -> Prediction:
    """A prediction with these probabilities, 0 for the other digits."""
    row = tuple(shares.get(digit, 0.0) for digit in range(10))
    best = max(range(10), key=row.__getitem__)
    return Prediction(best, row[best], row, reason is None, reason, "m", "1", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shares", "hesitates"),
    [
        ({3: 0.50, 5: 0.46, 8: 0.04}, ((3, 0.50), (5, 0.46))),
        ({3: 0.50, 5: 0.44, 8: 0.06}, ((3, 0.50), (5, 0.44), (8, 0.06))),
        ({3: 0.96, 5: 0.04}, ((3, 0.96), (5, 0.04))),  # one digit were no doubt
        ({1: 0.4, 2: 0.3, 7: 0.2, 9: 0.1}, ((1, 0.4), (2, 0.3), (7, 0.2))),  # never four
    ],
)
def test_an_unsure_reading_has_candidates(
    shares: dict[int, float], hesitates: tuple[tuple[int, float], ...]
) -> None:
    unsure = prediction(shares, "unsure")
    assert unsure.candidates == hesitates
    assert unsure.to_dict()["candidates"] == [
        {"digit": digit, "probability": share} for digit, share in hesitates
    ]


def test_an_accepted_digit_is_its_only_candidate() -> None:
    assert prediction({7: 0.9, 1: 0.1}, None).candidates == ((7, 0.9),)


@pytest.mark.parametrize("reason", ["not_a_digit", "several_digits"])
def test_other_refusals_have_no_candidates(reason: Reason) -> None:
    assert prediction({7: 0.6, 1: 0.4}, reason).candidates == ()


def test_a_blank_has_nothing_to_choose_from() -> None:
    blank = Prediction(None, 0.0, (0.1,) * 10, False, "blank", "m", "1")
    assert (blank.candidates, blank.digitness, blank.prediction_set) == ((), None, None)
    answer = blank.to_dict()
    assert [answer[key] for key in ("candidates", "digitness", "prediction_set")] == [
        [],
        None,
        None,
    ]


def test_what_a_program_needs_of_a_refusal_is_in_its_json() -> None:
    unsure = prediction({4: 0.6, 9: 0.4}, "unsure", digitness=2.5, prediction_set=(4, 9))
    answer = json.loads(json.dumps(unsure.to_dict()))
    assert answer["reason"] == "unsure"
    assert answer["digitness"] == 2.5
    assert answer["prediction_set"] == [4, 9]
