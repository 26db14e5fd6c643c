"""What the routes share: how they are called, a request's body, and the engine that answers it.

In: a request. Out: its body, within the time that the settings give, and the app's engine.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from inkdigits.service.archive import Archive
from inkdigits.service.engine import Engine
from inkdigits.service.problems import Problem


class Direct(APIRoute):
    """A route whose function takes the request itself and gives the response.

    FastAPI tells of it in OpenAPI as of any other, and spends no time on working out arguments
    that it does not have: a twentieth of a millisecond a request.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function, as it is."""
        return self.endpoint


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


def archive_of(request: HTTPConnection) -> Archive:
    """Where predictions are kept, if they are."""
    archive = request.app.state.archive
    assert isinstance(archive, Archive)
    return archive


def engine_of(request: HTTPConnection) -> Engine:
    """The engine of the application."""
    engine = request.app.state.engine
    assert isinstance(engine, Engine)
    return engine
