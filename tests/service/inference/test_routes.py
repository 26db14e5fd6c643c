"""The Open Inference Protocol over HTTP: by hand, and by Triton's own client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import strokes
from inkdigits.image import Limits
from inkdigits.service.inference import schemas
from inkdigits.service.settings import Settings
from inkdigits.shown import shown
from inkdigits.store.predictions import PredictionStore
from tests.service.harness import Service, serving
from tests.service.test_serve import served

SEVEN = [[[10, 10], [40, 10], [20, 70]]]
STANDARD = "/v2/models/standard"


def glyph() -> NDArray[np.float32]:
    found = shown(strokes.render(SEVEN)).digit
    assert found is not None
    return found


def picture() -> NDArray[np.uint8]:
    """Dark ink on white paper, far from the middle."""
    seven = np.rint(strokes.render(SEVEN).pixels * 255).astype(np.uint8)
    assert seven[0, 0] in (0, 255)
    paper = np.full((seven.shape[0] + 150, seven.shape[1] + 20), seven[0, 0], np.uint8)
    paper[: seven.shape[0], : seven.shape[1]] = seven
    return paper if seven[0, 0] else 255 - paper


def asking(array: NDArray[Any], name: str = "images", **more: Any) -> dict[str, Any]:
    kind = "FP32" if name == "images" else "UINT8"
    data = array.ravel().tolist()
    return {
        "inputs": [{"name": name, "shape": [*array.shape], "datatype": kind, "data": data}],
        **more,
    }


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving(Settings(models=("standard-mnist",)), None) as running:
        yield running


def outputs(answer: dict[str, Any]) -> dict[str, Any]:
    return {it["name"]: it["data"] for it in answer["outputs"]}


def test_the_server_and_its_health(service: Service) -> None:
    schemas.Server.model_validate(service.get("/v2").json())
    assert service.get("/v2/health/live").json() == {"live": True}
    assert service.get("/v2/health/ready").json() == {"ready": True}
    index = service.post("/v2/repository/index").json()
    assert [(it["name"], it["state"]) for it in index] == [
        ("standard", "READY"),
        ("standard-mnist", "READY"),
    ]


@pytest.mark.parametrize("path", [STANDARD, f"{STANDARD}/versions/2"])
def test_a_model_tells_its_tensors(service: Service, path: str) -> None:
    told = service.get(path).json()
    schemas.Model.model_validate(told)
    assert (told["name"], told["versions"]) == ("standard", ["2"])
    assert told["inputs"][0] == {"name": "images", "datatype": "FP32", "shape": [-1, 28, 28, 1]}
    assert service.get(f"{path}/ready").json() == {"name": "standard", "ready": True}


def test_what_is_read_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    with serving(Settings(database=str(file), store="metadata"), None) as keeping:
        answer = keeping.post(f"{STANDARD}/infer", json=asking(np.stack([glyph()] * 3)))
        schemas.Inferred.model_validate(answer.json())
        assert answer.json()["parameters"] == {"stored": True}
    kept = list(PredictionStore(str(file)).export())
    told = answer.headers["x-request-id"]
    assert [(it.digit, it.kind, it.request_id) for it in kept] == [(7, "pixels", told)] * 3


@pytest.mark.parametrize("path", [STANDARD, f"{STANDARD}/versions/2", "/v2/models/standard-mnist"])
def test_images_are_read_as_they_are(service: Service, path: str) -> None:
    sent = np.stack([glyph(), np.zeros((28, 28), np.float32)])[..., None]
    answer = service.post(f"{path}/infer", json=asking(sent, id="a-7"))
    assert answer.status_code == 200
    schemas.Inferred.model_validate(answer.json())
    assert answer.json()["model_name"] == path.split("/")[3]
    assert answer.json()["id"] == "a-7"
    found = outputs(answer.json())
    assert found["digit"][0] == 7
    assert found["accepted"] == [True, False]
    assert found["digit"][1] == -1
    assert found["reason"] == ["", "blank"]
    direct = service.engine.models.find(path.split("/")[3]).decide(sent)[0]
    assert found["probabilities"][:10] == pytest.approx(direct.probabilities, abs=1e-6)
    assert sum(found["probabilities"][10:]) == pytest.approx(1, abs=1e-5)


def test_pictures_are_normalised_first(service: Service) -> None:
    blank = np.full(picture().shape, 255, np.uint8)
    sent = np.stack([picture(), 255 - picture(), blank])
    found = outputs(service.post(f"{STANDARD}/infer", json=asking(sent, "pictures")).json())
    assert found["digit"] == [7, 7, -1]
    assert found["reason"] == ["", "", "blank"]
    same = service.engine.reader().classify(picture(), limits=Limits())
    assert found["confidence"][0] == pytest.approx(same.confidence, abs=1e-6)


def test_outputs_are_chosen(service: Service) -> None:
    body = asking(glyph()[None], outputs=[{"name": "confidence"}, {"name": "digit"}])
    answer = service.post(f"{STANDARD}/infer", json=body).json()
    assert [it["name"] for it in answer["outputs"]] == ["confidence", "digit"]


@pytest.mark.parametrize(
    "path",
    [
        *("/v2/models/micro", "/v2/models/%2e%2e%2fstandard", "/v2/models/%00"),
        *("/v2/models/standard/versions/1", "/v2/models/standard:2", f"/v2/models/{'x' * 300}"),
        *("/v2/models/standard/versions/%20", "/v2/models/%20", "/v2/nothing", "/v2/models/"),
    ],
)
def test_what_is_not_there_is_said_in_the_protocol_too(service: Service, path: str) -> None:
    for answer in (service.get(path), service.post(f"{path}/infer", json=asking(glyph()[None]))):
        assert answer.status_code == 404
        assert isinstance(answer.json()["error"], str)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"{}", 415),
        ({"Content-Type": "application/json"}, json.dumps({"inputs": 3}).encode(), 422),
        (
            {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": "x"},
            b"{}",
            400,
        ),
        (
            {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": "-1"},
            b"{}",
            400,
        ),
        (
            {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": "9"},
            b"{}",
            400,
        ),
        (
            {"Content-Type": "application/json"},
            json.dumps(asking(np.zeros((65, 784)))).encode(),
            413,
        ),
    ],
)
def test_wrong_requests(
    service: Service, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = service.post(f"{STANDARD}/infer", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert service.get("/v2/health/live").status_code == 200


def test_it_is_counted(service: Service) -> None:
    service.post(f"{STANDARD}/infer", json=asking(glyph()[None]))
    text = service.get("/metrics").text
    assert 'route="/v2/models/{name}/infer"' in text
    assert 'model="standard",stage="infer"' in text


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("name", ["images", "pictures"])
def test_tritons_own_client(name: str, binary: bool) -> None:
    triton = pytest.importorskip("tritonclient.http", exc_type=ImportError)
    array = np.stack([glyph()[..., None]] * 3) if name == "images" else np.stack([picture()] * 3)
    with served() as (_, __, address):
        client = triton.InferenceServerClient(address.removeprefix("http://"))
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("standard")
        assert client.is_model_ready("standard", "2")
        assert client.get_server_metadata()["name"] == "inkdigits"
        assert client.get_model_metadata("standard")["platform"] == "onnxruntime_onnx"
        assert client.get_model_repository_index()[0]["state"] == "READY"
        given = triton.InferInput(name, array.shape, "FP32" if name == "images" else "UINT8")
        given.set_data_from_numpy(array, binary_data=binary)
        wanted = [
            triton.InferRequestedOutput(it, binary_data=binary)
            for it in ("digit", "probabilities", "accepted", "reason")
        ]
        for how in (wanted, None):
            found = client.infer("standard", [given], outputs=how, request_id="mine")
            assert found.get_response()["id"] == "mine"
            assert found.as_numpy("digit").tolist() == [7, 7, 7]
            assert found.as_numpy("probabilities").shape == (3, 10)
            assert found.as_numpy("accepted").tolist() == [True] * 3
            assert len(found.as_numpy("reason")) == 3
        given.set_data_from_numpy(array, binary_data=binary)
        with pytest.raises(Exception, match="models answer here"):
            client.infer("micro", [given])
        client.close()
