"""What the routes share: how they are called, a request's body, and the engine that answers it.

In: a request. Out: its body, within the time that the settings give, and the app's engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from inkdigits.service.engine import Engine
from inkdigits.service.problems import Problem

_NAMES = re.compile(r"\{(\w+)\}")
#: What is told of a parameter of a path that no route tells of itself.
_WORDS = {"name": "what the model is called", "version": "the version of the model"}


class Direct(APIRoute):
    """A route whose function takes the request itself and gives the response.

    FastAPI tells of it in OpenAPI as of any other, and spends no time on working out arguments
    that it does not have: a twentieth of a millisecond a request. The parameters of its path are
    told of from the path.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        extra = dict(how.get("openapi_extra") or {})
        known = extra.get("parameters", [])
        names = {it["name"] for it in known if it["in"] == "path"}
        told = [_in_path(name) for name in _NAMES.findall(path) if name not in names]
        if told:
            how["openapi_extra"] = {**extra, "parameters": [*told, *known]}
        super().__init__(path, endpoint, **how)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function, as it is."""
        return self.endpoint


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1}
    told = {"name": name, "in": "path", "required": True, "schema": schema}
    return {**told, "description": _WORDS.get(name, "")}


async def body_of(request: Request) -> bytes:
    """The whole body.

    Raises:
        Problem: `request-timeout` (408).
    """
    seconds = request.app.state.settings.body_timeout
    with anyio.move_on_after(seconds):
        return await request.body()
    detail = f"The body has to arrive within {seconds:g} seconds."
    raise Problem("request-timeout", detail, headers={"Connection": "close"})


def engine_of(request: Request) -> Engine:
    """The engine of the application."""
    engine = request.app.state.engine
    assert isinstance(engine, Engine)
    return engine
