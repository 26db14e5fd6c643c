"""Files that are there whole or not at all.

In: bytes and where they go. Out: files. Does not know what is in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from inkdigits.errors import InkdigitsError


def check_target(path: Path, *, sources: Iterable[Path] = (), force: bool = False) -> None:
    """Refuse a file that could not, or should not, be written in the end.

    Args:
        path: where the file is to be.
        sources: files that are read and must stay.
        force: whether a file that is there may be overwritten.

    Raises:
        InkdigitsError: it may not; the message says why.
    """
    if path.is_dir():
        why = "is a folder: give the name of a file in it."
    elif not path.parent.is_dir():
        why = f"cannot be written, as there is no folder {path.parent}: make it first."
    elif not path.exists():
        why = (
            "" if os.access(path.parent, os.W_OK) else "cannot be written: no right to its folder."
        )
    elif not path.is_file():
        why = "is not an ordinary file: choose another name."
    elif any(source.exists() and source.samefile(path) for source in sources):
        why = "is the file to read from: choose another name."
    else:
        why = "" if force else "exists: choose another name, or overwrite it with --force."
    if why:
        raise InkdigitsError(f"{path} {why}")


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files beside their places, then put them there: none of them is ever half there.

    Raises:
        InkdigitsError: one could not be written; what was there before is still there.
    """
    # a link stays one, and what it points to is written
    places = {path: path.resolve() for path in contents}
    partial = {path: p.with_name(f".{p.name}.{os.getpid()}.part") for path, p in places.items()}
    path = Path()
    try:
        for path, content in contents.items():
            partial[path].write_bytes(content)
        for path, place in places.items():
            partial[path].replace(place)
    except OSError as error:
        raise InkdigitsError(f"{path} could not be written: {error.strerror}.") from None
    finally:
        for left in partial.values():
            with suppress(OSError):
                left.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A place beside a file to write it at; once all is written, it is put in the file's place.

    Raises:
        InkdigitsError: it could not be written; what was there before is still there.
    """
    place = path.resolve()  # a link stays one, and what it points to is written
    partial = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        yield partial
        partial.replace(place)
    except OSError as error:
        raise InkdigitsError(f"{path} could not be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
