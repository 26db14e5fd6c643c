"""The programs that /docs shows: each is run against a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from PIL import Image, ImageDraw

from inkdigits.service import snippets
from inkdigits.service.app import create_app
from inkdigits.service.settings import Settings

from .test_serve import served

DOCUMENT = create_app(Settings()).openapi()
#: Those that a stranger may call, and that want nothing which is not there.
CALLS = {
    f"{call.method} {path} {call.kind}".strip(): call
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if "feedback" not in path and path != "/api/v1/reload"
    for call in snippets.calls(path, method, operation)
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as (_, __, found):
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a program is run: with the pictures that it names."""
    made = tmp_path_factory.mktemp("pictures")
    picture = Image.new("RGB", (120, 120), "white")
    ImageDraw.Draw(picture).line([(30, 30), (90, 30), (50, 100)], fill="black", width=8)
    for name in ("digit.png", "page.jpg", "page.jpeg", "page.png"):
        picture.save(made / name)
    return made


def here(text: str, address: str) -> str:
    assert snippets.ADDRESS in text
    return text.replace(snippets.ADDRESS, address)


def test_there_is_one_for_each_operation() -> None:
    operations = sum(map(len, DOCUMENT["paths"].values()))
    assert len({(call.method, call.url) for call in CALLS.values()}) == operations - 4


def test_python(address: str, folder: Path) -> None:
    """All in one process, each on its own."""
    pytest.importorskip("requests")
    programs = {name: here(call.python(), address) for name, call in CALLS.items()}
    (folder / "all.json").write_text(json.dumps(programs))
    program = (
        "import json\n"
        "for name, text in json.load(open('all.json')).items():\n"
        "    exec(compile(text, name, 'exec'), {})\n"
        "print('the end')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("the end")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_javascript(address: str, folder: Path) -> None:
    """All in one process, each on its own."""
    program = ["import { readFile } from 'node:fs/promises';"]
    for name, call in CALLS.items():
        text = here(call.javascript(), address)
        picture = f"new Blob([await readFile({json.dumps(call.file)})])" if call.file else "null"
        program.append(f"{{ // {name}\nconst file = {picture};\n{text}\n}}")
    program.append("console.log('the end');")
    (folder / "all.mjs").write_text("\n".join(program))
    done = subprocess.run(
        ["node", "all.mjs"], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("the end")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", CALLS)
def test_curl(name: str, address: str, folder: Path) -> None:
    program = here(CALLS[name].curl(), address)
    done = subprocess.run(
        ["bash", "-c", f"{program} --fail --silent --show-error"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) is not None


def test_the_page_shows_all_three(address: str) -> None:
    page = httpx2.get(f"{address}/docs", timeout=20).text
    assert page.count("<summary>Python</summary>") == page.count("<summary>JavaScript</summary>")
    assert page.count("<summary>Python</summary>") == sum(map(len, DOCUMENT["paths"].values()))
    assert re.search(r"requests\.request\(&quot;POST&quot;", page)
