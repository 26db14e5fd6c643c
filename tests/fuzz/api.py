"""Throw requests made from its own OpenAPI document at a running service (Schemathesis).

In: minutes. Out: one JSON line: requests, findings, megabytes that the server grew by. A finding is
any check of Schemathesis that fails, an exception in the server's log, or a server that is gone.

    PYTHONPATH=. python tests/fuzz/api.py --minutes 20
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.service.targets import Server, serving

ROOT, HOOKS = Path(__file__).parents[2], "tests.fuzz.hooks"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True)
class Outcome:
    """What came of a run: `report` is what Schemathesis said."""

    requests: int
    operations: int
    failed: bool
    exceptions: int
    grown_mb: float
    report: str


def fuzz(server: Server, seed: int, *how: str) -> Outcome:
    """Run Schemathesis with all its checks against a server.

    Args:
        server: which one.
        seed: the same seed makes the same requests.
        how: further arguments of `schemathesis run`.
    """
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
        *("run", f"{server.url}/openapi.json", "--checks", "all", "--seed", str(seed)),
        *("--generation-database", "none", "--no-color", *how),
    ]
    logged, before = len(server.log()), server.megabytes("VmRSS")
    with tempfile.TemporaryDirectory() as folder:  # it leaves files where it runs
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={
                **os.environ,
                **{"COLUMNS": "200", "NO_PROXY": "127.0.0.1", "SCHEMATHESIS_HOOKS": HOOKS},
                "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            },
        )
    made = re.search(r"(\d+) generated", done.stdout)
    tested = re.search(r"Tested: (\d+)", done.stdout)
    log = server.log()[logged:]
    return Outcome(
        int(made[1]) if made else 0,
        int(tested[1]) if tested else 0,
        done.returncode != 0 or server.process.poll() is not None,
        sum("exception" in line or "Traceback" in line for line in log),
        round(server.megabytes("VmRSS") - before, 1),
        done.stdout + done.stderr,
    )


def main() -> None:
    """Fuzz for as long as is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        seconds = str(max(1, round(asked.minutes * 60)))
        found = fuzz(server, asked.seed, "--max-time", seconds, "--continue-on-failure")
    told = asdict(found)
    report = told.pop("report")
    if found.failed or found.exceptions:
        print(report, file=sys.stderr)
    print(json.dumps({"minutes": asked.minutes, **told}))
    sys.exit(found.failed or found.exceptions > 0)


if __name__ == "__main__":
    main()
