"""Signals to stop that wait until a training can bear them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.training.recipe import Recipe

pytestmark = pytest.mark.keras

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Told(KeyboardInterrupt):
    """What the handlers of these tests raise."""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Both signals raise `Told` of their number, and are put back afterwards."""

    def tell(number: int, frame: FrameType | None) -> None:
        raise Told(number)

    before = {number: signal.signal(number, tell) for number in NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def sends(number: int) -> Callable[[object], None]:
    return lambda _: send(number)


def nothing(_: object) -> None:
    pass


def deliver(stops: Any) -> None:
    stops.deliver()


def run(*steps: Callable[[Any], object]) -> int:
    """How many of the steps were done within `Stops`, each given it, before one was the last."""
    from inkdigits.training.stopping import Stops

    done = 0
    try:
        with Stops() as stops:
            for step in steps:
                step(stops)
                done += 1
    except Told:
        return done
    raise AssertionError("no signal came through")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_waits_until_it_is_delivered(number: int) -> None:
    before = signal.getsignal(number)
    assert run(*[deliver, sends(number), nothing, deliver, nothing]) == 3
    assert signal.getsignal(number) is before


def test_a_signal_that_nobody_delivered_comes_at_the_end() -> None:
    assert run(sends(signal.SIGTERM), nothing) == 2


def test_a_second_signal_does_not_wait() -> None:
    assert run(sends(signal.SIGTERM), nothing, sends(signal.SIGINT), nothing) == 2


def test_an_error_is_not_hidden_by_a_signal_that_waits() -> None:
    def fail(_: object) -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        run(sends(signal.SIGINT), fail)


def test_what_is_ignored_stays_ignored() -> None:
    from inkdigits.training.stopping import Stops

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Stops():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        send(signal.SIGTERM)


def test_another_thread_leaves_the_handlers_alone() -> None:
    from inkdigits.training.stopping import Stops

    seen: list[Any] = []

    def work() -> None:
        with Stops() as stops:
            seen.append(signal.getsignal(signal.SIGINT))
            stops.deliver()

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_signal_amid_a_checkpoint_leaves_it_whole(
    make_digits: Callable[..., Digits],
    quick: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from inkdigits.training import checkpoint, fit
    from inkdigits.training.log import TrainingLog

    data = Mnist(make_digits(128, 1), make_digits(40, 2), make_digits(10, 3))
    recipe = Recipe("nano", epochs=4, batch_size=32, augment=False, patience=99)
    replace = checkpoint._replace

    def interrupted(path: Path, save: Callable[[Path], object]) -> None:
        def told(partial: Path) -> None:
            if path.name == "checkpoint.keras" and len(TrainingLog(tmp_path).rows) == 2:
                send(signal.SIGTERM)
            save(partial)

        replace(path, told)

    monkeypatch.setattr(checkpoint, "_replace", interrupted)
    with pytest.raises(Told):
        fit.train(recipe, data, tmp_path)
    monkeypatch.undo()
    assert len(TrainingLog(tmp_path).rows) == 2
    assert not list(tmp_path.glob("best-*")), "the epoch is written to its end"
    assert not list(tmp_path.glob("partial-*"))
    fit.train(recipe, data, tmp_path, resume=True)
    assert [row["epoch"] for row in TrainingLog(tmp_path).rows] == [1, 2, 3, 4]
