"""What `/metrics` tells, and how few names it has whatever clients send."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from inkdigits.errors import InkdigitsError, StoreError
from inkdigits.results import Prediction
from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import exposition
from inkdigits.service.telemetry.metrics import SENT_WRONG, Metrics
from inkdigits.store.feedback import FeedbackStore
from tests.readings import number, reading

from .harness import BASE64, BATCH, CLASSIFY, PNG, READ, FakeReader, Service, serving

REQUESTS = "http_server_request_duration_seconds_count"
WORK = "inference_duration_seconds_count"
FEEDBACK = "/api/v1/feedback"
NAMES = {
    "http_server_request_duration_seconds": {"method", "route", "status"},
    "inference_duration_seconds": {"model", "version", "stage"},
    "inference_queue_duration_seconds": set(),
    "inference_batch_size": set(),
    "inference_inflight": set(),
    "decode_rejected": {"reason"},
    "predictions": {"digit"},
    "refusals": {"reason"},
    "prediction_confidence": set(),
    "feedback": {"agree"},
    "storage_write_failures": set(),
    "ratelimit_rejections": {"scope"},
    "ratelimit_fallbacks": set(),
    "model_info": {"model", "version", "sha256"},
    "model_loads": {"result"},
    "live_sockets": set(),
    "live_messages": {"result"},
}
Found = dict[tuple[str, frozenset[tuple[str, str]]], float]


def found(service: Service) -> Found:
    answer = service.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse(answer.text)
        for sample in family.samples
    }


def value(all_of: Found, name: str, **labels: str) -> float:
    return all_of[name, frozenset(labels.items())]


def values(all_of: Found, name: str, label: str) -> set[str]:
    return {dict(labels)[label] for named, labels in all_of if named == name}


def said(digit: int, label: int) -> dict[str, object]:
    what = {"digit": digit, "confidence": 0.9, "model": {"name": "fake", "version": "0"}}
    return {"label": label, "reading": what, "strokes": [[[1, 2], [3, 4]]]}


def test_the_metrics_have_their_names_and_labels(real_service: Service) -> None:
    real_service.post(CLASSIFY, json={"strokes": [[[10, 10], [40, 10], [20, 70]]]})
    families = {it.name: it for it in parse(real_service.get("/metrics").text)}
    ours = {name for name in families if not name.startswith("process_")}
    assert ours == set(NAMES)
    for name, labels in NAMES.items():
        for sample in families[name].samples:
            assert set(sample.labels) - {"le"} == labels, name


def test_the_model_is_named_and_its_stages_are_timed(real_service: Service) -> None:
    before = found(real_service)
    of = {"model": "standard", "version": "2"}
    assert values(before, "model_info", "model") == {"standard"}
    (sha256,) = values(before, "model_info", "sha256")
    assert len(sha256) == 64
    real_service.post(CLASSIFY, json={"strokes": [[[10, 10], [40, 10], [20, 70]]]})
    real_service.post(CLASSIFY, json={"pixels": [[0] * 28] * 28})  # blank: the network rests
    after = found(real_service)

    def more(stage: str) -> float:
        key = (WORK, frozenset({**of, "stage": stage}.items()))
        return after[key] - before.get(key, 0)

    assert [more(stage) for stage in ("decode", "normalise", "infer")] == [2, 2, 1]
    for stage in ("normalise", "infer"):
        assert value(after, "inference_duration_seconds_sum", **of, stage=stage) > 0


def test_requests_are_counted_by_route_method_and_status(service: Service) -> None:
    service.post(CLASSIFY, json={"image": BASE64})
    service.post(CLASSIFY, json={"image": BASE64})
    service.post(CLASSIFY, content=b"x", headers={"Content-Type": "text/plain"})
    service.request("HEAD", "/livez")
    service.get("/")
    service.get("/static/app.js")
    service.get("/static/nothing.js")
    all_of = found(service)
    for method, route, status, count in (
        ("POST", CLASSIFY, "200", 2),
        ("POST", CLASSIFY, "415", 1),
        ("HEAD", "/livez", "200", 1),
        ("GET", "/", "200", 1),
        ("GET", "/static/{file}", "200", 1),
        ("GET", "/static/{file}", "404", 1),
    ):
        assert value(all_of, REQUESTS, method=method, route=route, status=status) == count


def test_whatever_is_sent_makes_no_new_names(service: Service) -> None:
    for place in range(30):
        service.get(f"/nothing/{place}")
        service.request(f"M{place}", f"/livez/{place}")
        service.request("DELETE", f"{FEEDBACK}/{place}")
        service.post(READ, params={"group": str(place)}, content=PNG)
        service.get(f"/static/{place}.js", headers={"Host": f"a b{place}"})
    all_of = found(service)
    routes = {"unmatched", f"{FEEDBACK}/{{id}}", READ}
    assert values(all_of, REQUESTS, "route") == routes
    assert values(all_of, REQUESTS, "method") == {"GET", "POST", "DELETE", "other"}
    assert values(all_of, REQUESTS, "status") == {"400", "404", "415"}


def test_every_operation_has_its_template(service: Service) -> None:
    paths = service.get("/openapi.json").json()["paths"]
    for path in paths:
        sent = path.format(id="some-token", name="fake", version="0")
        service.request("TRACE", sent)  # 405, but routed
        service.get(sent)
    assert set(paths) <= values(found(service), REQUESTS, "route")


def test_digits_and_refusals_are_counted(service: Service, reader: FakeReader) -> None:
    service.post(CLASSIFY, json={"image": BASE64})
    service.post(CLASSIFY, json={"pixels": [[0] * 28] * 28})  # blank
    broken = base64.b64encode(PNG + b"broken").decode()
    service.post(BATCH, json={"images": [BASE64, broken, "AAAA"]})
    service.post(READ, content=PNG, headers={"Content-Type": "image/png"})  # 2471
    all_of = found(service)
    counts = {str(digit): 0.0 for digit in range(10)} | {"7": 3, "2": 1, "4": 1, "1": 1}
    assert {it: value(all_of, "predictions_total", digit=it) for it in counts} == counts
    assert value(all_of, "refusals_total", reason="blank") == 1
    assert value(all_of, "prediction_confidence_count") == 2  # no blank, and no number
    assert value(all_of, "prediction_confidence_sum") == pytest.approx(1.8)
    assert value(all_of, "decode_rejected_total", reason="corrupt-image") == 1
    assert value(all_of, "decode_rejected_total", reason="unsupported-format") == 1
    assert value(all_of, "inference_batch_size_count") == 4
    assert value(all_of, "inference_batch_size_sum") == 1 + 1 + 3 + 1
    assert value(all_of, WORK, model="fake", version="0", stage="page") == 1
    assert reader.given


def test_refused_numbers_are_counted_once_each() -> None:
    metrics = Metrics()
    doubtful = number("471", 0.3)
    metrics.read(reading(doubtful, number("15", 0.9), width=100, height=60))
    metrics.predicted(Prediction(3, 0.5, (0.1,) * 10, False, "not_a_digit", "fake", "0"))
    get = metrics.registry.get_sample_value
    assert get("refusals_total", {"reason": "unsure"}) == 1
    assert get("refusals_total", {"reason": "not_a_digit"}) == 1
    assert [get("predictions_total", {"digit": it}) for it in "1457"] == [1, 0, 1, 0]


def test_only_what_was_sent_wrong_counts_as_rejected(service: Service) -> None:
    service.get("/nothing")
    service.post_json(CLASSIFY, "{")
    all_of = found(service)
    assert values(all_of, "decode_rejected_total", "reason") == SENT_WRONG
    sums = {code: value(all_of, "decode_rejected_total", reason=code) for code in SENT_WRONG}
    assert {code for code, count in sums.items() if count} == {"malformed-json"}


def test_work_under_way_and_waiting_is_seen() -> None:
    reader, leave, entered = FakeReader(), threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        assert leave.wait(20)

    reader.before = hold
    with serving(Settings(threads=1), reader) as service:
        sent = threading.Thread(target=service.post, args=(CLASSIFY,), kwargs={"files": FILES})
        sent.start()
        assert entered.wait(20)
        assert value(found(service), "inference_inflight") == 1
        leave.set()
        sent.join()
        all_of = found(service)
    assert value(all_of, "inference_inflight") == 0
    assert value(all_of, "inference_queue_duration_seconds_count") == 1


FILES = {"image": ("x.png", PNG)}


def test_feedback_and_a_store_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise StoreError("The disk is full.")

    with serving(Settings(feedback=str(tmp_path / "f.db")), FakeReader()) as service:
        for label in (7, 7, 1):
            assert service.post(FEEDBACK, json=said(7, label)).status_code == 201
        monkeypatch.setattr(FeedbackStore, "put", fail)
        assert service.post(FEEDBACK, json=said(7, 7)).status_code == 503
        all_of = found(service)
    assert value(all_of, "feedback_total", agree="true") == 2
    assert value(all_of, "feedback_total", agree="false") == 1
    assert value(all_of, "storage_write_failures_total") == 1


DIES_AT_WORK = """
import os
from inkdigits.results import Prediction
from inkdigits.service.telemetry.metrics import Metrics
metrics = Metrics()
metrics.working(1)
metrics.loaded(("old", "1"), "a" * 64)
metrics.predicted(Prediction(3, 0.9, (0.1,) * 10, True, None, "old", "1"))
os._exit(9)
"""


def test_of_a_process_that_died_counters_stay_and_gauges_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(exposition.FOLDER, str(tmp_path))
    done = subprocess.run([sys.executable, "-c", DIES_AT_WORK], check=False)
    assert done.returncode == 9
    assert list(tmp_path.glob("gauge_live*.db"))
    served = exposition.registry(None)
    assert served.get_sample_value("predictions_total", {"digit": "3"}) == 1
    assert served.get_sample_value("prediction_confidence_count") == 1
    assert not served.get_sample_value("inference_inflight")
    names = {family.name for family in served.collect() if family.samples}
    assert "model_info" not in names
    assert not any(name.startswith("process_") for name in names)
    exposition.prepare(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_metrics_can_be_off_or_elsewhere() -> None:
    for settings in (Settings(metrics=False), Settings(metrics_port=9)):
        with serving(settings, FakeReader()) as service:
            assert service.post(CLASSIFY, files=FILES).status_code == 200
            assert service.get("/metrics").status_code == 404


def test_a_port_of_their_own() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    served = exposition.registry(Metrics().registry)
    stop = exposition.listen(served, "127.0.0.1", number)
    try:
        text = httpx2.get(f"http://127.0.0.1:{number}/metrics", timeout=20).text
        assert "predictions_total" in text
        assert 'process_resident_memory_bytes{pid="' in text
        with pytest.raises(InkdigitsError, match="INKDIGITS_METRICS_PORT"):
            exposition.listen(served, "127.0.0.1", number)
    finally:
        stop()
