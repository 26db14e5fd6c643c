"""Metrics and traces together, as the rest of the service calls them.

In: work that begins and ends. Out: what is counted of it, and its spans. Knows that work waits for
a thread, and that a digit's work is mostly the network's; knows no HTTP.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from inkdigits.model import DigitModel, ModelInfo
from inkdigits.service.telemetry.metrics import Unmeasured
from inkdigits.service.telemetry.tracing import Untraced

#: Name and version.
ModelName = tuple[str, str]


class Watch:
    """Sees what goes on; makes metrics and spans of it."""

    def __init__(self, metrics: Unmeasured | None = None, traces: Untraced | None = None) -> None:
        self.metrics = metrics or Unmeasured()
        self.traces = traces or Untraced()
        self._thread = threading.local()  # .infer: seconds in the network

    @contextmanager
    def work(self, asked: float) -> Iterator[None]:
        """Work that has got its thread; `asked` is when it began to wait."""
        self.metrics.queued(perf_counter() - asked)
        self.metrics.working(1)
        try:
            yield
        finally:
            self.metrics.working(-1)

    @contextmanager
    def stage(self, model: ModelName, name: str) -> Iterator[None]:
        """A stage of the work; failed work took its time too."""
        began = perf_counter()
        try:
            with self.traces.step(name):
                yield
        finally:
            self.metrics.worked(model, name, perf_counter() - began)

    @contextmanager
    def digit(self, model: ModelName) -> Iterator[None]:
        """A digit's way from the picture to the answer, less what `TimedModel` says of itself."""
        self._thread.infer = 0.0
        began = perf_counter()
        try:
            yield
        finally:
            whole, infer = perf_counter() - began, self._thread.infer
            self.metrics.worked(model, "normalise", whole - infer)
            if infer:  # not of a blank, nor of what is no picture
                self.metrics.worked(model, "infer", infer)

    @contextmanager
    def infer(self) -> Iterator[None]:
        """The network at work in this thread."""
        began = perf_counter()
        with self.traces.step("infer"):
            yield
        self._thread.infer = getattr(self._thread, "infer", 0.0) + perf_counter() - began


class TimedModel:
    """A digit reader that tells a watch how long it took."""

    def __init__(self, model: DigitModel, watch: Watch) -> None:
        self._model = model
        self._watch = watch

    @property
    def info(self) -> ModelInfo:
        """What the model says about itself."""
        return self._model.info

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 28, 28, 1) -> (N, 10), as the model itself."""
        with self._watch.infer():
            return self._model.logits(x)
