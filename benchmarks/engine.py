"""How long one digit takes in the browser, and what has to be fetched first.

    python benchmarks/engine.py [--calls 300] [--models standard nano]

The page's own engine and onnxruntime-web (WebAssembly, one thread, fetched by npm into a temporary
folder) read the same images with the same files in the same Chromium, call by call in turn. A
reading is an array of 784 numbers in and ten logits out. The start is from nothing to a reader
that is ready, its modules fetched from this machine and the model's bytes at hand. Sizes are what
the browser fetches beside the model, packed by gzip. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import inkdigits

PACKAGE = Path(inkdigits.__file__).parent
MODULES = PACKAGE / "service" / "page" / "engine"
#: Modules that a digit's reading does not need: they explain it, run it in a worker, or read rows.
SPARED = {"classmap.js", "explain.js", "worker.js", "client.js", "remote.js", "linenetwork.js"}
READING = {path.name for path in MODULES.glob("*.js")} - SPARED
#: What onnxruntime-web's page loads.
OTHERS = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
NAMES = ("chromium", "chromium-browser", "google-chrome")

SCRIPT = """
async ({ model, calls, others }) => {
  const bytes = new Uint8Array(await (await fetch(`/models/${model}.onnx`)).arrayBuffer());
  const readers = {};
  let start = performance.now();
  const { Network } = await import("/engine/network.js");
  const network = new Network(bytes);
  const starts = { inkdigits: performance.now() - start };
  readers.inkdigits = async (image) => network.run(image).logits;
  if (others) {
    start = performance.now();
    const ort = await import("/ort/ort.wasm.min.mjs");
    Object.assign(ort.env.wasm, { wasmPaths: "/ort/", numThreads: 1 });
    const session = await ort.InferenceSession.create(bytes);
    starts["onnxruntime-web"] = performance.now() - start;
    const [input, output] = [session.inputNames[0], session.outputNames[0]];
    readers["onnxruntime-web"] = async (image) => {
      const feeds = { [input]: new ort.Tensor("float32", image, [1, 28, 28, 1]) };
      return (await session.run(feeds))[output].data;
    };
  }
  const times = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  let apart = 0;
  for (let n = -30; n < calls; n += 1) {
    const image = Float32Array.from({ length: 784 }, () => (Math.random() < 0.2 ? 1 : 0));
    const answers = [];
    for (const [name, reader] of Object.entries(readers)) {
      const begun = performance.now();
      answers.push(await reader(image));
      if (n >= 0) times[name].push(performance.now() - begun);
    }
    if (answers.length === 2) {
      answers[0].forEach((it, k) => (apart = Math.max(apart, Math.abs(it - answers[1][k]))));
    }
  }
  return { starts, times, apart };
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Latency of one digit in the browser.")
    parser.add_argument("--calls", type=int, default=300, help="readings timed each (300)")
    parser.add_argument("--models", nargs="+", default=["standard", "classic", "nano", "micro"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        others, reason = fetched(Path(folder))
        sizes = {"inkdigits": packed(MODULES / name for name in sorted(READING))}
        if others is not None:
            sizes["onnxruntime-web"] = packed(others / name for name in OTHERS)
        results = measured(asked.models, asked.calls, others)
    print(f"{os.cpu_count()} cores, {asked.calls} readings each")
    print(f"{'':12}{'':20}{'median':>12}{'95 %':>12}{'start':>12}")
    for model, rows in results.items():
        for name, row in rows["readers"].items():
            print(
                f"{model:12}{name:20}{row['median_ms']:9.2f} ms{row['p95_ms']:9.2f} ms"
                f"{row['start_ms']:9.1f} ms"
            )
    for name, size in sizes.items():
        print(f"{name:32}{size / 1000:10,.1f} kB to fetch, packed")
    if reason:
        print(f"onnxruntime-web skipped: {reason}")
    line = {"benchmark": "engine", "calls": asked.calls, "gzip_bytes": sizes, "results": results}
    print(json.dumps(line | ({"onnxruntime-web": f"skipped: {reason}"} if reason else {})))


def fetched(folder: Path) -> tuple[Path | None, str | None]:
    """The folder of onnxruntime-web's files, or why there is none."""
    npm = shutil.which("npm")
    if npm is None:
        return None, "npm is not installed"
    command = [npm, "pack", "--silent", "onnxruntime-web"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    except (subprocess.SubprocessError, OSError):
        return None, "npm could not fetch it"
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        for name in OTHERS:
            archive.extract(f"package/dist/{name}", folder, filter="data")
    return folder / "package" / "dist", None


def packed(files: Any) -> int:
    """Bytes of all files, each packed by gzip."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def measured(models: list[str], calls: int, others: Path | None) -> dict[str, dict[str, Any]]:
    """Model -> milliseconds of each reader, and how far their logits lie apart."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("INKDIGITS_CHROMIUM") or next(
        filter(None, map(shutil.which, NAMES)), None
    )
    if path is None:
        sys.exit("There is no Chromium: install it, or name it in INKDIGITS_CHROMIUM.")
    results = {}
    with sync_playwright() as playwright, served(others) as address:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for model in models:
            page = chromium.new_page()  # of a context of its own: nothing is cached
            page.goto(address)
            given = {"model": model, "calls": calls, "others": others is not None}
            found = page.evaluate(SCRIPT, given)
            results[model] = summary(found, others is not None)
            page.close()
        chromium.close()
    return results


@contextmanager
def served(others: Path | None) -> Iterator[str]:
    """The address at which the package's files, and others', are found."""
    folders = {"engine": MODULES, "models": PACKAGE / "models"}
    if others is not None:
        folders["ort"] = others

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """One file, or an empty page."""
            folder, _, name = self.path.removeprefix("/").partition("/")
            file = folders[folder] / name if folder in folders else None
            body = b"<!doctype html><title>Benchmark</title>" if file is None else file.read_bytes()
            kind = "text/html" if file is None else TYPES.get(file.suffix, "application/x-onnx")
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = None, size: object = None) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def summary(found: dict[str, Any], compared: bool) -> dict[str, Any]:
    """Medians of what the page measured."""
    readers = {}
    for name, times in found["times"].items():
        ranked = sorted(times)
        readers[name] = {
            "median_ms": round(ranked[len(ranked) // 2], 2),
            "p95_ms": round(ranked[len(ranked) * 95 // 100], 2),
            "start_ms": round(found["starts"][name], 1),
        }
    return {"readers": readers} | ({"logits_apart": found["apart"]} if compared else {})


if __name__ == "__main__":
    main()
