"""The service, put together.

In: settings and, in tests, a recogniser. Out: an ASGI application. The model is loaded once, at
start-up; where that fails the service runs, and /readyz says why it is not ready.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from inkdigits import __version__
from inkdigits.service import (
    about,
    configuration,
    explaining,
    feedback,
    health,
    live,
    models,
    pages,
    routes,
)
from inkdigits.service.archive import Archive
from inkdigits.service.desk import Desk
from inkdigits.service.engine import Engine
from inkdigits.service.guard import Guard
from inkdigits.service.handshake import Handshake
from inkdigits.service.inference import routes as inference
from inkdigits.service.middleware import BodyLimit, Envelope
from inkdigits.service.problems import from_exception, respond
from inkdigits.service.protection import Protection, describe
from inkdigits.service.registry import Reader
from inkdigits.service.settings import Settings
from inkdigits.service.shortcut import Shortcut
from inkdigits.service.sockets import Sockets
from inkdigits.service.telemetry import exposition, logs, tracing
from inkdigits.service.telemetry.metrics import Metrics, Unmeasured
from inkdigits.service.telemetry.watch import Watch

DESCRIPTION = "Reads handwritten digits. Errors are RFC 9457 problems; nothing sent is kept"


def create_app(settings: Settings | None = None, recognizer: Reader | None = None) -> FastAPI:
    """Build the application.

    Args:
        settings: limits and the model's name; by default as `configuration` finds them.
        recognizer: used instead of loading `settings.model`.
    """
    settings = settings or configuration.load()
    metrics = Metrics() if settings.metrics else Unmeasured()
    watch = Watch(metrics)
    protection = Protection(settings, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        logs.set_up_own(settings.log_level, settings.log_format)
        watch.traces = tracing.create()
        await app.state.engine.start()
        await app.state.desk.start()
        await app.state.archive.start()
        await protection.start()
        app.state.health.started = True
        async with models.reloading(app.state.engine):
            with app.state.health.leaving_slowly():
                yield
        await protection.stop()
        await app.state.desk.stop()
        await app.state.engine.stop()
        await app.state.archive.stop()  # once nothing more is read
        await anyio.to_thread.run_sync(watch.traces.stop)

    rooms = (health, routes, explaining, about, models, inference, feedback)
    direct = [route for room in rooms for route in room.router.routes]
    app = FastAPI(
        title="inkdigits",
        version=__version__,
        description=f"{DESCRIPTION}{_but(settings)}.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
        middleware=[
            Middleware(Envelope, settings=settings, watch=watch),
            Middleware(Handshake, settings=settings),
            Middleware(Guard, protection=protection, routes=direct),
            Middleware(BodyLimit, limit=settings.max_body),
            Middleware(Shortcut, routes=direct),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.state.settings = settings
    app.state.engine = Engine(settings, recognizer, watch)
    app.state.desk = Desk(settings, metrics)
    app.state.archive = Archive(settings, metrics)
    app.state.health = health.Health(
        app.state.engine, app.state.desk, app.state.archive, settings.drain
    )
    app.state.protection = protection
    app.state.sockets = Sockets(settings.max_sockets, metrics)
    app.state.health.on_leaving.append(app.state.sockets.leave)
    app.state.served_metrics = exposition.registry(getattr(metrics, "registry", None))
    for room in (*rooms, live):
        app.include_router(room.router)
    app.router.routes.extend(pages.routes())
    if settings.keys != "off":
        plain = app.openapi
        app.openapi = lambda: describe(plain(), settings.keys)  # type: ignore[method-assign]
    if settings.metrics and not settings.metrics_port:
        app.router.routes.append(exposition.route(app.state.served_metrics))
    return app


def _but(settings: Settings) -> str:
    """What is kept after all."""
    days = f" for {settings.store_days} days" if settings.store_days else ""
    kept = [
        *(["corrections"] if settings.feedback else []),
        *([f"the answers{days}"] if settings.store == "metadata" else []),
        *(
            [f"the answers and the 28x28 pixels of each digit{days}"]
            * (settings.store == "pictures")
        ),
    ]
    return f", but {', and '.join(kept)}" if kept else ""


async def _refused(request: Request, error: Exception) -> Response:
    return respond(request.scope, from_exception(error))
