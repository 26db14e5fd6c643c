"""What is timed as what, by a clock that the test turns."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.model import ModelInfo
from inkdigits.service.telemetry import watch
from inkdigits.service.telemetry.metrics import Unmeasured

MODEL = ("made", "1")


class Clock:
    """Stands still unless it is turned."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Slow:
    """A model that takes two seconds."""

    info = ModelInfo("made", "1", 1.0, 0.5, None, "0" * 64, Path("made.onnx"))

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        self._clock.now += 2
        return np.zeros((len(x), 10), np.float32)


class Heard(Unmeasured):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, float]] = []
        self.queues: list[float] = []
        self.inflight = 0

    def worked(self, model: tuple[str, str], stage: str, seconds: float) -> None:
        assert model == MODEL
        self.stages.append((stage, seconds))

    def queued(self, seconds: float) -> None:
        self.queues.append(seconds)

    def working(self, more: int) -> None:
        self.inflight += more


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(watch, "perf_counter", made)
    return made


def test_a_digits_time_is_parted_into_the_networks_and_the_rest(clock: Clock) -> None:
    heard = Heard()
    seen = watch.Watch(heard)
    model = watch.TimedModel(Slow(clock), seen)
    model.logits(np.zeros((2, 28, 28, 1), np.float32))  # before any digit: nobody's
    with seen.digit(MODEL):
        clock.now += 5
        for _ in range(2):
            model.logits(np.zeros((1, 28, 28, 1), np.float32))
    with seen.digit(MODEL):  # a blank
        clock.now += 1
    assert heard.stages == [("normalise", 5), ("infer", 4), ("normalise", 1)]
    assert model.info.name == "made"


def test_work_that_fails_took_its_time_and_ends(clock: Clock) -> None:
    heard = Heard()
    seen = watch.Watch(heard)
    clock.now = 7

    def fail(stage: AbstractContextManager[None]) -> None:
        with seen.work(asked=4), stage:
            assert heard.inflight == 1
            clock.now += 3
            raise ValueError("no")

    for stage in (seen.stage(MODEL, "decode"), seen.digit(MODEL)):
        with pytest.raises(ValueError, match="no"):
            fail(stage)
    assert heard.stages == [("decode", 3), ("normalise", 3)]
    assert heard.queues == [3, 6]
    assert heard.inflight == 0
