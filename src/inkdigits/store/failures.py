"""What a database's failure means, in words, and whether it may go away by itself.

In: the exception of a driver. Out: words that go on after "The store NAME", and a code of
`StoreError`.
"""

from __future__ import annotations

#: A failure in words, and its code.
Failure = tuple[str, str]

#: SQLite's names for failures, by how they begin: what they mean, and what to do.
_SQLITE = {
    "SQLITE_BUSY": "is in use by another program: try again when that has ended",
    "SQLITE_LOCKED": "is in use by another program: try again when that has ended",
    "SQLITE_READONLY": "may only be read: give the right to write it and its folder",
    "SQLITE_PERM": "may not be opened: give the right to read and write it",
    "SQLITE_AUTH": "may not be opened: give the right to read and write it",
    "SQLITE_CANTOPEN": "cannot be opened: see that its folder is there and may be written",
    "SQLITE_FULL": "cannot grow, as the disk is full: make room",
    "SQLITE_IOERR": "cannot be read or written: see whether its disk is full or failing",
}
DAMAGED: Failure = "is damaged: put it aside, or bring back a copy", "bad-store"
#: The same of failures that stay.
_LASTING: dict[str, Failure] = {
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": ("is not an SQLite database: give another file", "bad-store"),
}
#: The same of PostgreSQL's, by how its codes begin.
_POSTGRES: dict[str, Failure] = {
    "55P03": (_SQLITE["SQLITE_BUSY"], "store-unavailable"),
    "53100": (_SQLITE["SQLITE_FULL"], "store-unavailable"),
    "42501": ("may not be changed: give the right to make and write tables", "bad-store"),
}
#: How the names and codes begin that mean a fault of what was to be written.
_REFUSED_SQLITE = ("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG")
_REFUSED_POSTGRES = ("22", "23")


def reason(error: BaseException) -> Failure:
    """What a failure is, in words, and its code."""
    name = str(getattr(error, "sqlite_errorname", "") or "")
    for beginning, failure in _LASTING.items():
        if name.startswith(beginning):
            return failure
    for beginning, words in _SQLITE.items():
        if name.startswith(beginning):
            return words, "store-unavailable"
    state = str(getattr(error, "sqlstate", "") or "")
    if state in _POSTGRES:
        return _POSTGRES[state]
    if name.startswith(_REFUSED_SQLITE) or state.startswith(_REFUSED_POSTGRES):
        return "does not take what it was given", "bad-row"
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    if name == "SQLITE_ERROR" or state.startswith("42"):
        return f"has not the tables that it should ({said}): bring back a copy", "bad-store"
    return f"cannot be used ({said}): see that it runs and may be written", "store-unavailable"
