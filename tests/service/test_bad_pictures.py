"""Pictures that are damaged, odd or enormous: section A of the catalogue.

Each is sent to the application and to a real server, and held to all that `assert_refused` asks.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.pictures import CASES, TOO_LARGE, Case, encode, seven

from .harness import CLASSIFY, READ
from .refusals import BOUND, assert_read, assert_refused
from .targets import Target

STATUS = {"unsupported-format": 415, "corrupt-image": 422, "image-too-large": 422}
#: Megabytes that a file may cost which is refused, or was made to swell.
SMALL = 20.0
SWELLING = ("bomb", "60 ", "60,000", "filling", "passes", "exif", "header", "sides")


def bound(case: Case) -> float:
    return SMALL if any(word in case.name for word in SWELLING) else BOUND


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_picture(target: Target, case: Case) -> None:
    data = case.make()
    files = {"image": ("7.png", data)}
    if isinstance(case.answer, str):
        most = SMALL if case.answer == TOO_LARGE else bound(case)
        status = STATUS[case.answer]
        assert_refused(
            target, status, case.answer, "POST", CLASSIFY, files=files, pointer="/image", bound=most
        )
        return
    answer = assert_read(target, "POST", CLASSIFY, files=files, bound=bound(case))
    assert answer["digit"] == case.answer
    assert answer["frames_ignored"] == case.frames_ignored
    assert ("no_content" in answer["flags"]) == (case.answer is None)
    assert ("frames_ignored" in answer["flags"]) == (case.frames_ignored > 0)


def ways(data: bytes) -> dict[str, tuple[str, dict[str, Any], str]]:
    """Every way in which a picture is sent: address, request, pointer of the picture."""
    text = base64.b64encode(data).decode()
    url = f"data:image/png;base64,{text}"
    raw = {"content": data, "headers": {"Content-Type": "image/webp"}}
    return {
        "a page as it is": (READ, raw, ""),
        "a page in JSON": (READ, {"json": {"image": text}}, "/image"),
        "a page in a form": (READ, {"files": {"image": ("x", data)}}, "/image"),
        "a digit in JSON": (CLASSIFY, {"json": {"image": text}}, "/image"),
        "a digit as a data URL": (CLASSIFY, {"json": {"image": url}}, "/image"),
        "as old pages do": ("/predict", {"json": {"image": url}}, "/image"),
    }


@pytest.mark.parametrize(
    "name", ["pdf", "PNG cut in half", "30000x30000 header", "12000x12000", "jpeg of 1,000 passes"]
)
def test_however_it_is_sent(target: Target, name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    assert isinstance(case.answer, str)
    for path, how, pointer in ways(case.make()).values():
        status = STATUS[case.answer]
        assert_refused(
            target, status, case.answer, "POST", path, pointer=pointer, bound=SMALL, **how
        )


@pytest.mark.parametrize("kind", ["image/jpeg", "image/gif", "application/octet-stream"])
def test_its_first_bytes_say_what_it_is(target: Target, kind: str) -> None:
    png = encode(seven(), "PNG")
    files = {"image": ("7.jpg", png, kind)}
    assert assert_read(target, "POST", CLASSIFY, files=files)["digit"] == 7
    headers = {"Content-Type": kind}
    page = assert_read(target, "POST", READ, content=png, headers=headers)
    assert [number["text"] for number in page["numbers"]] == ["7"]


def test_what_is_behind_a_picture_is_not_served(target: Target) -> None:
    data = encode(seven(), "PNG") + b"<script>alert(1)</script>"
    answer = assert_read(target, "POST", CLASSIFY, json={
        "image": base64.b64encode(data).decode(), "seen": True,
    })  # fmt: skip
    assert answer["digit"] == 7
    assert len(answer["seen"]) == 784
    assert "script" not in json.dumps(answer)
