"""The page as an app: its files, the service worker that keeps them, and a folder of them all.

In: the package's own files. Out: what a browser needs to read digits with the network off, and the
same page for a host that serves files and nothing else. Knows nothing of digits.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import shutil
from functools import cache
from pathlib import Path

from inkdigits.errors import InkdigitsError

HERE = Path(__file__).parent
PAGE, MODELS = HERE / "page", HERE.parent / "models"
#: The models that the page reads with when it reads by itself, of single digits and of rows, and
#: where their folder is mounted.
READERS, MODEL_FOLDER = ("standard.onnx", "lines/line.onnx"), "static/models"
WORKER = "sw.js"
#: What `index.html` says of the server, and what the page of a folder says.
SERVED, ALONE = '<html lang="en">', '<html lang="en" data-server="none"{measured}>'
#: The script that starts the page, as `index.html` asks for it.
START = '<script type="module" src="static/app.js"></script>'
_IMPORT = re.compile(r'^(?:import\b|}).*?\bfrom "(\.[^"]+)";', re.MULTILINE)


def files() -> dict[str, Path]:
    """Address -> file of everything that the page is made of, `./` for the page itself."""
    found = {
        f"static/{path.relative_to(PAGE).as_posix()}": path
        for path in sorted(PAGE.rglob("*"))
        if path.is_file() and path.name not in {"index.html", WORKER}
    }
    models = {f"{MODEL_FOLDER}/{name}": MODELS / name for name in READERS}
    return {"./": PAGE / "index.html", **found, **models}


@cache
def index(*, alone: bool = False) -> str:
    """`index.html` with a link to each script that is needed at once.

    A browser learns of an imported script when it has the one that imports it; by the links it
    fetches all of them together, which on a slow line is a second.

    Args:
        alone: for the page without a server.
    """
    links = "\n    ".join(f'<link rel="modulepreload" href="{name}">' for name in at_once())
    page = (PAGE / "index.html").read_text(encoding="utf-8")
    page = page.replace(START, f"{links}\n    {START}")
    return page.replace(SERVED, ALONE.format(measured=_measured())) if alone else page


def _measured() -> str:
    """What a page without a server says of the model that it reads with, from the model's card."""
    card = json.loads((MODELS / READERS[0]).with_suffix(".json").read_text(encoding="utf-8"))
    figures = card["validation"]
    told = {
        "model": f"{card['name']} {card['version']}",
        "accuracy": round(figures["accuracy"], 4),
        "size": figures["size"],
    }
    return "".join(f' data-{name}="{value}"' for name, value in told.items())


def at_once() -> list[str]:
    """The addresses of the scripts that `app.js` imports, and those import, in order of meeting.

    What is imported by a call of `import()` is left out: it is fetched when it is wanted.
    """
    found = ["app.js"]
    for name in found:  # which grows
        source = (PAGE / name).read_text(encoding="utf-8")
        for relative in _IMPORT.findall(source):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))
            if other not in found:
                found.append(other)
    return [f"static/{name}" for name in found[1:]]


@cache
def service_worker(*, alone: bool = False) -> str:
    """The service worker's source with the names of all files and a digest of what they hold.

    Args:
        alone: for the page without a server, which is another one.
    """
    digest = hashlib.sha256(b"alone" if alone else b"served")
    for address, path in files().items():
        digest.update(address.encode())
        digest.update(path.read_bytes())
    source = (PAGE / WORKER).read_text(encoding="utf-8")
    filled = source.replace('VERSION = ""', f'VERSION = "{digest.hexdigest()[:16]}"')
    return filled.replace('FILES = [""]', f"FILES = {json.dumps(list(files()))}")


def write_site(folder: Path) -> list[Path]:
    """Write the page for a host of files; it reads digits in the browser, and needs no server.

    All addresses in it are relative, so that it may lie under any path.

    Args:
        folder: made where it is missing; must be empty, or hold a page that was written before.

    Returns:
        the files, in the order of writing.

    Raises:
        InkdigitsError: something else lies there, or it cannot be written (`cannot-write`).
    """
    marker = folder / WORKER
    try:
        if folder.exists() and any(folder.iterdir()) and not marker.is_file():
            raise InkdigitsError(
                f"{folder} holds something else: name a folder that is empty, or a new one.",
                code="cannot-write",
            )
        written = []
        for address, path in files().items():
            goal = folder / ("index.html" if address == "./" else address)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if address == "./":
                goal.write_text(index(alone=True), encoding="utf-8")
            else:
                shutil.copyfile(path, goal)
            written.append(goal)
        marker.write_text(service_worker(alone=True), encoding="utf-8")
    except OSError as error:
        raise InkdigitsError(
            f"{folder} cannot be written: {error.strerror or error}.", code="cannot-write"
        ) from error
    return [*written, marker]
