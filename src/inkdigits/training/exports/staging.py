"""Files that appear in a folder all at once, or not at all.

In: a folder and what is drafted for it. Out: the drafts in their places. Knows nothing of models.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inkdigits.errors import InkdigitsError


class Stage:
    """Where drafts are made, on the same disk as the folder they are for.

    Attributes:
        scratch: a folder for what is not kept.
    """

    def __init__(self, root: Path, folder: Path, *sources: Path) -> None:
        self._folder, self._sources = folder, sources
        self._drafts, self._old = root / "drafts", root / "old"
        self.scratch = root / "scratch"
        for place in (self._drafts, self._old, self.scratch):
            place.mkdir()

    def draft(self, name: str) -> Path:
        """Where to make the file or folder that shall be called `name`.

        Raises:
            InkdigitsError: what is there already must not be replaced.
        """
        place = self._folder / name
        if place.exists() and any(place.samefile(it) for it in self._sources):
            raise InkdigitsError(
                f"{place} is the very file to export: choose another --out or --name."
            )
        ours = not place.is_dir() or not any(place.iterdir())
        if not ours and not (place / "saved_model.pb").is_file():
            raise InkdigitsError(
                f"{place} is a folder with other things in it: choose another --out or --name."
            )
        return self._drafts / name

    def publish(self) -> None:
        """Put every draft in its place; what lay there before is replaced."""
        for draft in self._drafts.iterdir():
            place = self._folder / draft.name
            if place.is_dir():  # a folder cannot be replaced in one step
                place.rename(self._old / draft.name)
            draft.replace(place)


@contextmanager
def staged(folder: Path, *sources: Path, needed: int = 0) -> Iterator[Stage]:
    """A stage for `folder`, which is made if need be; drafts are published at the end.

    Args:
        folder: where the drafts shall go.
        sources: files that must not be replaced.
        needed: about how many bytes the drafts take. This is looked at beforehand, because the
            HDF5 library crashes on a full disk.

    Raises:
        InkdigitsError: the folder cannot be written, for want of rights or space.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < needed:
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)}: it takes {needed:,} bytes")
        with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as root:
            stage = Stage(Path(root), folder, *sources)
            yield stage
            stage.publish()
    except OSError as error:
        why = next(iter(str(error.strerror or error).splitlines()), "for an unknown reason")
        raise InkdigitsError(f"Nothing was exported: {folder} cannot be written ({why}).") from None
    finally:
        if new:
            with suppress(OSError):  # it is not empty, as it should be, or was never made
                folder.rmdir()
