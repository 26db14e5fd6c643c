"""MNIST from public mirrors, each file verified against the checksum of the original.

In: a folder. Out: the same folder, with the four `.gz` files in it. Whatever lies there under a
final name is whole and original: a download goes to a file of another name, which is renamed
only after its checksum was right. Knows nothing of terminals: progress is a call.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from inkdigits.data.idx import read_idx
from inkdigits.data.mnist import CONTENT_MD5, cache_folder
from inkdigits.errors import DataError, MissingExtraError

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
#: MD5 of the original compressed files.
GZIP_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
#: Called with a file's name, the bytes of it so far and all its bytes (0 where not known).
Progress = Callable[[str, int, int], None]
#: What is wrong with the folder and not with a mirror: another one would not help.
OURS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
)
#: A whole download may take so many times the timeout of one silence.
PATIENCE = 20
CHUNK = 1 << 13


def fetch(
    folder: Path | None = None,
    *,
    mirrors: Sequence[str] = MIRRORS,
    attempts: int = 3,
    timeout: float = 30.0,
    backoff: float = 1.0,
    progress: Progress | None = None,
) -> Path:
    """Download the four MNIST files that are not there yet.

    A file that is there and right is kept; one that is there and wrong is replaced.

    Args:
        folder: where they go, made if need be; `None` for the cache that `mnist.load` looks at.
        mirrors: URLs of folders, tried in this order, all of them in each attempt.
        attempts: how many times to go through the mirrors for a file.
        timeout: seconds a server may keep silent; a file may take 20 times that.
        backoff: seconds to wait before the second attempt, doubled before each further one.
        progress: told how far a file is, or `None`.

    Returns:
        The folder.

    Raises:
        DataError: a file could not be had; the message says what each mirror answered.
        MissingExtraError: pooch is not installed.
    """
    target = cache_folder() if folder is None else Path(folder)
    wanted = [name for name in GZIP_MD5 if not is_whole(target / name)]
    if not wanted:
        return target
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{target} cannot be made: {error.strerror}.") from None
    _sweep(target, older=PATIENCE * timeout)
    for name in wanted:
        answers: dict[str, str] = {}
        for attempt in range(attempts):
            if attempt:
                time.sleep(backoff * 2 ** (attempt - 1))
            if _from_any(mirrors, name, target, timeout, progress, answers):
                break
        else:
            told = "; ".join(f"{mirror} {answer}" for mirror, answer in answers.items())
            raise DataError(
                f"{name} could not be fetched: {told or 'no mirror was named'}. Try again later, "
                f"or put the four .gz files of MNIST into {target} yourself.",
                code="data-not-found",
            )
    return target


def is_whole(path: Path) -> bool:
    """Whether `path` is one of the original files, as it was or compressed anew."""
    if not path.is_file():
        return False
    if _md5(path) == GZIP_MD5[path.name]:
        return True
    try:
        read_idx(path, md5=CONTENT_MD5[path.stem])
    except DataError:
        return False
    return True


def _sweep(folder: Path, *, older: float) -> None:
    """Remove what a fetch that was killed left behind; one that is still at work is younger."""
    for name in GZIP_MD5:
        for partial in folder.glob(f".{name}.*"):
            with suppress(OSError):
                if time.time() - partial.stat().st_mtime > older:
                    partial.unlink()


def _from_any(
    mirrors: Sequence[str],
    name: str,
    folder: Path,
    timeout: float,
    progress: Progress | None,
    answers: dict[str, str],
) -> bool:
    """Try each mirror once; `answers` gets what each one that failed said."""
    ours: str | None = None
    for mirror in mirrors:
        url = f"{mirror.rstrip('/')}/{name}"
        try:
            descriptor, partial_name = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            os.close(descriptor)
        except OSError as error:
            raise DataError(f"{folder} cannot be written to: {error.strerror}.") from None
        partial = Path(partial_name)
        try:
            _download(url, partial, timeout, _Meter(name, timeout * PATIENCE, progress))
            found = _md5(partial)
            if found == GZIP_MD5[name]:
                partial.chmod(0o644)  # a temporary file is for its owner's eyes only
                partial.replace(folder / name)
                return True
            size = partial.stat().st_size
            answers[mirror] = f"sent {size} bytes that are not the original (MD5 {found})"
        except Exception as error:
            if isinstance(error, MissingExtraError | DataError):
                raise
            if isinstance(error, OSError) and error.errno in OURS:
                ours = error.strerror  # not raised here, or the connection would stay open with it
                break
            answers[mirror] = _in_words(error, timeout)
        finally:
            partial.unlink(missing_ok=True)
    if ours is not None:
        raise DataError(f"{name} could not be written to {folder}: {ours}.")
    return False


def _download(url: str, path: Path, timeout: float, meter: _Meter) -> None:
    try:
        import pooch
    except ImportError:
        raise MissingExtraError("pooch", "evaluate") from None
    # "identity": the bytes as they are stored, or their checksum would not be the original's.
    get = pooch.HTTPDownloader(
        progressbar=meter,
        chunk_size=CHUNK,
        timeout=timeout,
        headers={"Accept-Encoding": "identity"},
    )
    get(url, str(path), None)


class _Meter:
    """What pooch takes for a progress bar: hands progress on, and ends a download that crawls."""

    def __init__(self, name: str, limit: float, progress: Progress | None) -> None:
        self.name, self.progress = name, progress
        self.deadline = time.monotonic() + limit
        self.total = 0  # pooch sets it
        self.done = 0

    def update(self, count: int) -> None:
        self.done += count
        if time.monotonic() > self.deadline:
            raise TimeoutError
        if self.progress is not None:
            self.progress(self.name, min(self.done, self.total or self.done), self.total)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Nothing to close; pooch asks for it."""


def _in_words(error: Exception, timeout: float) -> str:
    """What a mirror answered, for the end of a sentence."""
    import requests

    match error:
        case requests.HTTPError(response=requests.Response() as response):
            words = f"answered {response.status_code} {response.reason}".rstrip()
        case requests.Timeout():
            words = f"said nothing for {timeout:g} s"
        case TimeoutError():
            words = f"was not done after {timeout * PATIENCE:g} s"
        case requests.exceptions.ChunkedEncodingError():
            words = "broke off in the middle"
        # requests gives a silence in the middle of a body as a ConnectionError
        case requests.ConnectionError() if "read timed out" in str(error).lower():
            words = f"said nothing for {timeout:g} s"
        case requests.ConnectionError():
            words = "could not be reached"
        case _:
            words = f"failed ({type(error).__name__})"
    return words


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
