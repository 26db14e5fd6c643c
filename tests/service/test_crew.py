"""Threads that take their work from a queue by themselves."""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from inkdigits.service.crew import Crew

COLOUR: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew(1)
    yield made
    made.stop()


async def until(crew: Crew, waiting: int) -> None:
    while crew.waiting != waiting:
        await asyncio.sleep(0.001)


def test_work_is_done_elsewhere_and_its_outcome_is_here(crew: Crew) -> None:
    def fails() -> None:
        raise ValueError("no")

    async def both() -> None:
        COLOUR.set("blue")
        assert await crew.run(COLOUR.get) == "blue"
        assert await crew.run(threading.get_ident) != threading.get_ident()
        with pytest.raises(ValueError, match="no"):
            await crew.run(fails)
        assert crew.waiting == 0

    asyncio.run(both())


def test_a_busy_loop_keeps_no_thread_idle(crew: Crew) -> None:
    done: list[int] = []

    async def many() -> None:
        held = threading.Event()
        work: list[Callable[[], object]] = [held.wait, *(partial(done.append, k) for k in range(9))]
        tasks = [asyncio.create_task(crew.run(it)) for it in work]
        await until(crew, 9)
        held.set()
        end = time.monotonic() + 20
        while len(done) < 9:  # the loop itself does not turn meanwhile
            assert time.monotonic() < end
        await asyncio.gather(*tasks)

    asyncio.run(many())
    assert done == list(range(9))


def test_who_goes_away_leaves_the_queue(crew: Crew) -> None:
    done: list[int] = []

    async def leave() -> None:
        held = threading.Event()
        first = asyncio.create_task(crew.run(held.wait))
        await until(crew, 0)
        second = asyncio.create_task(crew.run(lambda: done.append(2)))
        await until(crew, 1)
        second.cancel()
        await until(crew, 0)
        held.set()
        await first
        assert await crew.run(lambda: 3) == 3

    asyncio.run(leave())
    assert done == []


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own here")
def test_the_loop_goes_first(crew: Crew) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert asyncio.run(crew.run(niceness)) == min(19, niceness() + 2)
