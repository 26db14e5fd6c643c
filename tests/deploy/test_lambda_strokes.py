"""The Lambda function for Node.js reads as Python does, and refuses in the service's words."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from typing import Any

import pytest

from deploy.aws_lambda.strokes import build
from inkdigits import Recognizer
from inkdigits.service.problems import CATALOGUE

NODE = shutil.which("node")
PROGRAM = """
import { readFileSync } from "node:fs";
const { handler } = await import(process.argv[1] + "/handler.mjs");
const answers = [];
for (const event of JSON.parse(readFileSync(0))) answers.push(await handler(event));
console.log(JSON.stringify(answers));
"""
DRAWINGS: list[list[list[list[float]]]] = [
    [[[10, 10], [40, 10], [20, 70]]],
    [[[20, 10], [20, 70]]],
    [[[30, 10], [10, 40], [30, 70], [50, 40], [30, 10]]],
    [[[10, 20], [30, 10], [50, 25], [10, 70], [50, 70]]],
    [[[0, 0], [60, 60]], [[60, 0], [0, 60]], [[30, 0], [30, 60]], [[0, 30], [60, 30]]],
    [[[10, 10], [12, 60]], [[90, 10], [120, 10], [100, 60]]],
    [],
]
WRONG = ["{", "[]", '{"strokes": 7}', '{"strokes": [[[1, null]]]}', '{"strokes": [[[1e400, 2]]]}']


def event(body: str, method: str = "POST", path: str = "/api/v1/classify") -> dict[str, Any]:
    http = {"method": method, "path": path}
    return {"version": "2.0", "requestContext": {"http": http}, "body": body}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The unpacked zip, asked once by each event."""
    if NODE is None:
        pytest.skip("Node.js is not installed")
    folder = tmp_path_factory.mktemp("strokes")
    assert build.build(folder / "package.zip") < 2_000_000
    with zipfile.ZipFile(folder / "package.zip") as archive:
        archive.extractall(folder / "unpacked")

    def asked(*events: dict[str, Any]) -> list[dict[str, Any]]:
        command = [NODE, "--input-type=module", "--eval", PROGRAM, str(folder / "unpacked")]
        done = subprocess.run(
            command, input=json.dumps(events), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return asked


def test_it_reads_as_python_does(ask: Any) -> None:
    reader = Recognizer.load()
    answers = ask(*(event(json.dumps({"strokes": drawing})) for drawing in DRAWINGS))
    for drawing, answer in zip(DRAWINGS, answers, strict=True):
        assert answer["statusCode"] == 200
        found, expected = json.loads(answer["body"]), reader.classify_strokes(drawing)
        assert (found["digit"], found["reason"]) == (expected.digit, expected.reason)
        if expected.reason != "blank":
            assert found["probabilities"] == pytest.approx(expected.probabilities, abs=1e-3)
        assert found["model"] == {"name": reader.name, "version": reader.version}


def test_what_is_wrong_is_a_problem_of_the_service(ask: Any) -> None:
    elsewhere = event("", "GET", "/")
    for answer in ask(*map(event, WRONG), elsewhere):
        said = json.loads(answer["body"])
        assert answer["headers"]["content-type"] == "application/problem+json"
        code = said["type"].removeprefix("urn:inkdigits:problem:")
        assert (answer["statusCode"], said["title"]) == CATALOGUE[code]
    (alive,) = ask(event("", "GET", "/livez"))
    assert json.loads(alive["body"]) == {"status": "alive"}
