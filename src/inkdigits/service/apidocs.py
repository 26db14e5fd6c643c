"""The page /docs: the API for a reader, made from the OpenAPI document.

In: the OpenAPI document. Out: HTML without a script, so that it works offline and under a
strict Content-Security-Policy. Knows OpenAPI; does not know the routes.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from inkdigits.service import snippets

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: the API</title>
<link rel="icon" href="static/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs/style.css">
</head>
<body>
<header>
<h1>{title} <small>{version}</small></h1>
<p>{description}</p>
<p><a href="./">The page</a> · <a href="openapi.json">openapi.json</a></p>
</header>
<nav aria-label="Operations"><ul>
{contents}
</ul></nav>
<main>
{operations}
<h2 id="schemas">Schemas</h2>
{schemas}
</main>
</body>
</html>
"""


def render(openapi: dict[str, Any]) -> str:
    """The whole page."""
    operations = [
        (path, method, operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = openapi.get("components", {}).get("schemas", {})
    info = openapi["info"]
    return _PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        description=escape(info.get("description", "")),
        contents="\n".join(_entry(*each) for each in operations),
        operations="\n".join(_operation(*each) for each in operations),
        schemas="\n".join(_schema(name, schema) for name, schema in schemas.items()),
    )


def _entry(path: str, method: str, operation: dict[str, Any]) -> str:
    return (
        f'<li><a href="#{escape(operation["operationId"])}"><code>{method.upper()} '
        f"{escape(path)}</code></a> {escape(operation.get('summary', ''))}</li>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    tables = "".join(
        _parameters(title, [it for it in operation.get("parameters", []) if it["in"] == place])
        for title, place in (("Path", "path"), ("Query", "query"))
    )
    kinds: dict[str, list[str]] = {}  # what looks alike is shown once
    for kind, body in content.items():
        kinds.setdefault(_code(body["schema"]), []).append(f"<code>{escape(kind)}</code>")
    bodies = [f"<h3>Body, {', '.join(names)}</h3>{code}" for code, names in kinds.items()]
    answers = [
        f"<tr><th scope=row>{escape(str(status))}</th><td>{escape(answer['description'])}</td>"
        f"<td>{_links(answer)}</td></tr>"
        for status, answer in operation["responses"].items()
    ]
    return (
        f'<section id="{escape(operation["operationId"])}">'
        f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
        f"<p><strong>{escape(operation.get('summary', ''))}</strong></p>"
        f"{_prose(operation.get('description', ''))}"
        f"<h3>Try it</h3>{_snippets(path, method, operation)}"
        f"{tables}"
        f"{''.join(bodies)}"
        f"<h3>Answers</h3><table>{''.join(answers)}</table></section>"
    )


def _parameters(title: str, parameters: list[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><th scope=row><code>{escape(it['name'])}</code></th>"
        f"<td>{_code_marked(it.get('description', ''))}</td></tr>"
        for it in parameters
    )
    return f"<h3>{title}</h3><table>{rows}</table>" if rows else ""


def _prose(text: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in _code_marked(text).split("\n\n"))


def _code_marked(text: str) -> str:
    """What stands between backticks becomes code."""
    halves = escape(text).split("`")
    return "".join(
        f"<code>{half}</code>" if index % 2 else half for index, half in enumerate(halves)
    )


def _snippets(path: str, method: str, operation: dict[str, Any]) -> str:
    """The operation called from each language; curl's is open."""
    found = snippets.calls(path, method, operation)
    curl = "\n\n".join(it.curl() for it in found)
    shown = f"<pre><code>{escape(curl)}</code></pre>"
    for language, texts in (
        ("Python", [it.python() for it in found]),
        ("JavaScript", [it.javascript() for it in found]),
    ):
        code = "\n\n\n".join(texts)
        shown += f"<details><summary>{language}</summary>"
        shown += f"<pre><code>{escape(code)}</code></pre></details>"
    return shown


def _links(answer: dict[str, Any]) -> str:
    names = [
        body["schema"]["$ref"].rpartition("/")[2]
        for body in answer.get("content", {}).values()
        if "$ref" in body.get("schema", {})
    ]
    return ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)


def _schema(name: str, schema: dict[str, Any]) -> str:
    return f'<section id="{escape(name)}"><h3>{escape(name)}</h3>{_code(schema)}</section>'


def _code(value: Any) -> str:
    return f"<pre><code>{escape(json.dumps(value, indent=2))}</code></pre>"
