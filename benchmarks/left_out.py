"""How well a source is read by a network that never saw it, beside one that did.

    inkdigits sweep plans/left_out.toml --out runs/left_out
    python benchmarks/left_out.py runs/left_out/*/ [--limit 1000]

Each folder is that of a run; what its recipe left out is what it is judged by, and one that left
nothing out is the peer. Pictures are shown as `inkdigits evaluate` shows them. Letters count as
accepted at the threshold of digitness which refuses 2 % of the digits of all sets. The peer saw
nine tenths of each source. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np

from inkdigits import Recognizer
from inkdigits.evaluation.readings import Readings
from inkdigits.evaluation.real import FILES, pictures
from inkdigits.evaluation.setresult import MEAN_OF
from inkdigits.training import formats, recipe

REFUSED = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description="Sources that a network never saw.")
    parser.add_argument("runs", nargs="+", type=Path, help="folders of runs")
    parser.add_argument("--limit", type=int, default=1000, help="pictures a set (default: 1000)")
    given = parser.parse_args()
    folder = Path(os.environ["INKDIGITS_DATA"]) / "real"
    sets = {name: list(pictures(name, folder / FILES[name], given.limit)[1]) for name in FILES}
    found = {}
    for run in given.runs:
        left_out = recipe.read(run).without or "nothing"
        found[left_out] = judged(run, sets)
        print(f"read by the network that left out {left_out}", flush=True)
    if "nothing" not in found:
        parser.error("one of the runs must have left nothing out")
    columns = [*MEAN_OF, "letters"]
    counts = {name: len(sets[name]) for name in columns}
    print(f"{'left out':14}" + "".join(f"{name:>13}" for name in columns))
    print(f"{'n':14}" + "".join(f"{counts[name]:13}" for name in columns))
    for left_out, row in found.items():
        marks = ["*" if name == left_out else " " for name in columns]
        cells = [f"{row[name]:12.2%}{mark}" for name, mark in zip(columns, marks, strict=True)]
        print(f"{left_out:14}" + "".join(cells))
    print("Digits: read rightly. Letters: accepted. *: never seen.")
    print(json.dumps({"benchmark": "left_out", "n": counts, "results": found}))


def judged(run: Path, sets: dict[str, list[tuple[str, np.ndarray]]]) -> dict[str, float]:
    """The share of each set of digits read rightly, and of letters accepted."""
    network = recipe.read(run).network
    reader = Recognizer(formats.load(run / f"{network}.keras"))
    read = {
        name: Readings.of(
            [label for label, _ in shown], reader.classify_many([it for _, it in shown])
        )
        for name, shown in sets.items()
    }
    digits = Readings.joined([read[name] for name in MEAN_OF])
    least = np.quantile(np.nan_to_num(digits.digitness, nan=-np.inf), REFUSED)
    shares = {name: float(read[name].right.mean()) for name in MEAN_OF}
    return {**shares, "letters": float((read["letters"].digitness >= least).mean())}


if __name__ == "__main__":
    main()
