from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.data.real import Handwriting
from inkdigits.training import composing
from inkdigits.training.composition import NOTHING, SHARES
from inkdigits.training.sources import Sources


def sets() -> dict[str, Handwriting]:
    """Twenty scans of ones by unknown writers, and strokes of an X and an O by each of ten."""
    scans = np.full((20, 16, 16, 3), 230, np.uint8)
    scans[:, 3:13, 7:9] = 30
    cross = [np.array([[0, 0], [9, 9]], np.float32), np.array([[9, 0], [0, 9]], np.float32)]
    turns = np.linspace(0, 2 * np.pi, 12, dtype=np.float32)
    ring = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    letters = {
        "points": np.concatenate([*cross, ring] * 10),
        "stroke_offsets": np.cumsum([0, *[2, 2, 12] * 10]),
        "sample_offsets": np.cumsum([0, *[2, 1] * 10]),
        "writers": np.repeat([f"w{i}" for i in range(10)], 2),
    }
    return {
        "numbers16": Handwriting("numbers16", np.array(["1"] * 20), {"images": scans}),
        "letters": Handwriting("letters", np.array(["X", "O"] * 10), letters),
    }


def test_the_plan_keeps_the_shares_and_leaves_out_what_is_not_there() -> None:
    origins = composing.plan(10_000, ["numbers16"])
    counts = dict(zip(SHARES, np.bincount(origins, minlength=len(SHARES)), strict=True))
    assert counts["numbers16"] == 10 * SHARES["numbers16"]
    assert counts["mnist"] == 10 * SHARES["mnist"]
    assert counts["letters"] == counts["pendigits"] == 0
    assert sum(SHARES.values()) == 1000


def test_others_write_what_validates(make_digits: Callable[..., Digits]) -> None:
    digits = make_digits(5, 1)
    learn = Sources(digits, sets())
    check = Sources(digits, sets(), held_out=True)
    assert list(check.part("numbers16")) == [18, 19]
    assert list(check.part("letters")) == [18, 19]  # the tenth writer's
    for name in sets():
        assert not set(learn.part(name)) & set(check.part(name))


def test_no_letter_that_may_be_taken_for_a_digit_is_taught(
    make_digits: Callable[..., Digits],
) -> None:
    learn = Sources(make_digits(5, 1), sets())
    assert {learn.sets["letters"].labels[i] for i in learn.chosen["letters"]} == {"X"}


def test_images_depend_on_the_seed_and_their_number_only(
    make_digits: Callable[..., Digits],
) -> None:
    sources = Sources(make_digits(5, 1), sets())
    origins = np.arange(len(SHARES), dtype=np.int8)
    origins = origins[np.isin(origins, composing.plan(1000, sets()))]
    images, labels = composing.compose(sources, origins, (7, 0))
    assert images.shape == (len(origins), 28, 28)
    later = composing.compose(sources, origins[3:], (7, 0), first=3)
    np.testing.assert_array_equal(later[0], images[3:])
    np.testing.assert_array_equal(later[1], labels[3:])
    other, _ = composing.compose(sources, origins, (8, 0))
    assert not np.array_equal(other, images)


def test_each_source_has_its_answer_and_is_normalised(
    make_digits: Callable[..., Digits],
) -> None:
    sources = Sources(make_digits(5, 1), sets())
    names = ["numbers16", "styles", "letters", "scrawls", "symbols", "stains", "several"]
    for name in names:
        origins = np.full(4, list(SHARES).index(name), np.int8)
        images, labels = composing.compose(sources, origins, (1,))
        assert images.max() > 200
        assert (images[:, 0].max(), images[:, -1].max()) == (0, 0)
        if name == "numbers16":
            assert (labels == 1).all()
        elif name == "styles":
            assert (labels < 10).all()
        else:
            assert (labels == NOTHING).all()


def test_processes_give_what_one_gives(make_digits: Callable[..., Digits]) -> None:
    data = Mnist(make_digits(30, 1), make_digits(20, 2), make_digits(1, 3))
    told: list[tuple[Any, ...]] = []
    learn, check = composing.make(
        data, {}, images=100, views=2, seed=3, jobs=2, progress=lambda *step: told.append(step)
    )
    origins = composing.plan(100, [])
    assert learn.labels.shape == (2, len(origins))
    images, _ = composing.compose(Sources(data.train, {}), origins[:5], (3, 1))
    np.testing.assert_array_equal(learn.images[1, :5], images)
    held = Sources(data.validation, {}, held_out=True)
    images, labels = composing.compose(held, origins[:5], (3, 2))
    np.testing.assert_array_equal(check.images[0, :5], images)
    np.testing.assert_array_equal(check.labels[0, :5], labels)
    assert told[-1] == ("images", 3 * len(origins), 3 * len(origins))


@pytest.mark.parametrize(("wide", "whole"), [(30, True), (10, False)])
def test_a_row_that_lost_a_digit_is_noticed(wide: int, whole: bool) -> None:
    row = np.ones((20, 32), np.float32)
    assert composing._as_wide(np.ones((20, wide), np.float32), row) is whole
