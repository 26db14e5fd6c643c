"""What is wrong below the application, on a real server's socket: section C of the catalogue."""

from __future__ import annotations

import json

import pytest

from inkdigits.service.middleware import SECURITY_HEADERS

from .harness import MARK
from .refusals import assert_problem
from .targets import Server, growth, rows
from .wire import HOST, Reply, ask, get, post

CHUNKED = b"Transfer-Encoding: chunked\r\n"
NO_HTTP = {
    "CL and TE": post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n"),
    "TE and CL": post(CHUNKED + b"Content-Length: 4\r\n", b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"{}"),
    "a length with a sign": post(b"Content-Length: +4\r\n", b"abcd"),
    "a length below nought": post(b"Content-Length: -1\r\n"),
    "a length of 23 digits": post(b"Content-Length: " + b"9" * 23 + b"\r\n"),
    "an unknown coding": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "chunked and then something": post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"),
    "a chunk without a size": post(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "a chunk of 2^64 bytes": post(CHUNKED, b"f" * 17 + b"\r\n{}\r\n0\r\n\r\n"),
    "a folded header": get(more=b"X: a\r\n b\r\n"),
    "a blank before a colon": get(more=b"X : a\r\n"),
    "a header without a colon": get(more=MARK.encode() + b"\r\n"),
    "NUL in a header": get(more=b"X: a\0b\r\n"),
    "CR in a header": get(more=b"X-Request-ID: a\rSet-Cookie: x=1\r\n"),
    "LF in a header": get(more=b"X-Request-ID: a\nSet-Cookie: x=1\r\n"),
    "lines that end in LF": b"GET /livez HTTP/1.1\nHost: a\n\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3": b"GET /livez HTTP/3.0\r\nHost: a\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(200),
    "CONNECT": get(b"a:443", method=b"CONNECT"),
    "a small method": get(method=b"get"),
    "a long method": get(method=b"A" * 5000),
    "a path of raw bytes": get(b"/\xff\xfe"),
    "a path of 100 KB": get(b"/" + b"a" * 100_000),
    "nonsense": MARK.encode() + b"\r\n\r\n",
}
TOO_LARGE = (413, "payload-too-large")
REFUSED: dict[str, tuple[bytes, int, str]] = {
    "17 KB of headers": (get(more=b"X: " + b"a" * 17_000 + b"\r\n"), 431, "headers-too-large"),
    "101 headers": (get(more=b"X: a\r\n" * 99), 431, "headers-too-large"),
    "20,000 headers": (get(more=b"X: a\r\n" * 20_000), 431, "headers-too-large"),
    "5 MB of headers": (get(more=b"X: a\r\n" * 900_000), 431, "headers-too-large"),
    "a header of 5 MB": (get(more=b"X: " + b"a" * 5_000_000 + b"\r\n"), 431, "headers-too-large"),
    "6 MB by length, unsent": (post(b"Content-Length: 6000000\r\n"), *TOO_LARGE),
    "6 MB by length, sent": (post(b"Content-Length: 6000000\r\n", b" " * 6_000_000), *TOO_LARGE),
    "6 MB after asking": (
        post(b"Content-Length: 6000000\r\nExpect: 100-continue\r\n"),
        *TOO_LARGE,
    ),
    "6 MB in chunks": (post(CHUNKED, (b"10000\r\n" + b" " * 65536 + b"\r\n") * 92), *TOO_LARGE),
    "TRACE": (get(b"/", method=b"TRACE"), 405, "method-not-allowed"),
    "OPTIONS *": (get(b"*", method=b"OPTIONS"), 404, "not-found"),
    "a body that is no JSON in pieces": (
        post(CHUNKED, b"1\r\n{\r\n1\r\n]\r\n0\r\n\r\n"),
        *(400, "malformed-json"),
    ),
    **{
        f"host {host!r}": (
            b"GET /livez HTTP/1.1\r\nConnection: close\r\n" + host + b"\r\n",
            *(400, "bad-host"),
        )
        for host in (
            *(b"", b"Host: \r\n", b"Host: a\r\nHost: a\r\n", b"Host: a, b\r\n", b"Host: a b\r\n"),
            *(b"Host: a@b\r\n", b"Host: a/b\r\n", b"Host: a:999999\r\n", b"Host: \xe9\r\n"),
            *(b"Host: http://a\r\n", b"Host: [::1\r\n", b"Host: <script>\r\n"),
        )
    },
    **{
        f"file {path.decode()}": (get(path), 404, "not-found")
        for path in (
            *(b"/static/..%2fapp.py", b"/static/../app.py", b"/static/%2e%2e/app.py"),
            *(b"/static/..%5capp.py", b"/static/%252e%252e%252fapp.py", b"/static/..%c0%afapp.py"),
            *(b"/static//etc/passwd", b"/static/%2fetc%2fpasswd", b"//etc/passwd"),
            *(b"/static/%00", b"/static/app.js%00.css", b"/static/%ff", b"/static/%zz"),
            *(b"/static/models/..%2f__init__.py", b"/static/models/../../app.py"),
            *(b"/static/con", b"/static/" + b"a" * 5000, b"/docs/..%2f..%2fapp.py"),
        )
    },
}


NAMES = (b"..", b"%2e%2e", b"..%2f..%2fstandard", b"%00", b"standard%00", b"%20", b"x" * 300)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.decode()[:20])
@pytest.mark.parametrize("where", [b"/api/v1/models/", b"/v2/models/"])
def test_a_model_is_no_path(server: Server, where: bytes, name: bytes) -> None:
    reply = ask(server, get(where + name))
    problem = json.loads(reply.body)
    code = problem["type"].rpartition(":")[2]
    assert code in ("unknown-model", "not-found")
    assert_problem(reply.status, reply.headers, reply.body, 404, code)
    assert ("error" in problem) == where.startswith(b"/v2")


def refused(server: Server, request: bytes, status: int, code: str) -> Reply:
    """Send it; the answer and the log are as they should be, and the server lives on."""
    kept = rows(server.store)
    with server.listening() as lines, growth(server.pid) as grown:
        reply = ask(server, request)
    assert all(it < 20 for it in grown), f"{grown} MB"
    problem = assert_problem(reply.status, reply.headers, reply.body, status, code)
    assert reply.headers.get("connection") == "close"
    assert reply.answers == 1
    told = [line for line in lines if line.get("request_id") == problem["request_id"]]
    assert [(line["event"], line["problem"]) for line in told] == [("request", code)]
    assert all(line["level"] == "info" for line in lines)
    assert MARK not in str(lines)
    assert rows(server.store) == kept
    assert server.send("GET", "/livez").status_code == 200
    return reply


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_a_problem_too(server: Server, name: str) -> None:
    refused(server, NO_HTTP[name], 400, "bad-request")


@pytest.mark.parametrize("name", REFUSED)
def test_refused(server: Server, name: str) -> None:
    reply = refused(server, *REFUSED[name])
    if name == "TRACE":
        assert reply.headers["allow"] == "GET, HEAD"


def test_within_the_limits(server: Server) -> None:
    assert ask(server, get(more=b"X: a\r\n" * 98)).status == 200
    assert ask(server, get(more=b"X: " + b"a" * 16_000 + b"\r\n")).status == 200
    assert ask(server, b"GET /livez HTTP/1.0\r\n\r\n").status == 200
    assert ask(server, get(b"http://other.test/livez")).status == 200


@pytest.mark.parametrize(
    "endless",
    [
        b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 1_000_000 + b"\r\n",
        b"2\r\n{}\r\n0\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 10_000 + b"\r\n",
        b"2;a=" + b"y" * 10_000_000 + b"\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["headers behind the body", "large ones", "a remark on a chunk"],
)
def test_what_stands_beside_a_body_is_not_kept(server: Server, endless: bytes) -> None:
    refused(server, post(CHUNKED, endless), 422, "invalid-field")


def test_a_body_ends_where_it_says(server: Server) -> None:
    """What follows is a request of its own, and no header of it counts for another."""
    head = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    two = head + b"Content-Length: 2\r\n\r\n{}" + get()
    assert ask(server, two).answers == 2
    forged = head + CHUNKED + b"\r\n2\r\n{}\r\n0\r\nX-Request-ID: forged\r\n\r\n" + get()
    reply = ask(server, forged)
    assert (reply.status, reply.answers) == (422, 2)
    assert reply.headers["x-request-id"] != "forged"


@pytest.mark.parametrize(
    "first",
    [
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a@b\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" * 3,
        post(b"Content-Length: 2\r\n", b"{}").replace(b"Connection: close\r\n", b""),
    ],
    ids=["sound", "of a bad host", "three", "with a body"],
)
def test_what_is_no_http_behind_a_request_is_refused_with_it(server: Server, first: bytes) -> None:
    """It came at once with it, before there was an answer: there is one answer, and no more."""
    with server.listening() as lines:
        reply = ask(server, first + b"\0\r\n\r\n")
    assert_problem(reply.status, reply.headers, reply.body, 400, "bad-request")
    assert reply.answers == 1
    assert not [line for line in lines if "exception" in line or line["level"] == "error"]


@pytest.mark.parametrize(
    "given",
    [b"a%0d%0aSet-Cookie:%20x=1", b"a b", b"a" * 65, b"\xe9", b"<script>", b"", b"../x"],
)
def test_an_id_that_is_none_is_replaced(server: Server, given: bytes) -> None:
    reply = ask(server, get(b"/nope", b"X-Request-ID: " + given + b"\r\n"))
    assert reply.status == 404
    assert len(reply.headers["x-request-id"]) == 24
    assert reply.headers["x-request-id"].isalnum()
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    "given",
    [
        *(b"00-xyz", b"", b"\xff", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01", b"x" * 5000),
        b"00-0af7651916cd43dd8448eb211c80319c-" + b"0" * 16 + b"-01",
        b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        b"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    ],
)
def test_a_trace_that_is_none_is_begun_anew(server: Server, given: bytes) -> None:
    with server.listening() as lines:
        more = b"X-Request-ID: traced\r\ntraceparent: " + given + b"\r\n"
        assert ask(server, get(b"/nope", more)).status == 404
    (line,) = [line for line in lines if line["request_id"] == "traced"]
    assert len(line["trace_id"]) == 32
    assert line["trace_id"].strip("0")
    assert line["trace_id"].encode() not in given.lower()


@pytest.mark.parametrize("path", [b"/", b"/livez", b"/static/app.js", b"/api/v1/classify"])
def test_a_foreign_page_gets_no_leave(server: Server, path: bytes) -> None:
    origin = b"Origin: https://evil.test\r\n"
    asked = origin + b"Access-Control-Request-Method: POST\r\n"
    for request in (get(path, origin), get(path, asked, method=b"OPTIONS")):
        reply = ask(server, request)
        assert not [name for name in reply.headers if name.startswith("access-control-")]
        for name, value in SECURITY_HEADERS.items():
            assert reply.headers[name] == value


def test_a_connection_becomes_nothing_else(server: Server) -> None:
    """Where there is no WebSocket, who asks for one is answered as ever; and no h2c."""
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    for upgrade in (b"websocket\r\nOrigin: https://evil.test\r\n" + key, b"h2c\r\n"):
        head = b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: "
        reply = ask(server, head + upgrade + b"\r\n")
        assert reply.status in (200, 403, 404)
        assert "upgrade" not in reply.headers


@pytest.mark.parametrize(
    "given",
    [b"bytes=0-1", b"bytes=9999999-", b"bytes=a-b", b"bytes=" + b"0-1," * 2000 + b"2-3", b"x=1-2"],
)
@pytest.mark.parametrize("path", [b"/static/app.js", b"/static/models/standard.onnx"])
def test_files_are_served_whole(server: Server, path: bytes, given: bytes) -> None:
    reply = ask(server, get(path, b"Range: " + given + b"\r\n"))
    assert reply.status == 200
    assert len(reply.body) == int(reply.headers["content-length"]) > 100


def test_stored_markup_is_inert(server: Server) -> None:
    """A text that a client has stored is served as JSON alone, which nothing runs."""
    markup = "<img src=x onerror=alert(1)>"
    reading = {"digit": 1, "confidence": 0.9, "model": {"name": markup, "version": markup}}
    said = {"label": 7, "reading": reading, "strokes": [[[1, 2], [3, 4]]]}
    token = server.send("POST", "/api/v1/feedback", json=said).json()["id"]
    try:
        for path in ("/api/v1/feedback/summary", "/api/v1/about", "/", "/docs", "/metrics"):
            answer = server.send("GET", path)
            assert markup not in answer.text
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'self'" in answer.headers["content-security-policy"]
    finally:
        assert server.send("DELETE", f"/api/v1/feedback/{token}").status_code == 204


def test_a_connection_that_says_nothing_is_no_line(server: Server) -> None:
    with server.listening() as lines:
        for sent in (b"", b"\r\n", b"GET /livez HTTP/1.1\r\n" + HOST):
            assert_nothing(server, sent)
    assert lines == []


def assert_nothing(server: Server, sent: bytes) -> None:
    from .wire import connect, vanish

    connection = connect(server)
    connection.sendall(sent)
    vanish(connection)
    assert server.send("GET", "/livez").status_code == 200
