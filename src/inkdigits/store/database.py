"""A database that is there and has the tables it should, or one sentence that says why not.

In: the path of an SQLite file, or the URL of a database. Out: connections within a transaction.
Knows SQLAlchemy and the ways in which a database fails; does not know what is kept in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    NullPool,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from inkdigits.errors import StoreError

#: One change of the tables; the version of a database is how many of them were made.
Step = Callable[[Connection], None]
#: Seconds to wait for another program that writes to the same file.
PATIENCE = 5.0
#: What programs that write to one PostgreSQL database agree to wait for: any number will do.
_LOCK = 1_768_842_091

_VERSION = Table("inkdigits_version", MetaData(), Column("version", Integer, nullable=False))

#: What SQLite's words for a failure mean, by how they begin, and what to do.
_SQLITE = {
    "SQLITE_BUSY": "is in use by another program: try again when that has ended",
    "SQLITE_LOCKED": "is in use by another program: try again when that has ended",
    "SQLITE_READONLY": "may only be read: give the right to write it and its folder",
    "SQLITE_PERM": "may not be opened: give the right to read and write it",
    "SQLITE_AUTH": "may not be opened: give the right to read and write it",
    "SQLITE_CANTOPEN": "cannot be opened: see that its folder is there and may be written",
    "SQLITE_FULL": "cannot grow, as the disk is full: make room",
    "SQLITE_IOERR": "cannot be read or written: see whether its disk is full or failing",
    "SQLITE_CORRUPT": "is damaged: put it aside, or bring back a copy",
    "SQLITE_NOTADB": "is not an SQLite database: give another file",
}


class Database:
    """A database at the newest version of its tables. Share it between threads; close it."""

    def __init__(self, place: str, steps: Sequence[Step], *, create: bool = True) -> None:
        """Open it, and bring its tables to the version of `steps`.

        Args:
            place: the path of an SQLite file, or a URL as SQLAlchemy knows them.
            steps: every change of the tables there ever was, oldest first.
            create: whether a file that is not there is made.

        Raises:
            StoreError: `store-unavailable`, with what to do.
        """
        url = _url(place)
        self.name = str(url.database) if _is_file(url) else url.render_as_string()
        if _is_file(url):
            self.path: Path | None = Path(self.name).absolute()
            if not create and not self.path.exists():
                raise self._trouble("does not exist: see whether its name is right")
            if self.path.is_dir():
                raise self._trouble("is a folder: give the name of a file in it")
            if not self.path.parent.is_dir():
                raise self._trouble("cannot be made, as its folder does not exist: make it first")
        else:
            self.path = None
        self._engine = self._made(url)
        try:
            self._migrate(steps)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read by."""
        with self._safely(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose work is done as a whole, or not at all; one at a time."""
        engine = self._engine.execution_options(inkdigits_writes=True)
        with self._safely(), engine.begin() as connection:
            if engine.dialect.name == "postgresql":  # until the end of the transaction
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _made(self, url: URL) -> Engine:
        if self.path is None:
            try:
                return create_engine(url, pool_pre_ping=True)
            except (NoSuchModuleError, ModuleNotFoundError):
                raise self._trouble(
                    f"needs a driver for {url.drivername!r}, which is not installed: install it"
                ) from None
        address = self.path.as_uri()
        with self._safely():
            _connect(f"{address}?mode=rwc").close()
        # a file that is taken away while the service runs is missed, not made anew and empty
        engine = create_engine(
            "sqlite://", creator=lambda: _connect(f"{address}?mode=rw"), poolclass=NullPool
        )
        event.listen(engine, "begin", _begin)
        return engine

    def _migrate(self, steps: Sequence[Step]) -> None:
        with self.reading() as connection:
            if self._version(connection, steps) == len(steps):
                return
        with self.writing() as connection:
            version = self._version(connection, steps)  # another may have done it meanwhile
            if version == 0:
                _VERSION.create(connection)
                connection.execute(_VERSION.insert().values(version=0))
            for step in steps[version:]:
                step(connection)
            connection.execute(_VERSION.update().values(version=len(steps)))

    def _version(self, connection: Connection, steps: Sequence[Step]) -> int:
        """How many steps were made: 0 for an empty database."""
        tables = inspect(connection).get_table_names()
        if _VERSION.name not in tables:
            if tables and self.path is not None:
                raise self._trouble("holds the tables of another program: give another file")
            return 0
        version = connection.execute(select(_VERSION.c.version)).scalar_one()
        if version > len(steps):
            raise self._trouble("was written by a newer inkdigits: update this one")
        return int(version)

    @contextmanager
    def _safely(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._trouble(_reason(getattr(error, "orig", None) or error)) from error
        except sqlite3.Error as error:
            raise self._trouble(_reason(error)) from error

    def _trouble(self, words: str) -> StoreError:
        return StoreError(f"The store {self.name} {words}.")


def _url(place: str) -> URL:
    if "://" not in place:
        if place.strip() in ("", ":memory:"):
            raise StoreError("A store is a file or the URL of a database: give its name.")
        return URL.create("sqlite", database=place)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):  # what was given may hold a password
        raise StoreError(
            "The store is not a URL of a database, such as sqlite:///feedback.db."
        ) from None
    if url.drivername in ("postgres", "postgresql"):  # as hosts that rent databases write it
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and (url.query or url.database in (None, "", ":memory:")):
        raise StoreError("An SQLite store is a file: give its path.")
    return url


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _connect(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA secure_delete = ON")  # what is taken back is overwritten
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin(connection: Connection) -> None:
    """Begin as SQLite should; Python's own way leaves out what changes tables."""
    writes = connection.get_execution_options().get("inkdigits_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _reason(error: BaseException) -> str:
    name = getattr(error, "sqlite_errorname", "")
    for beginning, words in _SQLITE.items():
        if name.startswith(beginning):
            return words
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    return f"cannot be used ({said}): see that it runs and may be written"
