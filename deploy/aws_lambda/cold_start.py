"""How long does a new instance of the function take until it has answered its first request?

In: the files of the function's image (`rehearse.py --keep`). Out: a table and one JSON line: the
time to import handler.py, and to the first answer, of n fresh processes that see nothing but the
standard library and the package. What AWS itself adds (fetching the image, starting a machine) is
not in it.

    python deploy/rehearse.py --file deploy/aws_lambda/Dockerfile --keep /tmp/function
    python deploy/aws_lambda/cold_start.py /tmp/function/var/task

    python deploy/aws_lambda/strokes/build.py /tmp/s.zip && unzip -q /tmp/s.zip -d /tmp/s
    python deploy/aws_lambda/cold_start.py /tmp/s
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
import json, sys, time
began = time.perf_counter()
sys.path.insert(0, sys.argv[1])
import handler
loaded = time.perf_counter()
answer = handler.handler(json.loads(sys.argv[2]), None)
done = time.perf_counter()
again = handler.handler(json.loads(sys.argv[2]), None)
warm = time.perf_counter() - done
print(json.dumps({"load": loaded - began, "first": done - loaded, "warm": warm,
                  "status": answer["statusCode"], "body": answer["body"]}))
"""
#: The same for a handler of Node.js.
PROGRAM_JS = """
const [folder, text] = process.argv.slice(1);
const event = JSON.parse(text);
const began = performance.now();
const { handler } = await import(folder + "/handler.mjs");
const loaded = performance.now();
const answer = await handler(event);
const done = performance.now();
await handler(event);
const warm = (performance.now() - done) / 1000;
console.log(JSON.stringify({load: (loaded - began) / 1000, first: (done - loaded) / 1000, warm,
                            status: answer.statusCode, body: answer.body}));
"""
#: A seven, drawn: as a Function URL hands it over.
EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/api/v1/classify",
    "rawQueryString": "",
    "headers": {"content-type": "application/json", "host": "digits.lambda-url.example.com"},
    "requestContext": {
        "http": {
            "method": "POST",
            "path": "/api/v1/classify",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "cold_start",
        }
    },
    "body": '{"strokes": [[[10, 10], [40, 10], [20, 70]]]}',
    "isBase64Encoded": False,
}


def once(package: str) -> dict[str, float]:
    """Start a process, ask it once and once more; seconds."""
    began = time.perf_counter()
    start = [sys.executable, "-IS", "-c", PROGRAM]
    if Path(package, "handler.mjs").is_file():
        start = [shutil.which("node") or "node", "--input-type=module", "--eval", PROGRAM_JS]
    command = [*start, str(Path(package).resolve()), json.dumps(EVENT)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={"HOME": "/nonexistent"}
    )
    whole = time.perf_counter() - began
    found = json.loads(done.stdout)
    if found.pop("status") != 200 or json.loads(found.pop("body"))["digit"] != 7:
        raise SystemExit("The function did not read the seven.")
    return {**found, "process": whole}


def main() -> None:
    """Measure, and say so."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("package", help="the folder with handler.py, var/task of the image")
    options.add_argument("-n", type=int, default=10, help="processes [10]")
    asked = options.parse_args()
    once(asked.package)  # so that the files are in memory, as Lambda keeps them near
    runs = [once(asked.package) for _ in range(asked.n)]
    answer: dict[str, float] = {"n": asked.n}
    print(f"{'ms':10}{'median':>8}{'worst':>8}")
    for name in runs[0]:
        times = sorted(run[name] * 1000 for run in runs)
        answer[f"{name}_ms"] = round(statistics.median(times), 1)
        print(f"{name:10}{statistics.median(times):8.1f}{times[-1]:8.1f}")
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
