"""What the routes share: the body of a request, and the engine that answers it.

In: a request. Out: its body, within the time that the settings give, and the app's engine.
"""

from __future__ import annotations

import anyio
from starlette.requests import Request

from inkdigits.service.engine import Engine
from inkdigits.service.problems import Problem


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
