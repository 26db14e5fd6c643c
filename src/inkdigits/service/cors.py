"""Pages of other origins that may call the API from a browser: none, unless they are named.

In: a request's headers, the origins that the settings name. Out: headers of the answer. A page that
is not named gets none, so that its browser keeps the answer from it. Cookies and the like are never
let in: a key travels in a header that the page sets itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers

ANY = "*"
METHODS = "GET, POST, DELETE"
_SENT = "Accept, Authorization, Content-Type, X-API-Key, X-Request-ID, traceparent, tracestate"
_SHOWN = "Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-ID"
#: Seconds for which a browser need not ask again whether it may.
_REMEMBERED = "600"


class Cors:
    """What browsers are told."""

    def __init__(self, origins: Sequence[str] = ()) -> None:
        """Let pages of these origins in: `https://example.com`, or `*` for all."""
        self._origins = frozenset(origins)

    @property
    def is_on(self) -> bool:
        """Whether any page is let in."""
        return bool(self._origins)

    def headers(self, method: str, request: Headers) -> dict[str, str]:
        """What goes with the answer to a request."""
        told = {} if ANY in self._origins else {"Vary": "Origin"}
        origin = request.get("origin", "")
        if not (origin and (ANY in self._origins or origin in self._origins)):
            return told
        told["Access-Control-Allow-Origin"] = ANY if ANY in self._origins else origin
        if self.asks(method, request):
            told["Access-Control-Allow-Methods"] = METHODS
            told["Access-Control-Allow-Headers"] = _SENT
            told["Access-Control-Max-Age"] = _REMEMBERED
        else:
            told["Access-Control-Expose-Headers"] = _SHOWN
        return told

    @staticmethod
    def asks(method: str, request: Headers) -> bool:
        """Whether a browser asks here if it may ask."""
        return (
            method == "OPTIONS"
            and "origin" in request
            and "access-control-request-method" in request
        )
