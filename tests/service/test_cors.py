"""Which pages of other origins may call the API: none, but those that the settings name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inkdigits.service.settings import Settings

from .harness import CLASSIFY, FakeReader, Service, check, serving

HOME, FOREIGN = "https://example.com", "https://evil.example"
PEN = {"strokes": [[[1, 2], [3, 4]]]}
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.fixture
def shared() -> Iterator[Service]:
    settings = Settings(cors_origins=(HOME, "http://localhost:8000"), rate_limit="4/minute")
    with serving(settings, FakeReader()) as running:
        yield running


def cors(headers: object) -> dict[str, str]:
    assert hasattr(headers, "items")
    return {k.lower(): v for k, v in headers.items() if k.lower().startswith("access-control")}


def test_by_default_no_page_is_let_in(service: Service) -> None:
    for origin in (FOREIGN, HOME, "null", "http://inkdigits.test"):
        answer = service.post(CLASSIFY, json=PEN, headers={"Origin": origin})
        assert (answer.status_code, cors(answer.headers)) == (200, {})
        assert "origin" not in answer.headers.get("vary", "").lower()
        asked = service.request("OPTIONS", CLASSIFY, headers={"Origin": origin, **ASKS})
        check(service, asked, 405, "method-not-allowed")
        assert cors(asked.headers) == {}


def test_a_named_origin_reads_the_answer(shared: Service) -> None:
    answer = shared.post(CLASSIFY, json=PEN, headers={"Origin": HOME})
    assert answer.status_code == 200
    assert cors(answer.headers) == {
        "access-control-allow-origin": HOME,
        "access-control-expose-headers": (
            "Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
        ),
    }
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["ratelimit"].startswith('"client";r=3')


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", f"{HOME}.evil.example", "http://example.com", "HTTPS://example.com"]
)
def test_a_foreign_origin_gets_nothing(shared: Service, origin: str) -> None:
    answer = shared.post(CLASSIFY, json=PEN, headers={"Origin": origin})
    assert cors(answer.headers) == {}
    assert answer.headers["vary"] == "Origin"
    asked = shared.request("OPTIONS", CLASSIFY, headers={"Origin": origin, **ASKS})
    check(shared, asked, 405, "method-not-allowed")
    assert cors(asked.headers) == {}


def test_a_browser_that_asks_first_is_answered_and_not_counted(shared: Service) -> None:
    for _ in range(10):
        answer = shared.request("OPTIONS", CLASSIFY, headers={"Origin": HOME, **ASKS})
    assert (answer.status_code, answer.content) == (204, b"")
    assert cors(answer.headers) == {
        "access-control-allow-origin": HOME,
        "access-control-allow-methods": "GET, POST, DELETE",
        "access-control-allow-headers": (
            "Accept, Authorization, Content-Type, X-API-Key, X-Request-ID, traceparent, tracestate"
        ),
        "access-control-max-age": "600",
    }
    assert "x-request-id" in answer.headers
    assert shared.post(CLASSIFY, json=PEN).headers["ratelimit"].startswith('"client";r=3')


def test_errors_can_be_read_too(shared: Service) -> None:
    answers = [shared.post(CLASSIFY, content="{", headers={"Origin": HOME}) for _ in range(5)]
    assert [it.status_code for it in answers] == [415, 415, 415, 415, 429]
    for answer in answers:
        assert cors(answer.headers)["access-control-allow-origin"] == HOME


def test_all_origins_only_where_that_is_said() -> None:
    with serving(Settings(cors_origins=("*",)), FakeReader()) as service:
        answer = service.post(CLASSIFY, json=PEN, headers={"Origin": FOREIGN, "Cookie": "a=b"})
        assert cors(answer.headers)["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "origin" not in answer.headers.get("vary", "").lower()
        assert cors(service.post(CLASSIFY, json=PEN).headers) == {}


def test_what_depends_on_more_than_the_origin_says_both(shared: Service) -> None:
    answer = shared.get("/", headers={"Origin": HOME, "Accept-Encoding": "gzip"})
    assert {it.strip() for it in answer.headers["vary"].split(",")} == {"Accept-Encoding", "Origin"}
