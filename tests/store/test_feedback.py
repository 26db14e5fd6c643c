"""The store of corrections: what goes in comes out, and what goes wrong is one sentence."""

from __future__ import annotations

import dataclasses
import math
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from inkdigits.errors import StoreError
from inkdigits.store.correction import (
    LABELS,
    MAX_POINTS,
    REASONS,
    Correction,
    Label,
    Tally,
    answer_of,
)
from inkdigits.store.database import Database
from inkdigits.store.feedback import FeedbackStore

PEN = (((1.0, 2.0), (3.5, 4.0)),)


def correction(label: Label = 7, digit: int | None = 1, **other: Any) -> Correction:
    given = {"confidence": 0.5, "reason": None, "model": "m", "version": "1", **other}
    return Correction(label, digit, strokes=None if "seen" in other else PEN, **given)


@pytest.fixture
def store(place: str) -> Iterator[FeedbackStore]:
    made = FeedbackStore(place)
    yield made
    made.close()


numbers = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1000)  # as they are kept, or finer
points = st.tuples(numbers, numbers) | st.tuples(numbers, numbers, numbers)
drawings = st.lists(st.lists(points, max_size=5).map(tuple), min_size=1, max_size=5).map(tuple)
names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=100)
corrections = st.builds(
    Correction,
    st.sampled_from(LABELS),
    st.none() | st.integers(0, 9),
    st.floats(0, 1),
    st.none() | st.sampled_from(REASONS),
    names,
    names,
    drawings.filter(any),
)


@given(st.lists(corrections, max_size=5))
@settings(max_examples=30, deadline=None)
def test_what_goes_in_comes_out_in_order(said: list[Correction]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = FeedbackStore(f"{folder}/feedback.db")
        assert [store.add(it) for it in said] == [it.id for it in said]
        assert list(store.export()) == said
        assert store.count() == len(said)
        counted = store.summary()
        assert counted.count == len(said)
        assert counted.labels == {label: sum(it.label == label for it in said) for label in LABELS}
        assert counted.confirmed == sum(it.label == it.answer for it in said)
        assert sum(it.count for it in counted.models) == counted.count
        for it in said:
            assert store.remove(it.id)
            assert not store.remove(it.id)
        assert (store.count(), list(store.export())) == (0, [])


def test_more_than_are_held_at_a_time(store: FeedbackStore, monkeypatch: Any) -> None:
    monkeypatch.setattr("inkdigits.store.feedback._CHUNK", 3)
    ids = [store.add(correction(seen=bytes([n] * 784))) for n in range(8)]
    store.remove(ids[4])
    assert [it.id for it in store.export()] == ids[:4] + ids[5:]
    assert [it.seen and it.seen[0] for it in store.export()] == [0, 1, 2, 3, 5, 6, 7]


def test_coordinates_are_kept_to_four_decimals(store: FeedbackStore) -> None:
    store.add(dataclasses.replace(correction(), strokes=(((1 / 3, -2 / 3, 0.99999),),)))
    assert [it.strokes for it in store.export()] == [(((0.3333, -0.6667, 1.0),),)]


def test_time_is_utc_whatever_the_clock_says(store: FeedbackStore) -> None:
    east = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    store.add(correction(created_at=east))
    (kept,) = store.export()
    assert kept.created_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert kept.to_dict()["created_at"] == "2025-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("digit", "reason", "answer"),
    [
        (3, None, 3),
        (3, "unsure", 3),
        (3, "not_a_digit", "not_a_digit"),
        (3, "several_digits", "not_a_digit"),
        (None, "blank", "not_a_digit"),
    ],
)
def test_the_answer_of_a_reading(digit: int | None, reason: str | None, answer: Label) -> None:
    assert answer_of(digit, reason) == answer


def test_the_summary_tells_models_apart(store: FeedbackStore) -> None:
    assert store.summary().accuracy is None
    for said in (
        correction(7, 7),
        correction(7, 1, model="other"),
        correction("not_a_digit", 1, model="other", reason="not_a_digit"),
        correction(1, 1, model="other", version="2", reason="unsure"),
    ):
        store.add(said)
    counted = store.summary()
    assert (counted.count, counted.confirmed, counted.corrected, counted.accuracy) == (
        4,
        3,
        1,
        0.75,
    )
    assert counted.models == (
        *(Tally("other", "1", 2, 1), Tally("m", "1", 1, 1), Tally("other", "2", 1, 1)),
    )
    assert counted.of("other", "1").accuracy == 0.5
    assert counted.of("nobody", "1") == Tally("nobody", "1", 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": 10},
        {"label": "7"},
        {"digit": -1},
        {"confidence": 1.5},
        {"confidence": math.nan},
        {"reason": "tired"},
        {"model": ""},
        {"model": "=SUM(A1)"},
        {"version": "a\nb"},
        {"version": "x" * 101},
        {"seen": bytes(784)},
        {"strokes": None},
        {"strokes": None, "seen": bytes(783)},
        {"strokes": ()},
        {"strokes": ((),)},
        {"strokes": (((1.0, 2.0),) * (MAX_POINTS + 1),)},
        {"strokes": (((1.0,),),)},
        {"strokes": (((1.0, math.inf),),)},
        {"created_at": datetime(2026, 1, 1)},
    ],
)
def test_what_makes_no_sense_is_no_correction(wrong: dict[str, Any]) -> None:
    with pytest.raises(StoreError) as caught:
        dataclasses.replace(correction(), **wrong)
    assert caught.value.code == "bad-correction"


def test_ids_are_not_to_be_guessed() -> None:
    ids = {correction().id for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(it) for it in ids} == {22}  # 128 bits
    assert all(it[0].isalnum() for it in ids)  # no formula, and no option of a command


def test_a_full_store_refuses_and_keeps_what_it_has(place: str) -> None:
    store = FeedbackStore(place, max_rows=2)
    first, second = store.add(correction()), store.add(correction())
    with pytest.raises(StoreError, match="is full: it holds 2 corrections") as caught:
        store.add(correction())
    assert caught.value.code == "store-full"
    assert [it.id for it in store.export()] == [first, second]
    store.remove(first)
    assert store.add(correction())


def test_many_threads_do_not_overfill_it(place: str) -> None:
    store = FeedbackStore(place, max_rows=10)
    refused: list[StoreError] = []

    def send() -> None:
        for _ in range(5):
            try:
                store.add(correction())
            except StoreError as error:
                refused.append(error)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [error.code for error in refused] == ["store-full"] * 10
    assert store.count() == 10


@pytest.mark.parametrize(
    "change",
    ["label = 'eleven'", "label = '12'", "strokes = '{'", "strokes = '[1]'", "seen = ''"],
)
def test_a_row_that_makes_no_sense_is_named(store: FeedbackStore, place: str, change: str) -> None:
    store.add(correction())
    with Database(place).writing() as connection:
        connection.execute(text(f"UPDATE corrections SET {change}"))
    with pytest.raises(StoreError, match="is damaged: correction 1 makes no sense"):
        list(store.export())


def test_a_repeated_one_is_one_row(place: str) -> None:
    store = FeedbackStore(place, max_rows=1)
    said = correction(id="a-token-of-22-letters.")
    assert [store.put(said), store.put(said)] == [True, False]  # though the store is full
    later = dataclasses.replace(said, created_at=datetime.now(UTC))
    assert not store.put(later)
    with pytest.raises(StoreError, match="something else was said") as caught:
        store.put(dataclasses.replace(said, label=8))
    assert caught.value.code == "conflict"
    assert list(store.export()) == [said]


def test_many_that_repeat_it_at_once_make_one_row(place: str) -> None:
    said, fresh = correction(id="x" * 22), list[bool]()
    store = FeedbackStore(place)
    threads = [threading.Thread(target=lambda: fresh.append(store.put(said))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fresh) == [False, False, False, True]
    assert store.count() == 1
