"""/api/v1/live on a real server, by a real client: what it answers, and what it does not bear."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from inkdigits.cli.workers import open_files

from .test_serve import served
from .test_workers import until

LIVE = "/api/v1/live"
SEVEN: dict[str, Any] = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}
HEAD = (
    f"GET {LIVE} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(INKDIGITS_LIVE_RATE="100000", INKDIGITS_THREADS="1") as (_, __, found):
        yield found


def opened(address: str, **how: Any) -> ClientConnection:
    made: ClientConnection = connect(address.replace("http", "ws") + LIVE, open_timeout=20, **how)
    return made


def asked(client: ClientConnection, value: dict[str, Any]) -> dict[str, Any]:
    client.send(json.dumps(value))
    answer = json.loads(client.recv(timeout=20))
    assert isinstance(answer, dict)
    return answer


def closed_with(client: ClientConnection) -> int | None:
    """The code with which the server closes; what it says before that is dropped."""
    try:
        while True:
            client.recv(timeout=20)
    except ConnectionClosed as closed:
        return None if closed.rcvd is None else closed.rcvd.code


def test_a_drawing_is_read_as_classify_reads_it(address: str) -> None:
    whole = httpx2.post(f"{address}/api/v1/classify", json=SEVEN, timeout=20).json()
    with opened(address) as client:
        for number in range(3):
            assert asked(client, {"id": number, **SEVEN}) == {"id": number, **whole}
        answer = asked(client, {"id": 9, **SEVEN, "top_k": 1, "seen": True})
        assert len(answer["top"]) == 1
        assert len(answer["seen"]) == 784


@pytest.mark.parametrize(
    ("message", "known_as", "code"),
    [
        ({"id": 4}, 4, "invalid-field"),
        ({"id": 4, "strokes": [[["x", 1]]]}, 4, "tensor-shape"),
        ({"id": 4, "strokes": [[[1, 1], [2, 2]]], "more": 1}, 4, "invalid-field"),
        ({"id": 4, **SEVEN, "model": "none"}, 4, "unknown-model"),
        (SEVEN, None, "invalid-field"),
        ({"id": "4", **SEVEN}, None, "invalid-field"),
        ({"id": True, **SEVEN}, None, "invalid-field"),
        ({"id": -1, **SEVEN}, None, "invalid-field"),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_the_socket_stays(
    address: str, message: dict[str, Any], known_as: int | None, code: str
) -> None:
    with opened(address) as client:
        answer = asked(client, message)
        assert answer["id"] == known_as
        assert answer["error"]["type"] == f"urn:inkdigits:problem:{code}"
        assert asked(client, {"id": 5, **SEVEN})["digit"] == 7


@pytest.mark.parametrize("message", ["", "{", "nonsense", '{"id": NaN}', "[" * 50])
def test_what_is_no_json_closes_it(address: str, message: str) -> None:
    with opened(address) as client:
        client.send(message)
        assert closed_with(client) == 1007


def test_a_list_is_json_but_no_drawing(address: str) -> None:
    with opened(address) as client:
        client.send("[]")
        assert json.loads(client.recv(timeout=20))["error"]["status"] == 422


def test_binary_closes_it(address: str) -> None:
    with opened(address) as client:
        client.send(b"\x00\x01")
        assert closed_with(client) == 1003


@pytest.mark.parametrize("pieces", [1, 8])
def test_a_message_over_64_kib_closes_it(address: str, pieces: int) -> None:
    with opened(address) as client:
        with suppress(ConnectionClosed):
            client.send([" " * (66_000 // pieces)] * pieces if pieces > 1 else " " * 66_000)
        assert closed_with(client) == 1009


def test_text_that_is_no_utf8_closes_it(address: str) -> None:
    with opened(address) as client:
        client.socket.sendall(b"\x81\x82\x00\x00\x00\x00\xff\xfe")
        assert closed_with(client) == 1007


def test_the_latest_wins(address: str) -> None:
    """Many at once: some are skipped, the last is answered, and no number is lost."""
    with opened(address) as client:
        count = 300
        for number in range(count):
            client.send(json.dumps({"id": number, **SEVEN}))
        seen: list[int] = []
        skipped = 0
        while not seen or seen[-1] < count - 1:
            answer = json.loads(client.recv(timeout=20))
            seen.append(answer["id"])
            skipped += answer.get("skipped", 0)
        assert seen == sorted(seen)
        assert len(seen) + skipped == count


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "file://", "http://"])
def test_a_page_of_others_is_turned_away(address: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        opened(address, origin=origin)
    response = caught.value.response
    assert response.status_code == 403
    assert json.loads(response.body or b"")["type"] == "urn:inkdigits:problem:forbidden-origin"


def test_our_own_page_is_let_in(address: str) -> None:
    with opened(address, origin=address) as client:
        assert asked(client, {"id": 1, **SEVEN})["digit"] == 7


def test_a_page_that_is_named_is_let_in() -> None:
    with served(INKDIGITS_CORS_ORIGINS="https://ours.example") as (_, __, address):
        with opened(address, origin="https://ours.example") as client:
            assert asked(client, {"id": 1, **SEVEN})["digit"] == 7
        with pytest.raises(InvalidStatus):
            opened(address, origin="https://ours.example.evil.example")


def test_a_bad_host_is_turned_away(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(HEAD.replace("Host: a", "Host: a b").encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_where_there_is_none_there_is_none(address: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        connect(address.replace("http", "ws") + "/api/v1/nothing", open_timeout=20)
    assert caught.value.response.status_code in (403, 404)


def test_a_flood_ends() -> None:
    with served(INKDIGITS_LIVE_RATE="20") as (_, __, address), opened(address) as client:
        with suppress(ConnectionClosed):
            for number in range(200):
                client.send(json.dumps({"id": number, **SEVEN}))
        assert closed_with(client) == 1008
        with opened(address) as other:
            assert asked(other, {"id": 1, **SEVEN})["digit"] == 7


def test_who_says_nothing_is_closed() -> None:
    with served(INKDIGITS_LIVE_IDLE="0.3") as (_, __, address), opened(address) as client:
        assert asked(client, {"id": 1, **SEVEN})["digit"] == 7
        assert closed_with(client) == 1001


def test_there_are_only_so_many() -> None:
    with served(INKDIGITS_MAX_SOCKETS="3") as (_, __, address), ExitStack() as three:
        first, *_ = [three.enter_context(opened(address)) for _ in range(3)]
        with pytest.raises(InvalidStatus) as caught:
            opened(address)
        assert caught.value.response.status_code == 503
        assert caught.value.response.headers["Retry-After"] == "5"
        first.close()
        until(lambda: "live_sockets 2.0" in httpx2.get(f"{address}/metrics", timeout=20).text)
        with opened(address) as client:
            assert asked(client, {"id": 1, **SEVEN})["digit"] == 7


def test_a_thousand_that_say_nothing_cost_little() -> None:
    open_files()  # for our ends of them
    with served() as (process, _, address):
        host, port = address.removeprefix("http://").split(":")
        before = resident(process.pid)
        many = [socket.create_connection((host, int(port)), timeout=20) for _ in range(1000)]
        try:
            for it in many:
                it.sendall(HEAD.encode())
            for it in many:
                assert it.recv(65536).startswith(b"HTTP/1.1 101 ")
            assert resident(process.pid) - before < 100  # MB: under 100 kB each
            answer = httpx2.post(f"{address}/api/v1/classify", json=SEVEN, timeout=20)
            assert answer.json()["digit"] == 7
        finally:
            for it in many:
                it.close()


def resident(pid: int) -> float:
    """Megabytes that a process holds; where that is not told, none."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    found = next(it for it in status.read_text().splitlines() if it.startswith("VmRSS"))
    return int(found.split()[1]) / 1024


def test_who_does_not_read_holds_up_nobody(address: str) -> None:
    with suppress(OSError), opened(address) as slow, opened(address) as other:
        stop = threading.Event()

        def flood() -> None:
            with suppress(ConnectionClosed, OSError):
                while not stop.is_set():
                    slow.send(json.dumps({"id": 1, **SEVEN, "seen": True}))

        thread = threading.Thread(target=flood)
        slow.recv_bufsize = 0
        thread.start()
        try:
            for number in range(20):
                assert asked(other, {"id": number, **SEVEN})["digit"] == 7
        finally:
            stop.set()
            slow.socket.shutdown(socket.SHUT_RDWR)
            thread.join(20)


def test_what_is_not_read_is_not_heaped_up() -> None:
    """Thousands of answers of 10 kB each, to somebody who reads none."""
    message = json.dumps({"id": 1, **SEVEN, "seen": True})
    with served(INKDIGITS_LIVE_RATE="100000") as (process, _, address):
        with opened(address) as slow:
            asked(slow, json.loads(message))
            before, end, sent = resident(process.pid), time.monotonic() + 3, 0
            slow.socket.settimeout(0.2)
            with suppress(OSError, ConnectionClosed):  # it is not listened to any more, either
                while time.monotonic() < end:
                    slow.send(message)
                    sent += 1
            assert sent > 100
            assert resident(process.pid) - before < 20  # MB
            slow.socket.close()
        answer = httpx2.post(f"{address}/api/v1/classify", json=SEVEN, timeout=20)
        assert answer.json()["digit"] == 7


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_server_that_stops_says_so() -> None:
    with served() as (process, _, address), opened(address) as client:
        assert asked(client, {"id": 1, **SEVEN})["digit"] == 7
        process.send_signal(signal.SIGTERM)
        assert closed_with(client) == 1001
        assert process.wait(20) == 0


@pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")
def test_several_workers_do_it_too() -> None:
    with served("--workers", "2") as (_, __, address):
        for _ in range(4):
            with opened(address) as client:
                assert asked(client, {"id": 1, **SEVEN})["digit"] == 7


def test_it_needs_a_key_where_all_do(tmp_path: Path) -> None:
    from .test_models import key

    place = tmp_path / "ink.db"
    headers = key(place, "read")
    with served(INKDIGITS_KEYS="required", INKDIGITS_DATABASE=str(place)) as (_, __, address):
        with pytest.raises(InvalidStatus) as caught:
            opened(address)
        assert caught.value.response.status_code == 401
        with opened(address, additional_headers=headers) as client:
            assert asked(client, {"id": 1, **SEVEN})["digit"] == 7


def test_each_message_counts_where_rates_are_limited() -> None:
    with served(INKDIGITS_RATE_LIMIT="4/minute") as (_, __, address), opened(address) as client:
        answers = [asked(client, {"id": number, **SEVEN}) for number in range(6)]
        assert [it.get("digit") for it in answers[:3]] == [7, 7, 7]
        assert answers[-1]["error"]["status"] == 429


def test_one_line_of_the_log_tells_of_it() -> None:
    with served() as (process, _, address):
        with opened(address, additional_headers={"X-Request-ID": "mine"}) as client:
            asked(client, {"id": 1, **SEVEN})
            client.send("{")
            assert closed_with(client) == 1007
        time.sleep(0.2)
        process.terminate()
        _, log = process.communicate(timeout=20)
    lines = [json.loads(it) for it in log.splitlines()]
    (told,) = [it for it in lines if it.get("request_id") == "mine"]
    assert told["event"] == "socket"
    assert (told["route"], told["status"], told["code"]) == (LIVE, 101, 1007)
    assert (told["messages"], told["answers"], told["skipped"]) == (2, 1, 0)
    assert not [it for it in lines if it["level"] in ("error", "warning")]
