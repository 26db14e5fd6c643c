"""How long until the first answer: a fresh interpreter imports, loads and reads one digit.

    python benchmarks/cold_start.py [--runs 5]

Each run is a new process on warm disk caches; the median of the runs is shown, and the peak
memory of a process. Beside inkdigits stands Keras with the weights that the shipped model came
from (`weights/standard.keras`), once as `model.predict(x)` and once as the quicker `model(x)`.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

WEIGHTS = Path(__file__).parents[1] / "weights" / "standard.keras"

# Each program times itself from its first line and prints (seconds, peak bytes).
PROLOGUE = "import time; start = time.perf_counter()\nimport numpy as np\n"
EPILOGUE = """
seconds = time.perf_counter() - start
import json, resource, sys
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit]))
"""
DIGIT = "x = np.zeros((1, 28, 28, 1), np.float32); x[0, 5:23, 13:15] = 1\n"
KERAS = DIGIT + f"import keras\nmodel = keras.saving.load_model({str(WEIGHTS)!r}, compile=False)\n"
PROGRAMS = {
    "inkdigits": DIGIT + "from inkdigits import Recognizer\nRecognizer.load().predict(x)",
    "Keras model(x)": KERAS + "np.argmax(np.asarray(model(x)))",
    "Keras model.predict(x)": KERAS + "np.argmax(model.predict(x, verbose=0))",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time to the first answer.")
    parser.add_argument("--runs", type=int, default=5, help="fresh interpreters each (5)")
    runs: int = parser.parse_args().runs

    print(f"{'':24}{'first answer':>14}{'whole process':>15}{'peak memory':>13}")
    results: dict[str, dict[str, float] | str] = {}
    for name, program in PROGRAMS.items():
        reason = why_not(name)
        if reason:
            print(f"{name:24}skipped: {reason}")
            results[name] = f"skipped: {reason}"
            continue
        row = measure(PROLOGUE + program + EPILOGUE, runs)
        print(
            f"{name:24}{row['first_answer_s']:12.2f} s{row['process_s']:13.2f} s"
            f"{row['peak_mb']:10.0f} MB"
        )
        results[name] = row
    print(json.dumps({"benchmark": "cold_start", "runs": runs, "results": results}))


def why_not(name: str) -> str | None:
    """Why a program cannot run here, or `None`."""
    if not name.startswith("Keras"):
        return None
    if find_spec("keras") is None:
        return "Keras is not installed"
    return None if WEIGHTS.is_file() else f"{WEIGHTS.name} is not in weights/"


def measure(program: str, runs: int) -> dict[str, float]:
    """Medians over fresh interpreters, after one that warms the disk caches."""
    answers, processes, peaks = [], [], []
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
            capture_output=True,
            text=True,
            check=False,
        )
        processes.append(time.perf_counter() - start)
        if done.returncode != 0:
            sys.exit(f"A run failed:\n{done.stderr}")
        seconds, peak = json.loads(done.stdout.splitlines()[-1])
        answers.append(seconds)
        peaks.append(peak / 1e6)
    return {
        "first_answer_s": round(statistics.median(answers[1:]), 3),
        "process_s": round(statistics.median(processes[1:]), 3),
        "peak_mb": round(statistics.median(peaks[1:]), 1),
    }


if __name__ == "__main__":
    main()
