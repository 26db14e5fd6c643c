"""How often one client may ask: counted, told, refused, and let in again when it was said."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse
from starlette.types import Message, Receive, Scope, Send

from inkdigits.errors import InkdigitsError
from inkdigits.service import configuration
from inkdigits.service.guard import Guard
from inkdigits.service.handshake import Handshake
from inkdigits.service.limiter import Counter
from inkdigits.service.protection import Protection
from inkdigits.service.rates import Rate, Standing, Window
from inkdigits.service.settings import Settings

from .harness import BASE64, BATCH, CLASSIFY, FakeReader, Service, check, serving

PEN = {"strokes": [[[1, 2], [3, 4]]]}


class Clock:
    """A clock that a test turns; it begins in the middle of a window."""

    def __init__(self) -> None:
        self.now = 1_000_020.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("inkdigits.service.limiter.steady", made)
    return made


@pytest.fixture
def limited(clock: Clock) -> Iterator[Service]:
    with serving(Settings(rate_limit="5/minute"), FakeReader()) as running:
        yield running


def ask(service: Service, **headers: str) -> httpx2.Response:
    return service.post(CLASSIFY, json=PEN, headers=headers)


def batch(service: Service, count: int) -> httpx2.Response:
    return service.post(BATCH, json={"images": [BASE64] * count})


def rejections(service: Service, scope: str) -> float:
    families = {it.name: it for it in parse(service.get("/metrics").text)}
    samples = families["ratelimit_rejections"].samples
    return next(it.value for it in samples if it.labels["scope"] == scope)


def test_by_default_there_is_no_limit(service: Service) -> None:
    for _ in range(50):
        answer = ask(service)
        assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


def test_who_asks_too_often_is_told_when_to_come_back(limited: Service, clock: Clock) -> None:
    for left in (4, 3, 2, 1, 0):
        answer = ask(limited)
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"client";q=5;w=60'
        assert re.fullmatch(rf'"client";r={left};t=\d+', answer.headers["ratelimit"])
    refused = ask(limited)
    check(limited, refused, 429, "rate-limited")
    assert refused.headers["ratelimit"].startswith('"client";r=0;t=')
    seconds = int(refused.headers["retry-after"])
    assert f"try again in {seconds} seconds" in refused.json()["detail"]
    assert rejections(limited, "client") == 1
    clock.now += seconds - 1.5
    assert ask(limited).status_code == 429  # nor was it more than need be
    clock.now += 1.5
    assert ask(limited).status_code == 200
    assert (rejections(limited, "client"), rejections(limited, "key")) == (2, 0)


def test_what_is_refused_for_other_reasons_counts_too(limited: Service) -> None:
    for _ in range(5):
        answer = limited.post_json(CLASSIFY, "{")
        assert answer.status_code == 400
        assert "ratelimit" in answer.headers
    assert limited.get("/api/v1/about").status_code == 429
    assert limited.get("/no/such/thing").status_code == 429


def test_the_page_the_probes_and_the_metrics_are_not_counted(limited: Service) -> None:
    for _ in range(8):
        for path in ("/", "/sw.js", "/static/app.js", "/docs", "/livez", "/readyz", "/metrics"):
            answer = limited.get(path)
            assert answer.status_code == 200, path
            assert "ratelimit" not in answer.headers
    assert ask(limited).headers["ratelimit"].startswith('"client";r=4')


def test_a_batch_counts_its_members(limited: Service, clock: Clock) -> None:
    assert batch(limited, 3).headers["ratelimit"].startswith('"client";r=2')
    refused = batch(limited, 4)
    check(limited, refused, 429, "rate-limited")
    clock.now += int(refused.headers["retry-after"])
    assert batch(limited, 4).status_code == 200


def test_a_batch_of_tensors_too(limited: Service) -> None:
    def infer(count: int) -> httpx2.Response:
        data = [0.5] * 784 * count
        tensor = {"name": "images", "datatype": "FP32", "shape": [count, 28, 28], "data": data}
        return limited.post("/v2/models/fake/infer", json={"inputs": [tensor]})

    assert infer(6).status_code == 413
    assert infer(3).headers["ratelimit"].startswith('"client";r=1')  # and one for the other
    answer = infer(3)
    check(limited, answer, 429, "rate-limited")
    assert answer.json()["error"] == answer.json()["detail"]


def test_a_batch_that_will_never_fit_is_not_told_to_come_back(limited: Service) -> None:
    answer = batch(limited, 6)
    check(limited, answer, 413, "batch-too-large")
    assert "retry-after" not in answer.headers
    assert "5 a minute" in answer.json()["detail"]


def test_the_wall_clock_moves_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    with serving(Settings(rate_limit="5/minute"), FakeReader()) as service:
        for _ in range(5):
            assert ask(service).status_code == 200
        for jump in (3600, -3600):
            monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
            assert ask(service).status_code == 429


def test_a_header_alone_makes_nobody_else(limited: Service) -> None:
    for number in range(5):
        assert ask(limited, **{"X-Forwarded-For": f"192.0.2.{number}"}).status_code == 200
    for forged in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"):
        assert ask(limited, **{forged: "192.0.2.77"}).status_code == 429


def test_clients_are_counted_apart_and_forgotten() -> None:
    clock = Clock()
    counter = Counter(Rate(2, 60), clock, most=3)
    assert [counter.take("a").allowed for _ in range(3)] == [True, True, False]
    assert counter.take("b").remaining == 1
    for other in "cd":  # the fourth drives out the first
        counter.take(other)
    assert len(counter._current) == 3
    assert counter.take("a").allowed
    clock.now += 120
    assert counter.take("b").remaining == 1
    assert set(counter._current) | set(counter._previous) == {"b"}


@pytest.mark.parametrize("server", [{"websocket.http.response": {}}, {}])
def test_a_websocket_is_looked_at_as_it_is_opened(server: dict[str, object]) -> None:
    opened, sent = [], []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        opened.append(scope["state"]["caller"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def twice() -> None:
        settings = Settings(rate_limit="1/hour")
        guard = Handshake(Guard(app, Protection(settings)), settings)
        for _ in range(2):
            scope = {"type": "websocket", "path": "/api/v1/live", "client": ("192.0.2.1", 7)}
            await guard(
                {**scope, "headers": [(b"host", b"a")], "extensions": server}, receive, send
            )

    asyncio.run(twice())
    assert opened == ["ip:192.0.2.1"]
    if server:
        assert [it["type"] for it in sent] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        assert sent[0]["status"] == 429
        assert "retry-after" in {name.decode() for name, _ in sent[0]["headers"]}
        assert b"rate-limited" in sent[1]["body"]
    else:
        assert sent == [{"type": "websocket.close", "code": 1008, "reason": "Too many requests"}]


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(5, 60), Rate(7, 10), Rate(1200, 60)])
def test_the_wait_is_long_enough_and_hardly_longer(rate: Rate) -> None:
    """Whatever was counted when: after the time said it is let in, and well before, it is not."""
    clock = Clock()
    clock.now += 0.37
    counter = Counter(rate, clock)
    refusals = 0
    for step in range(400):
        clock.now += rate.seconds / 97 * (step % 11)
        cost = 1 + (step * step) % max(1, rate.amount // 2)
        standing = counter.take("a", cost)
        if standing.allowed:
            continue
        refusals += 1
        exact = standing.window.wait(rate, cost)
        assert exact < standing.retry_after(cost) <= exact + 1.01
        if exact > 0.01:
            clock.now += exact - 0.005 * rate.seconds / rate.amount
            assert not counter.take("a", cost).allowed
            clock.now -= exact - 0.005 * rate.seconds / rate.amount
        clock.now += standing.retry_after(cost)
        assert counter.take("a", cost).allowed
    assert refusals > 10


def test_a_window_slides() -> None:
    """What was asked in the window before weighs less as time goes by."""
    rate = Rate(10, 60)
    assert Window(10, 0, 60).weight(rate) == 10
    assert Window(10, 0, 30).weight(rate) == 5
    assert Window(10, 3, 30).weight(rate) == 8
    assert Standing(rate, Window(10, 3, 30), allowed=True).remaining == 2
    assert Window(10, 0, 60).wait(rate, 1) == pytest.approx(0, abs=1e-9)
    assert Window(0, 10, 20).wait(rate, 1) == pytest.approx(20)


@pytest.mark.parametrize(
    ("text", "amount", "seconds", "words"),
    [
        ("600/minute", 600, 60, "600 a minute"),
        ("10 per second", 10, 1, "10 a second"),
        ("1000/5 minutes", 1000, 300, "1,000 in 300 seconds"),
    ],
)
def test_a_rate_is_read_and_said(text: str, amount: int, seconds: int, words: str) -> None:
    rate = Rate.parse(text)
    assert (rate.amount, rate.seconds, str(rate)) == (amount, seconds, words)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("RATE_LIMIT", "fast", "must be a rate such as 1200/minute or 10/second."),
        ("RATE_LIMIT", "0/minute", "must be a rate such as 1200/minute or 10/second."),
        ("KEY_RATE_LIMIT", "5/minute;1/second", "must be a rate such as"),
        ("RATE_LIMIT_STORE", "memcached://host", "must be redis://HOST:PORT"),
        ("RATE_LIMIT_STORE", "redis://", "must be redis://HOST:PORT"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "must be addresses or networks"),
        ("PROXY_HEADER", "x-real-ip", "must be one of x-forwarded-for, forwarded."),
        ("CORS_ORIGINS", "example.com", "must be origins such as https://example.com"),
        ("CORS_ORIGINS", "https://example.com/", "must be origins such as https://example.com"),
    ],
)
def test_a_wrong_setting_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
) -> None:
    monkeypatch.setenv(f"INKDIGITS_{name}", text)
    with pytest.raises(InkdigitsError) as caught:
        configuration.load()
    assert str(caught.value).startswith(f"INKDIGITS_{name} {words}")
    assert "\n" not in str(caught.value)


def test_lists_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKDIGITS_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7 2001:db8::/32")
    assert configuration.load().trusted_proxies == ("10.0.0.0/8", "192.0.2.7", "2001:db8::/32")
