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


@contextmanager
def running(bin_dir: Path) -> Iterator[str]:
    """Start a server, and end it afterwards.

    Args:
        bin_dir: what `programs` found.

    Yields:
        The URL of its empty database, as SQLAlchemy takes it.
    """
    # a socket's path must be short, which pytest's folders are not
    home = Path(tempfile.mkdtemp(prefix="ink-pg-"))
    rights = list[str]()
    if os.geteuid() == 0:  # as whom PostgreSQL does not run
        rights = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(home, "postgres", "postgres")

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*rights, str(bin_dir / program), "-D", str(home / "data"), *arguments],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode()

    try:
        run("initdb", "--auth=trust", "--username=inkdigits", "--no-sync", "--encoding=UTF8")
        settings = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "--wait", f"--log={home / 'log'}", f"--options={settings}", "start")
        try:
            yield f"postgresql+psycopg://inkdigits@/postgres?host={home}"
        finally:
            run("pg_ctl", "--wait", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
