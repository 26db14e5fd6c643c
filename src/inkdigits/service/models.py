"""Which models answer here, and how they are looked at again.

In: requests, SIGHUP. Out: JSON. Names are looked up among what is loaded, never among files.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from inkdigits.service import modelschemas
from inkdigits.service.about import measured, public
from inkdigits.service.engine import Engine
from inkdigits.service.keys import require
from inkdigits.service.reception import Direct, engine_of
from inkdigits.service.registry import Served
from inkdigits.service.schemas import in_path, problems

logger = logging.getLogger("inkdigits.service")
router = APIRouter(route_class=Direct)
PATH = "/api/v1/models"
RELOAD = "/api/v1/reload"


@router.get(
    PATH,
    tags=["models"],
    summary="The models that answer here",
    response_model=modelschemas.ModelsAnswer,
    responses=problems(401, 429, 503),
)
async def models(request: Request) -> JSONResponse:
    """Lists them, the default first. Name another one by the field `model` of a request."""
    registry = engine_of(request).models
    default = registry.find()
    return JSONResponse(
        {"models": [{**told(it), "default": it is default} for it in registry.served]}
    )


@router.get(
    PATH + "/{name}",
    tags=["models"],
    summary="One of them, with its card",
    response_model=modelschemas.ModelAnswer,
    responses=problems(401, 404, 429, 503),
    openapi_extra=in_path(name="a model's name, or name and version with a colon between"),
)
async def model(request: Request) -> JSONResponse:
    """`name` or `name:version`. The card is as `inkdigits export` wrote it; cards differ."""
    registry = engine_of(request).models
    found = registry.find(request.path_params["name"])
    card = None if found.card is None else public(found.card)
    default = found is registry.served[0]
    return JSONResponse({**told(found), "default": default, "card": card})


@router.post(
    RELOAD,
    tags=["models"],
    summary="Look at the models' files again",
    response_model=modelschemas.ReloadAnswer,
    responses=problems(401, 403, 429, 503),
)
async def reload(request: Request) -> JSONResponse:
    """Needs a key with the scope `admin`.

    A file that has changed is loaded and tried, and then takes the old one's place; requests that
    are under way finish with the old one. Where it is not sound the old one keeps answering, and
    `reason` says what is wrong. Workers beside this one are told to do the same.
    """
    require(request, "admin")
    outcomes = await engine_of(request).reload()
    _tell_the_others(request)
    failed = any(it.result == "failed" for it in outcomes)
    return JSONResponse({"ok": not failed, "models": [asdict(it) for it in outcomes]})


@asynccontextmanager
async def reloading(engine: Engine) -> AsyncIterator[None]:
    """While this lasts, SIGHUP has the models' files looked at again.

    Not where a terminal may send it to say that it is closed, which ends the process as ever.
    """
    hup = getattr(signal, "SIGHUP", None)
    in_main = threading.current_thread() is threading.main_thread()
    if hup is None or not in_main or (sys.stdin is not None and sys.stdin.isatty()):
        yield
        return
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[Any]]()

    def begin() -> None:
        logger.info("reloading models")
        task = loop.create_task(engine.reload())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(hup, begin)
    try:
        yield
    finally:
        loop.remove_signal_handler(hup)


def told(served: Served) -> dict[str, Any]:
    """What is said of a model in a list."""
    card, info = served.card or {}, served.model.info if served.model else None
    return {
        "name": served.reader.name,
        "version": served.reader.version,
        "sha256": served.sha256 or None,
        "measured": measured(card),
        "coverages": [level for level, _ in info.coverage] if info else [],
        "parameters": card.get("parameters"),
        "licence": card.get("licence"),
    }


def _tell_the_others(request: Request) -> None:
    """By the supervisor, who passes it on to all; where nothing has changed, nothing is done."""
    if request.app.state.settings.workers > 1 and multiprocessing.parent_process() is not None:
        os.kill(os.getppid(), signal.SIGHUP)
