"""What a request's route is called, in metrics and logs: its template, never the path sent.

In: a scope that has been routed. Out: one of as many names as there are routes, and one for all
that has none. Knows that FastAPI leaves its route in the scope, and Starlette's own only what it
calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

#: The name of an address that no route has.
UNMATCHED = "unmatched"


class RouteNames:
    """Names for the requests of one application."""

    def __init__(self) -> None:
        self._of_called: dict[Any, str] | None = None

    def of(self, scope: Scope) -> str:
        """The template of the route that took the request."""
        path = getattr(scope.get("route"), "path", None)
        if isinstance(path, str):
            return path
        if self._of_called is None:  # once all routes are there
            self._of_called = dict(_called(scope["app"].routes if "app" in scope else ()))
        return self._of_called.get(scope.get("endpoint"), UNMATCHED)


def _called(routes: Iterable[BaseRoute]) -> Iterable[tuple[Any, str]]:
    for route in routes:
        if isinstance(route, Route):
            yield route.endpoint, route.path
        elif isinstance(route, Mount):
            yield route.app, f"{route.path}/{{file}}"
