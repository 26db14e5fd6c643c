"""How an operation is called: with curl, from Python, from JavaScript.

In: an operation of the OpenAPI document. Out: a program each, made of its example. Knows the
bodies that our operations take; a test runs what it writes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ADDRESS = "http://localhost:5000"
#: What stands for the parts of an address.
_PARTS = {"name": "standard", "version": "2", "id": "the-id-that-you-got"}


@dataclass(frozen=True)
class Call:
    """One way to call an operation.

    Attributes:
        method: in capitals.
        url: the whole address.
        kind: the type of the body; empty for none.
        file: the name of a picture that is sent; empty for none.
        example: the JSON that is sent; `None` for none.
    """

    method: str
    url: str
    kind: str = ""
    file: str = ""
    example: Any = None

    def curl(self) -> str:
        """For a shell."""
        if self.kind == "multipart/form-data":
            return f"curl -F image=@{self.file} {self.url}"
        if self.file:
            head = f"curl -H 'Content-Type: {self.kind}'"
            return f"{head} \\\n  --data-binary @{self.file} {self.url}"
        if self.example is not None:
            body = json.dumps(self.example)
            return f"curl -H 'Content-Type: {self.kind}' \\\n  -d '{body}' \\\n  {self.url}"
        how = "" if self.method == "GET" else f"-X {self.method} "
        return f"curl {how}{self.url}"

    def python(self) -> str:
        """For Python, with `requests`."""
        given = [json.dumps(self.method), json.dumps(self.url)]
        before = ""
        if self.kind == "multipart/form-data":
            given.append(f'files={{"image": open({json.dumps(self.file)}, "rb")}}')
        elif self.file:
            given.append(f'data=open({json.dumps(self.file)}, "rb")')
            given.append(f'headers={{"Content-Type": {json.dumps(self.kind)}}}')
        elif self.example is not None:
            before = f"body = {self.example!r}\n"
            given.append("json=body")
        last = "" if self.method == "DELETE" else "\nprint(answer.json())"
        call = f"answer = requests.request({', '.join(given)}, timeout=30)"
        return f"import requests\n\n{before}{call}\nanswer.raise_for_status(){last}"

    def javascript(self) -> str:
        """For a page, or for Node."""
        options = [] if self.method == "GET" else [f'method: "{self.method}"']
        before = ""
        if self.kind == "multipart/form-data":
            before = (
                'const body = new FormData();\nbody.append("image", file); // a File or a Blob\n'
            )
            options.append("body")
        elif self.file:
            options += [f'headers: {{ "Content-Type": "{self.kind}" }}', "body: file"]
            before = "// file is a File or a Blob\n"
        elif self.example is not None:
            before = f"const body = {json.dumps(self.example)};\n"
            options.append(f'headers: {{ "Content-Type": "{self.kind}" }}')
            options.append("body: JSON.stringify(body)")
        how = f", {{ {', '.join(options)} }}" if options else ""
        call = f'{before}const answer = await fetch("{self.url}"{how});'
        last = "" if self.method == "DELETE" else "\nconsole.log(await answer.json());"
        return f"{call}\nif (!answer.ok) throw new Error(answer.statusText);{last}"


def calls(path: str, method: str, operation: dict[str, Any]) -> list[Call]:
    """The ways to call an operation: one for each type of body that has an example.

    Of pictures as they are, the first type will do.
    """
    verb, url = method.upper(), ADDRESS + path.format(**_PARTS)
    content = operation.get("requestBody", {}).get("content", {})
    picture = next((kind for kind in content if kind.startswith("image/")), "")
    found = []
    for kind, body in content.items():
        if kind == "multipart/form-data":
            file = body["schema"]["properties"]["image"].get("example", "digit.png")
            found.append(Call(verb, url, kind, file))
        elif kind == picture:
            found.append(Call(verb, url, kind, f"page.{kind.partition('/')[2]}"))
        elif "example" in body:
            found.append(Call(verb, url, kind, example=body["example"]))
    return found or [Call(verb, url)]
