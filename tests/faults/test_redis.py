"""Limits that replicas share in Redis; and that nobody notices when Redis is gone."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import time
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from inkdigits.errors import MissingExtraError
from inkdigits.service.rates import Rate, Standing
from inkdigits.service.settings import Settings
from inkdigits.service.sharedcount import BUDGET, SharedCount
from tests import redisserver
from tests.conftest import lacking
from tests.redisserver import RedisServer
from tests.service.harness import CLASSIFY, FakeReader, Service, check, serving

PEN = {"strokes": [[[1, 2], [3, 4]]]}


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        lacking("redis-server is not installed")
    with redisserver.running() as server:
        yield server


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not look like a Redis that is away."""
    monkeypatch.setattr("inkdigits.service.sharedcount.BUDGET", 1.0)


@pytest.fixture
def replicas(redis: RedisServer) -> Iterator[tuple[Service, Service]]:
    """Two of them, with one limit."""
    settings = Settings(rate_limit="6/minute", rate_limit_store=redis.url)
    with serving(settings, FakeReader()) as one, serving(settings, FakeReader()) as other:
        yield one, other


def statuses(service: Service, count: int) -> list[int]:
    return [service.post(CLASSIFY, json=PEN).status_code for _ in range(count)]


def alone(service: Service) -> float:
    """How many requests it has counted by itself."""
    families = {it.name: it for it in parse(service.get("/metrics").text)}
    return families["ratelimit_fallbacks"].samples[0].value


def wait_until_back(caplog: pytest.LogCaptureFixture, count: int) -> None:
    until = time.monotonic() + 30
    while said(caplog, "is back") < count:
        assert time.monotonic() < until, "Redis was not taken back"
        time.sleep(0.02)


def said(caplog: pytest.LogCaptureFixture, words: str) -> int:
    return sum(words in record.message for record in caplog.records)


def test_replicas_count_together(replicas: tuple[Service, Service]) -> None:
    one, other = replicas
    assert statuses(one, 3) == [200] * 3
    last = other.post(CLASSIFY, json=PEN)
    assert last.headers["ratelimit"].startswith('"client";r=2;t=')
    assert statuses(other, 2) == [200] * 2
    for service in replicas:
        refused = service.post(CLASSIFY, json=PEN)
        check(service, refused, 429, "rate-limited")
        assert 60 <= int(refused.headers["retry-after"]) <= 61
        assert alone(service) == 0


def test_what_redis_says_of_the_wait_is_true(redis: RedisServer) -> None:
    rate = Rate(3, 1)

    async def asked() -> Standing:
        shared = SharedCount(redis.url, budget=10)
        await shared.start()
        for _ in range(3):
            taken = await shared.take(rate, "a", 1)
            assert taken is not None
            assert taken.allowed
        refused = await shared.take(rate, "a", 2)
        assert refused is not None
        assert not refused.allowed
        await asyncio.sleep(refused.retry_after(2))
        taken = await shared.take(rate, "a", 2)
        await shared.stop()
        assert taken is not None
        return taken

    assert asyncio.run(asked()).allowed


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_without_redis_each_counts_alone_until_it_is_back(
    redis: RedisServer,
    replicas: tuple[Service, Service],
    caplog: pytest.LogCaptureFixture,
    how: signal.Signals,
) -> None:
    caplog.set_level(logging.INFO, "inkdigits.service")
    one, other = replicas
    assert statuses(one, 1) + statuses(other, 1) == [200, 200]
    redis.tell(how)
    for service in replicas:  # the same rate, each for itself, from the first request on
        assert statuses(service, 7) == [200] * 6 + [429]
        assert alone(service) == 7
    assert said(caplog, "Redis is away") == 2  # once by each
    if how == signal.SIGSTOP:
        redis.tell(signal.SIGCONT)
    else:
        redis.start()
    wait_until_back(caplog, 2)
    assert statuses(one, 1) == [200]  # counted together again
    assert (alone(one), alone(other)) == (7, 7)
    assert (said(caplog, "Redis is away"), said(caplog, "Redis is back")) == (2, 2)


def test_a_redis_that_is_not_there_yet_keeps_nobody_from_starting(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "inkdigits.service")
    redis.tell(signal.SIGKILL)
    settings = Settings(rate_limit="2/minute", rate_limit_store=redis.url)
    with serving(settings, FakeReader()) as service:
        assert statuses(service, 3) == [200, 200, 429]
        redis.start()
        wait_until_back(caplog, 1)
        assert statuses(service, 3) == [200, 200, 429]
        assert alone(service) == 3


def test_a_clock_of_redis_that_is_set_back_locks_nobody_out(redis: RedisServer) -> None:
    """As Redis sees it, what it keeps then ends an hour later."""
    from redis.asyncio import Redis

    rate = Rate(2, 60)

    async def asked() -> list[bool | None]:
        shared = SharedCount(redis.url)
        await shared.start()
        client = Redis(connection_pool=shared._pool)
        answers: list[bool | None] = []
        for number in range(5):
            taken = await shared.take(rate, "a", 1)
            answers.append(None if taken is None else taken.allowed)
            if number == 2:
                (name,) = await client.keys("*")
                await client.expire(name, 3700)
        await shared.stop()
        return answers

    assert asyncio.run(asked()) == [True, True, False, True, True]


def test_a_slow_redis_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Slow:
        async def check(self) -> bool:
            return not asked

        async def acquire_sliding_window_entry(self, *what: object) -> bool:
            asked.append(what)
            await asyncio.Event().wait()
            return True

    monkeypatch.setattr("inkdigits.service.sharedcount._storage", lambda _: Slow())

    async def several() -> list[Standing | None]:
        shared = SharedCount("redis://host.invalid", budget=0.01)
        await shared.start()
        answers = [await shared.take(Rate(5, 60), "a", 1) for _ in range(5)]
        assert shared.away
        await shared.stop()
        return answers

    assert asyncio.run(several()) == [None] * 5
    assert len(asked) == 1
    assert BUDGET <= 0.05  # what one waits for, where nothing is said of it


def test_no_password_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    store = "redis://user:swordfish@127.0.0.1:1/0"
    with serving(Settings(rate_limit="2/minute", rate_limit_store=store), FakeReader()) as service:
        assert statuses(service, 1) == [200]
    assert said(caplog, "Redis is away") == 1
    assert "swordfish" not in caplog.text


def test_a_client_for_redis_that_is_missing_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis.asyncio", None)
    with pytest.raises(MissingExtraError, match=r"inkdigits\[redis\]"):
        SharedCount("redis://localhost")
