"""`inkdigits serve` as a person starts it: a real process on a real socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from inkdigits.cli.serve import listen
from inkdigits.errors import InkdigitsError
from inkdigits.store.feedback import FeedbackStore


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "inkdigits", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A running server, the line that it printed, and its address."""
    process = start("--port", "0", *arguments, **environment)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, line, line.split(": ", 1)[1].split(" ")[0].replace("localhost", "127.0.0.1")
    finally:
        process.kill()
        process.communicate()


def head(address: str, request: bytes, seconds: float = 20) -> bytes:
    """Send raw bytes; all that comes back until the server closes."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_answers_and_stops(how: signal.Signals) -> None:
    with served() as (process, line, address):
        url = address.replace("127.0.0.1", "localhost")
        assert line == f"inkdigits is ready: {url} (Ctrl+C stops it)\n"
        with httpx2.Client(base_url=address, timeout=20) as client:
            assert client.get("/readyz").json()["model"]["name"] == "standard"
            page = client.get("/")
            assert page.status_code == 200
            assert "server" not in page.headers
            pen = [[[10, 10], [40, 10], [20, 70]]]
            answer = client.post("/api/v1/classify", json={"strokes": pen})
            assert answer.json()["digit"] == 7
            answer = client.head("/")
            assert (answer.status_code, answer.content) == (200, b"")
        began = time.monotonic()
        process.send_signal(how)
        _, log = process.communicate(timeout=20)
        assert time.monotonic() - began < 8
        assert process.returncode == 0
        assert "Traceback" not in log
        lines = [json.loads(line) for line in log.splitlines()]  # no terminal: JSON
        (told,) = [it for it in lines if it.get("route") == "/api/v1/classify"]
        assert (told["event"], told["method"], told["status"]) == ("request", "POST", 200)


def test_bad_bytes_on_the_wire_do_not_stop_it() -> None:
    with served(INKDIGITS_MAX_BODY="1000", INKDIGITS_BODY_TIMEOUT="1") as (_, __, address):
        post = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        for request, status in (
            (post + b"Content-Length: 99999999\r\n\r\n", b"413"),
            (post + b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + b"x" * 2000, b"413"),
            (post + b"Content-Length: 10\r\n\r\n{", b"408"),
            (b"GET /livez HTTP/1.1\r\n\r\n", b"400"),
            (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
            (b"nonsense\r\n\r\n", b"400"),
            (post + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n{", b"400"),
            (b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 20_000 + b"\r\n", b"431"),
            (post + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{", b"400"),
        ):
            assert head(address, request).split(b" ")[1] == status, request
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:  # goes away mid-request
            client.sendall(post + b"Content-Length: 10\r\n\r\n{")
        assert httpx2.get(f"{address}/livez", timeout=20).status_code == 200


def test_a_head_without_end_is_hung_up_on() -> None:
    with served() as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        sent, answer = 0, b""
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ")
            with suppress(OSError):  # it hangs up while this is being sent
                for _ in range(500):
                    client.sendall(b"x" * 100_000)
                    sent += 100_000
            with suppress(OSError):
                answer = client.recv(65536)
        assert sent < 30_000_000  # what is thrown away, and what lies in the sockets' buffers
        assert answer == b"" or answer.split(b" ")[1] == b"431"
        assert httpx2.get(f"{address}/livez", timeout=20).status_code == 200


@pytest.mark.parametrize("size", [5 * 2**20 + 1, 12 * 2**20])
def test_who_sends_too_much_sees_why(size: int) -> None:
    """Whole bodies are sent before the answer is read, as some clients and proxies do."""
    with served() as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(
                b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % size
            )
            time.sleep(0.2)  # it has answered by now
            client.sendall(b" " * size)
            answer = b""
            while piece := client.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"payload-too-large" in answer


def endless(client: socket.socket, piece: bytes) -> int:
    """Send until the server hangs up: how many bytes it took."""
    sent, until = 0, time.monotonic() + 15
    with suppress(OSError):
        while time.monotonic() < until:
            client.sendall(piece)
            sent += len(piece)
            client.settimeout(0.05)
            with suppress(TimeoutError):
                while client.recv(65536):
                    pass
    assert time.monotonic() < until
    return sent


@pytest.mark.parametrize("path", ["/predict", "/nothing"])
@pytest.mark.parametrize("piece", [b"1\r\n \r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"])
def test_a_body_without_end_is_hung_up_on_once_it_is_answered(path: str, piece: bytes) -> None:
    with served(INKDIGITS_BODY_TIMEOUT="0.5") as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(
                b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n" % path.encode()
            )
            assert endless(client, piece) < 64_000_000
        assert httpx2.get(f"{address}/livez", timeout=20).status_code == 200


def test_a_body_that_nobody_wanted_does_not_spoil_the_connection() -> None:
    with served() as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
            answers = b""
            while not answers.endswith(b'"errors":[]}'):
                answers += client.recv(65536)
            client.sendall(b"12345678GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            while piece := client.recv(65536):
                answers += piece
        assert answers.startswith(b"HTTP/1.1 404 ")
        assert answers.count(b"HTTP/1.1 200 ") == 1


@pytest.mark.parametrize(
    "slow",
    [
        b"",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n\r\n",
    ],
)
def test_slow_headers_are_cut_off(slow: bytes) -> None:
    with served(INKDIGITS_HEADER_TIMEOUT="0.5") as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=20) as client:
            client.sendall(slow)
            with suppress(OSError):  # it hangs up sooner or later
                while time.monotonic() - began < 4:
                    client.sendall(b"\r\n"[: slow.endswith(b"\n\r\n")])
                    client.settimeout(0.1)
                    with suppress(TimeoutError):
                        if not client.recv(65536):
                            break
        assert time.monotonic() - began < 3.5
        assert httpx2.get(f"{address}/livez", timeout=20).status_code == 200


def test_a_request_that_is_read_slowly_is_not_cut_off() -> None:
    """The limit of heads holds neither for bodies nor for answers."""
    with served(INKDIGITS_HEADER_TIMEOUT="0.3") as (_, __, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            body = b'{"strokes": [[[1, 1], [1, 9]]]}'
            client.sendall(
                b"POST /api/v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body)
            )
            for byte in (body[:9], body[9:20], body[20:]):
                time.sleep(0.4)
                client.sendall(byte)
            assert b" 200 " in client.recv(65536)


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert errors.count("\n") == 1
    assert f"Port {port} is already in use" in errors
    assert "--port" in errors


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_for_metrics_in_use_is_one_sentence(workers: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = start("--port", "0", "--workers", workers, INKDIGITS_METRICS_PORT=port)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors.count("\n")) == (1, "", 1)
    assert f"port {port}" in errors
    assert "INKDIGITS_METRICS_PORT" in errors


def test_a_host_may_name_the_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = start(PORT=port)
        _, errors = process.communicate(timeout=60)
    assert f"Port {port} is already in use" in errors
    process = start(PORT="http")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "'PORT'" in errors


def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(InkdigitsError, match="--host"):
        listen("203.0.113.1", 0)


def test_without_a_model_it_runs_and_says_so() -> None:
    with served("--model", "no-such-model") as (_, line, address):
        assert line.startswith("inkdigits is listening")
        assert httpx2.get(f"{address}/readyz", timeout=20).status_code == 503


def test_corrections_are_stored_where_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    with served("--feedback", str(file)) as (_, __, address):
        assert httpx2.get(f"{address}/api/v1/about", timeout=20).json()["feedback"] is True
        reading = {"digit": 1, "confidence": 0.9, "model": {"name": "standard", "version": "2"}}
        said = {"label": 7, "reading": reading, "strokes": [[[1, 2], [3, 4]]]}
        answer = httpx2.post(f"{address}/api/v1/feedback", json=said, timeout=20)
        assert answer.status_code == 201
    (kept,) = FeedbackStore(str(file), create=False).export()
    assert (kept.id, kept.label, kept.digit) == (answer.json()["id"], 7, 1)


def test_a_store_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    process = start("--port", "0", INKDIGITS_FEEDBACK=str(tmp_path / "no" / "feedback.db"))
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors.count("\n")) == (1, "", 1)
    assert "its folder does not exist: make it first." in errors
