from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

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
