"""Two replicas behind nginx with one PostgreSQL and one Redis: one is killed again and again.

    PYTHONPATH=. python benchmarks/replicas.py [--seconds 30] [--kills 6]

Clients have digits read and say what they think of the answer, each correction with an id of its
own, sent again where no answer came. A replica is killed (`kill -9`) and started anew, in turns.
Then the rows are counted: each acknowledged correction must be there once. Needs nginx, PostgreSQL
and redis-server. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2

from tests.faults.replicas import SEVEN, Clients, Shared, proxied, sharing

LIMIT, ASKED = 200, 500


def main() -> None:
    parser = argparse.ArgumentParser(description="Two replicas, one of which is killed.")
    parser.add_argument("--seconds", type=float, default=30, help="of load (30)")
    parser.add_argument("--kills", type=int, default=6, help="in that time (6)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sharing(Path(folder)) as shared:
        result = killed(shared, asked.seconds, asked.kills)
        result["let_in"] = limited(shared)
    print(
        f"{result['requests']:,} requests, {asked.kills} kills: {result['bad'] or 'all answered'}; "
        f"longest time without an answer {result['longest_gap_ms']:.0f} ms"
    )
    print(
        f"{result['acknowledged']:,} corrections acknowledged, {result['repeated']} sent again: "
        f"{result['lost']} lost, {result['twice']} stored twice"
    )
    print(f"a rate of {LIMIT} an hour, {ASKED} asked of both in turns: {result['let_in']} let in")
    print(json.dumps({"benchmark": "replicas", "seconds": asked.seconds, "results": result}))
    assert not result["lost"]
    assert not result["twice"]


def killed(shared: Shared, seconds: float, kills: int) -> dict[str, Any]:
    """Load, while replicas are killed."""
    with (
        tempfile.TemporaryDirectory() as folder,
        shared.replicas() as two,
        proxied(Path(folder), two) as address,
    ):
        with Clients(address) as seen:
            for _, replica in zip(range(kills), cycle(two), strict=False):
                time.sleep(seconds / kills / 2)
                replica.kill()
                time.sleep(seconds / kills / 2)
                replica.start()
            time.sleep(1)
        rows = shared.stored()
    good = ("classify 200", "feedback 201")
    return {
        "requests": sum(seen.statuses.values()),
        "bad": {name: n for name, n in seen.statuses.items() if name not in good},
        "longest_gap_ms": round(seen.longest_gap * 1000, 1),
        "acknowledged": len(seen.acknowledged),
        "repeated": seen.repeated,
        "lost": len(seen.acknowledged - rows.keys()),
        "twice": sum(count > 1 for count in rows.values()),
    }


def limited(shared: Shared) -> int:
    """How many of many requests both let in together."""
    with shared.replicas(rate_limit=f"{LIMIT}/hour") as two, httpx2.Client(timeout=30) as client:
        urls = [f"{it.url}/api/v1/classify" for it in two]
        return sum(client.post(urls[n % 2], json=SEVEN).is_success for n in range(ASKED))


if __name__ == "__main__":
    main()
