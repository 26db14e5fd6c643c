"""The page with the picture panel, also where its index does not have it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Route

HERE = Path(__file__).parent
HEAD = (
    '<link rel="stylesheet" href="static/picture.css">'
    '<script type="module" src="static/picture_panel.js"></script>'
)


def add_panel(context: BrowserContext, address: str) -> None:
    """Have every page of the context hold the panel, under the server's own headers."""
    context.route(f"{address}/", _index)
    context.route(f"{address}/static/picture_panel.js", _script)


def _index(route: Route) -> None:
    answer = route.fetch()
    text = answer.text()
    if 'id="picture"' not in text:
        panel = (HERE / "picture_panel.html").read_text(encoding="utf-8")
        text = text.replace("</head>", f"{HEAD}</head>")
        text = text.replace('<section class="camera"', f'{panel}<section class="camera"')
    route.fulfill(response=answer, body=text)


def _script(route: Route) -> None:
    body = (HERE / "picture_panel.js").read_text(encoding="utf-8")
    route.fulfill(body=body, content_type="text/javascript")
