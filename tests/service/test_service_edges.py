"""What surrounds the routes: methods, headers, ids, static files, settings, the log."""

from __future__ import annotations

import json
import logging

import pytest

from inkdigits.service.middleware import SECURITY_HEADERS
from inkdigits.service.telemetry import logs

from .harness import FakeReader, Service


@pytest.mark.parametrize("path", ["/nope", "/livez/", "/static", "/static/", "/api/v2/x", "/api"])
def test_unknown_address(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:inkdigits:problem:not-found"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/predict", "POST"),
        ("GET", "/api/v1/classify", "POST"),
        ("GET", "/api/v1/read", "POST"),
        ("POST", "/livez", "GET, HEAD"),
        ("TRACE", "/", "GET, HEAD"),
        ("TRACE", "/predict", "POST"),
        ("DELETE", "/static/app.js", "GET, HEAD"),
        ("OPTIONS", "/api/v1/classify", "POST"),
        ("FOO", "/docs", "GET, HEAD"),
    ],
)
def test_method_not_allowed(service: Service, method: str, path: str, allow: str) -> None:
    answer = service.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow
    assert answer.json()["type"] == "urn:inkdigits:problem:method-not-allowed"


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
        "/static/" + "a" * 5000,
    ],
)
def test_static_stays_in_its_folder(service: Service, path: str) -> None:
    answer = service.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_page_is_revalidated(service: Service) -> None:
    page = service.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    again = service.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    script = service.get("/static/app.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/sw.js", "/static/app.js", "/static/style.css", "/docs"])
def test_texts_are_compressed_for_who_can_unpack_them(service: Service, path: str) -> None:
    plain = service.get(path, headers={"Accept-Encoding": "identity"})
    packed = service.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert "accept-encoding" in plain.headers["vary"].lower()


@pytest.mark.parametrize("path", ["/", "/sw.js", "/static/app.js"])
def test_a_compressed_text_is_revalidated_too(service: Service, path: str) -> None:
    tag = service.get(path).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = service.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert service.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/livez", "/docs", "/nope", "/predict"])
def test_security_headers_are_everywhere(service: Service, path: str) -> None:
    answer = service.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"] in ("no-store", "no-cache")


def test_only_the_page_itself_may_ask_for_the_camera(service: Service) -> None:
    policy = service.get("/").headers["permissions-policy"]
    assert "camera=(self)" in policy
    assert "microphone=()" in policy


def test_head_has_headers_but_no_body(service: Service) -> None:
    for path in ("/", "/livez", "/docs"):
        answer = service.request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_3", True), ("a" * 64, True), ("a" * 65, False), ("a b", False), ("", False)],
)
def test_request_id(service: Service, given: str, kept: bool) -> None:
    answer = service.get("/livez", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert answer.headers["x-request-id"]


def test_two_request_ids_are_none(service: Service) -> None:
    answer = service.get("/livez", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert len(answer.headers["x-request-id"]) == 24


def test_bad_traceparent_is_nothing(service: Service) -> None:
    assert service.get("/livez", headers={"traceparent": "00-xyz"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.test/path"}, 400),
        ({"Host": "a b"}, 400),
        ({"Host": "[::1]:5000"}, 200),
        ({"X-Long": "x" * 17_000}, 431),
        ({f"X-{i}": "x" for i in range(101)}, 431),
    ],
)
def test_headers(service: Service, headers: dict[str, str], status: int) -> None:
    answer = service.get("/livez", headers=headers)
    assert answer.status_code == status
    assert answer.headers["x-request-id"]


def test_one_log_line_a_request(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "inkdigits.service")  # the path is told at this level alone
    service.get("/a%0d%0aforged=1", headers={"X-Request-ID": "mine"})
    (record,) = caplog.records
    text, as_json = (logs.formatter(style).format(record) for style in ("text", "json"))
    assert "\n" not in text + as_json
    assert "\r" not in text + as_json
    assert 'path="/a\\r\\nforged=1"' in text
    for pair in ("method=GET", "status=404", "request_id=mine", "problem=not-found"):
        assert f" {pair}" in text
    told = json.loads(as_json)
    assert (told["path"], told["route"]) == ("/a\r\nforged=1", "unmatched")
    assert (told["status"], told["request_id"], told["problem"]) == (404, "mine", "not-found")


def test_uvicorn_finds_the_application() -> None:
    from fastapi import FastAPI

    import inkdigits.service

    assert isinstance(inkdigits.service.app, FastAPI)


def test_fake_reader_is_what_the_service_needs() -> None:
    from inkdigits.recognizer import Recognizer
    from inkdigits.service.registry import Reader

    for kind in (FakeReader, Recognizer):
        for name in (name for name in vars(Reader) if not name.startswith("_")):
            assert hasattr(kind, name)
