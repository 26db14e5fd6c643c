"""How much may be asked in how long: a rate, and where somebody stands with it.

In: `600/minute`, what was counted. Out: whether more is let in, how much is left, and how long to
wait. A sliding window: what was counted in the window before this one weighs the less the longer
it is ago. Knows neither clients nor where things are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

#: Seconds by which two clocks may differ in what they call one moment.
_SLACK = 0.01


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `600/minute`, `10 per second`, `100/5 minutes`.

        Raises:
            ValueError: it is not one rate of at least 1.
        """
        from limits import parse_many  # only a server that has limits waits for it

        found = parse_many(text)
        if len(found) != 1 or not 0 < found[0].amount < 2**31 or found[0].get_expiry() < 1:
            raise ValueError(text)
        return cls(found[0].amount, found[0].get_expiry())

    def __str__(self) -> str:
        named = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}
        return (
            f"{self.amount:,} a {named[self.seconds]}"
            if self.seconds in named
            else (f"{self.amount:,} in {self.seconds:,} seconds")
        )


@dataclass(frozen=True)
class Window:
    """What was counted for one client.

    Attributes:
        previous: in the window before this one.
        current: in this window.
        left: seconds until this window ends, and the next begins.
    """

    previous: int
    current: int
    left: float

    def weight(self, rate: Rate) -> int:
        """How much of the rate is used up."""
        return floor(self.previous * self.left / rate.seconds) + self.current

    def wait(self, rate: Rate, cost: int) -> float:
        """Seconds until `cost` fits in, if nothing else is counted meanwhile; 0 for now."""
        if self.weight(rate) + cost <= rate.amount:
            return 0.0
        room = rate.amount - cost
        if room >= self.current:
            return _until(self.previous, self.left, room - self.current, rate.seconds)
        return self.left + _until(self.current, rate.seconds, room, rate.seconds)


@dataclass(frozen=True)
class Standing:
    """What became of a request, and what its client is told.

    Attributes:
        rate: what the client may ask.
        window: what is counted for it; the request too, where it was let in, and only then.
        allowed: whether it was let in.
    """

    rate: Rate
    window: Window
    allowed: bool

    @property
    def remaining(self) -> int:
        """How much more is let in at once."""
        return max(0, self.rate.amount - self.window.weight(self.rate))

    @property
    def left(self) -> int:
        """Whole seconds after which the window has ended."""
        return floor(self.window.left) + 1

    def retry_after(self, cost: int) -> int:
        """Whole seconds after which a request of this cost is let in."""
        return floor(self.window.wait(self.rate, cost) + _SLACK) + 1


def _until(count: int, left: float, spare: int, seconds: int) -> float:
    """Seconds until what is `left` of a count weighs `spare` at most."""
    return max(0.0, left - (spare + 1) * seconds / count) if count else 0.0
