"""Two replicas behind nginx, with a PostgreSQL and a Redis that they share: all of them real.

In: folders. Out: addresses; a replica that can be killed and started. Used by a test and by
`benchmarks/replicas.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import create_engine, text

from inkdigits.store.correction import new_id
from tests import postgres, redisserver
from tests.deploy.test_proxy import free_port

CONF = Path(__file__).parents[2] / "deploy" / "proxy" / "replicas.conf"
SEVEN: dict[str, Any] = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


class Replica:
    """A server that can be killed, and started again on the same port."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / f"{self.port}.log"
        self._settings = {f"INKDIGITS_{name.upper()}": it for name, it in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "inkdigits", "serve", "--port", str(self.port)],
                stdout=log,
                stderr=log,
                env={**os.environ, **self._settings},
            )
        until = time.monotonic() + 60
        while True:
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """As `kill -9` does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@dataclass
class Shared:
    """What the replicas share."""

    folder: Path
    database: str
    redis: str

    @contextmanager
    def replicas(self, **settings: str) -> Iterator[tuple[Replica, Replica]]:
        """Two that are ready."""
        common = {
            "database": self.database,
            "feedback": "on",
            "store": "metadata",
            "rate_limit_store": self.redis,
            "trusted_proxies": "127.0.0.1",
            **settings,
        }
        two = (Replica(self.folder, common), Replica(self.folder, common))
        try:
            for it in two:
                it.start()
            yield two
        finally:
            for it in two:
                it.kill()

    def stored(self) -> Counter[str]:
        """How many rows each correction's id has."""
        engine = create_engine(self.database)
        with engine.connect() as connection:
            found = connection.execute(text("SELECT id FROM corrections")).scalars().all()
        engine.dispose()
        return Counter(found)


@contextmanager
def sharing(folder: Path) -> Iterator[Shared]:
    """A PostgreSQL and a Redis, both empty."""
    programs = postgres.programs()
    assert programs is not None
    with ExitStack() as stack:
        database = stack.enter_context(postgres.running(programs))
        redis = stack.enter_context(redisserver.running())
        yield Shared(folder, database, redis.url)


@contextmanager
def proxied(folder: Path, replicas: tuple[Replica, Replica]) -> Iterator[str]:
    """The address of nginx in front of them, as `deploy/proxy/replicas.conf` has it."""
    assert NGINX is not None
    upstream, _, location = CONF.read_text(encoding="utf-8").partition("\n}\n")
    upstream += "\n}\n"
    for replica, written in zip(replicas, ("10.0.0.11:5000", "10.0.0.12:5000"), strict=True):
        assert written in upstream
        upstream = upstream.replace(written, f"127.0.0.1:{replica.port}")
    passing = "\n".join(
        it.lstrip("# ") for it in location.splitlines() if it.lstrip("# ").startswith("proxy_")
    )
    assert passing.count("proxy_") == 2
    port = free_port()
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root root;\n" if os.geteuid() == 0 else ""
    conf = folder / "nginx.conf"
    conf.write_text(
        f"{user}pid {folder}/pid;\nerror_log stderr;\ndaemon off;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}\n{upstream}\n"
        f"server {{\nlisten 127.0.0.1:{port};\nlocation / {{\nproxy_pass http://inkdigits;\n"
        "proxy_http_version 1.1;\nproxy_set_header Host $http_host;\n"
        "proxy_set_header Connection '';\nproxy_set_header X-Forwarded-For $remote_addr;\n"
        f"proxy_connect_timeout 2s;\n{passing}\n}}\n}}\n}}\n"
    )
    process = subprocess.Popen(
        [NGINX, "-c", str(conf), "-e", "stderr"], stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        until = time.monotonic() + 20
        address = f"http://127.0.0.1:{port}"
        while True:
            try:
                httpx2.get(f"{address}/livez", timeout=5)
                break
            except httpx2.TransportError:
                assert process.poll() is None, "nginx ended"
                assert time.monotonic() < until
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Seen:
    """What clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    repeated: int = 0
    answered_at: list[float] = field(default_factory=list)

    @property
    def longest_gap(self) -> float:
        """Seconds without any good answer, at most."""
        times = sorted(self.answered_at)
        return max((b - a for a, b in pairwise(times)), default=0.0)


class Clients:
    """Some that have digits read, some that say what they think of the answer."""

    def __init__(self, address: str, readers: int = 4, sayers: int = 2) -> None:
        self.seen = Seen()
        self._address = address
        self._stop = threading.Event()
        self._lock = threading.Lock()
        work = [self._read] * readers + [self._say] * sayers
        self._threads = [threading.Thread(target=it, daemon=True) for it in work]

    def __enter__(self) -> Seen:
        for it in self._threads:
            it.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for it in self._threads:
            it.join(60)

    def _post(self, client: httpx2.Client, path: str, body: dict[str, Any]) -> int:
        """The status; 0 where the connection broke."""
        try:
            status = client.post(f"{self._address}{path}", json=body).status_code
        except httpx2.TransportError:
            status = 0
        with self._lock:
            self.seen.statuses[f"{path.rpartition('/')[2]} {status}"] += 1
            if status in (200, 201):
                self.seen.answered_at.append(time.monotonic())
        return status

    def _read(self) -> None:
        with httpx2.Client(timeout=30) as client:
            while not self._stop.wait(0.02):
                self._post(client, "/api/v1/classify", SEVEN)

    def _say(self) -> None:
        reading = {"digit": 7, "confidence": 0.9, "model": {"name": "standard", "version": "2"}}
        with httpx2.Client(timeout=30) as client:
            while not self._stop.wait(0.05):
                token = new_id()
                body = {"id": token, "label": 7, "reading": reading, **SEVEN}
                while self._post(client, "/api/v1/feedback", body) not in (200, 201):
                    with self._lock:
                        self.seen.repeated += 1
                    if self._stop.wait(0.1):
                        return
                with self._lock:
                    self.seen.acknowledged.add(token)
