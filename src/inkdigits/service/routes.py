"""The API: one function a route. Each reads a body, makes one call, answers.

In: requests. Out: JSON. Blocking work goes through `Engine.run`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from inkdigits.results import Prediction
from inkdigits.service import pageschemas, payload, reading, schemas
from inkdigits.service.problems import from_exception
from inkdigits.service.protection import protection_of
from inkdigits.service.reception import Direct, archive_of, body_of, engine_of
from inkdigits.service.settings import Settings

logger = logging.getLogger("inkdigits.service")
router = APIRouter(route_class=Direct)
T = TypeVar("T")
#: What was read, what was asked, and what the answer says of its keeping.
_Classified = tuple[Prediction, payload.Submission, dict[str, bool]]
_REFUSALS = schemas.problems(400, 401, 404, 408, 413, 415, 422, 429, 500, 503)


@router.post(
    "/predict",
    tags=["legacy"],
    summary="Read one digit, in the shape of old pages",
    response_model=schemas.LegacyAnswer,
    responses=_REFUSALS,
    openapi_extra=schemas.LEGACY,
)
async def predict(request: Request) -> JSONResponse:
    """Reads a picture sent as a data URL. Errors carry `error`, a sentence, as well."""
    prediction, *_ = await _classify(request, payload.read_legacy, payload.JSON)
    return JSONResponse(
        {
            "prediction": prediction.digit,
            "confidence": prediction.confidence,
            "probabilities": list(prediction.probabilities),
        }
    )


@router.post(
    "/api/v1/classify",
    tags=["classify"],
    summary="Read one digit",
    response_model=schemas.PredictionAnswer,
    responses=_REFUSALS,
    openapi_extra=schemas.CLASSIFY,
)
async def classify(request: Request) -> JSONResponse:
    """Reads a picture (a file, base64 or a data URL), an array of pixels, or pen strokes.

    Send exactly one of `image`, `pixels` and `strokes`. The picture as sent is not kept.

    Where it is not accepted, `reason` says why: `unsure` (choose among `candidates`),
    `not_a_digit`, `several_digits` (send one at a time) or `blank`.

    With `coverage`, `prediction_set` lists the digits that it may be: of digits drawn as those
    the model was calibrated on, at least that share has its true digit in its set, on average
    over calibrations. A model that promises no such coverage answers 422.
    """
    kinds = (payload.JSON, payload.FORM)
    prediction, asked, kept = await _classify(request, payload.read_classify, *kinds)
    answer = prediction.to_dict(top_k=asked.options.top_k, seen=asked.options.seen)
    return JSONResponse(answer | kept)


@router.post(
    "/api/v1/classify/batch",
    tags=["classify"],
    summary="Read up to 64 pictures, one digit each",
    response_model=schemas.BatchAnswer,
    responses=_REFUSALS,
    openapi_extra=schemas.BATCH,
)
async def classify_batch(request: Request) -> JSONResponse:
    """Reads each picture by itself: a bad one becomes an entry `{"error": problem}`."""
    engine, request_id = engine_of(request), request.state.request_id
    archive = archive_of(request)

    def parse(kind: str, body: bytes, settings: Settings) -> payload.Batch:
        with engine.decoding():
            return payload.read_batch(kind, body, settings)

    batch = await _parsed(request, parse, payload.JSON)
    engine.check(batch.options)  # once: it would be wrong for every member

    def member(index: int) -> dict[str, Any]:
        began = perf_counter()
        try:
            asked = batch.submission(index)
            prediction = engine.read(asked)
        except Exception as error:
            problem = from_exception(error)
            engine.watch.metrics.rejected(problem.code)
            if problem.code == "internal":
                told = {"member": index, "request_id": request_id}
                logger.exception("member not read", extra=told)
            return {"error": problem.to_dict(request_id)}
        kept = archive.keep(prediction, asked, request_id, perf_counter() - began)
        return prediction.to_dict(top_k=batch.options.top_k, seen=batch.options.seen) | kept

    count = len(batch.members)
    await protection_of(request).charge(request, count - 1)
    engine.watch.metrics.asked(count)
    answers = [await engine.run(partial(member, index)) for index in range(count)]
    return JSONResponse({"predictions": answers})


@router.post(
    "/api/v1/read",
    tags=["read"],
    summary="Read every number on a picture",
    response_model=pageschemas.ReadingAnswer,
    responses=_REFUSALS,
    openapi_extra=pageschemas.READ,
)
async def read(request: Request) -> JSONResponse:
    """Reads a page, a photo of one, or a frame of a camera. The picture is not kept.

    Send the bytes of a PNG, JPEG, GIF, BMP or WebP, a form with a file `image`, or JSON with an
    `image`. The options stand in the query, or beside `image`; each is given once.

    `numbers` come in reading order; a blank page has none, and the flag `no_content`. A number
    that is not accepted has a `reason`: `unsure` (choose among `candidates`) or `no_fit` (no likely
    text satisfies the rules). Rules that no number satisfies are refused: 422, `bad-rule`.
    """
    query = request.query_params.multi_items()

    engine = engine_of(request)

    def parse(kind: str, body: bytes, settings: Settings) -> reading.Page:
        with engine.decoding():
            return reading.read(kind, body, query, settings)

    page = await _parsed(request, parse, *reading.KINDS)
    engine.watch.metrics.asked(1)

    def work() -> dict[str, Any]:
        began = perf_counter()
        found = engine.read_page(page)
        seconds = perf_counter() - began
        return found.to_dict(seen=page.seen) | archive_of(request).keep_page(
            found, _id(request), seconds
        )

    return JSONResponse(await engine.run_page(work))


async def _classify(
    request: Request,
    read: Callable[[str, bytes, Settings], payload.Submission],
    *kinds: str,
) -> _Classified:
    engine = engine_of(request)

    def work(kind: str, body: bytes, settings: Settings) -> _Classified:
        with engine.decoding():
            submission = read(kind, body, settings)
        engine.check(submission.options)
        engine.watch.metrics.asked(1)
        began = perf_counter()
        found = engine.read(submission)
        seconds = perf_counter() - began
        return found, submission, archive_of(request).keep(found, submission, _id(request), seconds)

    return await _parsed(request, work, *kinds)  # one hop to a thread, not two


def _id(request: Request) -> str:
    return str(request.state.request_id)


async def _parsed(request: Request, read: Callable[[str, bytes, Settings], T], *kinds: str) -> T:
    """What `read` makes of the body, once its type is known and there is room for the work."""
    kind = payload.content_type(request.headers, *kinds)
    engine, settings = engine_of(request), request.app.state.settings
    engine.admit()
    body = await body_of(request)
    engine.admit()  # others may have come while the body did
    return await engine.run(lambda: read(kind, body, settings))
