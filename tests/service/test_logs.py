"""What the log tells of a request, and what no line of it can be made to say."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from inkdigits.service.settings import Settings
from inkdigits.service.telemetry import logs

from .harness import CLASSIFY, MARK, PNG, READ, FakeReader, Service, serving

TRACE = "0af7651916cd43dd8448eb211c80319c"
Lines = pytest.LogCaptureFixture


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Lines:
    caplog.set_level(logging.INFO, "inkdigits.service")
    return caplog


def told(record: logging.LogRecord) -> dict[str, Any]:
    line = logs.formatter("json").format(record)
    assert len(line.splitlines()) == 1
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_request_is_one_line(service: Service, records: Lines) -> None:
    answer = service.post(
        CLASSIFY,
        files={"image": ("x.png", PNG)},
        headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Request-ID": "mine"},
    )
    (record,) = records.records
    line = told(record)
    sent = int(answer.request.headers["content-length"])
    assert line.pop("duration_ms") > 0
    assert len(line.pop("span_id")) == 16
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "mine",
        "method": "POST",
        "route": CLASSIFY,
        "status": 200,
        "bytes_in": sent,
        "bytes_out": len(answer.content),
        "trace_id": TRACE,
    }


def test_what_is_sent_is_not_told(service: Service, records: Lines) -> None:
    service.get(f"/{MARK}?{MARK}={MARK}", headers={"Authorization": MARK, "Cookie": MARK})
    service.request("DELETE", f"/api/v1/feedback/{MARK}")
    service.request(MARK.upper().replace("-", ""), "/", headers={"User-Agent": MARK})
    service.post_json(CLASSIFY, json.dumps({MARK: MARK}))
    service.post(READ, params={"group": MARK}, content=PNG, headers={"Content-Type": "image/png"})
    service.get("/livez", headers={"X-Request-ID": f"{MARK} {MARK}", "traceparent": MARK})
    said = [told(record) for record in records.records]
    assert [it["status"] for it in said] == [404, 404, 405, 422, 422]  # a probe that is well: none
    assert MARK not in json.dumps(said)
    assert all("path" not in it and "client" not in it for it in said)


def test_a_probe_that_goes_wrong_is_told(records: Lines) -> None:
    with serving(Settings(model="no-such-model"), None) as service:
        records.clear()
        service.get("/livez")
        service.get("/readyz")
    (record,) = records.records
    assert (told(record)["route"], told(record)["level"]) == ("/readyz", "warning")


def test_the_client_is_told_only_where_it_is_asked_for(records: Lines) -> None:
    with serving(Settings(log_client=True), FakeReader()) as service:
        service.get("/nothing")
    assert told(records.records[-1])["client"] == "127.0.0.1"


def test_an_exception_is_told_without_values(service: Service, records: Lines) -> None:
    service.post(CLASSIFY, files={"image": ("x", PNG + b"crash" + MARK.encode())})
    line = told(records.records[0])
    assert line["level"] == "error"
    assert "RuntimeError: secret" in line["exception"]
    assert MARK not in json.dumps(line)


@pytest.fixture
def stream() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger that writes as the service does, as text."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter())
    logger = logging.Logger("of-the-test")
    logger.addHandler(handler)
    yield logger, out
    handler.close()


EVIL = 'a\r\n2026-01-01 error forged=1\x1b[31m\u2028 "x" = \ud800'


@pytest.mark.parametrize("style", ["text", "json"])
def test_nothing_begins_a_line_but_the_log(
    stream: tuple[logging.Logger, io.StringIO], style: logs.Format
) -> None:
    logger, out = stream
    logger.handlers[0].setFormatter(logs.formatter(style))
    logger.warning(EVIL)
    logger.warning("said", extra={"value": EVIL, "plain": "a-b", "number": 0.5})
    assert len(out.getvalue().splitlines()) == 2
    assert "\x1b" not in out.getvalue()
    try:
        raise ValueError(EVIL)
    except ValueError:
        logger.exception("failed")
    lines = out.getvalue().splitlines()
    if style == "json":
        assert len(lines) == 3
        assert json.loads(lines[1])["value"] == EVIL
    else:
        assert " warning said value=" in lines[1]
        assert lines[1].endswith(" plain=a-b number=0.5")
        assert "error failed" in lines[2]
        assert all(line.startswith("    ") for line in lines[3:])
    assert "\x1b" not in out.getvalue()


def test_what_other_packages_say_comes_the_same_way(
    stream: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, out = stream
    logger.handlers[0].setFormatter(logs.formatter("json"))
    logger.error("Cancel %s running task(s)", 3)
    assert json.loads(out.getvalue())["event"] == "Cancel 3 running task(s)"


def test_a_terminal_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord("x", logging.INFO, "x", 1, "hello", None, None)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert json.loads(logs.formatter("auto").format(record))["event"] == "hello"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert logs.formatter("auto").format(record).endswith(" info hello")
