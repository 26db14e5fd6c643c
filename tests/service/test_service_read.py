"""/api/v1/read: what a page may come as, its options, and how wrong ones are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inkdigits.layout import Grouping
from inkdigits.results import Box, Number, Prediction, Reading, Separator
from inkdigits.rules import Rules
from inkdigits.service import reading as requests
from inkdigits.service.pageschemas import ReadingAnswer
from inkdigits.service.problems import Problem
from inkdigits.service.settings import Settings
from tests import films
from tests.pictures import encode

from .harness import BASE64, MARK, PNG, READ, FakeReader, Service, check

RAW = {"Content-Type": "image/png"}


def raw(service: Service, query: str = "") -> Any:
    return service.post(READ + query, content=PNG, headers=RAW)


@pytest.mark.parametrize(
    "how",
    [
        {"json": {"image": BASE64}},
        {"json": {"image": f"data:image/png;base64,{BASE64}"}},
        {"files": {"image": ("../../x", PNG)}},
        {"content": PNG, "headers": RAW},
        {"content": PNG, "headers": {"Content-Type": "image/jpeg"}},  # its first bytes count
        {"content": PNG, "headers": {"Content-Type": "application/octet-stream"}},
    ],
)
def test_a_page_comes_in_three_ways(service: Service, reader: FakeReader, how: Any) -> None:
    answer = service.post(READ, **how)
    assert answer.status_code == 200, answer.text
    ReadingAnswer.model_validate(answer.json())
    assert [number["text"] for number in answer.json()["numbers"]] == ["2471"]
    assert reader.given == [PNG]
    assert reader.how == [("gap", Rules(), True)]


@pytest.mark.parametrize(
    ("query", "body", "group", "rules"),
    [
        ("?group=row", {"group": "row"}, "row", Rules()),
        ("?group=digit", {"group": "digit"}, "digit", Rules()),
        ("?length=4", {"length": 4}, "gap", Rules(length=4)),
        ("?length=3-5", {"length": [3, 5]}, "gap", Rules(length=(3, 5))),
        ("?pattern=%5Cd%7B2%7D-%5Cd", {"pattern": r"\d{2}-\d"}, "gap", Rules(pattern=r"\d{2}-\d")),
        ("?checksum=luhn", {"checksum": "luhn"}, "gap", Rules(checksum="luhn")),
        ("?range=0:100", {"range": [0, 100]}, "gap", Rules(between=(0, 100))),
        (
            "?length=1-3&range=5:500&group=row",
            {"range": [5, 500], "length": [1, 3], "group": "row"},
            "row",
            Rules(length=(1, 3), between=(5, 500)),
        ),
    ],
)
def test_options_stand_in_the_query_the_json_or_the_form(
    service: Service, reader: FakeReader, query: str, body: Any, group: Grouping, rules: Rules
) -> None:
    assert raw(service, query).status_code == 200
    assert service.post(READ, json={"image": BASE64, **body}).status_code == 200
    files = {"image": ("x.png", PNG)}
    assert service.post(READ + query, files=files).status_code == 200
    signs = {"length": "-", "range": ":"}
    texts = {
        name: signs[name].join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in body.items()
    }
    assert service.post(READ, files=files, data=texts).status_code == 200
    assert service.post(READ + query, json={"image": BASE64}).status_code == 200
    assert reader.how == [(group, rules, True)] * 5


def test_other_ways_up_need_not_be_tried(service: Service, reader: FakeReader) -> None:
    raw(service, "?turn=false")
    raw(service, "?turn=true")
    service.post(READ, json={"image": BASE64, "turn": False})
    assert [turn for _, _, turn in reader.how] == [False, True, False]


def test_what_the_model_saw_of_each_digit_is_told_where_it_is_asked_for(
    service: Service, reader: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = np.arange(784).astype(np.uint8).reshape(28, 28)
    digits = (
        Prediction(2, 0.9, (0.1,) * 10, True, None, "fake", "0"),
        Prediction(4, 0.9, (0.1,) * 10, True, None, "fake", "0", seen=shown),
    )
    found = Number("24", 0.9, True, None, Box(0, 0, 9, 9), digits, (("24", 0.9),))
    answered = Reading((found,), 100, 60, "fake", "0")
    monkeypatch.setattr(reader, "read", lambda *_, **__: answered)
    asked = [
        raw(service, "?seen=true"),
        service.post(READ, json={"image": BASE64, "seen": True}),
        service.post(READ, files={"image": ("x.png", PNG)}, data={"seen": "true"}),
    ]
    for answer in asked:
        ReadingAnswer.model_validate(answer.json())
        assert [digit["seen"] for digit in answer.json()["numbers"][0]["digits"]] == [
            None,
            shown.ravel().tolist(),
        ]
    for answer in (raw(service, ""), raw(service, "?seen=false")):
        assert all("seen" not in digit for digit in answer.json()["numbers"][0]["digits"])


BAD: dict[str, tuple[str, int, str, str]] = {
    # query -> status is 422: pointer, code of the problem
    "unknown option": (f"?{MARK}=1", 422, f"/{MARK}", "invalid-field"),
    "option twice": ("?length=4&length=4", 422, "/length", "invalid-field"),
    "unknown group": (f"?group={MARK}", 422, "/group", "invalid-field"),
    "empty group": ("?group=", 422, "/group", "invalid-field"),
    "length in words": (f"?length={MARK}", 422, "/length", "invalid-field"),
    "length of nothing": ("?length=", 422, "/length", "invalid-field"),
    "length of 0": ("?length=0", 422, "/length", "invalid-field"),
    "length of 61": ("?length=61", 422, "/length", "invalid-field"),
    "length of 5,000 digits": ("?length=" + "1" * 5000, 422, "/length", "invalid-field"),
    "length in other digits": ("?length=%D9%A3", 422, "/length", "invalid-field"),
    "length backwards": ("?length=5-3", 422, "/length", "bad-rule"),
    "range of one": ("?range=5", 422, "/range", "invalid-field"),
    "range below nought": ("?range=-5:5", 422, "/range", "invalid-field"),
    "range backwards": ("?range=9:3", 422, "/range", "bad-rule"),
    "unknown checksum": (f"?checksum={MARK}", 422, "/checksum", "invalid-field"),
    "pattern of letters": (f"?pattern={MARK}", 422, "/pattern", "bad-rule"),
    "open pattern": ("?pattern=(1", 422, "/pattern", "bad-rule"),
    "empty pattern": ("?pattern=", 422, "/pattern", "bad-rule"),
    "long pattern": ("?pattern=" + "1" * 501, 422, "/pattern", "bad-rule"),
    "NUL in a pattern": ("?pattern=%00", 422, "/pattern", "bad-rule"),
    "pattern that is not UTF-8": ("?pattern=%ff", 422, "/pattern", "bad-rule"),
    "bomb of a pattern": ("?pattern=(((1{60}){60}){60}){60}", 422, "/pattern", "bad-rule"),
    "rules at odds": ("?length=2&range=100:200", 422, "", "bad-rule"),
    "turn in numbers": ("?turn=1", 422, "/turn", "invalid-field"),
    "seen in numbers": ("?seen=1", 422, "/seen", "invalid-field"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_options(service: Service, reader: FakeReader, name: str) -> None:
    query, status, pointer, code = BAD[name]
    answer = raw(service, query)
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    if name != "unknown option":  # a pointer names its field
        check(service, answer, status, code)
    assert answer.json()["type"].endswith(code)
    assert reader.given == []


BAD_JSON: dict[str, dict[str, Any]] = {
    "null": {"length": None},
    "a bool": {"length": True},
    "a float": {"length": 4.0},
    "a text": {"length": "4"},
    "three": {"range": [1, 2, 3]},
    "pairs of texts": {"range": ["1", "2"]},
    "pattern of numbers": {"pattern": 12},
    "group of null": {"group": None},
    "a list of groups": {"group": ["row"]},
    "checksum of objects": {"checksum": {}},
    "turn of texts": {"turn": "false"},
    "seen of texts": {"seen": "true"},
    "strokes": {"strokes": []},
    "pixels": {"pixels": [[1]]},
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_wrong_json(service: Service, name: str) -> None:
    answer = service.post(READ, json={"image": BASE64, **BAD_JSON[name]})
    check(service, answer, 422, "invalid-field")
    (key,) = BAD_JSON[name]
    assert answer.json()["errors"][0]["pointer"] == f"/{key}"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{}", 422, "invalid-field"),
        ('{"image": null}', 422, "invalid-field"),
        ('{"image": "!"}', 422, "invalid-field"),
        ('{"image": "aGVsbG8="}', 415, "unsupported-format"),
        ('{"image": "", "length": NaN}', 422, "not-finite"),
        ('{"image": "", "length": 1e999}', 422, "not-finite"),
        ('{"image": "a", "image": "b"}', 400, "malformed-json"),
        ("[" * 100_000, 400, "malformed-json"),
        ('{"pattern": "\\ud800", "image": ""}', 422, "invalid-field"),
        ('{"pattern": "\\u0000", "image": ""}', 422, "invalid-field"),
        ("", 400, "malformed-json"),
    ],
)
def test_damaged_json(service: Service, body: str, status: int, code: str) -> None:
    check(service, service.post_json(READ, body), status, code)


def test_an_option_in_the_query_and_beside_the_picture_is_given_twice(service: Service) -> None:
    answer = service.post(f"{READ}?length=4", json={"image": BASE64, "length": 4})
    check(service, answer, 422, "invalid-field")
    assert answer.json()["errors"][0]["pointer"] == "/length"


def test_forms_are_held_to_the_letter(service: Service) -> None:
    picture = ("x.png", PNG)
    for files in (
        {"picture": picture},
        {"image": (None, "text")},
        {"image": picture, "length": ("x.txt", b"4")},
        {"image": picture, "length": (None, b"\xff")},
        {"image": picture, "top_k": (None, b"3")},
    ):
        check(service, service.post(READ, files=files), 422, "invalid-field")
    check(service, service.post(READ, files={"image": ("x", b"text")}), 415, "unsupported-format")
    cut = {"content": b"--B\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=B"}}
    check(service, service.post(READ, **cut), 400, "malformed-multipart")


@pytest.mark.parametrize(
    ("picture", "status", "code"),
    [(b"", 415, "unsupported-format"), (b"\x89PNG broken", 422, "corrupt-image")],
)
def test_damaged_pictures(service: Service, picture: bytes, status: int, code: str) -> None:
    answer = service.post(READ, content=picture, headers=RAW)
    check(service, answer, status, code)
    assert answer.json()["errors"][0]["pointer"] == ""
    answer = service.post(READ, files={"image": ("x", picture)})
    check(service, answer, status, code)
    assert answer.json()["errors"][0]["pointer"] == "/image"


def test_the_documented_answer_is_that_of_a_reading() -> None:
    box = Box(1, 2, 3, 4)
    seen = np.zeros((28, 28), np.uint8)
    digit = Prediction(1, 0.9, (0.1,) * 10, True, None, "m", "1", box, seen=seen)
    candidates = (("12", 0.9), ("17", 0.1))
    number = Number(
        "12", 0.9, False, "no_fit", box, (digit,), candidates, (Separator(".", 1, box),), 0
    )
    answer = Reading((number,), 10, 20, "m", "1", 1, 90, 2).to_dict(seen=True)
    assert ReadingAnswer.model_validate(answer).model_dump() == {**answer, "stored": None}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["group", "length", "pattern", "checksum", "range", "turn", "x"]),
            st.text("0123456789-:()[]{}|?*+\\d,.luhn" + "\ud800\0", max_size=12),
        ),
        max_size=3,
    )
)
def test_any_query_is_understood_or_refused(query: list[tuple[str, str]]) -> None:
    try:
        requests.read("image/png", PNG, query, Settings())
        status = 200
    except Problem as problem:
        status = problem.status
    assert status in (200, 422)


def test_the_api_page_tells_of_pictures_and_the_query(service: Service) -> None:
    page = service.get("/docs").text
    assert page.count("--data-binary @page.jpeg") == 1
    assert "--data-binary @page.png" not in page  # one example is enough
    assert "curl -F image=@page.jpg http://localhost:5000/api/v1/read" in page
    assert "<h3>Query</h3>" in page
    assert "<th scope=row><code>checksum</code></th>" in page


def test_real_pages(real_service: Service) -> None:
    png = encode(Image.fromarray(films.page("2471", (40, 70))), "PNG")
    answer = real_service.post(READ, content=png, headers=RAW)
    ReadingAnswer.model_validate(answer.json())
    (number,) = answer.json()["numbers"]
    assert (number["text"], number["accepted"]) == ("2471", True)
    assert (answer.json()["width"], answer.json()["height"]) == (films.WIDTH, films.HEIGHT)
    assert abs(number["box"]["x"] - 40) < 10

    alone = real_service.post(f"{READ}?length=9", content=png, headers=RAW).json()["numbers"]
    assert [(it["text"], it["reason"]) for it in alone] == [("2471", "no_fit")]

    blank = encode(Image.fromarray(np.full((300, 400), 255, np.uint8)), "PNG")
    answer = real_service.post(READ, files={"image": ("x.png", blank)})
    assert answer.status_code == 200
    assert (answer.json()["numbers"], answer.json()["flags"]) == ([], ["no_content"])
