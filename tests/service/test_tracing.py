"""Spans, where OpenTelemetry is asked for; nothing where it is not."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import tracing
from inkdigits.service.telemetry.tracing import Traced, Untraced

from .harness import CLASSIFY, PNG, READ, FakeReader, Service, serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PEN = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*tracing.ASKING, "OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "create", lambda: Traced(provider))
    return exporter


def named(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_request_and_its_work_are_spans_below_the_caller(spans: InMemorySpanExporter) -> None:
    with serving(Settings(), None) as service:
        spans.clear()  # the model is tried when it is loaded
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "rojo=1"}
        assert service.post(CLASSIFY, json=PEN, headers=headers).json()["digit"] == 7
    found = named(spans)
    assert set(found) == {f"POST {CLASSIFY}", "decode", "infer"}
    request = found[f"POST {CLASSIFY}"]
    assert request.kind is SpanKind.SERVER
    assert request.parent is not None
    assert (f"{request.parent.span_id:016x}", request.parent.is_remote) == (PARENT, True)
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": CLASSIFY,
        "http.response.status_code": 200,
    }
    for span in found.values():
        assert f"{span.context.trace_id:032x}" == TRACE
        assert span.context.trace_state.get("rojo") == "1"
    for step in ("decode", "infer"):
        parent = found[step].parent
        assert parent is not None
        assert parent.span_id == request.context.span_id


def test_a_caller_that_does_not_record_is_followed(spans: InMemorySpanExporter) -> None:
    with serving(Settings(), FakeReader()) as service:
        service.get("/livez", headers={"traceparent": f"00-{TRACE}-{PARENT}-00"})
        assert spans.get_finished_spans() == ()
        service.get("/livez", headers={"traceparent": "00-xyz"})
    (root,) = spans.get_finished_spans()
    assert root.parent is None
    assert f"{root.context.trace_id:032x}" != TRACE


def test_the_log_names_the_trace_that_was_begun(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "inkdigits.service")
    with serving(Settings(), FakeReader()) as service:
        service.get("/nothing")
    (root,) = spans.get_finished_spans()
    line = caplog.records[-1].__dict__
    assert line["trace_id"] == f"{root.context.trace_id:032x}"
    assert line["span_id"] == f"{root.context.span_id:016x}"


def test_a_failure_is_marked_and_its_words_are_kept_back(spans: InMemorySpanExporter) -> None:
    with serving(Settings(), FakeReader()) as service:
        service.post(READ, files={"image": ("x", PNG + b"crash")})  # in the step `page`
        service.post(CLASSIFY, content=b"x", headers={"Content-Type": "text/plain"})
    crashed, refused = (it for it in spans.get_finished_spans() if it.kind is SpanKind.SERVER)
    assert crashed.status.status_code is StatusCode.ERROR
    assert refused.status.status_code is StatusCode.UNSET
    assert "secret" not in "".join(span.to_json() for span in spans.get_finished_spans())


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
        {"OTEL_TRACES_EXPORTER": "zipkin"},
        {"OTEL_SERVICE_NAME": "digits"},
    ],
)
def test_unasked_there_are_none(monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]) -> None:
    for name, value in asked.items():
        monkeypatch.setenv(name, value)
    assert type(tracing.create()) is Untraced


def test_unasked_nothing_of_the_sdk_is_imported() -> None:
    code = (
        "import sys; from inkdigits.service.telemetry import tracing; tracing.create();"
        "sys.exit(any(it.startswith('opentelemetry.sdk') for it in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_the_extra_the_log_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    assert type(tracing.create()) is Untraced
    assert "pip install 'inkdigits[otel]'" in caplog.text


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP collector's address, and the bodies that it was sent."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
        thread.join()


def test_spans_are_sent_when_the_service_stops(
    monkeypatch: pytest.MonkeyPatch, collector: tuple[str, list[bytes]]
) -> None:
    address, got = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "digits")
    service: Service
    with serving(Settings(), FakeReader()) as service:
        service.get("/livez")
    sent = ExportTraceServiceRequest.FromString(got[0])
    (resource,) = sent.resource_spans
    told = {it.key: it.value.string_value for it in resource.resource.attributes}
    assert told["service.name"] == "digits"
    assert [span.name for scope in resource.scope_spans for span in scope.spans] == ["GET /livez"]
