"""Signals to stop, kept until a training can bear them.

In: SIGINT and SIGTERM. Out: the same, to the handlers that were there before, between two batches.
A handler that raises does so wherever Python happens to be: in a callback of HDF5 amid a
checkpoint, say, which makes an error of its own of it. Knows nothing of networks.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

import keras

Handler = Callable[[int, FrameType | None], Any]


class Stops:
    """Within it a first SIGINT or SIGTERM waits for `deliver`, or the end; a second does not.

    Handlers that are not Python's (ignored, or the system's own) stay as they are, and so do all
    in other threads than the main one, where Python lets nobody change them.
    """

    def __init__(self) -> None:
        self._before: dict[int, Handler] = {}
        self._waiting: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> Stops:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if callable(handler):
                    self._before[number] = handler
                    signal.signal(number, self._keep)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if error is None:
            self.deliver()

    def deliver(self) -> None:
        """Tell the handler that was there before of the signal that waits, if one does."""
        if self._waiting is not None:
            number, frame = self._waiting
            self._waiting = None
            self._before[number](number, frame)

    def _keep(self, number: int, frame: FrameType | None) -> None:
        if self._waiting is not None:
            self.deliver()  # asked twice: whatever it costs
        self._waiting = number, frame


class BetweenBatches(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Delivers before each batch, in the thread that trains."""

    def __init__(self, stops: Stops) -> None:
        super().__init__()
        self._stops = stops

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Deliver what waits."""
        self._stops.deliver()
