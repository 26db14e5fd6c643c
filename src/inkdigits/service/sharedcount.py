"""Counting in Redis, for all replicas together; and what happens while Redis is away.

In: `Standing` is asked for. Out: it, within `BUDGET`, or nothing. Redis that is gone or slow is not
asked again by requests: it is tried in the background, and asked once more when it answers. The
counting is done by `limits`, in Redis and by Redis's clock, so that replicas need not agree on one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from inkdigits.errors import MissingExtraError
from inkdigits.service.rates import Rate, Standing, Window

if TYPE_CHECKING:
    from limits.aio.storage import RedisStorage
    from redis.asyncio import BlockingConnectionPool

logger = logging.getLogger("inkdigits.service")
#: Seconds that a request waits for Redis at most.
BUDGET = 0.04
#: Seconds between two looks at a Redis that is away.
PAUSE = 1.0
#: Connections of one process at most.
CONNECTIONS = 32
SCHEMES = ("redis://", "rediss://", "unix://")


class SharedCount:
    """Counts in Redis while that answers."""

    def __init__(
        self,
        address: str,
        *,
        budget: float | None = None,
        pause: float = PAUSE,
        on_alone: Callable[[], None] = lambda: None,
    ) -> None:
        """Count there.

        Args:
            address: `redis://HOST:PORT`, `rediss://` for TLS, or `unix:///PATH`.
            budget: seconds that a request waits at most; by default `BUDGET`.
            pause: seconds between two looks at a Redis that is away.
            on_alone: called for each request that is not counted there.

        Raises:
            MissingExtraError: the client for Redis is not installed.
        """
        self._address = address
        self._budget = BUDGET if budget is None else budget
        self._pause = pause
        self._on_alone = on_alone
        self._pool: BlockingConnectionPool | None = None
        self._storage: RedisStorage | None = None
        self._trying: asyncio.Task[None] | None = None
        _pool(address, self._budget)  # is all installed, and the address one?

    @property
    def away(self) -> bool:
        """Whether Redis is not asked for now."""
        return self._storage is None or self._trying is not None

    async def start(self) -> None:
        """See whether it is there. Call it in the loop that the requests come to."""
        self._pool = _pool(self._address, self._budget)
        self._storage = _storage(self._pool)
        if not await self._answers():
            self._lost("it does not answer")

    async def stop(self) -> None:
        """Let go of it."""
        if self._trying is not None:
            self._trying.cancel()
            with suppress(asyncio.CancelledError):
                await self._trying
            self._trying = None
        if self._pool is not None:
            pool, self._pool, self._storage = self._pool, None, None
            with suppress(Exception):  # it may be away
                await asyncio.wait_for(pool.disconnect(), 1)

    async def take(self, rate: Rate, who: str, cost: int) -> Standing | None:
        """Count a request; `None` while Redis is away."""
        storage = self._storage
        if storage is None or self._trying is not None:
            self._on_alone()
            return None
        try:
            async with asyncio.timeout(self._budget):
                allowed, found = await _asked(storage, rate, who, cost)
                if found[3] > 2 * rate.seconds + 1:  # Redis's clock was set back meanwhile
                    await storage.clear_sliding_window(who, rate.seconds)
                    allowed, found = await _asked(storage, rate, who, cost)
        except Exception as error:  # whatever it is, requests go on
            self._lost(type(error).__name__)
            self._on_alone()
            return None
        previous, _, current, expires = found
        # Redis keeps a window's count for as long again after the window
        left = min(max(0.0, expires - rate.seconds), float(rate.seconds))
        return Standing(rate, Window(previous, current, left), allowed=allowed)

    def _lost(self, why: str) -> None:
        if self._trying is None:
            logger.warning("rate limits: Redis is away, each replica counts alone: %s", why)
            self._trying = asyncio.create_task(self._until_it_answers())

    async def _until_it_answers(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            if await self._answers():
                break
        self._trying = None
        logger.info("rate limits: Redis is back, replicas count together")

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(self._budget):
                assert self._storage is not None
                return await self._storage.check()
        except Exception:
            return False


async def _asked(
    storage: RedisStorage, rate: Rate, who: str, cost: int
) -> tuple[bool, tuple[int, float, int, float]]:
    """Whether there is room, and what is counted: before, for how long yet; now, for how long."""
    allowed = await storage.acquire_sliding_window_entry(who, rate.amount, rate.seconds, cost)
    return allowed, await storage.get_sliding_window(who, rate.seconds)


def _pool(address: str, budget: float) -> BlockingConnectionPool:
    """Connections to Redis; who finds them all taken waits within the budget too."""
    try:
        from redis.asyncio import BlockingConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ModuleNotFoundError:
        raise MissingExtraError("the client for Redis", "redis") from None
    return BlockingConnectionPool.from_url(
        address,
        max_connections=CONNECTIONS,
        timeout=budget,
        socket_timeout=budget,
        socket_connect_timeout=budget,
        retry=Retry(NoBackoff(), 0),
    )


def _storage(pool: BlockingConnectionPool) -> RedisStorage:
    from limits.aio.storage import RedisStorage

    options: dict[str, Any] = {"connection_pool": pool}  # which the annotations leave out
    return RedisStorage(
        "async+redis://", implementation="redispy", key_prefix="inkdigits", **options
    )
