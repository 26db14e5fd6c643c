"""The service at half of what it can do, for half an hour: does it fail, does it grow?

    python benchmarks/soak.py [--minutes 30] [--out FOLDER]

One server process on one core, asked in an open loop for PNGs, strokes, drawings, tensors and, one
time in ten, for something wrong. Prints a line a minute, then the slope of the memory after the
first sixth of the time; `--out` gets a plot. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import load  # type: ignore[import-not-found] # beside this file
import numpy as np

#: How often each is asked for, of ten.
MIX = {"png": 4, "strokes": 2, "drawing": 2, "tensor": 1, "wrong": 1}
CONNECTIONS = 32


def main() -> None:
    parser = argparse.ArgumentParser(description="The service for half an hour.")
    parser.add_argument("--minutes", type=int, default=30, help="how long, 4 at least (30)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the plot goes")
    asked = parser.parse_args()
    if asked.minutes < 4:
        parser.error("in less than 4 minutes there is no slope to see")
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with load.served("inkdigits") as (port, process):
        result = asyncio.run(soaked(port, process, asked.minutes * 60))
    print(
        f"{result['answers']:,} answers at {result['rate']:.0f}/s: {result['bad']} of 5xx or "
        f"none, p50 {result['p50']:.2f} ms, p99 {result['p99']:.2f} ms; memory "
        f"{result['first_mb']:.0f} to {result['last_mb']:.0f} MB, "
        f"{result['mb_an_hour']:+.1f} MB an hour"
    )
    if asked.out:
        plot(result, asked.out / "soak.png")
    kept = {name: value for name, value in result.items() if name != "minutes"}
    print(json.dumps({"benchmark": "soak", "minutes": asked.minutes, "results": kept}))


async def soaked(port: int, process: int, seconds: float) -> dict[str, Any]:
    """Ask at half of the most; what came of it, in all and minute by minute."""
    mix = requests()
    wanted = random.Random(0).choices(list(mix), [MIX[name] for name in mix], k=9_991)
    order = [mix[name] for name in wanted]
    await load.closed(port, order, 3, 8)  # warm
    answers, took = await load.closed(port, order, 10, 8)
    rate = len(answers) / took / 2
    print(f"{2 * rate:.0f}/s at most; asking {rate:.0f}/s")
    minutes: list[dict[str, float]] = []
    every: list[load.Answer] = []
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        span = min(60.0, seconds - passed)
        found = await load.opened(port, order, span, rate, CONNECTIONS)
        bad = sum(it.status >= 500 or not it.status for it in found)
        row = {
            "minute": (time.perf_counter() - begun) / 60,
            "mb": memory(process) / 2**20,
            "p50": load.ms(found, 0.5),
            "p99": load.ms(found, 0.99),
            "bad": bad,
        }
        minutes.append(row)
        every += found
        print("  ".join(f"{name} {value:.2f}" for name, value in row.items()), flush=True)
    late = minutes[len(minutes) // 6 :]
    slope = np.polyfit([it["minute"] for it in late], [it["mb"] for it in late], 1)[0]
    return {
        "rate": rate,
        "answers": len(every),
        "statuses": Counter(str(it.status) for it in every),
        "bad": sum(int(it["bad"]) for it in minutes),
        "p50": load.ms(every, 0.5),
        "p99": load.ms(every, 0.99),
        "first_mb": late[0]["mb"],
        "last_mb": late[-1]["mb"],
        "mb_an_hour": float(slope) * 60,
        "minutes": minutes,
    }


def requests() -> dict[str, bytes]:
    """What is asked."""
    wrong = load.http("/api/v1/classify", "application/json", b'{"strokes": [[["a", 1]]]}')
    return {**load.requests("inkdigits"), "wrong": wrong}


def memory(process: int) -> int:
    """Bytes of memory that the process holds; Linux alone tells so."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def plot(result: dict[str, Any], file: Path) -> None:
    """Memory, and the times of answers, over the minutes."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    minutes = [it["minute"] for it in result["minutes"]]
    figure, (above, below) = plt.subplots(2, sharex=True, figsize=(8, 5), layout="constrained")
    above.plot(minutes, [it["mb"] for it in result["minutes"]], color="#0b6e4f")
    above.set_ylim(0, 1.25 * max(it["mb"] for it in result["minutes"]))
    above.set_ylabel("memory, MB")
    above.set_title(
        f"{result['answers']:,} requests at {result['rate']:.0f} a second: "
        f"{result['bad']} failed, {result['mb_an_hour']:+.1f} MB an hour"
    )
    for name, colour in (("p50", "#08519c"), ("p99", "#d95f02")):
        below.plot(minutes, [it[name] for it in result["minutes"]], color=colour, label=name)
    below.set_ylim(bottom=0)
    below.set_ylabel("answer, ms")
    below.set_xlabel("minutes")
    below.legend(frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=120)
    print(f"Plot: {file}")


if __name__ == "__main__":
    main()
