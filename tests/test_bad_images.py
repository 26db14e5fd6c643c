"""The catalogue of difficult image files, through the library, the command line and the server."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from PIL import Image

from inkdigits import ImageError, Recognizer
from inkdigits.cli import cli
from inkdigits.image import UNLIMITED
from inkdigits.service.app import create_app
from tests.pictures import CASES, TOO_LARGE, Case, drawing, encode

STATUS = {"unsupported-format": 415, "corrupt-image": 422, "image-too-large": 422}
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.fixture(scope="module")
def client(recognizer: Recognizer) -> Iterator[TestClient]:
    with TestClient(create_app(recognizer=recognizer)) as client:
        yield client


@EACH
def test_library(case: Case, recognizer: Recognizer) -> None:
    if isinstance(case.answer, str):
        with pytest.raises(ImageError) as caught:
            recognizer.classify(case.make())
        assert caught.value.code == case.answer
        return
    prediction = recognizer.classify(case.make())
    assert prediction.digit == case.answer
    assert prediction.frames_ignored == case.frames_ignored
    assert ("no_content" in prediction.flags) == (case.answer is None)


@EACH
def test_none_takes_long(case: Case, recognizer: Recognizer) -> None:
    """By the processor's time, as other work must not count: what is too large is not decoded."""
    data = case.make()
    began = time.thread_time()
    with contextlib.suppress(ImageError):
        recognizer.classify(data)
    assert time.thread_time() - began < (0.05 if case.answer == TOO_LARGE else 1)


@EACH
def test_server(case: Case, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.post("/api/v1/classify", files={"image": ("7.png", case.make())})
    if isinstance(case.answer, str):
        assert answer.status_code == STATUS[case.answer]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith(case.answer)
        assert "Traceback" not in answer.text + caplog.text
    else:
        assert answer.status_code == 200
        assert answer.json()["digit"] == case.answer
        assert answer.json()["frames_ignored"] == case.frames_ignored
    assert client.get("/livez").status_code == 200


@EACH
def test_server_reads_pages(case: Case, client: TestClient) -> None:
    """A page is refused for the same reasons as a digit; where it is blank, it has no numbers."""
    answer = client.post(
        "/api/v1/read?turn=false", content=case.make(), headers={"Content-Type": "image/png"}
    )
    if isinstance(case.answer, str):
        assert answer.status_code == STATUS[case.answer]
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith(case.answer)
    else:
        assert answer.status_code == 200
        numbers = [number["text"] for number in answer.json()["numbers"]]
        assert numbers == ([] if case.answer is None else [str(case.answer)])
        assert ("no_content" in answer.json()["flags"]) == (case.answer is None)
        assert answer.json()["frames_ignored"] == case.frames_ignored
    assert client.get("/livez").status_code == 200


def test_command_line(tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        (tmp_path / f"{number:02}.png").write_bytes(case.make())
    result = CliRunner().invoke(cli, ["classify", str(tmp_path), "--json"])
    assert result.exit_code == 1
    rows = json.loads(result.stdout)
    got = [row["error"]["code"] if "error" in row else row["digit"] for row in rows]
    assert dict(zip((c.name for c in CASES), got, strict=True)) == {c.name: c.answer for c in CASES}


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.answer == TOO_LARGE], ids=lambda case: case.name
)
def test_too_large_is_refused_before_decoding(
    case: Case, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = case.make()

    def decoded(self: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    with pytest.raises(ImageError) as caught:
        recognizer.classify(data)
    assert caught.value.code == TOO_LARGE


def test_limits_can_be_lifted(recognizer: Recognizer) -> None:
    wide = Image.new("L", (5000, 200), 255)
    wide.paste(Image.fromarray(drawing(7)), (2400, 0))
    data = encode(wide, "PNG")
    with pytest.raises(ImageError, match="5000 x 200"):
        recognizer.classify(data)
    assert recognizer.classify(data, limits=UNLIMITED).digit == 7
