"""A real Redis server of the tests' own: reached by a socket in its folder, no port, no file."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RedisServer:
    """One that can be stopped, killed and started again."""

    def __init__(self, home: Path) -> None:
        self._socket = home / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, as the settings take it."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self._socket, "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, "redis-server has ended"
            assert time.monotonic() < until, "redis-server does not answer"
            time.sleep(0.02)

    def tell(self, what: signal.Signals) -> None:
        """Send it a signal: SIGSTOP, SIGCONT, SIGKILL."""
        assert self._process is not None
        self._process.send_signal(what)
        if what == signal.SIGKILL:
            self._process.wait()

    def end(self) -> None:
        """End it, whatever became of it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16) == b"+PONG\r\n"
            except OSError:
                return False


@contextmanager
def running() -> Iterator[RedisServer]:
    """Start one, and end it afterwards."""
    # a socket's path must be short, which pytest's folders are not
    home = Path(tempfile.mkdtemp(prefix="ink-redis-"))
    server = RedisServer(home)
    try:
        server.start()
        yield server
    finally:
        server.end()
        shutil.rmtree(home, ignore_errors=True)
