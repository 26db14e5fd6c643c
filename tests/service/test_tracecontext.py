"""Whose trace a request is part of: W3C Trace Context, to the letter."""

from __future__ import annotations

import re

import pytest

from inkdigits.service.telemetry import tracecontext

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{PARENT}-01"


def test_a_sound_one_is_gone_on_with() -> None:
    found = tracecontext.read([GOOD], ["rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE , "])
    assert (found.trace_id, found.parent_id, found.sampled) == (TRACE, PARENT, True)
    assert found.state == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
    assert re.fullmatch(f"00-{TRACE}-[0-9a-f]{{16}}-01", found.traceparent)
    assert found.span_id != PARENT


@pytest.mark.parametrize(
    ("given", "sampled"),
    [
        (f"00-{TRACE}-{PARENT}-00", False),
        (f"00-{TRACE}-{PARENT}-02", False),
        (f"00-{TRACE}-{PARENT}-ff", True),
        (f"01-{TRACE}-{PARENT}-01", True),
        (f"cc-{TRACE}-{PARENT}-01-what-the-future-brings", True),
    ],
)
def test_flags_and_versions_to_come(given: str, sampled: bool) -> None:
    found = tracecontext.read([given])
    assert (found.trace_id, found.sampled) == (TRACE, sampled)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [""],
        [GOOD, GOOD],
        [GOOD.upper()],
        [f" {GOOD}"],
        [f"{GOOD}\n"],
        [f"{GOOD}\r\nX: y"],
        [f"{GOOD}-more"],
        [f"{GOOD}-"],
        [f"cc-{TRACE}-{PARENT}-01.more"],
        [f"ff-{TRACE}-{PARENT}-01"],
        [f"00-{'0' * 32}-{PARENT}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"00-{TRACE[:-1]}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-1"],
        [f"00-{TRACE}-{PARENT}"],
        [f"00-{'g' * 32}-{PARENT}-01"],
        ["00-xyz"],
        ["0" * 100_000],
    ],
)
def test_a_wrong_one_is_replaced(given: list[str]) -> None:
    found = tracecontext.read(given, ["rojo=1"])
    assert re.fullmatch("[0-9a-f]{32}", found.trace_id)
    assert found.trace_id != TRACE
    assert (found.parent_id, found.sampled, found.state) == (None, False, "")
    assert found.trace_id != tracecontext.read(given).trace_id


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("a=1", True),
        ("1a@b=1", True),
        ("a*/-_=x y", True),
        ("A=1", False),
        ("a", False),
        ("a=", False),
        ("a=1=2", False),
        ("a=1\r\nforged: 1", False),
        ("a=é", False),
        ("1a=1", False),
        ("a=1,a=2", False),
        (",".join(f"k{it}=1" for it in range(33)), False),
        (",".join(f"k{it}=1" for it in range(32)), True),
        ("a=" + "x" * 257, False),
        ("a=" + "x" * 256, True),
        (",".join(f"k{it}=" + "x" * 200 for it in range(3)), False),
    ],
)
def test_a_wrong_state_is_dropped_and_the_trace_goes_on(state: str, kept: bool) -> None:
    found = tracecontext.read([GOOD], [state])
    assert found.trace_id == TRACE
    assert found.state == (state if kept else "")
