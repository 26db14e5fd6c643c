"""Two replicas behind a proxy, with one database and one Redis: one of them is killed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families

from tests import postgres
from tests.conftest import lacking
from tests.faults.replicas import NGINX, SEVEN, Clients, Shared, proxied, sharing


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    for name, there in (
        ("nginx", NGINX),
        ("redis-server", shutil.which("redis-server")),
        ("PostgreSQL", postgres.programs()),
    ):
        if there is None:
            lacking(f"{name} is not installed")
    with sharing(tmp_path_factory.mktemp("replicas")) as made:
        yield made


def test_what_was_acknowledged_outlives_a_killed_replica(shared: Shared, tmp_path: Path) -> None:
    with shared.replicas() as two, proxied(tmp_path, two) as address:
        with Clients(address) as seen:
            for replica in two:
                time.sleep(0.5)
                replica.kill()
                time.sleep(0.5)
                replica.start()
                time.sleep(1.2)  # nginx asks it again after a second
        rows = shared.stored()
    assert len(seen.acknowledged) > 20
    assert seen.acknowledged <= rows.keys()
    assert set(rows.values()) == {1}
    good = seen.statuses["classify 200"]
    assert good > 50
    assert sum(seen.statuses.values()) - good - seen.statuses["feedback 201"] < 0.05 * good


def test_a_rate_is_that_of_both_together(shared: Shared) -> None:
    for _ in range(6):
        statuses, alone = round_of_requests(shared)
        if not alone:
            break
        # Redis was asked and, on a busy machine, too slow once: that replica counted by itself
    assert not alone
    assert statuses == [200] * 40 + [429] * 60


def round_of_requests(shared: Shared) -> tuple[list[int], float]:
    """The answers to 100 requests, and how many of these were not counted in Redis."""
    with redis.Redis.from_url(shared.redis) as counts:
        counts.flushall()
    with shared.replicas(rate_limit="40/hour") as two, httpx2.Client(timeout=30) as client:
        statuses = [
            client.post(f"{two[n % 2].url}/api/v1/classify", json=SEVEN).status_code
            for n in range(100)
        ]
        pages = [client.get(f"{replica.url}/metrics").text for replica in two]
    families = (it for page in pages for it in text_string_to_metric_families(page))
    fallbacks = [it.samples[0].value for it in families if it.name == "ratelimit_fallbacks"]
    assert len(fallbacks) == 2
    return statuses, sum(fallbacks)
