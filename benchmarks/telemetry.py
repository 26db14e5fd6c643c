"""What metrics and the log cost a request.

    python benchmarks/telemetry.py [--requests 1500]

The application as the server runs it, without a socket: an address that nothing has (little but
what surrounds a request) and a drawing read by the shipped model. Four kinds are asked in turn, so
that what else the machine does hits all alike: neither metrics nor log, either, both. The log goes
through the service's own formatter, as JSON, to /dev/null. Times are medians; the last line is
JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import statistics
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2

from inkdigits.service.app import create_app
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import logs

KINDS = {
    "neither": (False, False),
    "metrics": (True, False),
    "log": (False, True),
    "metrics and log": (True, True),
}
#: (method, path, body)
ASKED = {
    "an address that nothing has": ("GET", "/nothing", None),
    "a drawing": ("POST", "/api/v1/classify", {"strokes": [[[10, 10], [40, 10], [20, 70]]]}),
}
WARM_UPS = 50


def main() -> None:
    parser = argparse.ArgumentParser(description="What metrics and the log cost a request.")
    parser.add_argument("--requests", type=int, default=1500, help="of each kind (1500)")
    requests: int = parser.parse_args().requests
    medians = asyncio.run(measure(requests))
    print(f"{requests} requests of each kind; median milliseconds; {os.cpu_count()} cores")
    for asked, of in medians.items():
        print(f"\n{asked}")
        for kind, ms in of.items():
            more = "" if kind == "neither" else f"  {(ms - of['neither']) * 1000:+.0f} us"
            print(f"  {kind:18}{ms:8.3f} ms{more}")
    print()
    print(json.dumps({"benchmark": "telemetry", "requests": requests, "median_ms": medians}))


async def measure(requests: int) -> dict[str, dict[str, float]]:
    async with AsyncExitStack() as stack:
        clients = {kind: await client(stack, metrics) for kind, (metrics, _) in KINDS.items()}
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            logger = logging.getLogger(logs.LOGGER)
            handler = logging.StreamHandler(nowhere)
            handler.setFormatter(logs.formatter("json"))
            logger.handlers[:] = [handler]
            return {name: await medians(name, clients, requests) for name in ASKED}


async def client(stack: AsyncExitStack, metrics: bool) -> httpx2.AsyncClient:
    app = create_app(Settings(metrics=metrics, log_level="warning"))
    await stack.enter_async_context(app.router.lifespan_context(app))
    transport = httpx2.ASGITransport(app)
    made = httpx2.AsyncClient(transport=transport, base_url="http://inkdigits.test")
    return await stack.enter_async_context(made)


async def medians(
    name: str, clients: dict[str, httpx2.AsyncClient], requests: int
) -> dict[str, float]:
    method, path, body = ASKED[name]
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    logger = logging.getLogger(logs.LOGGER)
    for place in range(WARM_UPS + requests):
        for kind, (_, logged) in KINDS.items():
            logger.setLevel(logging.INFO if logged else logging.CRITICAL)
            began = time.perf_counter()
            await clients[kind].request(method, path, json=body)
            if place >= WARM_UPS:
                taken[kind].append(time.perf_counter() - began)
    return {kind: round(statistics.median(times) * 1000, 4) for kind, times in taken.items()}


if __name__ == "__main__":
    main()
