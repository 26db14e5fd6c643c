"""How long the web page needs by itself to read a number of several digits.

    python benchmarks/page_rows.py [--rows 60] [--digits 4] [--chromium PATH]

In Chromium, by the modules that the page loads, with both models made ready: pen strokes to a text.
The rows are digits in made-up styles side by side, no two rows of the same width. Beside it, Python
on the same strokes in the same run. Sizes are what the page fetches, packed by gzip, beside what it
needs for single digits. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from playwright.sync_api import sync_playwright

from inkdigits import ink, rows, strokes
from inkdigits.line import LineModel
from inkdigits.model import Model
from inkdigits.reader import Reader
from inkdigits.rules import Rules
from inkdigits.service import webapp
from inkdigits.wild import styles

if TYPE_CHECKING:
    from playwright.sync_api import Route

ORIGIN = "http://rows.test"
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Where the page begins to load what reads single digits, and what reads rows.
SINGLE = ("static/engine/worker.js", "static/normalise/index.js")
SEVERAL = ("static/line/client.js", "static/line/worker.js")
MODEL = "static/models/lines/line.onnx"
TIMED = """async (pens) => {
    const from = (name) => import(`/static/${name}.js`);
    const begun = performance.now();
    if (!window.reader) {
        const { LineNetwork } = await from("engine/linenetwork");
        const { Network } = await from("engine/network");
        const { RowReader } = await from("line/rowreader");
        const line = await LineNetwork.load("/static/models/lines/line.onnx");
        window.reader = new RowReader(line, await Network.load("/static/models/standard.onnx"));
    }
    const start = performance.now() - begun;
    const found = pens.map((pen) => {
        const start = performance.now();
        const number = reader.read(pen);
        return { milliseconds: performance.now() - start, text: number && number.text };
    });
    return { start, found };
}"""

Pen = list[list[list[float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of reading a number in the page.")
    parser.add_argument("--rows", type=int, default=60, help="how many are timed (60)")
    parser.add_argument("--digits", type=int, default=4, help="of each (4)")
    found = os.environ.get("INKDIGITS_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    parser.add_argument("--chromium", default=found, help="the browser's path")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    pens = [row(given.digits, rng) for _ in range(given.rows + 5)]
    start, here, texts = in_page(pens, given.chromium)
    there, expected = in_python(pens)
    results = {}
    print(f"{os.cpu_count()} cores, {given.rows} numbers of {given.digits} digits")
    print(f"{'':12}{'median':>12}{'95 %':>12}")
    for name, milliseconds in (("page", here[5:]), ("python", there[5:])):
        median, late = np.percentile(milliseconds, [50, 95])
        results[name] = {"median_ms": round(float(median), 1), "p95_ms": round(float(late), 1)}
        print(f"{name:12}{median:9.1f} ms{late:9.1f} ms")
    same = sum(one == other for one, other in zip(texts, expected, strict=True))
    sizes = {"code": code(), "model": packed(webapp.files()[MODEL])}
    print(f"texts agree: {same} of {len(pens)}; from nothing to ready {start:.0f} ms")
    for name, size in sizes.items():
        print(f"{name}: {size / 1000:,.1f} kB more to fetch than for single digits, packed")
    line = {"benchmark": "page_rows", "rows": given.rows, "digits": given.digits}
    done = {"start_ms": round(start, 1), "gzip_bytes": sizes, "results": results}
    print(json.dumps(line | done))


def row(digits: int, rng: np.random.Generator) -> Pen:
    """Digits side by side, in thousandths of the pad."""
    pen: Pen = []
    place = 20.0
    for _ in range(digits):
        lines = styles.digit(int(rng.integers(10)), rng)
        every = np.concatenate(lines)
        low, extent = every.min(axis=0), np.ptp(every, axis=0)
        scale = 200 / max(float(extent[1]), 0.6 * float(extent[0]))
        pen += [np.round((line - low) * scale + [place, 300], 1).tolist() for line in lines]
        place += float(extent[0]) * scale + rng.uniform(30, 60)
    return pen


def in_page(pens: list[Pen], chromium: str | None) -> tuple[float, list[float], list[str | None]]:
    """Milliseconds until the page can read, and of each row, and what it says."""

    def answer(route: Route) -> None:
        path = webapp.files().get(route.request.url.removeprefix(f"{ORIGIN}/"))
        if path is None:
            route.fulfill(body="<!doctype html>", content_type="text/html")
        else:
            kind = "text/javascript" if path.suffix == ".js" else "application/octet-stream"
            route.fulfill(path=path, content_type=kind)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", answer)
        page.goto(f"{ORIGIN}/empty.html")
        told: dict[str, Any] = page.evaluate(TIMED, pens)
        browser.close()
    found = told["found"]
    return told["start"], [it["milliseconds"] for it in found], [it["text"] for it in found]


def in_python(pens: list[Pen]) -> tuple[list[float], list[str | None]]:
    """Milliseconds of each row by Python, and what it says."""
    reader = Reader(Model.load("standard"), LineModel.load())
    milliseconds, texts = [], []
    for pen in pens:
        start = time.perf_counter()
        found = rows.only(ink.extract(strokes.render_row(pen)))
        number = None if found is None else reader.read(found, Rules())
        milliseconds.append((time.perf_counter() - start) * 1e3)
        texts.append(None if number is None else number.text)
    return milliseconds, texts


def code() -> int:
    """Bytes of the modules that rows need and single digits do not, each packed."""
    files = webapp.files()
    return sum(packed(files[name]) for name in loaded(SEVERAL) - loaded(SINGLE))


def loaded(names: tuple[str, ...]) -> set[str]:
    """Those modules and all that they import."""
    files = webapp.files()
    found, waiting = set(names), list(names)
    while waiting:
        name = Path(waiting.pop())
        source = files[name.as_posix()].read_text(encoding="utf-8")
        for other in re.findall(r'^import .*?"(\.[^"]+)";', source, re.MULTILINE | re.DOTALL):
            address = Path(os.path.normpath(name.parent / other)).as_posix()
            if address not in found:
                found.add(address)
                waiting.append(address)
    return found


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


if __name__ == "__main__":
    main()
