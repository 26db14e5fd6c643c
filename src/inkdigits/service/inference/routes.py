"""The Open Inference Protocol: its addresses.

In: requests of KServe, Triton's clients and their like. Out: what the protocol says. Models are
looked up in the registry by name, and by version where one is given.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inkdigits import __version__
from inkdigits.results import Prediction
from inkdigits.service import payload
from inkdigits.service.inference import schemas, tensors
from inkdigits.service.problems import INFERENCE, Problem
from inkdigits.service.protection import protection_of
from inkdigits.service.reception import Direct, archive_of, body_of, engine_of
from inkdigits.service.registry import Served
from inkdigits.service.schemas import in_path, problems

router = APIRouter(route_class=Direct, prefix=INFERENCE, tags=["inference"])
RAW = "application/octet-stream"
HEAD = "Inference-Header-Content-Length"
_OF_MODEL = problems(401, 404, 429, 503)
#: What the archive is told of what a tensor held.
_AS_ARRAY = payload.Submission("/inputs/0")
_MODEL = in_path(name="a model's name")
_VERSION = in_path(name="a model's name", version="its version")
_INFER = problems(400, 401, 404, 408, 413, 415, 422, 429, 503)


@router.get("", summary="The server", response_model=schemas.Server, name="inference_server")
async def server(_: Request) -> JSONResponse:
    """Its name, its version, and the extensions of the protocol that it knows."""
    extensions = ["binary_tensor_data", "model_repository"]
    return JSONResponse({"name": "inkdigits", "version": __version__, "extensions": extensions})


@router.get(
    "/health/live",
    summary="Is the server alive?",
    response_model=schemas.Live,
    name="inference_live",
)
async def live(_: Request) -> JSONResponse:
    """As /livez."""
    return JSONResponse({"live": True})


@router.get(
    "/health/ready",
    summary="Are all models ready?",
    response_model=schemas.Ready,
    responses=problems(503),
    name="inference_ready",
)
async def ready(request: Request) -> JSONResponse:
    """As /readyz, without the details."""
    checks = await request.app.state.health.checks()
    if wrong := [reason for reason in checks.values() if reason != "ok"]:
        raise Problem("not-ready", " ".join(wrong), headers={"Retry-After": "5"})
    return JSONResponse({"ready": True})


@router.post(
    "/repository/index",
    summary="All models",
    response_model=list[schemas.Indexed],
    name="inference_index",
)
async def index(request: Request) -> JSONResponse:
    """Those that answer, each with its version. A body is not looked at."""
    served = engine_of(request).models.served
    entries = [(*it.key, "READY", "") for it in served]
    names = ("name", "version", "state", "reason")
    return JSONResponse([dict(zip(names, entry, strict=True)) for entry in entries])


@router.get(
    "/models/{name}",
    summary="A model",
    response_model=schemas.Model,
    responses=_OF_MODEL,
    name="inference_model",
    openapi_extra=_MODEL,
)
@router.get(
    "/models/{name}/versions/{version}",
    summary="A version of a model",
    response_model=schemas.Model,
    responses=_OF_MODEL,
    name="inference_model_version",
    openapi_extra=_VERSION,
)
async def model(request: Request) -> JSONResponse:
    """Its versions and its tensors.

    Send one input: `images`, which already are as MNIST has digits (they are read as they are), or
    `pictures`, grey scans or drawings of one digit each, which are cropped, centred and scaled
    first. What is on paper goes in `pictures`.
    """
    served, name = _served(request), request.path_params["name"]
    every = engine_of(request).models.served
    return JSONResponse(
        {
            "name": name,
            "versions": [it.reader.version for it in every if it.reader.name == name],
            "platform": "onnxruntime_onnx",
            "inputs": _described(tensors.INPUTS),
            "outputs": _described(tensors.OUTPUTS),
            "parameters": {"version": served.reader.version, "sha256": served.sha256},
        }
    )


@router.get(
    "/models/{name}/ready",
    summary="Is a model ready?",
    response_model=schemas.ModelReady,
    responses=_OF_MODEL,
    name="inference_model_ready",
    openapi_extra=_MODEL,
)
@router.get(
    "/models/{name}/versions/{version}/ready",
    summary="Is a version of a model ready?",
    response_model=schemas.ModelReady,
    responses=_OF_MODEL,
    name="inference_model_version_ready",
    openapi_extra=_VERSION,
)
async def model_ready(request: Request) -> JSONResponse:
    """Whatever is loaded is ready."""
    return JSONResponse({"name": _served(request).reader.name, "ready": True})


@router.post(
    "/models/{name}/infer",
    summary="Read digits",
    response_model=schemas.Inferred,
    responses=_INFER,
    openapi_extra=_MODEL | schemas.INFER,
    name="infer",
)
@router.post(
    "/models/{name}/versions/{version}/infer",
    summary="Read digits with a version of a model",
    response_model=schemas.Inferred,
    responses=_INFER,
    openapi_extra=_VERSION | schemas.INFER,
    name="infer_version",
)
async def infer(request: Request) -> Response:
    """Tensors in, tensors out; with the header Inference-Header-Content-Length as raw bytes.

    `digit` is -1 for a blank; `accepted` says whether to act on it, and `reason` why not.
    """
    engine, settings = engine_of(request), request.app.state.settings
    payload.check_coding(request.headers)
    if "content-type" in request.headers:  # Triton's own client sends none
        payload.content_type(request.headers, payload.JSON, RAW)
    head = _head(request)
    served = _served(request)
    engine.admit()
    body = await body_of(request)
    engine.admit()

    def parse() -> tensors.Asked:
        with engine.decoding():
            return tensors.parse(body, head, settings.max_batch)

    asked = await engine.run(parse)
    await protection_of(request).charge(request, len(asked.array) - 1)
    engine.watch.metrics.asked(len(asked.array))

    def work() -> Response:
        read = engine.read_glyphs if asked.name == "images" else engine.read_pictures
        began = perf_counter()
        found = read(asked.array, served)
        seconds = (perf_counter() - began) / len(found)
        kept = [
            archive_of(request).keep(it, _AS_ARRAY, request.state.request_id, seconds)
            for it in found
        ]
        all_kept = {"stored": all(it["stored"] for it in kept)} if kept[0] else {}
        return _answer(asked, found, served, all_kept)

    return await engine.run(work)


def _served(request: Request) -> Served:
    name, version = request.path_params["name"], request.path_params.get("version")
    found = engine_of(request).models.find(name if version is None else f"{name}:{version}")
    if found.reader.name != name:  # `name:version` is for other addresses
        raise Problem("unknown-model")
    return found


def _head(request: Request) -> int | None:
    given = request.headers.getlist(HEAD)
    if not given:
        return None
    if len(given) > 1 or not (given[0].isascii() and given[0].isdigit() and len(given[0]) < 12):
        raise Problem("bad-request", f"{HEAD} is a number of bytes.")
    return int(given[0])


def _answer(
    asked: tensors.Asked, found: list[Prediction], served: Served, kept: dict[str, bool]
) -> Response:
    name, version = served.key
    answer: dict[str, Any] = {"model_name": name, "model_version": version}
    if kept:
        answer["parameters"] = kept
    if asked.id is not None:
        answer["id"] = asked.id
    values: dict[str, list[Any] | NDArray[Any]] = {
        "digit": [-1 if it.digit is None else it.digit for it in found],
        "confidence": [it.confidence for it in found],
        "accepted": [it.accepted for it in found],
        "reason": [it.reason or "" for it in found],
        "probabilities": np.array([it.probabilities for it in found]),
    }
    body, head = tensors.dump(answer, values, asked)
    if not head:
        return Response(body, media_type=payload.JSON)
    return Response(body, headers={HEAD: str(head)}, media_type=RAW)


def _described(tensors_of: dict[str, tuple[str, tuple[int, ...]]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "datatype": datatype, "shape": list(shape)}
        for name, (datatype, shape) in tensors_of.items()
    ]
