"""How many cells of filled-in forms are read right, how many are doubtful, and how long it takes?

    python -m benchmarks.forms [--sheets 40] [--seed 0]

In the repository's root: the sheets are those of the tests, a score sheet of 25 fields filled in
with rendered pen strokes, a hand of its own each. They come in turns as scans askew, as scans
upside down, as phone photos in perspective and shadow, and as such of bent paper. One core. The
last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

if hasattr(os, "sched_setaffinity"):  # before anything counts the cores
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import cv2
import numpy as np
from PIL import Image

from inkdigits import Recognizer
from inkdigits.forms.filling import FormReader
from tests.forms import made

KINDS = ("scan", "upside down", "photo", "bent photo")
PHOTO = np.array([[300, 180], [1350, 260], [1500, 1800], [120, 1650]], np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sheets", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    counts = {
        kind: dict.fromkeys(("sheets", "cells", "right", "doubtful", "wrong"), 0) for kind in KINDS
    }
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "blank.png"
        Image.fromarray(made.blank()).save(reference)
        reader = FormReader(made.template(anchors="print", reference=reference), Recognizer.load())
        for number in range(asked.sheets):
            kind = KINDS[number % len(KINDS)]
            texts = made.race(rng)
            picture = shot(made.filled(texts, rng, pen=rng.uniform(2.5, 5)), kind, rng)
            began = time.perf_counter()
            sheet = reader.read(picture, kind)
            seconds.append(time.perf_counter() - began)
            count = counts[kind]
            count["sheets"] += 1
            count["cells"] += len(texts)
            for cell in sheet.cells:
                right = cell.text == texts[cell.field]
                count["right"] += right
                count["doubtful"] += not cell.accepted
                count["wrong"] += cell.accepted and not right
                if not right:
                    sure = "accepted" if cell.accepted else cell.reason
                    print(f"{kind}: {texts[cell.field]} read as {cell.text or '-'} ({sure})")
    tell(counts, seconds)


def shot(
    page: made.Grey, kind: str, rng: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if kind == "scan":
        seen = made.scanned(page, degrees=rng.uniform(-4, 4), scale=rng.uniform(0.8, 1.8))
    elif kind == "upside down":
        seen = made.scanned(page, degrees=rng.uniform(-2, 2), scale=1.2, turned=2)
    else:
        if kind == "bent photo":
            page = bent(page, rng)
        corners = PHOTO + rng.uniform(-60, 60, (4, 2))
        seen = made.photographed(page, corners, (1700, 2000), rng, shadow=rng.uniform(0, 0.6))
    return np.asarray(np.round(seen.picture.pixels * 255), np.uint8)


def bent(page: made.Grey, rng: np.random.Generator) -> made.Grey:
    """Pushed about by up to nine pixels or so, smoothly."""
    nodes = rng.normal(0, 3, (4, 4, 2)).astype(np.float32)
    away = cv2.resize(nodes, (made.WIDTH, made.HEIGHT), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(
        np.arange(made.WIDTH, dtype=np.float32), np.arange(made.HEIGHT, dtype=np.float32)
    )
    moved = cv2.remap(page, x + away[..., 0], y + away[..., 1], cv2.INTER_LINEAR, borderValue=1)
    return np.asarray(moved, np.float32)


def tell(counts: dict[str, dict[str, int]], seconds: list[float]) -> None:
    print(
        f"{'':12} {'sheets':>7} {'cells':>7} {'right':>8} {'doubtful':>9} {'accepted, wrong':>16}"
    )
    for kind, it in counts.items():
        cells = max(it["cells"], 1)
        print(
            f"{kind:12} {it['sheets']:7} {it['cells']:7} {it['right'] / cells:8.2%} "
            f"{it['doubtful'] / cells:9.2%} {it['wrong']:16}"
        )
    median = float(np.median(seconds)) if seconds else 0.0
    print(f"{median:.2f} s a sheet, the median")
    print(json.dumps({"counts": counts, "seconds": round(median, 3)}))


if __name__ == "__main__":
    main()
