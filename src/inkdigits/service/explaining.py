"""Why a digit is read as it is: its route.

In: a request as for /api/v1/classify, with options in the query. Out: JSON. It costs as much as
many readings, and counts as such.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse

from inkdigits.service import explainschemas, fields, payload, schemas
from inkdigits.service.problems import Problem
from inkdigits.service.protection import protection_of
from inkdigits.service.reception import Direct, body_of, engine_of

router = APIRouter(route_class=Direct)
PATH = "/api/v1/explain"
#: Requests that one explanation counts as: about as much work, of small pictures.
COST = 10


@router.post(
    PATH,
    tags=["explain"],
    summary="Say why a digit is read as it is",
    response_model=explainschemas.ExplanationAnswer,
    responses=schemas.problems(400, 401, 404, 408, 413, 415, 422, 429, 500, 503),
    openapi_extra=explainschemas.EXPLAIN,
)
async def explain(request: Request) -> JSONResponse:
    """Takes the body of /api/v1/classify. The picture as sent is not kept.

    Small patches of the ink are taken away, one after the other, and what that changes is told:
    `evidence` is above 0 where the ink speaks for the answer, below 0 where it speaks against
    it, as the change of the log-odds; `rival` is the next best digit and the ink that keeps it
    from being best. Of a blank there is none.
    """
    engine, settings = engine_of(request), request.app.state.settings
    kind = payload.content_type(request.headers, payload.JSON, payload.FORM)
    digit, against, picture = _options(request.query_params)
    engine.admit()
    await protection_of(request).charge(request, COST - 1)
    body = await body_of(request)
    engine.admit()

    def work() -> dict[str, Any]:
        with engine.decoding():
            asked = payload.read_classify(kind, body, settings)
        engine.check(asked.options)
        return engine.explain(asked, digit, against).to_dict(picture=picture)

    return JSONResponse(await engine.run(work))


def _options(query: QueryParams) -> tuple[int | None, int | None, bool]:
    """`digit`, `against` and `picture`."""
    given = fields.members(dict(query), frozenset({"digit", "against", "picture"}))
    if len(query.multi_items()) != len(given):
        raise Problem.at("", "exclusive", "An option is given twice.")
    digit, against = _digit(given, "digit"), _digit(given, "against")
    if against is not None and digit == against:
        raise Problem.at("/against", "exclusive", "Compare with another digit.")
    words = given.get("picture", "false")
    if words not in ("true", "false"):
        raise Problem.at("/picture", "wrong-type", "This option is true or false.")
    return digit, against, words == "true"


def _digit(given: dict[str, str], name: str) -> int | None:
    if name not in given:
        return None
    if not re.fullmatch("[0-9]", given[name]):
        raise Problem.at(f"/{name}", "out-of-range", "This option is a digit, 0 to 9.")
    return int(given[name])
