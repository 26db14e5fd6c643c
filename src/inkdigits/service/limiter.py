"""Who asked how often: counted in this process, or by all replicas together.

In: a client's name and what its request costs. Out: `Standing`. Time is the machine's steady one,
which no change of its clock moves. Knows nothing of HTTP; where others count is `sharedcount`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from inkdigits.service.rates import Rate, Standing, Window

#: Clients that are remembered of a window, 25 MB of two; of more, those seen first are forgotten.
MOST = 100_000


def steady() -> float:
    """Seconds that only go forward."""
    return time.monotonic()


class Shared(Protocol):
    """Where replicas count together."""

    async def take(self, rate: Rate, who: str, cost: int) -> Standing | None:
        """Count a request; `None` where that cannot be done in time."""


class Counter:
    """Counts in this process. `limits` has such a store too: its time is the clock on the wall,
    and each request walks through all clients.
    """

    def __init__(
        self, rate: Rate, clock: Callable[[], float] | None = None, most: int = MOST
    ) -> None:
        self._rate = rate
        self._clock = clock or steady
        self._most = most
        self._number = 0  # of the window
        self._previous: dict[str, int] = {}
        self._current: OrderedDict[str, int] = OrderedDict()

    def take(self, who: str, cost: int = 1) -> Standing:
        """Count a request of a client, if there is room for it."""
        rate, now = self._rate, self._clock()
        number, gone = divmod(now, rate.seconds)
        if number != self._number:
            self._turn(int(number))
        current = self._current.get(who, 0)
        window = Window(self._previous.get(who, 0), current, rate.seconds - gone)
        if window.weight(rate) + cost > rate.amount:
            return Standing(rate, window, allowed=False)
        if not current and len(self._current) >= self._most:
            self._current.popitem(last=False)
        self._current[who] = current + cost
        counted = Window(window.previous, current + cost, window.left)
        return Standing(rate, counted, allowed=True)

    def _turn(self, number: int) -> None:
        """Begin another window; what lies two windows back weighs nothing."""
        follows = number == self._number + 1
        self._previous = dict(self._current) if follows else {}
        self._current = OrderedDict()
        self._number = number


class Limiter:
    """One rate, for many clients."""

    def __init__(self, scope: str, rate: Rate, shared: Shared | None, counter: Counter) -> None:
        """Limit.

        Args:
            scope: what the rate is called: `client`, `key`.
            rate: what each may ask.
            shared: where to count; this process alone where there is none, or none that answers.
            counter: counts in this process.
        """
        self.scope = scope
        self.rate = rate
        self._shared = shared
        self._counter = counter

    async def take(self, who: str, cost: int = 1) -> Standing:
        """Count a request of a client, if there is room for it."""
        if self._shared is not None:
            found = await self._shared.take(self.rate, f"{self.scope}:{who}", cost)
            if found is not None:
                return found
        return self._counter.take(who, cost)

    @property
    def policy(self) -> str:
        """`RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers has it."""
        return f'"{self.scope}";q={self.rate.amount};w={self.rate.seconds}'

    def told(self, standing: Standing) -> str:
        """`RateLimit`: so many more in so many seconds."""
        return f'"{self.scope}";r={standing.remaining};t={standing.left}'
