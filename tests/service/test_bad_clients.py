"""Clients that are slow, or go away: others are answered, and nothing of them stays."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from inkdigits.store.feedback import FeedbackStore

from .harness import CLASSIFY, READ
from .targets import Server, growth, serving
from .test_bad_bodies import PICTURE
from .wire import connect, everything, get, post, reply, vanish

BODY = b'{"strokes": [[[10, 10], [40, 10], [20, 70]]]}'
WHOLE = post(b"Content-Length: %d\r\n" % len(BODY), BODY, CLASSIFY.encode())
#: Requests that stop on the way: in the head, before the body, in it, in a chunk, in a form.
STOPPED = {
    "in the first line": b"POST /api/v1/cla",
    "in the head": WHOLE[:60],
    "before the body": post(b"Content-Length: 45\r\n", b"", CLASSIFY.encode()),
    "in the body": WHOLE[:-5],
    "in a chunk": post(b"Transfer-Encoding: chunked\r\n", b"ff\r\n{", CLASSIFY.encode()),
    "between chunks": post(b"Transfer-Encoding: chunked\r\n", b"1\r\n{\r\n", READ.encode()),
}


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one thread, room for four requests, and little patience."""
    settings = {"THREADS": "1", "MAX_WAITING": "4", "HEADER_TIMEOUT": "3", "BODY_TIMEOUT": "3"}
    environment = {f"INKDIGITS_{name}": value for name, value in settings.items()}
    folder = tmp_path_factory.mktemp("narrow")
    with serving(folder, INKDIGITS_LOG_CLIENT="1", **environment) as running:
        yield running


def inflight(server: Server) -> float:
    """Pieces of work that have a thread, by the server's own count."""
    lines = server.send("GET", "/metrics").text.splitlines()
    (found,) = [line for line in lines if line.startswith("inference_inflight ")]
    return float(found.split(" ")[1])


def at_rest(server: Server) -> None:
    """In the end all slots are free: six requests in a row are answered, and no work is left."""
    until, well = time.monotonic() + 20, 0
    while well < 6 or inflight(server) > 0:
        assert time.monotonic() < until, "a slot is not given back"
        answer = server.send("POST", CLASSIFY, content=BODY, headers=JSON)
        assert answer.status_code in (200, 503)
        well = well + 1 if answer.status_code == 200 else 0


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("name", STOPPED)
def test_who_goes_away_on_the_way_leaves_no_slot(narrow: Server, name: str) -> None:
    with narrow.listening() as lines, growth(narrow.pid) as grown:
        for _ in range(30):
            client = connect(narrow)
            client.sendall(STOPPED[name])
            vanish(client)
        at_rest(narrow)
    assert all(it < 20 for it in grown)
    gone = [line for line in lines if line["status"] != 200]
    assert {line["status"] for line in gone} <= {499}
    assert not [line for line in lines if "exception" in line]


def test_who_does_not_wait_for_the_answer_leaves_no_slot(narrow: Server) -> None:
    page = b'{"image": "%s"}' % PICTURE.encode()
    long = post(b"Content-Length: %d\r\n" % len(page), page, READ.encode())
    with narrow.listening() as lines:
        for _ in range(40):
            client = connect(narrow)
            client.sendall(long)
            vanish(client)
        at_rest(narrow)
    assert not [line for line in lines if "exception" in line]
    assert {line["status"] for line in lines} <= {200, 499, 503}  # no room is said, too


def test_who_does_not_read_the_answer_does_not_hold_up_others(narrow: Server) -> None:
    """The page's model is larger than what lies in a socket's buffers."""
    lazy = []
    with growth(narrow.pid) as grown:
        for _ in range(20):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(narrow.address)
            client.sendall(get(b"/static/models/lines/line.onnx"))
            lazy.append(client)
        at_rest(narrow)
    for client in lazy:
        vanish(client)
    assert all(it < 40 for it in grown), f"{grown} MB"


def test_slow_clients_are_cut_off_and_others_answered(narrow: Server) -> None:
    """100 that are slow, and never have the thread; who comes meanwhile is answered at once."""
    slow = {name: [connect(narrow) for _ in range(20)] for name in sorted(STOPPED)[:5]}
    for name, clients in slow.items():
        for client in clients:
            client.sendall(STOPPED[name])
    with narrow.listening() as lines:
        at_rest(narrow)
    assert {line["status"] for line in lines} == {200}  # none of the slow ones is gone yet
    for name, clients in slow.items():
        for client in clients:
            with suppress(OSError):
                client.sendall(b"x")  # a byte now and then buys no time
            came = everything(client)
            client.close()
            if name in ("in the first line", "in the head"):
                assert came == b"" or b" 400 " in came
            else:
                assert reply(came).status in (400, 408)
    at_rest(narrow)


def test_who_says_where_a_request_came_from_is_not_believed(narrow: Server) -> None:
    forged = {"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
    with narrow.listening() as lines:
        narrow.send("GET", "/nope", headers=forged)
    (line,) = lines
    assert line["client"] == "127.0.0.1"
    assert "6.6.6.6" not in str(line)


def test_a_request_that_is_under_way_at_sigterm_is_answered(tmp_path: Path) -> None:
    """Its body comes only once the server is no longer there for others."""
    with serving(tmp_path, INKDIGITS_DRAIN="0.2") as server:
        with connect(server) as client:
            client.sendall(WHOLE[:-5])
            assert server.send("GET", "/livez").status_code == 200  # which came after it
            server.process.send_signal(signal.SIGTERM)
            until = time.monotonic() + 20
            while is_open(server):
                assert time.monotonic() < until, "it goes on listening"
                time.sleep(0.02)
            client.sendall(WHOLE[-5:])
            answer = reply(everything(client))
        assert (answer.status, json.loads(answer.body)["digit"]) == (200, 7)
        assert server.process.wait(20) == 0


def is_open(server: Server) -> bool:
    try:
        connect(server).close()
    except OSError:
        return False
    return True


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    reading = {"digit": 1, "confidence": 0.9, "model": {"name": "standard", "version": "2"}}
    said = {"label": 7, "reading": reading, "strokes": [[[1, 2], [3, 4]]]}
    acknowledged: list[str] = []
    with serving(tmp_path) as server:

        def say() -> None:
            with suppress(httpx2.HTTPError), httpx2.Client(base_url=server.url) as client:
                while True:
                    answer = client.post("/api/v1/feedback", json=said, timeout=20)
                    if answer.status_code == 201:
                        acknowledged.append(answer.json()["id"])

        threads = [threading.Thread(target=say) for _ in range(4)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while len(acknowledged) < 50:
            assert time.monotonic() < until, "nothing is stored"
            time.sleep(0.01)
        server.process.kill()
        for thread in threads:
            thread.join(20)
    kept = {it.id for it in FeedbackStore(str(tmp_path / "feedback.db"), create=False).export()}
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 4  # what was written but not yet said
