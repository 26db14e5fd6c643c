"""Fetching: a bad mirror of every kind, then a good one; nothing half done is left behind."""

from __future__ import annotations

import errno
import gzip
import hashlib
import importlib.util
import io
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from inkdigits.data import fetch as subject
from inkdigits.data import mnist
from inkdigits.errors import DataError, MissingExtraError

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pooch") is None and os.environ.get("CI") != "true",
    reason="pooch is not installed",
)
NAMES = sorted(subject.GZIP_MD5)
LABELS = "t10k-labels-idx1-ubyte.gz"


def _content(name: str) -> bytes:
    """Some 40 kB that do not shrink, as a stand-in for one of the four files."""
    values = b"".join(hashlib.sha256(f"{name}{n}".encode()).digest() for n in range(1250))
    return b"\0\0\x08\x01" + struct.pack(">I", len(values)) + values


FILES = {name: gzip.compress(_content(name), mtime=0) for name in NAMES}


class Mirrors(ThreadingHTTPServer):
    """Serves /good, /cut, /stall, /silent, /drip, /missing, /broken and /wrong; counts requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, kind: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{kind}/"


class _Handler(BaseHTTPRequestHandler):
    server: Mirrors

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _, kind, name = self.path.split("/")
        body = FILES[name]
        if kind == "flaky":  # bad at first, good when asked again
            kind = "good" if self.server.asked.count(self.path) > 1 else "broken"
        if kind in ("missing", "broken"):
            self.send_error({"missing": 404, "broken": 500}[kind])
            return
        if kind == "silent":
            self.server.over.wait(10)
            return
        if kind == "wrong":
            body = gzip.compress(b"something else", mtime=0)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # the other side may have had enough
            if kind in ("good", "wrong"):
                self.wfile.write(body)
            elif kind in ("cut", "stall"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if kind == "stall":
                    self.server.over.wait(10)
            elif kind == "drip":
                for start in range(0, len(body), 4000):
                    self.wfile.write(body[start : start + 4000])
                    if self.server.over.wait(0.15):
                        break

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    for name, raw in FILES.items():
        monkeypatch.setitem(subject.GZIP_MD5, name, hashlib.md5(raw).hexdigest())
        monkeypatch.setitem(
            mnist.CONTENT_MD5, name[:-3], hashlib.md5(gzip.decompress(raw)).hexdigest()
        )
    with Mirrors() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def run(
    folder: Path,
    mirrors: Mirrors,
    *kinds: str,
    attempts: int = 1,
    timeout: float = 0.3,
    progress: subject.Progress | None = None,
) -> Path:
    return subject.fetch(
        folder,
        mirrors=[mirrors.url(kind) for kind in kinds],
        attempts=attempts,
        timeout=timeout,
        backoff=0.01,
        progress=progress,
    )


def assert_whole(folder: Path) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES


def test_a_good_mirror(tmp_path: Path, mirrors: Mirrors, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "deep" / "down"
    assert run(target, mirrors, "good") == target
    assert_whole(target)
    assert len(mirrors.asked) == 4
    assert capfd.readouterr() == ("", "")
    run(target, mirrors, "missing")  # all there: nobody is asked
    assert len(mirrors.asked) == 4


def test_by_way_of_every_bad_mirror(tmp_path: Path, mirrors: Mirrors) -> None:
    kinds = ("cut", "silent", "stall", "missing", "broken", "wrong", "good")
    run(tmp_path, mirrors, *kinds)
    assert_whole(tmp_path)
    assert mirrors.asked[: len(kinds)] == [f"/{kind}/{NAMES_AS_ASKED[0]}" for kind in kinds]


NAMES_AS_ASKED = list(subject.GZIP_MD5)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("cut", "broke off in the middle"),
        ("silent", "said nothing for 0.3 s"),
        ("stall", "said nothing for 0.3 s"),
        ("missing", "answered 404 Not Found"),
        ("broken", "answered 500 Internal Server Error"),
        ("wrong", "sent 34 bytes that are not the original"),
    ],
)
def test_failure_says_what_each_mirror_answered(
    tmp_path: Path, mirrors: Mirrors, kind: str, answer: str
) -> None:
    began = time.monotonic()
    with pytest.raises(DataError, match=r"^train-images-idx3-ubyte\.gz could not") as caught:
        run(tmp_path, mirrors, kind, "missing", attempts=2)
    assert time.monotonic() - began < 5
    message = str(caught.value)
    assert f"{mirrors.url(kind)} {answer}" in message
    assert f"{mirrors.url('missing')} answered 404" in message
    assert "\n" not in message
    assert caught.value.code == "data-not-found"
    assert list(tmp_path.iterdir()) == []
    assert mirrors.asked.count(f"/{kind}/train-images-idx3-ubyte.gz") >= 2


def test_a_server_that_crawls(
    tmp_path: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "PATIENCE", 1)
    with pytest.raises(DataError, match=r"was not done after 0\.3 s"):
        run(tmp_path, mirrors, "drip")
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be reached"):
        subject.fetch(tmp_path, mirrors=["http://127.0.0.1:9/"], attempts=1, timeout=0.3)
    with pytest.raises(DataError, match="no mirror was named"):
        subject.fetch(tmp_path, mirrors=[], attempts=1)


def test_a_second_attempt_helps(tmp_path: Path, mirrors: Mirrors) -> None:
    run(tmp_path, mirrors, "flaky", attempts=2)
    assert_whole(tmp_path)


def test_only_what_is_wrong_is_fetched(tmp_path: Path, mirrors: Mirrors) -> None:
    run(tmp_path, mirrors, "good")
    (tmp_path / LABELS).write_bytes(FILES[LABELS][:-100])
    mirrors.asked.clear()
    with pytest.raises(DataError):
        run(tmp_path, mirrors, "cut")
    assert len(list(tmp_path.iterdir())) == 4
    run(tmp_path, mirrors, "good")
    assert_whole(tmp_path)
    assert mirrors.asked == [f"/cut/{LABELS}", f"/good/{LABELS}"]


def test_a_file_compressed_anew_is_kept(tmp_path: Path, mirrors: Mirrors) -> None:
    run(tmp_path, mirrors, "good")
    anew = gzip.compress(gzip.decompress(FILES[LABELS]), compresslevel=1, mtime=1)
    (tmp_path / LABELS).write_bytes(anew)
    mirrors.asked.clear()
    run(tmp_path, mirrors, "good")
    assert mirrors.asked == []
    assert (tmp_path / LABELS).read_bytes() == anew


def test_progress_is_told(tmp_path: Path, mirrors: Mirrors) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    run(tmp_path, mirrors, "good", progress=lambda n, d, t: told.setdefault(n, []).append((d, t)))
    assert set(told) == set(NAMES)
    for name, steps in told.items():
        size = len(FILES[name])
        assert all(total == size for _, total in steps)
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1] == (size, size)


def test_the_cache_is_the_default(
    tmp_path: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = subject.fetch(mirrors=[mirrors.url("good")])
    assert folder == tmp_path / "inkdigits" / "mnist"
    assert_whole(folder)


def test_a_folder_that_cannot_be(tmp_path: Path, mirrors: Mirrors) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be made"):
        run(tmp_path / "file" / "below", mirrors, "good")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_is_not_laid_to_the_mirrors(
    tmp_path: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class Full(io.FileIO):
        def write(self, _: object) -> int:
            raise OSError(number, os.strerror(number))

    real = open

    def opened(file: object, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode == "w+b":  # as pooch opens what it downloads to
            return Full(str(file), mode)
        return real(file, mode, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", opened)
    with pytest.raises(DataError) as caught:
        run(tmp_path, mirrors, "good", "good", attempts=3)
    assert str(caught.value) == (
        f"{NAMES_AS_ASKED[0]} could not be written to {tmp_path}: {os.strerror(number)}."
    )
    assert len(mirrors.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_fetch_left_is_neither_believed_nor_kept(
    tmp_path: Path, mirrors: Mirrors
) -> None:
    whole = tmp_path / f".{LABELS}.dead"
    whole.write_bytes(FILES[LABELS])
    os.utime(whole, (time.time() - 3600,) * 2)
    other = tmp_path / f".{LABELS}.alive"  # of a fetch that is still at work
    other.write_bytes(FILES[LABELS][:100])
    with pytest.raises(DataError):
        run(tmp_path, mirrors, "missing", timeout=30)
    assert [path.name for path in tmp_path.iterdir()] == [other.name]
    run(tmp_path, mirrors, "good", timeout=30)
    other.unlink()
    assert_whole(tmp_path)


def test_a_killed_fetch_is_mended_by_the_next(tmp_path: Path, mirrors: Mirrors) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom inkdigits.data.fetch import fetch\n"
        "fetch(Path(sys.argv[1]), mirrors=sys.argv[2:], timeout=30)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path), mirrors.url("stall")]) as one:
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        one.kill()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(f".{NAMES_AS_ASKED[0]}.")
    with pytest.raises(DataError, match="MNIST was not found"):
        mnist.load(tmp_path)
    os.utime(left, (time.time() - 3600,) * 2)
    run(tmp_path, mirrors, "good", timeout=30)
    assert_whole(tmp_path)


def test_without_pooch(tmp_path: Path, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(MissingExtraError, match=r"inkdigits\[evaluate\]"):
        run(tmp_path, mirrors, "good")
    assert list(tmp_path.iterdir()) == []


def test_two_mirrors_and_the_original_checksums() -> None:
    assert len(subject.MIRRORS) >= 2
    assert all(mirror.startswith("https://") for mirror in subject.MIRRORS)
    assert {name[:-3] for name in subject.GZIP_MD5} == set(mnist.CONTENT_MD5)


@pytest.mark.data
def test_our_mnist_is_whole() -> None:
    place = mnist.find()
    if not place.is_dir():
        pytest.skip("INKDIGITS_DATA is not a folder of IDX files")
    assert all(subject.is_whole(place / name) for name in NAMES)
