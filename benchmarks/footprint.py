"""How much memory does a server take: at rest, after many digits, and for large pages at once?

In: nothing. Out: a table and one JSON line. It starts `inkdigits serve`, sends it drawings one
after the other, then four photographs of 16 megapixels at once, and asks the system (Linux) what
the process holds and held at most.

    python benchmarks/footprint.py
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageDraw

DRAWING = json.dumps({"strokes": [[[10, 10], [40, 10], [20, 70]]]}).encode()
DIGITS, PAGES, SIDE = 200, 4, 4000


def page() -> bytes:
    """A photograph's worth of sevens, as a PNG."""
    paper = Image.new("L", (SIDE, SIDE), 240)
    pen = ImageDraw.Draw(paper)
    for top in range(150, SIDE - 100, 250):
        for left in range(150, SIDE - 200, 400):
            seven = [(left, top), (left + 90, top), (left + 30, top + 150)]
            pen.line(seven, fill=30, width=14)
    file = io.BytesIO()
    paper.save(file, "PNG")
    return file.getvalue()


def megabytes(process: int, name: str) -> float:
    """`VmRSS`, what it holds, or `VmHWM`, what it held at most."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return round(int(line.split()[1]) * 1024 / 1e6, 1)


def send(address: str, path: str, body: bytes, kind: str) -> None:
    request = urllib.request.Request(f"{address}{path}", body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=300) as answer:
        answer.read()


def main() -> None:
    serve = [sys.executable, "-m", "inkdigits", "serve", "--port", "0", "--log-level", "error"]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split(": ")[1].split()[0]
        found = {"at_rest_mb": megabytes(server.pid, "VmRSS")}
        began = time.perf_counter()
        for _ in range(DIGITS):
            send(address, "/api/v1/classify", DRAWING, "application/json")
        found["digits_a_second"] = round(DIGITS / (time.perf_counter() - began))
        found["after_digits_mb"] = megabytes(server.pid, "VmRSS")
        body = page()
        with ThreadPoolExecutor(PAGES) as pool:
            jobs = [
                pool.submit(send, address, "/api/v1/read", body, "image/png") for _ in range(PAGES)
            ]
            for job in jobs:
                job.result()
        found["most_mb"] = megabytes(server.pid, "VmHWM")
    finally:
        server.terminate()
        server.wait()
    for key, value in found.items():
        print(f"{key.replace('_', ' '):18}{value}")
    print(json.dumps({"digits": DIGITS, "pages": PAGES, **found}))


if __name__ == "__main__":
    main()
