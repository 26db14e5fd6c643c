"""Spans for OpenTelemetry: a request, and the work in it. Off unless OTEL_* variables ask for it.

In: `Trace`, names. Out: spans, sent by OTLP over HTTP to where OTEL_EXPORTER_OTLP_ENDPOINT says.
Without the extra `otel`, or unasked, nothing is imported and nothing happens.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from inkdigits import __version__
from inkdigits.service.telemetry.tracecontext import Trace

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

logger = logging.getLogger("inkdigits.service")
#: Any of these asks for traces.
ASKING = (
    "OTEL_TRACES_EXPORTER",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
)


class Spanned:
    """A request's span; this one is none."""

    def __init__(self, trace_id: str, span_id: str) -> None:
        self.trace_id = trace_id
        self.span_id = span_id

    def done(self, method: str, route: str, status: int) -> None:
        """The request was answered."""


class Untraced:
    """Makes no spans."""

    def request(self, trace: Trace) -> AbstractContextManager[Spanned]:
        """The span of a request, below its caller's."""
        return nullcontext(Spanned(trace.trace_id, trace.span_id))

    def step(self, name: str) -> AbstractContextManager[object]:
        """The span of a part of the request that this code runs in."""
        return nullcontext()

    def stop(self) -> None:
        """Send what was not sent yet. Blocks."""


class _RequestSpan(Spanned):
    def __init__(self, span: Span) -> None:
        own = span.get_span_context()
        super().__init__(f"{own.trace_id:032x}", f"{own.span_id:016x}")
        self._span = span

    def done(self, method: str, route: str, status: int) -> None:
        """Name the span by the semantic conventions for HTTP."""
        from opentelemetry.trace import Status, StatusCode

        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
        )
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


class Traced(Untraced):
    """Makes spans with a provider of its own, so that nothing global is touched."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("inkdigits", __version__)

    @contextmanager
    def request(self, trace: Trace) -> Iterator[Spanned]:
        """The span of a request, below its caller's."""
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            "request", _context(trace), SpanKind.SERVER, record_exception=False
        ) as span:
            yield _RequestSpan(span)

    def step(self, name: str) -> AbstractContextManager[object]:
        """The span of a part; exceptions are not recorded, as they may tell of what was sent."""
        return self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        )

    def stop(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


def create() -> Untraced:
    """What the environment asks for; a line in the log where it cannot be had."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    asked = {name: os.environ.get(name, "").strip() for name in ASKING}
    if off or not any(asked.values()) or asked["OTEL_TRACES_EXPORTER"] == "none":
        return Untraced()
    if asked["OTEL_TRACES_EXPORTER"] not in ("", "otlp"):
        logger.warning("traces are off: OTEL_TRACES_EXPORTER is otlp or none here")
        return Untraced()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError:
        logger.warning("traces are off: OTEL_* asks for them, so pip install 'inkdigits[otel]'")
        return Untraced()
    name = os.environ.get("OTEL_SERVICE_NAME", "").strip() or "inkdigits"
    told = {"service.name": name, "service.version": __version__}
    provider = TracerProvider(resource=Resource.create(told), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traced(provider)


def _context(trace: Trace) -> Context:
    """The caller's span as a parent; without one, a root that begins a trace."""
    from opentelemetry.context import Context
    from opentelemetry.trace import (
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        TraceState,
        set_span_in_context,
    )

    if trace.parent_id is None:
        return Context()
    parent = SpanContext(
        int(trace.trace_id, 16),
        int(trace.parent_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(trace.sampled)),
        trace_state=TraceState.from_header([trace.state] if trace.state else []),
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())
