"""What does the normaliser bring? The same network and pictures, with it and without.

Without it, a picture is shrunk to 28x28 and inverted, as most MNIST demos do. Needs the real
handwriting: `INKDIGITS_DATA=... python benchmarks/normalisation.py [--limit N]`.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np

from inkdigits import Recognizer
from inkdigits.evaluation.plain import PlainReader
from inkdigits.evaluation.real import FILES, pictures
from inkdigits.evaluation.setresult import MEAN_OF


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=600, help="pictures a set (default: 600)")
    limit = parser.parse_args().limit
    folder = Path(os.environ["INKDIGITS_DATA"]) / "real"
    recognizer, plain = Recognizer.load(), PlainReader.load("standard")
    rows = {}
    print(f"{'set':14}{'n':>6}{'shrunk, inverted':>20}{'normalised':>14}")
    for name in MEAN_OF:
        count, shown = pictures(name, folder / FILES[name], limit)
        bare = full = 0
        for label, picture in shown:
            bare += str(plain.classify(picture).digit) == label
            full += str(recognizer.classify(picture).digit) == label
        rows[name] = {"n": count, "plain": bare / count, "normalised": full / count}
        print(f"{name:14}{count:6}{bare / count:20.2%}{full / count:14.2%}", flush=True)
    mean = {k: float(np.mean([row[k] for row in rows.values()])) for k in ("plain", "normalised")}
    print(f"{'mean':14}{'':6}{mean['plain']:20.2%}{mean['normalised']:14.2%}")
    print(json.dumps({"benchmark": "normalisation", "sets": rows, "mean": mean}))


if __name__ == "__main__":
    main()
