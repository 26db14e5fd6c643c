"""What it costs the web page to bring a drawing into MNIST's frame without the server.

    python benchmarks/page_normalise.py [--drawings 300] [--chromium PATH]

In Chromium, by the modules that the page loads: pen strokes to 28x28 pixels. The drawings are
digits in made-up styles, as the pad has them. Beside it, Python on the same drawings in the same
run. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from playwright.sync_api import sync_playwright

import inkdigits
from inkdigits import shown, strokes
from inkdigits.wild import styles

if TYPE_CHECKING:
    from playwright.sync_api import Route

MODULES = Path(inkdigits.__file__).parent / "service" / "page" / "normalise"
ORIGIN = "http://normaliser.test"
NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMED = """async (pens) => {
    const { seen } = await import('/index.js');
    return pens.map((pen) => {
        const start = performance.now();
        seen(pen);
        return performance.now() - start;
    });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of normalising a drawing in the page.")
    parser.add_argument("--drawings", type=int, default=300, help="how many (300)")
    found = os.environ.get("INKDIGITS_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    parser.add_argument("--chromium", default=found, help="the browser's path")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    pens = [
        [np.round(line * 250 + 20, 1).tolist() for line in styles.digit(at % 10, rng)]
        for at in range(given.drawings)
    ]
    times = {"page": in_page(pens, given.chromium), "python": in_python(pens)}
    results = {}
    print(f"{'':12}{'median':>12}{'95 %':>12}")
    for name, milliseconds in times.items():
        median, late = np.percentile(milliseconds, [50, 95])
        results[name] = {"median_ms": float(median), "p95_ms": float(late)}
        print(f"{name:12}{median:9.2f} ms{late:9.2f} ms")
    print(json.dumps({"benchmark": "page_normalise", "drawings": len(pens), "results": results}))


def in_page(pens: list[list[list[list[float]]]], chromium: str | None) -> list[float]:
    """Milliseconds a drawing, by the page's modules."""

    def answer(route: Route) -> None:
        path = MODULES / route.request.url.removeprefix(f"{ORIGIN}/")
        if path.is_file():
            route.fulfill(path=path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(f"{ORIGIN}/empty.html")
        page.evaluate(TIMED, pens[:30])  # the engine compiles what is called often
        milliseconds: list[float] = page.evaluate(TIMED, pens)
        browser.close()
    return milliseconds


def in_python(pens: list[list[list[list[float]]]]) -> list[float]:
    """Milliseconds a drawing, by Python."""
    milliseconds = []
    for pen in pens:
        start = time.perf_counter()
        shown.shown(strokes.render(pen))
        milliseconds.append((time.perf_counter() - start) * 1e3)
    return milliseconds


if __name__ == "__main__":
    main()
