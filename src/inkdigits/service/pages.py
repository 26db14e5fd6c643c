"""What a browser loads: the page, its files, and the API's own documentation.

In: GET. Out: files of the package, compressed, and revalidated by ETag on each load. Knows nothing
of digits.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from inkdigits.service import apidocs, webapp

HERE = Path(__file__).parent
# A browser refuses a script of the wrong type, and what the system's table says varies.
for _ending, _type in (
    (".css", "text/css"),
    (".html", "text/html"),
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (".onnx", "application/octet-stream"),
    (".svg", "image/svg+xml"),
    (".wasm", "application/wasm"),
    (".webmanifest", "application/manifest+json"),
    (".woff2", "font/woff2"),
):
    mimetypes.add_type(_type, _ending)


class PageFiles(StaticFiles):
    """Static files that a browser asks about on each load: 304 while they are unchanged."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, always as a whole: parts of it would bring errors that are no problems."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """A file of the package, with `Cache-Control: no-cache`."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update({"Cache-Control": "no-cache", "Accept-Ranges": "none"})
        return response


def routes() -> list[BaseRoute]:
    """GET /, /sw.js, /static/*, /docs and /docs/style.css."""
    files = PageFiles(directory=webapp.PAGE)
    models = PageFiles(directory=webapp.MODELS)
    rendered: list[str] = []
    # texts only: a model's numbers hardly shrink, and take their time
    packed = [Middleware(GZipMiddleware, minimum_size=500)]

    async def index(request: Request) -> Response:
        return _unless_known(request, webapp.index(), "text/html")

    async def service_worker(request: Request) -> Response:
        return _unless_known(request, webapp.service_worker(), "text/javascript")

    async def docs(request: Request) -> Response:
        if not rendered:
            rendered.append(apidocs.render(request.app.openapi()))
        return HTMLResponse(rendered[0])

    async def docs_style(request: Request) -> Response:
        style = HERE / "docs_page" / "style.css"
        return _unless_known(request, style.read_text(encoding="utf-8"), "text/css")

    return [
        Route("/", index, middleware=packed),
        Route(f"/{webapp.WORKER}", service_worker, middleware=packed),
        Mount(f"/{webapp.MODEL_FOLDER}", models),
        Mount("/static", files, middleware=packed),
        Route("/docs", docs, middleware=packed),
        Route("/docs/style.css", docs_style),
    ]


def _unless_known(request: Request, text: str, kind: str) -> Response:
    """A text, or 304 where the browser says that it has this one."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    known = request.headers.get("if-none-match", "")
    if tag in {it.strip().removeprefix("W/") for it in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=kind, headers=headers)
