"""The service, put together.

In: settings and, in tests, a recogniser. Out: an ASGI application. The model is loaded once, at
start-up; where that fails the service runs, and /readyz says why it is not ready.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from inkdigits import __version__
from inkdigits.service import about, configuration, feedback, pages, routes
from inkdigits.service.desk import Desk
from inkdigits.service.engine import Engine, Reader
from inkdigits.service.middleware import BodyLimit, Envelope
from inkdigits.service.problems import from_exception, respond
from inkdigits.service.settings import Settings

DESCRIPTION = "Reads handwritten digits. Errors are RFC 9457 problems; nothing sent is kept"


def create_app(settings: Settings | None = None, recognizer: Reader | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: limits and the model's name; by default as `configuration` finds them.
        recognizer: used instead of loading `settings.model`.
    """
    settings = settings or configuration.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log_to_stderr(settings.log_level)
        await app.state.engine.start()
        await app.state.desk.start()
        yield
        await app.state.desk.stop()

    app = FastAPI(
        title="inkdigits",
        version=__version__,
        description=f"{DESCRIPTION}{', but corrections' if settings.feedback else ''}.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
        middleware=[
            Middleware(Envelope, settings=settings),
            Middleware(BodyLimit, limit=settings.max_body),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.state.settings = settings
    app.state.engine = Engine(settings, recognizer)
    app.state.desk = Desk(settings)
    for room in (routes, about, feedback):
        app.include_router(room.router)
    app.router.routes.extend(pages.routes())
    return app


def log_to_stderr(level: str) -> None:
    """Send the service's log to stderr, unless the process has already set up logging."""
    logger = logging.getLogger("inkdigits.service")
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s level=%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(level.upper())


async def _refused(request: Request, error: Exception) -> Response:
    return respond(request.scope, from_exception(error))
