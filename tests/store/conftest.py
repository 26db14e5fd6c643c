from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL

from inkdigits.store.database import Database

TABLES = "corrections, predictions, api_keys, inkdigits_version, inkdigits_revision"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a store?#%20.db"


@pytest.fixture
def server(postgres: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which is emptied again."""
    yield postgres
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {TABLES}"))
    engine.dispose()


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest) -> str:
    """A place for a store: on each of the databases that we know."""
    found = request.getfixturevalue(request.param)
    return str(found)


@pytest.fixture(autouse=True)
def _closing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test opened and did not close."""
    opened = list[Database]()
    plain = Database._made

    def kept(self: Database, url: URL) -> Engine:
        opened.append(self)
        return plain(self, url)

    monkeypatch.setattr(Database, "_made", kept)
    yield
    for it in opened:
        if hasattr(it, "_engine"):
            it.close()
