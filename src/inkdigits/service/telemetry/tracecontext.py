"""W3C Trace Context: whose request this is part of, as the headers tell.

In: the values of `traceparent` and `tracestate`. Out: `Trace`; where they are not as the
Recommendation (https://www.w3.org/TR/trace-context/) has them, one begins here. Knows no HTTP.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

_PARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-"
    r"(?P<flags>[0-9a-f]{2})(?P<more>-.*)?",
    re.DOTALL,
)
# section 3.3.1.3: a key, perhaps of a tenant and a system; a value without comma and equals sign
_MEMBER = re.compile(
    r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
    r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)
MOST_MEMBERS = 32
LONGEST_STATE = 512  # characters; the Recommendation asks that so many be given on


@dataclass(frozen=True)
class Trace:
    """A request's place in a trace.

    Attributes:
        trace_id: 32 hexadecimal digits, not all 0.
        parent_id: 16 of the caller's span; `None` where the trace begins here.
        span_id: 16 of this request.
        sampled: whether the caller records the trace.
        state: `tracestate` as it was sent; empty where there was none, or a wrong one.
    """

    trace_id: str
    parent_id: str | None
    span_id: str
    sampled: bool
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The header for what this request asks of others."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


def begin() -> Trace:
    """A trace that begins here."""
    return Trace(secrets.token_hex(16), None, secrets.token_hex(8), sampled=False)


def read(parents: Sequence[str], states: Sequence[str] = ()) -> Trace:
    """The trace that the headers name, each in the order sent; a new one where they are wrong."""
    found = _PARENT.fullmatch(parents[0]) if len(parents) == 1 else None
    if found is None or found["version"] == "ff":
        return begin()
    if found["version"] == "00" and found["more"]:
        return begin()
    if int(found["trace"], 16) == 0 or int(found["parent"], 16) == 0:
        return begin()
    return Trace(
        found["trace"],
        found["parent"],
        secrets.token_hex(8),
        sampled=bool(int(found["flags"], 16) & 1),
        state=_state(",".join(states)),
    )


def _state(text: str) -> str:
    """A sound `tracestate`, or nothing: half of one is of no use to its owner."""
    if len(text) > LONGEST_STATE:
        return ""
    members = [member.strip(" \t") for member in text.split(",")]
    members = [member for member in members if member]
    keys = {member.partition("=")[0] for member in members}
    sound = len(members) <= MOST_MEMBERS and len(keys) == len(members)
    return ",".join(members) if sound and all(map(_MEMBER.fullmatch, members)) else ""
