"""The Lambda function answers events as AWS writes them; made up here, in its format 2.0."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[2] / "deploy" / "aws_lambda"
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
print(json.dumps([handler.handler(event, None) for event in json.load(sys.stdin)]))
"""


def event(
    method: str, path: str, body: bytes = b"", *, text: bool, **headers: str
) -> dict[str, Any]:
    host = "abc.lambda-url.eu-central-1.on.aws"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": host, "x-forwarded-for": "192.0.2.1", **headers},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": host,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "1",
            "routeKey": "$default",
            "stage": "$default",
        },
        "body": body.decode() if text else base64.b64encode(body).decode(),
        "isBase64Encoded": not text,
    }


def picture() -> bytes:
    paper = Image.new("L", (300, 300), 235)
    ImageDraw.Draw(paper).line([(90, 80), (210, 80), (130, 230)], fill=30, width=18, joint="curve")
    file = io.BytesIO()
    paper.save(file, "PNG")
    return file.getvalue()


def body_of(answer: dict[str, Any]) -> bytes:
    body: str = answer["body"]
    return base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()


@pytest.fixture(scope="module")
def answers() -> tuple[list[dict[str, Any]], str]:
    """What one instance answers to one event after the other, and its log."""
    strokes = json.dumps({"strokes": [[[10, 10], [40, 10], [20, 70]]]}).encode()
    url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    legacy = json.dumps({"image": url}).encode()
    form = b"--x\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\n"
    form += picture() + b"\r\n--x--\r\n"
    json_type = "application/json"
    events = [
        event("GET", "/", text=True),
        event("POST", "/api/v1/classify", strokes, text=True, content_type=json_type),
        event("POST", "/predict", legacy, text=False, content_type=json_type),
        event(
            "POST",
            "/api/v1/classify",
            form,
            text=False,
            content_type="multipart/form-data; boundary=x",
        ),
        event("POST", "/predict", b"{", text=True, content_type=json_type),
        event("GET", "/nowhere", text=True),
        event("GET", "/readyz", text=True),
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, FOLDER],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_the_page_and_the_readings_are_those_of_the_service(
    answers: tuple[list[dict[str, Any]], str],
) -> None:
    page, strokes, legacy, form, broken, nowhere, ready = answers[0]
    assert page["statusCode"] == 200
    assert "inkdigits" in body_of(page).decode()
    assert page["headers"]["content-security-policy"].startswith("default-src 'self'")
    assert json.loads(body_of(strokes))["digit"] == 7
    assert json.loads(body_of(legacy))["prediction"] == 7
    assert json.loads(body_of(form))["digit"] == 7
    assert json.loads(body_of(broken))["type"] == "urn:inkdigits:problem:malformed-json"
    assert (broken["statusCode"], nowhere["statusCode"]) == (400, 404)
    assert json.loads(body_of(ready))["status"] == "ready"


def test_the_model_is_loaded_once(answers: tuple[list[dict[str, Any]], str]) -> None:
    log = [json.loads(line) for line in answers[1].splitlines()]
    assert [line.get("event") for line in log].count("model loaded") == 1
    told = [line["status"] for line in log if "status" in line]
    assert told == [it["statusCode"] for it in answers[0]][:-1]  # a probe that goes well is not
