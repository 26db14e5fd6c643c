"""How much load the service takes, beside what one would write otherwise, in the same run.

    python benchmarks/load.py [--seconds 6] [--connections 8] [--servers inkdigits plain seed_like]

One server process on one core, the client on another (where there are two). `most` is what the
server answers with so many connections always asking; `half` is an open loop at half of that rate,
its times from when a request was due, so that waiting counts. Overload is an open loop at twice
that rate, or far more connections than may wait that ask again at once whatever they are told; it
looks at the refusals: how soon they come, what is served meanwhile, and whether the service is well
afterwards. `seed_like` is Flask with Keras's `predict` (needs `pip install flask`), `plain`
FastAPI with ONNX Runtime. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from inkdigits import strokes
from inkdigits.shown import shown

HERE = Path(__file__).parent
#: Requests that `inkdigits` lets wait here, and connections that then ask at once.
WAITING, CROWD = 32, 128


class Answer(NamedTuple):
    """One answer: its status and the seconds that it took."""

    status: int
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description="The service under load.")
    parser.add_argument("--seconds", type=float, default=6, help="of each measurement (6)")
    parser.add_argument("--connections", type=int, default=8, help="that always ask (8)")
    parser.add_argument(
        "--servers", nargs="+", default=["inkdigits", "plain", "seed_like"], choices=list(SERVERS)
    )
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows: dict[str, dict[str, Any]] = {}
    for name in asked.servers:
        if name == "seed_like" and not (find_spec("flask") and find_spec("keras")):
            print("seed_like skipped: it needs flask and inkdigits[train]")
            continue
        with served(name) as (port, _):
            for kind, request in requests(name).items():
                rows[f"{name} {kind}"] = measured(port, request, asked.seconds, asked.connections)
            if name == "inkdigits":
                png, most = requests(name)["png"], rows["inkdigits png"]["most"]
                crowds = {
                    "twice the rate": flooded(port, png, asked.seconds, 2 * most),
                    f"{CROWD} that ask at once": stormed(port, png, asked.seconds),
                }
    print(f"{'':22}{'most':>10}{'p50':>10}{'p99':>10}{'half p50':>10}{'half p99':>10}{'bad':>6}")
    for label, row in rows.items():
        times = "".join(f"{row[it]:7.2f} ms" for it in ("p50", "p99", "half_p50", "half_p99"))
        print(f"{label:22}{row['most']:8,.0f}/s{times}{row['bad']:6}")
    for other in ("plain png", "seed_like png"):
        if other in rows and "inkdigits png" in rows:
            times = rows["inkdigits png"]["most"] / rows[other]["most"]
            print(f"inkdigits answers {times:.1f} times as many pictures as {other.split()[0]}")
    if "inkdigits" in asked.servers:
        for label, crowd in crowds.items():
            print(
                f"{label}, {WAITING} may wait: {crowd['refused']:,} of {crowd['answers']:,} "
                f"refused with 503, p50 {crowd['p50']:.1f} ms, p99 {crowd['p99']:.1f} ms; "
                f"served {crowd['served']:,.0f}/s; then {crowd['after']}"
            )
        rows |= crowds
    print(json.dumps({"benchmark": "load", "seconds": asked.seconds, "results": rows}))


def measured(port: int, request: bytes, seconds: float, connections: int) -> dict[str, Any]:
    """The most, and times at half of it."""
    asyncio.run(closed(port, request, 1.0, connections))  # warm
    most, took = asyncio.run(closed(port, request, seconds, connections))
    rate = len(most) / took
    half = asyncio.run(opened(port, request, seconds, rate / 2, connections * 4))
    return {
        "most": round(rate, 1),
        **{name: ms(most, share) for name, share in (("p50", 0.5), ("p99", 0.99))},
        **{name: ms(half, share) for name, share in (("half_p50", 0.5), ("half_p99", 0.99))},
        "bad": sum(it.status != 200 for it in [*most, *half]),
    }


def flooded(port: int, request: bytes, seconds: float, rate: float) -> dict[str, Any]:
    """What becomes of more than can be served, from people who do not know of each other."""
    asyncio.run(closed(port, request, 0.2, 8 * WAITING))  # connect
    answers = asyncio.run(opened(port, request, seconds, rate, 8 * WAITING))
    return refusals(port, request, answers, seconds)


def stormed(port: int, request: bytes, seconds: float) -> dict[str, Any]:
    """What becomes of far too many that ask again as soon as they are refused."""
    answers, took = asyncio.run(closed(port, request, seconds, CROWD))
    return refusals(port, request, answers, took)


def refusals(port: int, request: bytes, answers: list[Answer], took: float) -> dict[str, Any]:
    """How soon they came, and how one fares that comes after them."""
    refused = [it for it in answers if it.status == 503]
    others = Counter(it.status for it in answers)
    assert set(others) <= {200, 503}, others
    after, _ = asyncio.run(closed(port, request, 0.2, 1))
    return {
        "answers": len(answers),
        "refused": len(refused),
        "p50": ms(refused, 0.5),
        "p99": ms(refused, 0.99),
        "served": round(others[200] / took, 1),
        "after": "well" if {it.status for it in after} == {200} else "not well",
    }


def ms(answers: list[Answer], share: float) -> float:
    """Milliseconds that this share of the answers took at most."""
    ranked = sorted(it.seconds for it in answers)
    return round(ranked[min(len(ranked) - 1, int(len(ranked) * share))] * 1000, 2) if ranked else 0


class Line(asyncio.Protocol):
    """One connection; an answer at a time."""

    def __init__(self) -> None:
        self.alive = True
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        words = head.lower()
        length = int(words.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(rest) >= length and not self.answer.done():
            self._buffer = b""
            self.alive = b"connection: close" not in words
            self.answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told 0."""
        self.alive = False
        if not self.answer.done():
            self.answer.set_result(0)


class Client:
    """Asks again and again, by a new line where the server hung up."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line: Line | None = None
        self._transport: asyncio.Transport | None = None

    async def ask(self, request: bytes) -> int:
        """The status of the answer; 0 where there is none within ten seconds."""
        loop = asyncio.get_running_loop()
        if self._line is None or not self._line.alive or self._transport is None:
            made = await loop.create_connection(Line, "127.0.0.1", self._port)
            self._transport, self._line = made
        self._line.answer = loop.create_future()
        self._transport.write(request)
        try:
            return await asyncio.wait_for(self._line.answer, 10)
        except TimeoutError:
            self.close()
            return 0

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()
        self._line = self._transport = None


async def closed(
    port: int, request: bytes | Sequence[bytes], seconds: float, many: int
) -> tuple[list[Answer], float]:
    """Each connection asks as soon as it is answered; the answers, and the seconds that it took.

    Of several requests each is sent in its turn.
    """
    turn = cycle([request] if isinstance(request, bytes) else request)
    answers: list[Answer] = []
    clients = [Client(port) for _ in range(many)]
    begun = time.perf_counter()
    end = begun + seconds

    async def go(client: Client) -> None:
        while (start := time.perf_counter()) < end:
            status = await client.ask(next(turn))
            answers.append(Answer(status, time.perf_counter() - start))

    await asyncio.gather(*map(go, clients))
    took = time.perf_counter() - begun
    for client in clients:
        client.close()
    return answers, took


async def opened(
    port: int, request: bytes | Sequence[bytes], seconds: float, rate: float, many: int
) -> list[Answer]:
    """A request each 1/rate seconds, whether those before it are answered or not."""
    turn = cycle([request] if isinstance(request, bytes) else request)
    answers: list[Answer] = []
    idle: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(many):
        idle.put_nowait(Client(port))

    async def go(due: float) -> None:
        client = await idle.get()
        status = await client.ask(next(turn))
        idle.put_nowait(client)
        answers.append(Answer(status, time.perf_counter() - due))

    begun = time.perf_counter()
    tasks = []
    for k in range(int(seconds * rate)):
        due = begun + k / rate
        while (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait if wait > 0.002 else 0)
        tasks.append(asyncio.create_task(go(due)))
    await asyncio.gather(*tasks)
    while not idle.empty():
        idle.get_nowait().close()
    return answers


def requests(server: str) -> dict[str, bytes]:
    """What is asked: a 28x28 PNG as MNIST has them; and, where the server does more than read it
    as it is, the strokes that it came from, a drawing of 280x280, and the image as a tensor."""
    seven = [*([10 + k, 10] for k in range(0, 21, 2)), *([30 - k, 10 + 3 * k] for k in range(14))]
    image = shown(strokes.render([seven])).digit
    assert image is not None
    path = "/api/v1/classify" if server == "inkdigits" else "/predict"
    found = {"png": http(path, "multipart/form-data; boundary=XX", form(image * 255))}
    if server == "inkdigits":
        body = json.dumps({"strokes": [seven]}).encode()
        found["strokes"] = http(path, "application/json", body)
        paper = Image.new("L", (280, 280), 255)
        corners = [(6 * x, 5 * y) for x, y in seven]
        ImageDraw.Draw(paper).line(corners, fill=0, width=20, joint="curve")
        found["drawing"] = http(path, "multipart/form-data; boundary=XX", form(np.asarray(paper)))
        found["tensor"] = infer(image)
    return found


def infer(image: np.ndarray) -> bytes:
    """The same image by the Open Inference Protocol, as raw bytes."""
    raw = np.ascontiguousarray(image, "<f4").tobytes()
    tensor: dict[str, Any] = {"name": "images", "shape": [1, 28, 28, 1], "datatype": "FP32"}
    tensor["parameters"] = {"binary_data_size": len(raw)}
    asked = {"inputs": [tensor], "outputs": [{"name": "digit"}, {"name": "confidence"}]}
    head = json.dumps(asked).encode()
    kind = f"application/octet-stream\r\nInference-Header-Content-Length: {len(head)}"
    return http("/v2/models/standard/infer", kind, head + raw)


def form(pixels: np.ndarray) -> bytes:
    """A form with a PNG."""
    png = io.BytesIO()
    Image.fromarray(np.rint(pixels).astype(np.uint8)).save(png, "PNG")
    return (
        b'--XX\r\nContent-Disposition: form-data; name="image"; filename="7.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + png.getvalue() + b"\r\n--XX--\r\n"
    )


def http(path: str, kind: str, body: bytes) -> bytes:
    """A request as it is sent."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _inkdigits(port: int) -> list[str]:
    return [sys.executable, "-m", "inkdigits", "serve", f"--port={port}", "--log-level=error"]


def _peer(name: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, str(HERE / "peers" / f"{name}.py"), str(port)]


SERVERS = {"inkdigits": _inkdigits, "plain": _peer("plain"), "seed_like": _peer("seed_like")}


@contextmanager
def served(name: str) -> Iterator[tuple[int, int]]:
    """The port and the process of a server that runs on the first core."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {"INKDIGITS_THREADS": "1", "INKDIGITS_MAX_WAITING": str(WAITING)}
    process = subprocess.Popen(
        SERVERS[name](port),
        env={**os.environ, **variables, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {0})
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            assert process.poll() is None, f"{name} ended: start it by hand to see why"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


if __name__ == "__main__":
    main()
