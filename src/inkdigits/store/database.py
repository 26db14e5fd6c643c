"""A database that is there and has the tables it should, or one sentence that says why not.

In: the path of an SQLite file, or the URL of a database. Out: connections within a transaction.
Knows SQLAlchemy; what is kept in it, it does not know.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from inkdigits.errors import StoreError
from inkdigits.store import failures, migration

logger = logging.getLogger("inkdigits.store")
#: Seconds to wait for another program that writes to the same database.
PATIENCE = 5.0
#: The same, while tables are changed: a replica may be at it.
_LONG_PATIENCE = 60.0
#: What programs that write to one PostgreSQL database agree to wait for: any number will do.
_LOCK = 1_768_842_091
#: Bytes of an SQLite file up to which all of it is looked through when it is opened.
_LOOKED_THROUGH = 100 * 2**20
#: How long PostgreSQL's driver waits for a server that has gone without a word, seconds.
_GONE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
#: Parts of a URL's query that nobody is told.
_SECRETS = ("password", "sslpassword")


class Database:
    """A database at the newest version of its tables. Share it between threads; close it."""

    def __init__(self, place: str, *, create: bool = True, upgrade: bool = True) -> None:
        """Open it, and bring its tables to the newest version.

        Args:
            place: the path of an SQLite file, or a URL as SQLAlchemy knows them.
            create: whether a file that is not there is made.
            upgrade: whether tables may be made and changed; where not, none but `revision` is
                to be asked of a database that is behind.

        Raises:
            StoreError: `bad-place` (there can be no database), `bad-store` (what is there cannot be
                used) or `store-unavailable` (it may come back), with what to do.
        """
        url = _url(place)
        told = url.difference_update_query(_SECRETS)  # it hides the password that stands before @
        self.name = str(url.database) if _is_file(url) else told.render_as_string()
        self.path = Path(self.name).absolute() if _is_file(url) else None
        if self.path is not None:
            self._see_place(self.path, create=create)
        self._engine = self._made(url)
        try:
            self._look_through()
            if upgrade:
                self.upgrade()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read by."""
        with self._safely(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, alone: bool = True, patience: float | None = None) -> Iterator[Connection]:
        """A connection whose work is done as a whole, or not at all.

        Args:
            alone: whether nobody else who asks for that may write meanwhile; in an SQLite file
                nobody ever does.
            patience: seconds to wait for them, `PATIENCE` unless said otherwise.
        """
        engine = self._engine.execution_options(inkdigits_writes=True)
        with self._safely(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # both until the end of the transaction
                wait = f"{PATIENCE if patience is None else patience:.3f}s"
                connection.execute(select(func.set_config("lock_timeout", wait, True)))
                if alone:
                    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    def upgrade(self) -> None:
        """Make the steps that are missing; several at once do not collide.

        Raises:
            StoreError: `bad-store` where a step is unknown, half made or fails; nothing is changed.
        """
        with suppress(StoreError):  # it may be read in the middle of another's upgrade
            if self.revision == migration.newest():
                return
        with self._fitting(), self.writing(patience=_LONG_PATIENCE) as connection:
            migration.upgrade(connection, alone=self.path is not None)
        with suppress(StoreError):  # kept in the file; where it is in use, the next time
            self._tell("PRAGMA journal_mode = WAL")  # one writes while others read

    def insert_new(self, table: Table) -> Any:
        """An INSERT that leaves out what is there already."""
        if self._engine.dialect.name == "postgresql":
            return postgresql.insert(table).on_conflict_do_nothing()
        if self._engine.dialect.name == "sqlite":
            return sqlite.insert(table).on_conflict_do_nothing()
        return table.insert()

    @property
    def revision(self) -> str | None:
        """The last step that its tables went; `None` where it has none."""
        with self._fitting(), self.reading() as connection:
            return migration.revision(connection)

    @property
    def size(self) -> int | None:
        """Bytes of the file, and of the journal beside it; `None` for a server."""
        if self.path is None:
            return None
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def forget(self) -> None:
        """Have what was deleted gone from the file's journal too, unless somebody reads just now.

        The journal of an SQLite file holds old pages until it is begun anew. Others keep no such.
        What was deleted is deleted whether or not this succeeds.
        """
        with suppress(StoreError):
            self._tell("PRAGMA busy_timeout = 500", "PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _see_place(self, path: Path, *, create: bool) -> None:
        wrong = ""
        if not create and not path.exists():
            wrong = "does not exist: see whether its name is right"
        elif path.is_dir():
            wrong = "is a folder: give the name of a file in it"
        elif not path.parent.is_dir():
            wrong = "cannot be made, as its folder does not exist: make it first"
        if wrong:
            raise self._trouble(wrong, "bad-place")
        if path.exists() and path.stat().st_size == 0:
            logger.warning("the store %s is empty: its tables are made anew", self.name)

    def _made(self, url: URL) -> Engine:
        if self.path is None:
            given = {name: _GONE[name] for name in _GONE if name not in url.query}
            given = given if url.drivername == "postgresql+psycopg" else {}
            try:
                return create_engine(
                    url, pool_pre_ping=True, hide_parameters=True, connect_args=given
                )
            except (NoSuchModuleError, ModuleNotFoundError):
                raise self._trouble(
                    f"needs a driver for {url.drivername!r}, which is not installed: give an "
                    "SQLite file, or postgresql://... with pip install 'inkdigits[postgres]'",
                    "bad-place",
                ) from None
        address = self.path.as_uri()
        with self._safely():
            _connect(f"{address}?mode=rwc").close()
        # a file that is taken away while the service runs is missed, not made anew and empty
        engine = create_engine(
            "sqlite://",
            creator=lambda: _connect(f"{address}?mode=rw"),
            poolclass=NullPool,
            hide_parameters=True,
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _look_through(self) -> None:
        if self.path is None or self.path.stat().st_size > _LOOKED_THROUGH:
            return
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise self._trouble(*failures.DAMAGED)

    def _tell(self, *pragmas: str) -> None:
        """Tell SQLite something outside of any transaction; others, nothing."""
        if self.path is not None:
            with self._safely(), closing(_connect(f"{self.path.as_uri()}?mode=rw")) as connection:
                for pragma in pragmas:
                    connection.execute(pragma).fetchall()

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        try:
            yield
        except migration.Unfit as error:
            raise self._trouble(str(error), "bad-store") from None

    @contextmanager
    def _safely(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise self._trouble(*failures.reason(cause)) from error
        except sqlite3.Error as error:
            raise self._trouble(*failures.reason(error)) from error

    def _trouble(self, words: str, code: str) -> StoreError:
        return StoreError(f"The store {self.name} {words}.", code=code)


def _url(place: str) -> URL:
    if "://" not in place:
        if place.strip() in ("", ":memory:"):
            raise _no_place("A store is a file or the URL of a database: give its name.")
        return URL.create("sqlite", database=place)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):  # what was given may hold a password
        raise _no_place(
            "The store is not a URL of a database, such as sqlite:///inkdigits.db."
        ) from None
    if url.drivername in ("postgres", "postgresql"):  # as hosts that rent databases write it
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and (url.query or url.database in (None, "", ":memory:")):
        raise _no_place("An SQLite store is a file: give its path.")
    return url


def _no_place(words: str) -> StoreError:
    return StoreError(words, code="bad-place")


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _connect(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")  # what is answered outlives a power cut
        connection.execute("PRAGMA secure_delete = ON")  # what is taken back is overwritten
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    """Begin as SQLite should; Python's own way leaves out what changes tables."""
    writes = connection.get_execution_options().get("inkdigits_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
