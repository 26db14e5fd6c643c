"""The store of predictions: what goes in comes out, and what is old goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from inkdigits.errors import StoreError
from inkdigits.store import predictions
from inkdigits.store.database import Database
from inkdigits.store.prediction import KINDS, Holdings, Kept, packed, unpacked
from inkdigits.store.predictions import PredictionStore

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def kept(digit: int | None = 7, **other: Any) -> Kept:
    shares = tuple(it / 65_535 for it in (65_535, 0, 1, 2, 3, 4, 5, 6, 7, 8))
    said: dict[str, Any] = {"reason": None, "confidence": 0.9, "probabilities": shares}
    how: dict[str, Any] = {"seconds": 0.0025, "kind": "image", "created_at": NOON}
    who: dict[str, Any] = {"request_id": "request-1", "model": "m", "version": "1"}
    return Kept(digit=digit, **{**who, **said, **how, **other})


@pytest.fixture
def store(place: str) -> Iterator[PredictionStore]:
    made = PredictionStore(place)
    yield made
    made.close()


def test_what_goes_in_comes_out_in_order(store: PredictionStore) -> None:
    given = [
        *(kept(digit, kind=kind) for digit in range(10) for kind in KINDS),
        kept(None, reason="blank", confidence=0.0, seen=bytes(range(196)) * 4),
        kept(3, reason="several_digits", request_id="x" * 64, version="v" * 100),
    ]
    store.add(given[:5])
    store.add([])
    store.add(given[5:])
    assert list(store.export()) == given
    assert store.count() == len(given)


@given(st.lists(st.floats(0, 1), min_size=10, max_size=10))
def test_probabilities_are_20_bytes(shares: list[float]) -> None:
    assert len(packed(shares)) == 20
    assert unpacked(packed(shares)) == pytest.approx(shares, abs=1 / 131_070)


def test_one_that_is_there_already_is_not_written_again(store: PredictionStore) -> None:
    first, second = kept(1), kept(2)
    store.add([first])
    store.add([dataclasses.replace(first, digit=5), second])  # as after a commit without an answer
    assert list(store.export()) == [first, second]


def test_a_batch_is_written_whole_or_not_at_all(store: PredictionStore) -> None:
    with pytest.raises(StoreError) as caught:
        store.add([kept(1), kept(2, kind=None)])
    assert caught.value.code == "bad-row"
    assert store.count() == 0


def test_what_is_old_is_purged_in_any_time_zone(
    store: PredictionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions, "_PURGED", 3)
    monkeypatch.setattr(predictions, "_CHUNK", 2)
    store.add([kept(hour % 10, created_at=NOON + timedelta(hours=hour)) for hour in range(10)])
    east = (NOON + timedelta(hours=7)).astimezone(timezone(timedelta(hours=5)))
    assert store.count(east) == 7
    assert [it.digit for it in store.export(east)] == [7, 8, 9]
    assert store.purge(east) == 7
    assert [it.digit for it in store.export()] == [7, 8, 9]
    assert store.purge(east) == 0
    assert store.purge(datetime.now(UTC) + timedelta(days=9)) == 3
    assert store.count() == 0


def test_what_there_is(store: PredictionStore) -> None:
    assert store.holdings() == Holdings(0, 0, None, None, ())
    late = NOON + timedelta(days=1)
    store.add([kept(created_at=late, seen=bytes(784)), kept(), kept(model="other")])
    assert store.holdings() == Holdings(3, 1, NOON, late, (("m", "1", 2), ("other", "1", 1)))
    told = store.holdings().to_dict()
    assert (told["oldest"], told["models"][0]["count"]) == ("2026-01-02T12:00:00+00:00", 2)


def test_what_is_purged_is_gone_from_the_file(file: Path) -> None:
    store = PredictionStore(str(file))
    store.add([kept(model="a-name-to-look-for")])
    assert b"a-name-to-look-for" in file.read_bytes()
    assert store.purge(NOON + timedelta(1)) == 1
    assert all(b"a-name-to-look-for" not in it.read_bytes() for it in file.parent.iterdir())


def test_a_name_that_is_too_long_is_kept_by_its_end(store: PredictionStore) -> None:
    store.add([kept(model="/srv/" + "x" * 200 + "/model.onnx")])
    (found,) = store.export()
    assert len(found.model) == 100
    assert found.model.endswith("/model.onnx")


def test_a_row_that_makes_no_sense_is_named(store: PredictionStore, place: str) -> None:
    store.add([kept()])
    with Database(place).writing() as connection:
        connection.execute(text("UPDATE predictions SET probabilities = ''"))
    with pytest.raises(StoreError, match="is damaged: prediction 1 makes no sense"):
        list(store.export())
