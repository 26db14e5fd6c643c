"""The API for corrections: a person says what a digit is, and may take that back.

In: requests. Out: JSON. The store's work goes through the `Desk`, off the event loop.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from inkdigits.service import feedbackschemas, fields, payload, strict_json
from inkdigits.service.desk import Desk
from inkdigits.service.problems import FieldError, Problem
from inkdigits.service.reception import Direct, body_of, engine_of
from inkdigits.service.schemas import problems
from inkdigits.store.correction import (
    LABELS,
    LONGEST_NAME,
    MAX_POINTS,
    PIXELS,
    REASONS,
    Correction,
    new_id,
    sound_name,
)

router = APIRouter(route_class=Direct)
PATH = "/api/v1/feedback"
MAX_BODY = 256 * 1024  # bytes: 2,000 points in full precision are half of it
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,43}")
OWN_ID = re.compile(feedbackschemas.OWN_ID)


@router.post(
    PATH,
    tags=["feedback"],
    summary="Say what a digit is",
    status_code=201,
    response_model=feedbackschemas.Stored,
    responses=problems(400, 401, 404, 408, 409, 413, 415, 422, 429, 500, 503, 507),
    openapi_extra=feedbackschemas.SAY,
)
async def say(request: Request) -> JSONResponse:
    """Stores one correction, or one confirmation, and answers the id to take it back by.

    Send the `label`, the `reading` that it is about, and either the `strokes` that were drawn or,
    for a picture, what the model saw of it (`seen`: ask for it with `"seen": true`). Nothing else
    is stored: no address, no name, no cookie.

    With an `id` of your own making, 22 to 43 random characters, a request may be repeated where no
    answer came: the correction is stored once. 409 where something else was said with that `id`.

    Where feedback is off, as it is by default, the answer is 404, `feedback-off`.
    """
    payload.content_type(request.headers, payload.JSON)
    desk = _desk(request)
    desk.admit()
    body = await body_of(request)
    engine = engine_of(request)

    def parse() -> Correction:
        with engine.decoding():
            return read(body)

    correction = await engine.run(parse)
    if await desk.put(correction):
        engine.watch.metrics.heard(agree=correction.label == correction.answer)
    token = correction.id
    return JSONResponse({"id": token}, 201, {"Location": f"{PATH}/{token}"})


@router.get(  # before the route of an id, which would else say what may be done here
    PATH + "/summary",
    tags=["feedback"],
    summary="How often people agreed",
    response_model=feedbackschemas.SummaryAnswer,
    responses=problems(401, 404, 429, 500, 503),
)
async def summary(request: Request) -> JSONResponse:
    """Counts what people said: of all models, and of the one that reads now.

    `accuracy` is the share of answers that people called right. Whoever meets a wrong answer
    speaks up sooner than others do, so that it is no measured accuracy.
    """
    found = await _desk(request).summary()
    answer = found.to_dict()
    del answer["models"]  # names that clients gave, all but that of the model that reads now
    reader = engine_of(request).reader()
    return JSONResponse({**answer, "model": found.of(reader.name, reader.version).to_dict()})


@router.delete(
    PATH + "/{id}",
    tags=["feedback"],
    summary="Take a correction back",
    status_code=204,
    response_class=Response,
    responses=problems(401, 404, 429, 500, 503),
    openapi_extra=feedbackschemas.TAKE_BACK,
)
async def take_back(request: Request) -> Response:
    """Deletes the correction for good. 404, `not-found`, where there is none with this id."""
    desk, token = _desk(request), request.path_params["id"]
    desk.admit()
    if not _TOKEN.fullmatch(token) or not await desk.remove(token):
        raise Problem("not-found", "There is no correction with this id.")
    return Response(status_code=204)


def read(body: bytes) -> Correction:
    """The correction that a body holds.

    Raises:
        Problem: something is missing, wrong or too large.
    """
    if len(body) > MAX_BODY:
        raise Problem("payload-too-large", f"A correction has at most {MAX_BODY:,} bytes.")
    value = fields.members(
        strict_json.loads(body), frozenset({"id", "label", "reading", "strokes", "seen"})
    )
    if ("strokes" in value) == ("seen" in value):
        code = "exclusive" if "seen" in value else "missing"
        raise Problem.at("", code, "Send exactly one of strokes and seen.")
    label = _needed(value, "", "label")
    if type(label) not in (int, str) or label not in LABELS:
        raise Problem.at("/label", "unknown", "The label is a digit, 0 to 9, or not_a_digit.")
    what = _object(value, "", "reading", {"digit", "confidence", "reason", "model"})
    model = _object(what, "/reading", "model", {"name", "version"})
    digit, reason = _needed(what, "/reading", "digit"), what.get("reason")
    if digit is not None:
        digit = fields.integer(digit, "/reading/digit", 0, 9)
    if reason is not None and reason not in REASONS:
        message = f"The reason is null or one of {', '.join(REASONS)}."
        raise Problem.at("/reading/reason", "unknown", message)
    return Correction(
        label,
        digit,
        _confidence(_needed(what, "/reading", "confidence")),
        reason,
        _name(model, "name"),
        _name(model, "version"),
        _strokes(value["strokes"]) if "strokes" in value else None,
        _seen(value["seen"]) if "seen" in value else None,
        _own_id(value["id"]) if "id" in value else new_id(),
    )


def _needed(value: dict[str, Any], pointer: str, name: str) -> Any:
    if name not in value:
        raise Problem.at(f"{pointer}/{name}", "missing", f"This needs {name}.")
    return value[name]


def _object(value: dict[str, Any], pointer: str, name: str, allowed: set[str]) -> dict[str, Any]:
    held = _needed(value, pointer, name)
    where = f"{pointer}/{name}"
    if not isinstance(held, dict):
        raise Problem.at(where, "wrong-type", "This field is an object.")
    try:
        return fields.members(held, frozenset(allowed))
    except Problem as problem:  # it knows only where in the object
        errors = [FieldError(where + it.pointer, it.code, it.message) for it in problem.errors]
        raise Problem(problem.code, problem.detail, errors=errors) from None


def _confidence(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        message = "The confidence is a number in 0 to 1."
        raise Problem.at("/reading/confidence", "out-of-range", message)
    return float(value)


def _name(model: dict[str, Any], key: str) -> str:
    text = _needed(model, "/reading/model", key)
    if not isinstance(text, str) or not sound_name(text):
        message = f"This is a model's {key}: 1 to {LONGEST_NAME} plain characters."
        raise Problem.at(f"/reading/model/{key}", "bad-string", message)
    return text


def _strokes(value: Any) -> tuple[tuple[tuple[float, ...], ...], ...]:
    drawn = fields.strokes(value, "/strokes")
    if not 0 < sum(map(len, drawn)) <= MAX_POINTS:
        message = f"A drawing that is stored has 1 to {MAX_POINTS:,} points."
        raise Problem.at("/strokes", "out-of-range", message)
    return tuple(tuple(map(tuple, stroke)) for stroke in drawn)


def _seen(value: Any) -> bytes:
    if not isinstance(value, list) or len(value) != PIXELS:
        message = f"What the model saw is a list of {PIXELS} numbers."
        raise Problem.at("/seen", "tensor-shape", message, problem="tensor-shape")
    return bytes(fields.integer(number, "/seen", 0, 255) for number in value)


def _own_id(value: Any) -> str:
    if not isinstance(value, str) or not OWN_ID.fullmatch(value):
        message = "An id has 22 to 43 letters, digits, - and _, and begins with no - or _."
        raise Problem.at("/id", "bad-string", message)
    return value


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk
