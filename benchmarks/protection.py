"""What rate limits, proxies and keys cost a request.

    python benchmarks/protection.py [--requests 20000] [--rounds 7]

The guard alone, before an application that does nothing, one request after another; microseconds,
the median of the rounds, which are taken in turns. Redis is measured where `redis-server` is
installed. Then one stopped Redis: the most that a request waits for it. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from inkdigits.service.guard import Guard
from inkdigits.service.protection import Protection
from inkdigits.service.settings import Settings
from inkdigits.store.apikey import made
from inkdigits.store.keys import KeyStore

#: What no round comes to.
MUCH = "100000000/hour"


def main() -> None:
    parser = argparse.ArgumentParser(description="What the guard costs.")
    parser.add_argument("--requests", type=int, default=20_000, help="in a round (20000)")
    parser.add_argument("--rounds", type=int, default=7, help="of each (7)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ink-bench-") as folder, redis(Path(folder)) as server:
        place = str(Path(folder) / "keys.db")
        key, text = made("a benchmark", ["read"])
        KeyStore(place).add(key)
        bearer = (b"authorization", f"Bearer {text}".encode())
        proxied = (b"x-forwarded-for", b"198.51.100.1, 203.0.113.9")
        cases: dict[str, tuple[Settings, tuple[bytes, bytes] | None]] = {
            "nothing": (Settings(), None),
            "limit": (Settings(rate_limit=MUCH), None),
            "proxy and limit": (
                Settings(rate_limit=MUCH, trusted_proxies=("127.0.0.0/8",)),
                proxied,
            ),
            "key and limit": (
                Settings(key_rate_limit=MUCH, keys="required", database=place),
                bearer,
            ),
        }
        if server is not None:
            shared = Settings(rate_limit=MUCH, rate_limit_store=f"unix://{folder}/redis.sock")
            cases["limit in Redis"] = (shared, None)
        took = asyncio.run(measured(cases, asked.requests, asked.rounds))
        worst = None
        if server is not None:
            server.send_signal(signal.SIGSTOP)
            worst = asyncio.run(stopped(shared, server))
    bare = took["nothing"]
    for name, micro in took.items():
        print(f"{name:18}{micro:8.1f} us a request, {micro - bare:+8.1f}")
    if worst is not None:
        print(f"Redis stopped: the slowest of 1,000 requests waited {worst:.0f} ms")
    figures = {**{name: round(it, 2) for name, it in took.items()}, "stopped_ms": worst}
    print(json.dumps({"benchmark": "protection", "microseconds": figures}))


async def measured(
    cases: dict[str, tuple[Settings, tuple[bytes, bytes] | None]], requests: int, rounds: int
) -> dict[str, float]:
    """Microseconds of each."""
    guards = {name: Protection(settings) for name, (settings, _) in cases.items()}
    for protection in guards.values():
        await protection.start()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (_, header) in cases.items():
            count = requests // 20 if "Redis" in name else requests
            guard = Guard(nothing, guards[name])
            began = time.perf_counter()
            for _ in range(count):
                await guard(scope_of(header), receive, send)
            seconds[name].append((time.perf_counter() - began) / count)
    for protection in guards.values():
        await protection.stop()
    return {name: statistics.median(them) * 1e6 for name, them in seconds.items()}


async def stopped(settings: Settings, server: subprocess.Popen[bytes]) -> float:
    """Milliseconds of the slowest request, of which Redis went away before the first."""
    protection = Protection(settings)
    server.send_signal(signal.SIGCONT)
    await protection.start()
    server.send_signal(signal.SIGSTOP)
    guard, times = Guard(nothing, protection), []
    for _ in range(1000):
        began = time.perf_counter()
        await guard(scope_of(None), receive, send)
        times.append(time.perf_counter() - began)
    await protection.stop()
    return max(times) * 1000


def scope_of(header: tuple[bytes, bytes] | None) -> Scope:
    headers: list[Any] = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    return {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/classify",
        "scheme": "http",
        "client": ("127.0.0.1", 50000),
        "headers": [*headers, header] if header else headers,
        "state": {},
    }


async def nothing(scope: Scope, receive: Receive, send: Send) -> None: ...


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(message: Message) -> None: ...


@contextmanager
def redis(folder: Path) -> Iterator[subprocess.Popen[bytes] | None]:
    """A Redis of our own, where there is one."""
    if shutil.which("redis-server") is None:
        yield None
        return
    options = ["--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", ""]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        while not (folder / "redis.sock").exists():
            time.sleep(0.05)
        yield server
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
