"""What the page costs: its first load, how far its answer lies behind the pen, how it moves.

    python benchmarks/page.py [--drawings 60] [--lighthouse]

The real `inkdigits serve` and a real Chromium, with nothing in its cache. The first load is all
that crosses the line until the page is at rest, headers included; what the service worker then
fetches to work offline is counted apart. Digits are drawn by mouse events at 60 a second; the
answer's time is from the event of the pen's lifting to the frame after the last answer, as the
page sees it, and the server's is what the server logs. Layout shift is the sum of all that the Web
Vitals count while loading, drawing and reading; `moved_by_answers` is what they leave out because
it follows an input, as the words of an answer do. Lighthouse is fetched by npm into a temporary
folder. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
#: The budgets: kB of the first load, ms behind the pen and in the server, layout shift, scores.
BUDGETS = {"first_load_kb": 150, "answer_p95_ms": 100, "server_p95_ms": 30, "layout_shift": 0.0}
AUDITS = ("performance", "accessibility", "best-practices", "seo")
LEAST_SCORE = 95

#: Digits as polylines on a unit square, y down: 2, 3, 5, 7, 0, 1.
SHAPES = {
    2: [(0.2, 0.3), (0.4, 0.1), (0.7, 0.15), (0.75, 0.35), (0.5, 0.6), (0.2, 0.9), (0.8, 0.88)],
    3: [(0.2, 0.15), (0.7, 0.1), (0.75, 0.3), (0.45, 0.45), (0.75, 0.6), (0.7, 0.85), (0.2, 0.85)],
    7: [(0.2, 0.15), (0.8, 0.15), (0.6, 0.5), (0.45, 0.9)],
    0: [(0.5, 0.1), (0.25, 0.3), (0.22, 0.7), (0.5, 0.9), (0.77, 0.7), (0.75, 0.3), (0.5, 0.1)],
    1: [(0.52, 0.1), (0.5, 0.5), (0.48, 0.9)],
    6: [(0.65, 0.1), (0.35, 0.4), (0.25, 0.75), (0.5, 0.9), (0.7, 0.7), (0.5, 0.55), (0.3, 0.7)],
}

#: Notes shifts of the layout, and for each lift of the pen the time to the settled answer's frame.
WATCH = """
  window.shifts = [0, 0];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.filter(({ previousRect: { width } }) => width > 0);
      if (moved.length > 0) window.shifts[Number(entry.hadRecentInput)] += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  window.delays = [];
  window.addEventListener("pointerup", (event) => {
    const begun = event.timeStamp;
    const answer = document.getElementById("answer");
    const look = () => {
      if (answer.getAttribute("aria-busy") !== "false") return requestAnimationFrame(look);
      requestAnimationFrame((now) => window.delays.push(performance.now() - begun));
    };
    setTimeout(look); // after the page has begun to wait
  }, true);
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="The page's weight and delays.")
    parser.add_argument("--drawings", type=int, default=60, help="digits drawn (60)")
    parser.add_argument("--lighthouse", action="store_true", help="run Lighthouse too (npm)")
    asked = parser.parse_args()
    chromium = os.environ.get("INKDIGITS_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if chromium is None:
        sys.exit("There is no Chromium: install it, or name it in INKDIGITS_CHROMIUM.")
    with served() as (address, log):
        found = measured(chromium, address, asked.drawings)
        told = [json.loads(line) for line in log().splitlines() if line.startswith("{")]
        times = [it["duration_ms"] for it in told if it.get("route") == "/api/v1/classify"]
        found["server_median_ms"], found["server_p95_ms"] = at(times, 0.5), at(times, 0.95)
        scores, reason = (
            lighthouse(chromium, address) if asked.lighthouse else ({}, "not asked for")
        )
    table(found, scores, reason)
    found["lighthouse"] = scores or f"skipped: {reason}"
    print(json.dumps({"benchmark": "page", "drawings": asked.drawings, **found}))


def table(found: dict[str, Any], scores: dict[str, int], reason: str) -> None:
    """Print each figure beside its budget."""
    for name, value in found.items():
        if isinstance(value, dict):
            parts = ", ".join(f"{kind} {size:.1f}" for kind, size in value.items())
            print(f"{name:24}{parts}")
            continue
        budget = BUDGETS.get(name)
        kept = (
            ""
            if budget is None
            else f"  budget {budget}: {'kept' if value <= budget else 'MISSED'}"
        )
        print(
            f"{name:24}{value:10,.3g}{kept}"
            if isinstance(value, float)
            else f"{name:24}{value:10,}{kept}"
        )
    for name, score in scores.items():
        print(
            f"lighthouse {name:13}{score:10}  budget {LEAST_SCORE}: "
            f"{'kept' if score >= LEAST_SCORE else 'MISSED'}"
        )
    if not scores:
        print(f"lighthouse skipped: {reason}")


def measured(chromium: str, address: str, drawings: int) -> dict[str, Any]:
    """What Chromium sees of the page."""
    from playwright.sync_api import sync_playwright

    found: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        found |= weighed(browser, address, offline=False)
        found |= weighed(browser, address, offline=True)
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address, wait_until="networkidle")
        for digit, points in drawn(drawings):
            draw(page, digit, points)
        delays = page.evaluate("() => window.delays")
        assert len(delays) == drawings, (len(delays), drawings)
        found["answer_median_ms"], found["answer_p95_ms"] = at(delays, 0.5), at(delays, 0.95)
        found["layout_shift"], found["moved_by_answers"] = page.evaluate("() => window.shifts")
        browser.close()
    return found


def weighed(browser: Any, address: str, *, offline: bool) -> dict[str, Any]:
    """Bytes that cross the line until the page is at rest; with `offline`, the worker's too."""
    context = browser.new_context(service_workers="allow" if offline else "block")
    page = context.new_page()
    if offline:
        with pages_bytes(page) as sizes:
            page.goto(address)
            page.evaluate("() => navigator.serviceWorker.ready")
            page.wait_for_timeout(1_500)
        kept = page.evaluate(
            """async () => {
              const [name] = await caches.keys();
              const cache = await caches.open(name);
              const all = await Promise.all((await cache.keys()).map((it) => cache.match(it)));
              const sizes = await Promise.all(all.map(async (it) => (await it.blob()).size));
              return sizes.reduce((sum, it) => sum + it, 0);
            }"""
        )
        context.close()
        return {"kept_for_offline_kb": kept / 1000}
    with pages_bytes(page) as sizes:
        page.goto(address, wait_until="networkidle")
    timing = page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    context.close()
    kinds: dict[str, float] = {}
    for kind, size in sizes.values():
        kinds[kind] = kinds.get(kind, 0) + size / 1000
    return {
        "first_load_kb": sum(kinds.values()),
        "first_load_requests": len(sizes),
        "first_paint_ms": float(timing),
        "kinds_kb": dict(sorted(kinds.items(), key=lambda it: -it[1])),
    }


@contextmanager
def pages_bytes(page: Any) -> Iterator[dict[str, tuple[str, float]]]:
    """Request -> its kind and its bytes on the line, while the page loads."""
    kinds: dict[str, str] = {}
    sizes: dict[str, tuple[str, float]] = {}
    session = page.context.new_cdp_session(page)
    session.on("Network.responseReceived", lambda it: kinds.update({it["requestId"]: it["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda it: sizes.update(
            {it["requestId"]: (kinds.get(it["requestId"], "Other"), it["encodedDataLength"])}
        ),
    )
    session.send("Network.enable")
    yield sizes


def drawn(count: int) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """Digits with some change in each, as points close to one another."""
    rng = random.Random(7)
    for k in range(count):
        digit = list(SHAPES)[k % len(SHAPES)]
        corners = [(x + rng.gauss(0, 0.02), y + rng.gauss(0, 0.02)) for x, y in SHAPES[digit]]
        points = list[tuple[float, float]]()
        for (x0, y0), (x1, y1) in pairwise(corners):
            steps = max(2, math.ceil(math.hypot(x1 - x0, y1 - y0) / 0.06))
            points += [
                (x0 + (x1 - x0) * t / steps, y0 + (y1 - y0) * t / steps) for t in range(steps)
            ]
        yield digit, [*points, corners[-1]]


def draw(page: Any, digit: int, points: list[tuple[float, float]]) -> None:
    """One digit by mouse, its answer awaited, and cleared away."""
    box = page.locator("#pad").bounding_box()
    side = min(box["width"], box["height"]) * 0.6
    left, top = box["x"] + box["width"] / 2 - side / 2, box["y"] + box["height"] / 2 - side / 2
    many = page.evaluate("() => window.delays.length")
    for k, (x, y) in enumerate(points):
        page.mouse.move(left + x * side, top + y * side)
        if k == 0:
            page.mouse.down()
        time.sleep(1 / 60)
    page.mouse.up()
    page.wait_for_function("(many) => window.delays.length > many", arg=many)
    read = page.locator("#figure").inner_text()
    if read != str(digit):
        print(f"a {digit} was read as {read!r}", file=sys.stderr)
    page.keyboard.press("Escape")


def lighthouse(chromium: str, address: str) -> tuple[dict[str, int], str]:
    """Lighthouse's scores of 100 for a phone, and why there are none."""
    npx = shutil.which("npx")
    if npx is None:
        return {}, "npx is not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(npx, "--yes", "lighthouse", f"{address}/", "--output=json", "--quiet"),
            *("--output-path=report.json", f"--only-categories={','.join(AUDITS)}"),
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        ]
        environment = os.environ | {"CHROME_PATH": chromium}
        try:
            subprocess.run(
                command, cwd=folder, env=environment, check=True, capture_output=True, timeout=400
            )
        except subprocess.TimeoutExpired:
            return {}, "it did not end"
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return {}, f"it failed: {' '.join(last)}"
        report = json.loads(Path(folder, "report.json").read_text(encoding="utf-8"))
    for audit in report["audits"].values():
        if audit["score"] is not None and audit["score"] < 0.9:
            print(f"lighthouse: {audit['id']}: {audit['title']}", file=sys.stderr)
    return {name: round(report["categories"][name]["score"] * 100) for name in AUDITS}, ""


@contextmanager
def served() -> Iterator[tuple[str, Any]]:
    """The address of `inkdigits serve`, and a function that gives its log so far."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "inkdigits", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines: list[str] = []

    def drain(stream: IO[str]) -> None:
        lines.extend(stream)  # appends as they come

    assert server.stderr is not None
    threading.Thread(target=drain, args=(server.stderr,), daemon=True).start()
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"{address}/readyz") as answer:
                if answer.status == 200:
                    break
            time.sleep(0.1)
        yield address, lambda: "".join(lines)
    finally:
        server.terminate()
        server.wait(timeout=20)


def at(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


if __name__ == "__main__":
    main()
