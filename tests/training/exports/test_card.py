from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist

pytestmark = pytest.mark.keras


@pytest.fixture
def data(make_digits: Callable[..., Digits]) -> Mnist:
    return Mnist(make_digits(30, 1), make_digits(10, 2), make_digits(5, 3))


def run(**recipe: Any) -> dict[str, Any]:
    return {"recipe": {"network": "nano", **recipe}, "wild": {"sets": ["letters", "pendigits"]}}


def test_what_was_learnt_of_the_wild_is_told_but_for_what_was_left_out(data: Mnist) -> None:
    from inkdigits.training.exports import card

    told = card._training_data(run(without="letters"), data)
    assert told is not None
    assert told.startswith("30 of MNIST's training images; none of its test images; pictures")
    assert told.endswith("and of the sets pendigits")
    plain = card._training_data({"recipe": {"network": "nano"}}, data)
    assert plain == "30 of MNIST's training images; none of its test images"


def test_no_path_of_this_machine_goes_onto_a_card() -> None:
    from inkdigits.training.exports import card

    paths = {"wild": "/here/wild.npz", "lessons": "/here/a.npz", "start": "/here/weights/a.keras"}
    recipe = card._recipe(run(**paths, seed=3))
    assert recipe == {"network": "nano", "seed": 3, "start": "weights/a.keras"}
    assert card._recipe({}) is None
