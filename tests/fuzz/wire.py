"""Throw damaged HTTP at a running server, byte by byte changed from what is sound or nearly so.

In: minutes. Out: one JSON line: connections, answers by status, findings, megabytes that the server
grew by. A finding is a 500, an exception in the log, an answer that is no HTTP, or a server that is
gone.

    PYTHONPATH=. python tests/fuzz/wire.py --minutes 5
"""

from __future__ import annotations

import argparse
import json
import random
import re
import socket
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.service.targets import Server, serving
from tests.service.test_bad_clients import STOPPED, WHOLE
from tests.service.test_bad_wire import NO_HTTP, REFUSED
from tests.service.wire import connect, get

#: What is put in somewhere.
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"%", b"\xff", b"0", b"-1", b"9" * 20, b"\r\n\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n"),
    *(b"Connection: keep-alive\r\n", b"Upgrade: websocket\r\n", b"Host: b\r\n", b"0\r\n\r\n"),
    *(b"traceparent: 00-1\r\n", b"Content-Type: multipart/form-data; boundary=B\r\n", b"/../"),
    *(b"Content-Encoding: gzip\r\n", b"X-Request-ID: a\r\n", b"HTTP/1.0", b"--B\r\n", b"ffff\r\n"),
)
_STATUS = re.compile(rb"^HTTP/1\.1 (\d{3}) ")


def changed(request: bytes, chance: random.Random) -> bytes:
    """The request with one to three changes."""
    data = bytearray(request)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            data[at:at] = chance.choice(PIECES)
        elif kind == 1:
            del data[at : at + chance.randint(1, 20)]
        elif kind == 2 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 3:
            data[at:at] = data[at : at + chance.randint(1, 60)]
        else:
            lines = bytes(data).split(b"\r\n")
            chance.shuffle(lines)
            data = bytearray(b"\r\n".join(lines))
    return bytes(data)


def send(server: Server, request: bytes, chance: random.Random) -> bytes:
    """What comes back; some of it is sent late, and some clients do not stay for the answer."""
    cut = chance.randrange(len(request) + 1)
    with connect(server, 30) as connection, suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request[:cut])
        connection.sendall(request[cut:])
        if chance.random() < 0.1:
            return b""
        connection.shutdown(socket.SHUT_WR)
        came = b""
        while piece := connection.recv(65536):
            came += piece
        return came
    return b""


def main() -> None:
    """Fuzz for as long as is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    whole = [WHOLE, get(b"/"), get(b"/api/v1/about"), *STOPPED.values(), *NO_HTTP.values()]
    seeds = [it for it in [*whole, *(it[0] for it in REFUSED.values())] if len(it) < 20_000]
    statuses: Counter[str] = Counter()
    findings: list[str] = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        before, until = server.megabytes("VmRSS"), time.monotonic() + asked.minutes * 60
        while time.monotonic() < until:
            request = changed(chance.choice(seeds), chance)
            came = send(server, request, chance)
            status = _STATUS.match(came)
            statuses[status[1].decode() if status else "none"] += 1
            if came and (status is None or status[1] == b"500"):
                findings.append(repr(request[:2000]))
        alive = server.process.poll() is None and server.send("GET", "/livez").status_code == 200
        log = [it for it in server.log() if '"exception"' in it or "Traceback" in it]
        grown = round(server.megabytes("VmRSS") - before, 1)
    for each in [*findings[:5], *log[:5]]:
        print(each, file=sys.stderr)
    wrong = len(findings) + len(log) + (not alive)
    told = {"minutes": asked.minutes, "connections": statuses.total(), "answers": dict(statuses)}
    print(json.dumps({**told, "findings": wrong, "grown_mb": grown}))
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
