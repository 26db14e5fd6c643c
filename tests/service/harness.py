"""A running service without a socket, and a recogniser that needs no model."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import numpy as np
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.routing import BaseRoute

from inkdigits.errors import ArrayError, CoverageError, ImageError
from inkdigits.explain import Explanation
from inkdigits.image import Limits
from inkdigits.layout import Grouping
from inkdigits.results import Box, Prediction, Reading
from inkdigits.rules import Rules
from inkdigits.service.app import create_app
from inkdigits.service.desk import Desk
from inkdigits.service.engine import Engine
from inkdigits.service.protection import Protection
from inkdigits.service.registry import Reader
from inkdigits.service.settings import Settings
from tests.readings import number, reading

CLASSIFY, BATCH = "/api/v1/classify", "/api/v1/classify/batch"
READ = "/api/v1/read"
PNG = b"\x89PNG\r\n\x1a\n a picture"
BASE64 = base64.b64encode(PNG).decode()
MARK = "echo-me-not"  # sent in bad requests; must not come back
SEVEN = (0.0, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.9, 0.02, 0.02)


class FakeReader:
    """Reads a 7 from whatever starts like a PNG; keeps what it was given."""

    name = "fake"
    version = "0"

    def __init__(self) -> None:
        self.given: list[Any] = []
        self.how: list[tuple[str, Rules, bool]] = []  # pages were read: group, rules, turn
        self.before: Callable[[], None] = lambda: None

    def check_coverage(self, coverage: float | None, /) -> None:
        if coverage not in (None, 0.9, 0.99):
            raise CoverageError(f"The coverage is one of 0.9, 0.99, not {coverage}.")

    def classify(
        self, source: Any, /, *, coverage: float | None = None, limits: Limits | None = None
    ) -> Prediction:
        assert limits is not None
        self.before()
        self.given.append(source)
        if isinstance(source, np.ndarray):
            if source.max() == 0:
                return Prediction(None, 0.0, (0.1,) * 10, False, "blank", "fake", "0")
            return self._seven(coverage)
        self._look(source)
        return self._seven(coverage)

    def explain(self, source: Any, /, **how: Any) -> Explanation:
        return self._explained(how["digit"], how["against"])

    def explain_strokes(self, pen: Any, /, **how: Any) -> Explanation:
        return self._explained(how["digit"], how["against"])

    def _explained(self, digit: int | None, against: int | None) -> Explanation:
        self.before()
        evidence = np.zeros((28, 28), np.float32)
        return Explanation(self._seven(None), digit or 7, against, evidence, None, 1)

    def read(
        self,
        source: Any,
        /,
        *,
        group: Grouping = "gap",
        rules: Rules | None = None,
        turn: bool = True,
        limits: Limits | None = None,
    ) -> Reading:
        assert limits is not None
        assert rules is not None
        self.before()
        self.given.append(source)
        self.how.append((group, rules, turn))
        self._look(source)
        return reading(number("2471", 0.9, others={"2477": 0.05}), width=100, height=60)

    def _look(self, source: bytes) -> None:
        if not source.startswith(b"\x89PNG"):
            raise ImageError("This is not a picture.", code="unsupported-format")
        if b"broken" in source:
            raise ImageError("The picture is damaged.")
        if b"crash" in source:
            raise RuntimeError("secret: ONNX runtime said /srv/model.onnx")

    def classify_strokes(self, pen: Any, /, *, coverage: float | None = None) -> Prediction:
        self.given.append(pen)
        if not pen:
            raise ArrayError("There are no strokes.")
        return self._seven(coverage)

    def _seven(self, coverage: float | None) -> Prediction:
        seen = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(28, 28)
        held = {None: None, 0.9: (7,), 0.99: (7, 8, 9)}[coverage]
        box = Box(1, 2, 3, 4)
        return Prediction(7, 0.9, SEVEN, True, None, "fake", "0", box, 0, seen, 4.5, held)


class Service:
    """Sends requests to an application and waits for the answers."""

    desk: Desk
    protection: Protection

    def __init__(self, portal: BlockingPortal, client: httpx2.AsyncClient, engine: Engine) -> None:
        self.engine = engine
        self._portal = portal
        self._client = client

    def request(self, method: str, path: str, **how: Any) -> httpx2.Response:
        return self._portal.call(lambda: self._client.request(method, path, **how))

    def get(self, path: str, **how: Any) -> httpx2.Response:
        return self.request("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx2.Response:
        return self.request("POST", path, **how)

    def post_json(self, path: str, text: str | bytes) -> httpx2.Response:
        """Send a body just as it is written, as JSON."""
        return self.post(path, content=text, headers={"Content-Type": "application/json"})


@contextmanager
def serving(settings: Settings, reader: Reader | None, *more: BaseRoute) -> Iterator[Service]:
    """Start an application, with more routes, as a server would, and stop it at the end."""
    app = create_app(settings, reader)
    app.router.routes.extend(more)

    @contextmanager
    def in_portal(portal: BlockingPortal) -> Iterator[Service]:
        transport = httpx2.ASGITransport(app)
        client = httpx2.AsyncClient(transport=transport, base_url="http://inkdigits.test")
        with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
            service = Service(portal, client, app.state.engine)
            service.desk = app.state.desk
            service.protection = app.state.protection
            yield service
            portal.call(client.aclose)

    with start_blocking_portal() as portal, in_portal(portal) as service:
        yield service


async def in_chunks(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    """A body of unknown length."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


def check(service: Service, answer: httpx2.Response, status: int, code: str) -> None:
    """A refusal is the problem it should be, tells nothing, and leaves the service alive."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:inkdigits:problem:{code}"
    assert problem["status"] == status
    assert {"title", "detail", "instance", "errors"} < set(problem)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "Traceback" not in answer.text
    assert MARK not in answer.text
    assert service.get("/livez").status_code == 200
