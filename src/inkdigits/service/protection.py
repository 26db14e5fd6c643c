"""Who may ask, and how often: what stands between the network and the routes.

In: settings. Out: for each request its caller, and headers for the answer; or a `Problem`. Holds
the parts: `clients` (who asks), `keys` (who may), `limiter` (how often), `cors` (from which pages).
The page, the probes and the metrics are open to all, and not counted.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from inkdigits.service import health, webapp
from inkdigits.service.clients import Clients, subscriber
from inkdigits.service.cors import Cors
from inkdigits.service.keys import Keys, unauthorized
from inkdigits.service.limiter import Counter, Limiter
from inkdigits.service.problems import INFERENCE, Problem
from inkdigits.service.rates import Rate, Standing
from inkdigits.service.settings import Settings
from inkdigits.service.sharedcount import SharedCount
from inkdigits.service.telemetry import exposition
from inkdigits.service.telemetry.metrics import Unmeasured

_PROBES = health.PROBES | {f"{INFERENCE}/health/live", f"{INFERENCE}/health/ready"}
OPEN = _PROBES | {exposition.PATH, "/", f"/{webapp.WORKER}", "/docs", "/openapi.json"}
#: What the page asks to find out whether it needs a key.
WITHOUT_KEY = frozenset(["/api/v1/about"])
OPEN_FOLDERS = ("/static/", f"/{webapp.MODEL_FOLDER}/", "/docs/")


class Protection:
    """Looks at each request before it is read."""

    def __init__(self, settings: Settings, metrics: Unmeasured | None = None) -> None:
        self._metrics = metrics or Unmeasured()
        self._clients = Clients(settings.trusted_proxies, settings.proxy_header)
        self.keys = Keys(settings)
        self.cors = Cors(settings.cors_origins)
        rates = {"client": settings.rate_limit, "key": settings.key_rate_limit}
        self._shared = None
        if settings.rate_limit_store and any(rates.values()):
            self._shared = SharedCount(settings.rate_limit_store, on_alone=self._metrics.alone)
        self._limiters = {
            scope: Limiter(scope, rate, self._shared, Counter(rate))
            for scope, rate in ((it, Rate.parse(text)) for it, text in rates.items() if text)
        }

    async def start(self) -> None:
        """Open what it needs; what is away is logged, and tried again later."""
        await self.keys.start()
        if self._shared is not None:
            await self._shared.start()

    async def stop(self) -> None:
        """Close it again."""
        if self._shared is not None:
            await self._shared.stop()
        await self.keys.stop()

    async def admit(self, scope: Scope) -> None:
        """Let a request in, and write into its scope who asks.

        Raises:
            Problem: `rate-limited` (429), `unauthorized` (401) or `forbidden` (403).
        """
        state = scope.setdefault("state", {})
        address, scope["scheme"] = self._clients.of(scope)
        if scope.get("client") is None or scope["client"][0] != address:
            scope["client"] = (address, 0)
        state["caller"] = f"ip:{address}"
        if is_open(scope["path"]):
            return
        refused = await self._identify(scope) if self.keys.mode != "off" else None
        if self._limiters:
            await self._count(scope, 1, 1)  # who tries keys is counted too
        if refused is not None:
            raise refused

    async def _identify(self, scope: Scope) -> Problem | None:
        """Find out by its key who asks; answers why it may not be let in."""
        try:
            key = await self.keys.of(Headers(scope=scope))
        except Problem as problem:
            return problem
        if key is not None:
            scope["state"] |= {"key": key, "caller": f"key:{key.id}"}
        elif self.keys.mode == "required" and scope["path"] not in WITHOUT_KEY:
            return unauthorized("This server wants a key: send it as Authorization: Bearer KEY.")
        return None

    async def charge(self, connection: HTTPConnection, more: int) -> None:
        """Count a request that holds `more` pictures than one.

        Raises:
            Problem: `rate-limited` (429); `batch-too-large` (413) for one that will never fit in.
        """
        if self._limiters and more > 0:
            await self._count(connection.scope, more, more + 1)

    async def _count(self, scope: Scope, cost: int, whole: int) -> None:
        """Count `cost` of a request that costs so much as a `whole`."""
        limiter, who = self._limiter(scope)
        if limiter is None:
            return
        if whole > limiter.rate.amount:
            detail = f"From one client this server takes {limiter.rate}: send smaller batches."
            raise Problem("batch-too-large", detail)
        standing = await limiter.take(who, cost)
        scope["state"]["headers"] = {**scope["state"].get("headers", {}), **told(limiter, standing)}
        if not standing.allowed:
            self._metrics.limited(limiter.scope)
            raise _too_often(limiter.rate, standing.retry_after(whole))

    def _limiter(self, scope: Scope) -> tuple[Limiter | None, str]:
        """What limits a caller: the rate of keys for who has one, else that of addresses."""
        kind, _, name = scope["state"]["caller"].partition(":")
        if kind == "key" and "key" in self._limiters:
            return self._limiters["key"], name
        return self._limiters.get("client"), subscriber(scope["client"][0])


def is_open(path: str) -> bool:
    """Whether this address is for all, and not counted: the page, the probes, the metrics."""
    return path in OPEN or path.startswith(OPEN_FOLDERS)


def told(limiter: Limiter, standing: Standing) -> dict[str, str]:
    """Headers by which a client can keep to the limit."""
    return {"RateLimit-Policy": limiter.policy, "RateLimit": limiter.told(standing)}


def _too_often(rate: Rate, seconds: int) -> Problem:
    plural = "" if seconds == 1 else "s"
    detail = f"This server takes {rate} from one client: try again in {seconds} second{plural}."
    return Problem("rate-limited", detail, headers={"Retry-After": str(seconds)})


def protection_of(connection: HTTPConnection) -> Protection:
    """The protection of the application."""
    found: Any = connection.app.state.protection
    assert isinstance(found, Protection)
    return found


def describe(document: dict[str, Any], mode: str) -> dict[str, Any]:
    """Write into an OpenAPI document which operations take a key."""
    ways = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    document.setdefault("components", {})["securitySchemes"] = ways
    either: list[dict[str, list[str]]] = [{name: []} for name in ways]
    document["security"] = either if mode == "required" else [*either, {}]  # {}: none
    for path, operations in document["paths"].items():
        if is_open(path) or path in WITHOUT_KEY:
            for operation in operations.values():
                operation["security"] = []
    return document
