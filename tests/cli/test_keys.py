"""`inkdigits keys` as an operator calls it."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inkdigits.store.keys import KeyStore

from .conftest import Run

KEY = re.compile(r"ink_([a-z2-7]{8})_([a-z2-7]{32})\n")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    place = str(tmp_path / "inkdigits.db")
    monkeypatch.setenv("INKDIGITS_DATABASE", place)
    monkeypatch.delenv("INKDIGITS_FEEDBACK", raising=False)
    return place


def test_a_key_is_shown_once_and_only_its_hash_is_kept(run: Run, store: str) -> None:
    done = run("keys", "create", "--name", "scanner in the hall")
    assert done.exit_code == 0, done.output
    found = KEY.fullmatch(done.stdout)
    assert found is not None
    assert done.stderr == f"Keep it well, it is not shown again: key {found[1]}.\n"
    for file in Path(store).parent.iterdir():
        assert found[2].encode() not in file.read_bytes()
    (kept,) = KeyStore(store, create=False).all_of()
    assert (kept.id, kept.name, kept.scopes) == (found[1], "scanner in the hall", ("read",))
    assert kept.expires_at is None
    listed = run("keys", "list")
    assert found[2] not in listed.output
    assert re.fullmatch(
        rf"{found[1]}  active {{12}}read {{8}}\d{{4}}-\d\d-\d\d  scanner in the hall\n",
        listed.stdout,
    )


def test_no_two_keys_are_alike(run: Run) -> None:
    made = [run("keys", "create", "--name", "a").stdout for _ in range(5)]
    assert len(set(made)) == 5


def test_json_says_all_but_the_hash(run: Run) -> None:
    done = run(
        "keys", "create", "--name", "ops", "--scope", "read, admin", "--expires", "90d", "--json"
    )
    made = json.loads(done.stdout)
    text = made.pop("key")
    assert made["id"] in text
    assert (made["name"], made["scopes"], made["state"]) == ("ops", ["read", "admin"], "active")
    expires = datetime.fromisoformat(made["expires_at"])
    assert abs(expires - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=5)
    assert json.loads(run("keys", "list", "--json").stdout) == {"keys": [made]}


def test_revoked_is_revoked(run: Run, store: str) -> None:
    token = json.loads(run("keys", "create", "--name", "a", "--json").stdout)["id"]
    assert run("keys", "revoke", token).stdout == f"Key {token} is revoked.\n"
    (listed,) = json.loads(run("keys", "list", "--json").stdout)["keys"]
    assert listed["state"] == "revoked"
    first = KeyStore(store).all_of()
    assert json.loads(run("keys", "revoke", token, "--json").stdout) == {"revoked": token}
    assert KeyStore(store).all_of() == first  # it keeps its time
    assert "revoked" in run("keys", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("create",), 2, "--name"),
        (("create", "--name", "a", "--scope", "write"), 2, "The scopes are read and admin"),
        (("create", "--name", "a", "--scope", ""), 2, "The scopes are read and admin"),
        (("create", "--name", "a", "--expires", "soon"), 2, "give one such as 90d"),
        (("create", "--name", "a", "--expires", "0d"), 2, "give one such as 90d"),
        (("create", "--name", "a", "--expires", "999999w"), 1, "cannot last as long"),
        (("create", "--name", "\x1b[31m"), 1, "plain characters"),
        (("create", "--name", "x" * 101), 1, "1 to 100"),
        (("revoke", "aaaaaaaa", "--store", "no-such.db"), 1, "does not exist"),
        (("list", "--store", "no-such.db"), 1, "does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, store: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("keys", *arguments)
    assert done.exit_code == code or done.exception is not None
    assert words in done.output + str(done.exception)
    assert not Path(store).exists() or KeyStore(store).all_of() == []


def test_an_id_that_is_not_there_is_said(run: Run) -> None:
    run("keys", "create", "--name", "a")
    done = run("keys", "revoke", "aaaaaaaa")
    assert "There is no such key" in str(done.exception)


def test_the_store_of_corrections_holds_them_too(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("INKDIGITS_DATABASE")
    assert run("keys", "list").exit_code == 2
    monkeypatch.setenv("INKDIGITS_FEEDBACK", str(tmp_path / "feedback.db"))
    assert run("keys", "create", "--name", "a").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "feedback.db")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    assert {"corrections", "api_keys"} <= tables


def test_no_keys_is_said(run: Run) -> None:
    token = json.loads(run("keys", "create", "--name", "a", "--json").stdout)["id"]
    assert token
    assert run("keys", "list", "--store", "").exit_code == 0  # as if it were not given
