from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from inkdigits import InkdigitsError
from inkdigits.data.digits import Digits

pytestmark = pytest.mark.keras


def order(count: int, views: int, batch: int, seed: int = 3, epoch: int = 0) -> Any:
    from inkdigits.training.lessons import Lessons, Order

    images = np.zeros((views, count, 28, 28), np.uint8)
    answers = np.zeros((views, count, 10), np.float32)
    answers[..., 0] = np.arange(views * count).reshape(views, count)
    return Order(Lessons(images, answers), batch, seed, epoch)


def dealt(it: Any) -> list[int]:
    return [int(n) for place in range(len(it)) for n in it[place][0]]


def test_labels_are_lessons_of_one_view(make_digits: Callable[..., Digits]) -> None:
    from inkdigits.training.lessons import of_labels

    digits = make_digits(20, 1)
    lessons = of_labels(digits)
    assert lessons.views == 1
    assert len(lessons) == 20
    assert (lessons.answers[0].argmax(axis=1) == digits.truth).all()
    assert (lessons.answers.sum(axis=2) == 1).all()


def test_an_epoch_deals_out_each_image_once() -> None:
    it = order(12, 1, 4)
    assert len(it) == 3
    assert sorted(dealt(it)) == list(range(12))


def test_answers_come_with_their_numbers() -> None:
    it = order(12, 2, 4, epoch=1)
    for place in range(len(it)):
        numbers, answers = it[place]
        assert (answers[:, 0] == numbers).all()


def test_epochs_differ_in_order_and_go_through_the_views() -> None:
    it = order(12, 2, 4)
    first = dealt(it)
    it.on_epoch_end()
    second = dealt(it)
    it.on_epoch_end()
    third = dealt(it)
    assert sorted(second) == list(range(12, 24))
    assert sorted(third) == list(range(12))
    assert first != third


def test_a_resumed_run_is_dealt_what_it_would_have_been() -> None:
    it = order(12, 3, 4)
    for _ in range(2):
        it.on_epoch_end()
    assert dealt(order(12, 3, 4, epoch=2)) == dealt(it)
    assert dealt(order(12, 3, 4, seed=4, epoch=2)) != dealt(it)


def test_what_fills_no_batch_is_left_out_but_a_small_set_is_one_batch() -> None:
    assert len(dealt(order(10, 1, 4))) == 8
    assert len(dealt(order(3, 1, 128))) == 3


def test_a_composition_is_answered_for_certain_and_sources_left_out() -> None:
    from inkdigits.training.composition import NOTHING, SHARES, Composition
    from inkdigits.training.lessons import of_composition

    labels = np.array([[4, NOTHING, 2]], np.uint8)
    origins = np.array([list(SHARES).index(n) for n in ("mnist", "letters", "pendigits")], np.int8)
    images = np.arange(3, dtype=np.uint8)[None, :, None, None] * np.ones((28, 28), np.uint8)
    made = Composition(images, labels, origins)
    all_of_it = of_composition(made)
    assert all_of_it.refuse
    np.testing.assert_array_equal(all_of_it.answers[0].argmax(axis=1), [4, 10, 2])
    part = of_composition(made, ["letters"])
    np.testing.assert_array_equal(part.images[0, :, 0, 0], [0, 2])
    with pytest.raises(InkdigitsError, match="choose from mnist"):
        of_composition(made, ["martians"])
    with pytest.raises(InkdigitsError, match="left to learn"):
        of_composition(made, ["mnist", "letters", "pendigits"])


def test_joined_lessons_repeat_the_fewer_views_and_widen_the_answers() -> None:
    from inkdigits.training.lessons import Lessons, joined

    def lessons(views: int, count: int, width: int, value: int) -> Lessons:
        images = np.full((views, count, 28, 28), value, np.uint8)
        images += np.arange(views, dtype=np.uint8)[:, None, None, None]
        return Lessons(images, np.full((views, count, width), 1 / width, np.float32))

    both = joined([lessons(3, 2, 10, 0), lessons(2, 4, 11, 100)])
    assert both.images.shape == (3, 6, 28, 28)
    assert both.refuse
    np.testing.assert_array_equal(both.images[:, 0, 0, 0], [0, 1, 2])
    np.testing.assert_array_equal(both.images[:, 2, 0, 0], [100, 101, 100])
    assert (both.answers[:, :2, 10] == 0).all()
    np.testing.assert_allclose(both.answers.sum(axis=2), 1, atol=1e-6)


def test_lessons_can_begin_with_a_later_view() -> None:
    from inkdigits.training.lessons import Lessons

    images = np.zeros((3, 2, 28, 28), np.uint8)
    images += np.arange(3, dtype=np.uint8)[:, None, None, None]
    answers = np.zeros((3, 2, 10), np.float32)
    answers[np.arange(3), :, np.arange(3)] = 1
    lessons = Lessons(images, answers)
    later = lessons.turned(2)
    np.testing.assert_array_equal(later.images[:, 0, 0, 0], [2, 0, 1])
    np.testing.assert_array_equal(later.answers[:, 0].argmax(axis=1), [2, 0, 1])
    assert lessons.turned(3) is lessons
