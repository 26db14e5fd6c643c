"""The store of keys: what goes in comes out, in a file and on a server; and how keys are made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from inkdigits.errors import StoreError
from inkdigits.store.apikey import Key, digest, id_of, made
from inkdigits.store.keys import KeyStore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def store(place: str) -> Iterator[KeyStore]:
    opened = KeyStore(place)
    yield opened
    opened.close()


def test_what_goes_in_comes_out(store: KeyStore) -> None:
    forever, _ = made("scanner", ["read"])
    passing, _ = made("Überwachung %_'", ["admin", "read"], timedelta(days=90))
    for key in (forever, passing):
        store.add(key)
    assert store.all_of() == [forever, passing]
    assert passing.scopes == ("read", "admin")
    assert store.find(passing.id) == passing
    assert store.find("aaaaaaaa") is None


def test_revoked_once_it_stays_so(store: KeyStore) -> None:
    (key, _), (other, _) = made("a", ["read"]), made("b", ["read"])
    store.add(key)
    store.add(other)
    assert store.revoke(key.id)
    found = store.find(key.id)
    assert found is not None
    assert found.revoked_at is not None
    assert abs(found.revoked_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert store.revoke(key.id)
    assert store.find(key.id) == found
    assert store.find(other.id) == other
    assert not store.revoke("aaaaaaaa")


@pytest.mark.parametrize("change", ["scopes = 'write'", "scopes = ''", "name = ''"])
def test_a_key_that_makes_no_sense_is_named(store: KeyStore, change: str) -> None:
    key, _ = made("a", ["read"])
    store.add(key)
    with store._database.writing() as connection:
        connection.execute(text(f"UPDATE api_keys SET {change}"))
    with pytest.raises(StoreError, match="key 1 makes no sense") as caught:
        store.find(key.id)
    assert caught.value.code == "bad-store"


def test_a_key_has_160_random_bits_and_only_its_digest_is_kept() -> None:
    key, whole = made("a", ["read"])
    assert re.fullmatch(r"ink_[a-z2-7]{8}_[a-z2-7]{32}", whole)
    assert id_of(whole) == key.id
    assert key.digest == digest(whole) == sha256(whole.encode()).digest()
    assert key.fits(digest(whole))
    assert not key.fits(digest(whole[:-1]))
    assert whole[13:] not in repr(key)
    assert "digest" not in key.to_dict()
    assert len({made("a", ["read"])[1] for _ in range(100)}) == 100


@pytest.mark.parametrize("wrong", ["", "ink_", "ink_aaaaaaaa_", "INK_aaaaaaaa_" + "b" * 32, "é"])
def test_what_is_no_key_has_no_id(wrong: str) -> None:
    assert id_of(wrong) is None


def test_a_key_knows_how_it_is() -> None:
    key = Key("aaaaaaaa", "a", ("read",), b"", NOW)
    assert key.state(NOW + timedelta(days=10_000)) == "active"
    passing = replace(key, expires_at=NOW)
    assert passing.state(NOW - timedelta(seconds=1)) == "active"
    assert passing.state(NOW) == "expired"
    assert replace(passing, revoked_at=NOW).state(NOW) == "revoked"


def test_who_may_administer_may_read_and_not_the_other_way_round() -> None:
    reads, administers = made("a", ["read"])[0], made("a", ["admin"])[0]
    assert (reads.allows("read"), reads.allows("admin")) == (True, False)
    assert (administers.allows("read"), administers.allows("admin")) == (True, True)


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), ("a\n", ["read"]), ("a", [])])
def test_a_key_without_sense_is_not_made(name: str, scopes: list[str]) -> None:
    with pytest.raises(StoreError) as caught:
        made(name, scopes)  # type: ignore[arg-type]
    assert caught.value.code == "bad-key"
