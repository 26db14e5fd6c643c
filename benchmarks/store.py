"""Bytes that a kept prediction takes in an SQLite file, and how fast they are written.

    python benchmarks/store.py [--rows 20000]

Made-up predictions of the same shape as the service's, in batches of 100, without what the model
saw and with it. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from inkdigits.store.prediction import Kept
from inkdigits.store.predictions import PredictionStore

BATCH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description="What a kept prediction takes.")
    parser.add_argument("--rows", type=int, default=20_000, help="of each kind (20000)")
    rows = parser.parse_args().rows // BATCH * BATCH
    if rows < BATCH:
        parser.error(f"give at least {BATCH} rows")
    found = {"metadata": measured(rows, pixels=False), "pictures": measured(rows, pixels=True)}
    for name, (size, rate) in found.items():
        print(f"{name:10}{size:8.0f} bytes a prediction {rate:10.0f} a second")
    print(json.dumps({name: {"bytes": round(size)} for name, (size, _) in found.items()}))


def measured(rows: int, *, pixels: bool) -> tuple[float, float]:
    """Bytes of a row in the file, and rows written in a second."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "kept.db")
        store = PredictionStore(str(file))
        empty, began = file.stat().st_size, time.monotonic()
        for _ in range(rows // BATCH):
            store.add([prediction(rng, pixels=pixels) for _ in range(BATCH)])
        seconds = time.monotonic() - began
        store.close()
        return (file.stat().st_size - empty) / rows, rows / seconds


def prediction(rng: np.random.Generator, *, pixels: bool) -> Kept:
    shares = rng.dirichlet(np.full(10, 0.1))
    return Kept(
        request_id=rng.bytes(12).hex(),
        model="standard",
        version="2",
        digit=int(shares.argmax()),
        reason=None,
        confidence=float(shares.max()),
        probabilities=tuple(shares.tolist()),
        seconds=float(rng.uniform(0.001, 0.01)),
        kind="image",
        seen=rng.bytes(784) if pixels else None,
    )


if __name__ == "__main__":
    main()
