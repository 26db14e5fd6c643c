"""A real PostgreSQL server of the tests' own: fresh, reached by a socket in its folder, no port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`; Debian keeps it off the PATH. `None` where absent."""
    found = shutil.which("pg_ctl")
    if found and shutil.which("initdb"):
        return Path(found).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return debian[-1].parent if debian else None


class Server:
    """A server that can be stopped and started; `url` is that of its empty database."""

    def __init__(self, bin_dir: Path, home: Path) -> None:
        self._bin_dir, self._home = bin_dir, home
        self._rights = list[str]()
        if os.geteuid() == 0:  # as whom PostgreSQL does not run
            self._rights = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(home, "postgres", "postgres")
        self.url = f"postgresql+psycopg://inkdigits@/postgres?host={home}"

    def make(self) -> None:
        self._run("initdb", "--auth=trust", "--username=inkdigits", "--no-sync", "--encoding=UTF8")

    def start(self) -> None:
        settings = f"-c listen_addresses= -c unix_socket_directories={self._home} -c fsync=off"
        log = f"--log={self._home / 'log'}"
        self._run("pg_ctl", "--wait", log, f"--options={settings}", "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        home = self._home
        done = subprocess.run(
            [*self._rights, str(self._bin_dir / program), "-D", str(home / "data"), *arguments],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()


@contextmanager
def serving(bin_dir: Path) -> Iterator[Server]:
    """Start a server, and end it afterwards, whether or not it runs by then.

    Args:
        bin_dir: what `programs` found.
    """
    # a socket's path must be short, which pytest's folders are not
    home = Path(tempfile.mkdtemp(prefix="ink-pg-"))
    try:
        server = Server(bin_dir, home)
        server.make()
        server.start()
        try:
            yield server
        finally:
            if (home / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running(bin_dir: Path) -> Iterator[str]:
    """The URL of the empty database of a server, as SQLAlchemy takes it."""
    with serving(bin_dir) as server:
        yield server.url
