"""A drawing read over the WebSocket, beside the same by POST, on one server, one after the other.

    python benchmarks/live.py [--count 2000]

The server has one core, the client another (where there are two). The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import closing

import load  # type: ignore[import-not-found] # beside this file
import numpy as np
from websockets.sync.client import connect

PEN = [[*([10 + k, 10] for k in range(0, 21, 2)), *([30 - k, 10 + 3 * k] for k in range(14))]]


def main() -> None:
    parser = argparse.ArgumentParser(description="A drawing over the WebSocket.")
    parser.add_argument("--count", type=int, default=2000, help="readings of each (2000)")
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["INKDIGITS_LIVE_RATE"] = "1000000"
    with load.served("inkdigits") as (port, _):
        rows = {"POST": posted(port, asked.count), "WebSocket": live(port, asked.count)}
    print(f"{'':12}{'p50':>10}{'p99':>10}{'a second':>10}")
    for name, row in rows.items():
        print(f"{name:12}{row['p50_ms']:7.2f} ms{row['p99_ms']:7.2f} ms{row['a_second']:10.0f}")
    print(json.dumps({"benchmark": "live", "count": asked.count, "results": rows}))


def posted(port: int, count: int) -> dict[str, float]:
    """By POST, on one connection that is kept."""
    body = json.dumps({"strokes": PEN}).encode()
    request = load.http("/api/v1/classify", "application/json", body)
    with closing(socket.create_connection(("127.0.0.1", port))) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def ask(_: int) -> None:
            line.sendall(request)
            answer = b""
            while not answer.endswith(b"}"):
                answer += line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")

        return timed(ask, count)


def live(port: int, count: int) -> dict[str, float]:
    """Over the WebSocket."""
    with connect(f"ws://127.0.0.1:{port}/api/v1/live", compression=None) as line:

        def ask(number: int) -> None:
            line.send(json.dumps({"id": number, "strokes": PEN}))
            assert json.loads(line.recv())["id"] == number

        return timed(ask, count)


def timed(ask: Callable[[int], None], count: int) -> dict[str, float]:
    """Milliseconds of an answer, and answers a second."""
    for number in range(100):
        ask(number)
    times = []
    for number in range(count):
        began = time.perf_counter()
        ask(number)
        times.append(time.perf_counter() - began)
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return {"p50_ms": round(p50, 3), "p99_ms": round(p99, 3), "a_second": round(1 / np.mean(times))}


if __name__ == "__main__":
    main()
