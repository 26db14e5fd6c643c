"""The door: each request is looked at before it is read.

In: ASGI. Out: ASGI, with the caller in its scope; or a problem. What is looked at is `protection`'s
business. A WebSocket is looked at once, as it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from inkdigits.service.problems import Problem
from inkdigits.service.protection import Protection


class Guard:
    """Lets in who may come in."""

    def __init__(
        self, app: ASGIApp, protection: Protection, routes: Iterable[BaseRoute] = ()
    ) -> None:
        self.app = app
        self.protection = protection
        self._routes = {it.path: it for it in routes if isinstance(it, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or open one WebSocket."""
        if scope["type"] == "http":
            cors = self.protection.cors
            if cors.is_on:
                headers, method = Headers(scope=scope), scope["method"]
                answer = cors.headers(method, headers)
                scope.setdefault("state", {})["headers"] = answer
                if "Access-Control-Allow-Methods" in answer:
                    self._name(scope)
                    await Response(status_code=204)(scope, receive, send)
                    return
            try:
                await self.protection.admit(scope)
            except Problem:
                self._name(scope)
                raise
        elif scope["type"] == "websocket":
            await self.protection.admit(scope)
        await self.app(scope, receive, send)

    def _name(self, scope: Scope) -> None:
        """Note the route of a request that does not come to it, for metrics and logs."""
        if scope["path"] in self._routes:
            scope["route"] = self._routes[scope["path"]]
