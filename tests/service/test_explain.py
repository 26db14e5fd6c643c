"""/api/v1/explain."""

from __future__ import annotations

from typing import Any

import pytest

from inkdigits.service.explainschemas import ExplanationAnswer
from inkdigits.service.settings import Settings

from .harness import PNG, FakeReader, Service, check, serving

EXPLAIN = "/api/v1/explain"
SEVEN: dict[str, Any] = {"strokes": [[[10, 10], [40, 10], [20, 70]]]}


def test_the_real_one(real_service: Service) -> None:
    answer = real_service.post(EXPLAIN, json=SEVEN, params={"against": "1", "picture": "true"})
    assert answer.status_code == 200
    told = answer.json()
    ExplanationAnswer.model_validate(told)
    assert (told["digit"], told["against"], told["rival"]["digit"]) == (7, 1, 1)
    assert told["prediction"]["digit"] == 7
    assert max(map(max, told["evidence"])) > 1
    assert told["picture"].startswith("data:image/png;base64,")
    text = real_service.get("/metrics").text
    assert 'stage="explain"' in text


def test_a_form_will_do(service: Service) -> None:
    answer = service.post(EXPLAIN, files={"image": ("7.png", PNG)})
    assert answer.json()["digit"] == 7
    assert "picture" not in answer.json()


@pytest.mark.parametrize(
    "query",
    [
        *("digit=10", "digit=-1", "digit=", "digit=seven", "against=3&digit=3", "picture=1"),
        *("other=1", "digit=1&digit=1", "top_k=3"),
    ],
)
def test_wrong_options(service: Service, query: str) -> None:
    check(service, service.post(f"{EXPLAIN}?{query}", json=SEVEN), 422, "invalid-field")


def test_why_a_seven_is_a_seven_is_no_question(real_service: Service) -> None:
    answer = real_service.post(EXPLAIN, json=SEVEN, params={"against": "7"})
    assert answer.status_code == 422
    assert "name another" in answer.json()["detail"]


def test_wrong_bodies(service: Service) -> None:
    check(service, service.post(EXPLAIN, json={}), 422, "invalid-field")
    check(service, service.post(EXPLAIN, content=b"{"), 415, "unsupported-media-type")
    check(service, service.post(EXPLAIN, json={**SEVEN, "model": "x"}), 404, "unknown-model")


def test_it_counts_as_ten(reader: FakeReader) -> None:
    with serving(Settings(rate_limit="25/minute"), reader) as service:
        assert service.post(EXPLAIN, json=SEVEN).status_code == 200
        assert service.post(EXPLAIN, json=SEVEN).status_code == 200
        answer = service.post(EXPLAIN, json=SEVEN)
        check(service, answer, 429, "rate-limited")
