"""What surrounds every WebSocket: an id, limits of its head, its origin, one log line at its end.

In: ASGI. Out: ASGI. `middleware.Envelope` does the same for requests. Knows no route.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkdigits.service.middleware import check_head, request_id
from inkdigits.service.origins import origin_allowed
from inkdigits.service.problems import Problem, from_exception, respond
from inkdigits.service.routenames import UNMATCHED
from inkdigits.service.settings import Settings

logger = logging.getLogger("inkdigits.service")


class Handshake:
    """Wraps each WebSocket, and leaves requests alone."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Take the limits, and the origins that may come."""
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state: dict[str, Any] = {**scope.get("state", {}), "request_id": request_id(headers)}
        scope = {**scope, "state": state}
        began, outgoing = time.perf_counter(), _Outgoing(send)
        failure: Exception | None = None
        try:
            check_head(scope, self.settings)
            if not origin_allowed(headers, self.settings.cors_origins):
                raise Problem("forbidden-origin")
            await self.app(scope, receive, outgoing)
        except Exception as error:
            problem = from_exception(error)
            failure = error if problem.code == "internal" else None
            if outgoing.open:
                await outgoing({"type": "websocket.close", "code": 1011})
            else:
                await turn_away(problem, scope, receive, outgoing)
        finally:
            self._log(scope, outgoing, time.perf_counter() - began, failure)

    def _log(
        self, scope: Scope, outgoing: _Outgoing, seconds: float, failure: Exception | None
    ) -> None:
        state = scope["state"]
        told = {"request_id": state["request_id"], "status": outgoing.status}
        told["route"] = getattr(scope.get("route"), "path", UNMATCHED)
        told |= {"seconds": round(seconds, 3), **state.get("socket", {})}
        if "problem" in state:
            told["problem"] = state["problem"]
        level = logging.ERROR if failure else logging.INFO
        logger.log(level, "socket", exc_info=failure, extra=told)


async def turn_away(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse to open a WebSocket: with the problem, or where the server cannot, with 403."""
    if "websocket.http.response" in scope.get("extensions", {}):
        await respond(scope, problem)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": problem.title})


class _Outgoing:
    """`send`, which remembers how the handshake ended."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.open = False
        self.status = 403  # what a server answers where it is closed unopened

    async def __call__(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self.open, self.status = True, 101
        elif message["type"] == "websocket.http.response.start":
            self.status = message["status"]
        await self.send(message)
