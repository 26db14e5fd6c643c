"""What the service answers when all is well."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inkdigits import Recognizer
from inkdigits.results import Box, Prediction
from inkdigits.service.schemas import BatchAnswer, PredictionAnswer
from inkdigits.service.settings import Settings

from .harness import BASE64, BATCH, CLASSIFY, PNG, READ, FakeReader, Service, serving


def test_legacy_answer_has_exactly_the_old_keys(service: Service) -> None:
    answer = service.post("/predict", json={"image": f"data:image/png;base64,{BASE64}"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"prediction", "confidence", "probabilities"}
    assert answer.json()["prediction"] == 7


@pytest.mark.parametrize(
    "image", [BASE64, f"data:image/png;base64,{BASE64}", f"DATA:;BASE64,{BASE64}"]
)
def test_base64_and_data_urls_give_the_bytes(
    service: Service, reader: FakeReader, image: str
) -> None:
    answer = service.post(CLASSIFY, json={"image": image})
    assert answer.status_code == 200
    assert reader.given == [PNG]


def test_answer_is_the_prediction_as_documented(service: Service) -> None:
    answer = service.post(CLASSIFY, json={"image": BASE64, "top_k": 2, "seen": True}).json()
    PredictionAnswer.model_validate(answer)
    assert [entry["digit"] for entry in answer["top"]] == [7, 8]
    assert len(answer["seen"]) == 784
    assert "seen" not in service.post(CLASSIFY, json={"image": BASE64}).json()


def test_a_coverage_is_answered_with_a_set(service: Service) -> None:
    plain = service.post(CLASSIFY, json={"image": BASE64}).json()
    assert (plain["prediction_set"], plain["digitness"]) == (None, 4.5)
    assert plain["candidates"] == [{"digit": 7, "probability": 0.9}]
    for sent in ({"image": BASE64}, {"pixels": [[0, 255]]}, {"strokes": [[[1, 2]]]}):
        answer = service.post(CLASSIFY, json={**sent, "coverage": 0.99}).json()
        assert answer["prediction_set"] == [7, 8, 9]
        PredictionAnswer.model_validate(answer)
    form = service.post(CLASSIFY, files={"image": ("x.png", PNG)}, data={"coverage": "0.90"})
    assert form.json()["prediction_set"] == [7]
    batch = service.post(BATCH, json={"images": [BASE64, "!"], "coverage": 0.99}).json()
    first, second = batch["predictions"]
    assert first["prediction_set"] == [7, 8, 9]
    assert second["error"]["errors"][0]["pointer"] == "/images/1"


def test_documented_answer_has_every_key_of_a_prediction() -> None:
    prediction = Prediction(1, 1.0, (0.1,) * 10, True, None, "m", "1", Box(0, 0, 1, 1))
    assert {*prediction.to_dict(seen=True), "stored"} == set(PredictionAnswer.model_fields)


@pytest.mark.parametrize("name", ["digit.png", "../../x", "=cmd|", "<img onerror>", "a" * 10_000])
def test_form_with_any_file_name(service: Service, reader: FakeReader, name: str) -> None:
    answer = service.post(
        CLASSIFY, files={"image": (name, PNG)}, data={"top_k": "1", "seen": "true"}
    )
    assert answer.status_code == 200, answer.text
    assert reader.given == [PNG]
    assert len(answer.json()["top"]) == 1
    assert name not in answer.text


@pytest.mark.parametrize(
    ("sent", "shape", "kind", "top"),
    [
        ([[0, 255], [7, 1]], (2, 2), np.uint8, 255),
        ([[0, 0.5, 1]], (1, 3), np.float32, 1),
        ([[0, 1], [1, 0]], (2, 2), np.float32, 1),
        ([255] * 784, (28, 28), np.uint8, 255),
    ],
)
def test_pixels(
    service: Service, reader: FakeReader, sent: Any, shape: Any, kind: Any, top: int
) -> None:
    assert service.post(CLASSIFY, json={"pixels": sent}).status_code == 200
    array = reader.given[0]
    assert (array.shape, array.dtype, array.max()) == (shape, kind, top)


@pytest.mark.parametrize("pen", [[[[1, 2], [3.5, 4]]], [[[1, 2, 0.5]], [[3, 4]]]])
def test_strokes(service: Service, reader: FakeReader, pen: Any) -> None:
    assert service.post(CLASSIFY, json={"strokes": pen}).status_code == 200
    assert reader.given == [pen]


def test_blank_has_no_digit(service: Service) -> None:
    answer = service.post(CLASSIFY, json={"pixels": [0] * 784}).json()
    assert (answer["digit"], answer["reason"], answer["flags"]) == (None, "blank", ["no_content"])


def test_batch_answers_each_and_a_bad_one_does_not_spoil_the_rest(service: Service) -> None:
    bad = base64.b64encode(b"text").decode()
    crash = base64.b64encode(PNG + b"crash").decode()
    answer = service.post(BATCH, json={"images": [BASE64, bad, None, "?", crash, BASE64]})
    assert answer.status_code == 200
    BatchAnswer.model_validate(answer.json())
    entries = answer.json()["predictions"]
    assert [entry.get("digit") for entry in entries] == [7, None, None, None, None, 7]
    assert [entry["error"]["status"] for entry in entries[1:5]] == [415, 422, 422, 500]
    assert entries[3]["error"]["errors"][0]["pointer"] == "/images/3"
    assert "secret" not in answer.text


def test_health(service: Service) -> None:
    assert service.get("/livez").json() == {"status": "alive"}
    ready = service.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["model"] == {"name": "fake", "version": "0"}


def test_openapi_and_its_page_name_every_operation(service: Service) -> None:
    document = service.get("/openapi.json").json()
    page = service.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    feedback = {f"/api/v1/feedback{part}" for part in ("", "/{id}", "/summary")}
    probes = {"/livez", "/startupz", "/readyz"}
    about = {"/api/v1/about", "/api/v1/about/card", "/api/v1/reload"}
    models = {"/api/v1/models", "/api/v1/models/{name}"}
    one = ("/v2/models/{name}", "/v2/models/{name}/versions/{version}")
    inference = {f"{model}{what}" for model in one for what in ("", "/ready", "/infer")}
    inference |= {
        f"/v2{what}" for what in ("", "/health/live", "/health/ready", "/repository/index")
    }
    known = {CLASSIFY, BATCH, READ, "/api/v1/explain", "/predict", *probes}
    known |= {*feedback, *about, *models, *inference}
    assert known == set(document["paths"])
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "//cdn" not in page.text
    assert service.get("/docs/style.css").headers["content-type"].startswith("text/css")


def test_examples_of_openapi_are_answered(real_service: Service) -> None:
    document = real_service.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content:
            example = json.dumps(content["application/json"]["example"])
            sent = path.format(name="standard", version="2")
            assert real_service.post_json(sent, example).status_code in (200, 201), path


def test_real_pictures(real_service: Service) -> None:
    assert real_service.get("/readyz").json()["model"]["name"] == "standard"
    seven = [[[10, 10], [40, 10], [20, 70]]]
    assert real_service.post(CLASSIFY, json={"strokes": seven}).json()["digit"] == 7

    drawing = Image.new("L", (200, 200), 255)
    ImageDraw.Draw(drawing).line([(60, 50), (140, 50), (90, 160)], fill=0, width=14)
    png = io.BytesIO()
    drawing.save(png, "PNG")
    answer = real_service.post(CLASSIFY, files={"image": ("7.png", png.getvalue())}).json()
    PredictionAnswer.model_validate(answer)
    assert answer["digit"] == 7

    text = base64.b64encode(png.getvalue()[:100]).decode()
    damaged = real_service.post(CLASSIFY, json={"image": text})
    assert (damaged.status_code, damaged.json()["type"]) == (
        422,
        "urn:inkdigits:problem:corrupt-image",
    )
    html = real_service.post(CLASSIFY, files={"image": ("7.png", b"<html>")})
    assert html.status_code == 415
    assert html.json()["errors"][0]["pointer"] == "/image"


def test_a_model_without_coverage_says_so() -> None:
    sent = {"strokes": [[[10, 10], [40, 10], [20, 70]]], "coverage": 0.9}
    with serving(Settings(), Recognizer.load("micro", shifts=1)) as running:
        answer = running.post(CLASSIFY, json=sent)
    assert answer.status_code == 422
    assert "promises no coverage" in answer.json()["detail"]


def test_several_digits_are_said(real_service: Service) -> None:
    seven, nought = [[0, 0], [30, 0], [10, 60]], [[60, 0], [90, 30], [60, 60], [55, 30], [60, 0]]
    answer = real_service.post(CLASSIFY, json={"strokes": [seven, nought]}).json()
    PredictionAnswer.model_validate(answer)
    assert (answer["reason"], answer["candidates"]) == ("several_digits", [])


def test_empty_strokes_are_a_blank(real_service: Service) -> None:
    assert real_service.post(CLASSIFY, json={"strokes": []}).json()["reason"] == "blank"
