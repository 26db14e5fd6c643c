"""What is counted, and in which buckets: the Prometheus metrics of the service.

In: what happened, a call each. Out: a registry, or with `PROMETHEUS_MULTIPROC_DIR` files of that
folder. Whatever clients send, the values of a label are few. Does not know how metrics are served.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from inkdigits.results import Prediction, Reading
from inkdigits.service.problems import CATALOGUE

#: Seconds. A digit takes 1 to 10 ms, a page 0.1 to 1 s; what takes longer has waited.
REQUEST = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
WORK = (0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1, 2.5)
QUEUE = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
BATCH = (1, 2, 4, 8, 16, 32, 64)
CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1)

METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
)
OTHER = "other"
#: Problems of what was sent; `refused` counts only them.
SENT_WRONG = frozenset(
    code
    for code, (status, _) in CATALOGUE.items()
    if status in (413, 415, 422) or code.startswith("malformed-")
)
REFUSALS = ("unsure", "not_a_digit", "several_digits", "blank", "no_fit")

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nothing here reads


class Unmeasured:
    """Counts nothing: metrics are off."""

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered: `method` of `METHODS` or `OTHER`; `route`, a template."""

    def rejected(self, code: str) -> None:
        """What was sent could not be read; codes that say something else are left out."""

    def queued(self, seconds: float) -> None:
        """Work got a thread, after so long."""

    def working(self, more: int) -> None:
        """So many more pieces of work have a thread, or fewer."""

    def worked(self, model: tuple[str, str], stage: str, seconds: float) -> None:
        """A stage of the work took so long."""

    def asked(self, pictures: int) -> None:
        """A request holds so many pictures."""

    def predicted(self, prediction: Prediction) -> None:
        """A digit was read, or refused."""

    def read(self, reading: Reading) -> None:
        """A page was read."""

    def heard(self, *, agree: bool) -> None:
        """A person said whether a digit was right, and it is stored."""

    def unwritten(self, count: int = 1) -> None:
        """The store did not take so many things that it should keep."""

    def loaded(self, model: tuple[str, str], sha256: str) -> None:
        """A model reads from now on."""

    def unloaded(self, model: tuple[str, str], sha256: str) -> None:
        """A model reads no more."""

    def reloaded(self, result: str) -> None:
        """A model was looked at: `loaded`, `unchanged` or `failed`."""

    def connected(self, change: int) -> None:
        """A WebSocket was opened (1), or closed (-1)."""

    def messaged(self, result: str) -> None:
        """A message of a WebSocket was `answered`, `refused`, or `skipped` for a later one."""

    def limited(self, scope: str) -> None:
        """A request was refused, as its client or its key had asked too often."""

    def alone(self) -> None:
        """A request was counted by this replica alone, as the shared store of limits is away."""


class Metrics(Unmeasured):
    """Counts, in a registry of its own, or in files that all worker processes share."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        of_model = ("model", "version")
        self._requests = Histogram(
            "http_server_request_duration_seconds",
            "From the head of a request to the end of its answer.",
            ("method", "route", "status"),
            buckets=REQUEST,
            registry=own,
        )
        self._work = Histogram(
            "inference_duration_seconds",
            "Work in a thread: decode (a body becomes a request), normalise (a picture becomes "
            "28x28), infer (the network), page (a whole page).",
            (*of_model, "stage"),
            buckets=WORK,
            registry=own,
        )
        self._queue = Histogram(
            "inference_queue_duration_seconds",
            "How long work waited for a thread.",
            buckets=QUEUE,
            registry=own,
        )
        self._batch = Histogram(
            "inference_batch_size", "Pictures in a request.", buckets=BATCH, registry=own
        )
        self._inflight = Gauge(
            "inference_inflight",
            "Pieces of work that have a thread.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._rejected = Counter(
            "decode_rejected",
            "Bodies and pictures that could not be read.",
            ("reason",),
            registry=own,
        )
        self._predictions = Counter(
            "predictions", "Digits that were accepted.", ("digit",), registry=own
        )
        self._refusals = Counter(
            "refusals", "Digits and numbers that were not accepted.", ("reason",), registry=own
        )
        self._confidence = Histogram(
            "prediction_confidence",
            "Calibrated confidence of single digits, blanks left out.",
            buckets=CONFIDENCE,
            registry=own,
        )
        self._feedback = Counter(
            "feedback", "What people said of a digit.", ("agree",), registry=own
        )
        self._unwritten = Counter(
            "storage_write_failures", "Writes that the store did not take.", registry=own
        )
        self._model = Gauge(
            "model_info",
            "A model that reads: 1; 0 once another has taken its place.",
            (*of_model, "sha256"),
            multiprocess_mode="livemax",
            registry=own,
        )
        self._loads = Counter(
            "model_loads", "Models that were looked at, to be loaded.", ("result",), registry=own
        )
        for result in ("loaded", "unchanged", "failed"):
            self._loads.labels(result)
        self._sockets = Gauge(
            "live_sockets",
            "WebSockets that are open.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._messages = Counter(
            "live_messages", "Messages of WebSockets.", ("result",), registry=own
        )
        for result in ("answered", "refused", "skipped"):
            self._messages.labels(result)
        self._limited = Counter(
            "ratelimit_rejections",
            "Requests refused with 429, by whose rate it was: client or key.",
            ("scope",),
            registry=own,
        )
        self._alone = Counter(
            "ratelimit_fallbacks",
            "Requests that a replica counted alone, as the shared store of limits was away.",
            registry=own,
        )
        self._inflight.set(0)  # with a process id used before, what that process left
        self._begin()

    def _begin(self) -> None:
        """Make each series at 0, so that the first one counted is a rise."""
        for code in sorted(SENT_WRONG):
            self._rejected.labels(code)
        for digit in range(10):
            self._predictions.labels(str(digit))
        for reason in REFUSALS:
            self._refusals.labels(reason)
        for agree in ("true", "false"):
            self._feedback.labels(agree)
        for scope in ("client", "key"):
            self._limited.labels(scope)

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Observe one request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def rejected(self, code: str) -> None:
        """Count it by its problem's code."""
        if code in SENT_WRONG:
            self._rejected.labels(code).inc()

    def queued(self, seconds: float) -> None:
        """Observe a wait."""
        self._queue.observe(seconds)

    def working(self, more: int) -> None:
        """Change the number of those that work."""
        self._inflight.inc(more)

    def worked(self, model: tuple[str, str], stage: str, seconds: float) -> None:
        """Observe a stage."""
        self._work.labels(*model, stage).observe(seconds)

    def asked(self, pictures: int) -> None:
        """Observe a request's size."""
        self._batch.observe(pictures)

    def predicted(self, prediction: Prediction) -> None:
        """Count a digit or a refusal."""
        if prediction.accepted:
            self._predictions.labels(str(prediction.digit)).inc()
        else:
            self._refusals.labels(prediction.reason or OTHER).inc()
        if prediction.reason != "blank":
            self._confidence.observe(prediction.confidence)

    def read(self, reading: Reading) -> None:
        """Count the digits of accepted numbers, and the numbers refused."""
        for number in reading.numbers:
            if not number.accepted:
                self._refusals.labels(number.reason or OTHER).inc()
                continue
            for mark in number.text:
                if mark in "0123456789":
                    self._predictions.labels(mark).inc()

    def heard(self, *, agree: bool) -> None:
        """Count what was said."""
        self._feedback.labels("true" if agree else "false").inc()

    def unwritten(self, count: int = 1) -> None:
        """Count failures."""
        self._unwritten.inc(count)

    def loaded(self, model: tuple[str, str], sha256: str) -> None:
        """Name the model."""
        self._model.labels(*model, sha256).set(1)

    def unloaded(self, model: tuple[str, str], sha256: str) -> None:
        """Take the name back; with several workers a label cannot be removed."""
        self._model.labels(*model, sha256).set(0)

    def reloaded(self, result: str) -> None:
        """Count it."""
        self._loads.labels(result).inc()

    def connected(self, change: int) -> None:
        """Count it."""
        self._sockets.inc(change)

    def messaged(self, result: str) -> None:
        """Count it."""
        self._messages.labels(result).inc()

    def limited(self, scope: str) -> None:
        """Count a refusal."""
        self._limited.labels(scope).inc()

    def alone(self) -> None:
        """Count it."""
        self._alone.inc()
