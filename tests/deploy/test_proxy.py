"""nginx and Caddy with our configurations in front of a real server; and what the unit forbids."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
LIVE = "/etc/letsencrypt/live/digits.example.com"
STROKES = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
#: inkdigits with a program that may not make memory both writable and executable, as the unit says.
HARDENED = """
import ctypes, os, sys
failed = ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0)
assert not failed or ctypes.get_errno() == 22, "neither done nor unknown to this kernel"
os.execv(sys.executable, [sys.executable, "-m", "inkdigits", "serve", "--port", "0"])
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running(*command: str | Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A server's port, and its log."""
    port, log = free_port(), tmp_path_factory.mktemp("service") / "log"
    serve = (sys.executable, "-m", "inkdigits", "serve", "--port", str(port))
    with running(*serve, log=log) as process:
        wait_for(port, process, log)
        yield port, log


def certificate(folder: Path) -> tuple[Path, Path]:
    key, signed = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    make += ["-subj", "/CN=digits.example.com", "-keyout", str(key), "-out", str(signed)]
    subprocess.run(make, check=True, capture_output=True)
    return key, signed


@pytest.fixture(scope="module")
def nginx(service: tuple[int, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of nginx with our file, but for ports and certificate."""
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    folder, port, plain = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    key, signed = certificate(folder)
    ours = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    for written, here in (
        (f"{LIVE}/fullchain.pem", str(signed)),
        (f"{LIVE}/privkey.pem", str(key)),
        ("server 127.0.0.1:5000;", f"server 127.0.0.1:{service[0]};"),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("    listen [::]:80;\n", ""),
        ("_timeout       10s;", "_timeout       1s;"),
        ("_timeout         10s;", "_timeout         1s;"),
    ):
        assert written in ours, written
        ours = ours.replace(written, here)
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    user = "user root root;\n" if os.geteuid() == 0 else ""  # who may write into the folder
    whole.write_text(
        f"{user}pid {folder}/pid;\nerror_log stderr;\ndaemon off;\nworker_processes 1;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}\n{ours}\n}}\n"
    )
    with running(program, "-c", whole, "-e", "stderr", log=folder / "log") as process:
        wait_for(port, process, folder / "log")
        yield f"https://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def caddy(service: tuple[int, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Caddy with our file, but for ports and TLS."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed")
    folder, port = tmp_path_factory.mktemp("caddy"), free_port()
    ours = (DEPLOY / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    for written, here in (
        ("\ndigits.example.com {", f"\nhttp://127.0.0.1:{port} {{"),
        ("127.0.0.1:5000", f"127.0.0.1:{service[0]}"),
        ("\tservers {", "\tadmin off\n\tservers {"),
        ("read_body 10s", "read_body 1s"),
    ):
        assert written in ours, written
        ours = ours.replace(written, here)
    file = folder / "Caddyfile"
    file.write_text(ours)
    run = (program, "run", "--adapter", "caddyfile", "--config", file)
    with running(*run, log=folder / "log") as process:
        wait_for(port, process, folder / "log")
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=["nginx", "caddy"])
def client(request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    address = request.getfixturevalue(request.param)
    with httpx2.Client(base_url=address, verify=False, timeout=30) as client:
        yield client


def test_the_page_and_the_api_are_there(client: httpx2.Client) -> None:
    assert "inkdigits" in client.get("/").text
    assert client.get("/static/app.js").status_code == 200
    answer = client.post("/api/v1/classify", json=STROKES)
    assert answer.json()["digit"] == 7
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_metrics_are_not_for_everyone(client: httpx2.Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_a_body_over_the_limit_is_refused_and_one_within_is_passed_on(
    client: httpx2.Client,
) -> None:
    def send(size: int) -> int:
        kind = {"Content-Type": "application/json"}
        return client.post("/predict", content=b" " * size, headers=kind).status_code

    assert send(5 * 2**20 - 1000) == 400  # the service's own word: it is no JSON
    assert [send(5 * 2**20 + more) for more in (1000, 10_000, 10**6)] == [413] * 3


def test_an_id_of_the_proxy_reaches_the_log(nginx: str, service: tuple[int, Path]) -> None:
    answer = httpx2.get(f"{nginx}/api/v1/about", verify=False, timeout=30)
    request_id = answer.headers["x-request-id"]
    assert len(request_id) == 32
    until = time.monotonic() + 20  # the line is written after the answer
    while request_id not in service[1].read_text(encoding="utf-8"):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_slow_client_does_not_reach_the_service(nginx: str) -> None:
    import ssl

    context = ssl._create_unverified_context()
    port = int(nginx.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain) as connection,
    ):
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    assert not answer or b" 408 " in answer


def test_too_many_requests_of_one_client_are_turned_away(nginx: str) -> None:
    with httpx2.Client(base_url=nginx, verify=False, timeout=30) as client:
        found = {client.get("/livez").status_code for _ in range(200)}
    assert found == {200, 429}


def test_it_runs_where_memory_is_either_written_or_executed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HARDENED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split(": ", 1)[1].split(" ")[0].replace("localhost", "127.0.0.1")
        answer = httpx2.post(f"{address}/api/v1/classify", json=STROKES, timeout=30)
        assert answer.json()["digit"] == 7
    finally:
        process.kill()
        process.communicate()
