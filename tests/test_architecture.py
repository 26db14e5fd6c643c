"""The import rules of docs/architecture.md, held against the source itself."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import inkdigits

SOURCE = Path(inkdigits.__file__).parent
DOCS = Path(__file__).parents[1] / "docs" / "architecture.md"
HARD_LINE_LIMIT = 300  # the habit is 250

#: Room -> rooms (or modules of them) that it may import. `errors` and `results` are everyone's.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "results": set(),
    # the steps, each of which knows the type that the step before it hands over
    "filechecks": set(),
    "imagefile": {"filechecks"},
    "image": {"imagefile"},
    "strokes": {"image"},
    "ink": {"image"},
    "runoff": set(),
    "segment": {"image", "ink", "runoff"},
    "preprocess": {"segment"},
    "modelfile": set(),
    "model": {"modelfile"},
    "decode": {"model"},
    "shifts": {"model"},
    "shown": {"image", "ink", "preprocess", "segment"},
    "judge": {"decode", "model", "shown"},
    "heatmap": set(),
    "explain": {"decode", "heatmap", "judge", "model", "shown"},
    "recognizer": {
        *("image", "strokes", "model", "shifts", "decode", "judge", "explain"),
        *("shown", "page", "reader", "layout", "line", "rules"),
    },
    # numbers: from a page to what stands on it
    "sheet": {"image"},
    "rows": {"ink", "segment"},
    "ruling": set(),
    "pageink": {"image", "ink", "ruling"},
    "layout": {"image", "pageink", "rows"},
    "strip": {"segment", "preprocess"},
    "line": {"modelfile", "strip"},
    "spelling": {"line"},
    "parting": {"rows", "segment"},
    "views": set(),
    "opinion": {"spelling"},
    "rules": set(),
    "reader": {
        *("preprocess", "model", "decode", "opinion", "views"),
        *("rows", "strip", "line", "spelling", "parting", "rules"),
    },
    "page": {"image", "ink", "layout", "reader", "rows", "rules", "sheet"},
    "annotate": {"image"},
    "steady": set(),
    "video": {"steady"},
    "pdf": {"image"},
    "forms": {"recognizer", "image", "rules", "sheet", "annotate"},
    # what stands around the pipeline
    "data": set(),
    "wild": {"strokes"},
    "training": {
        *("data", "image", "ink", "segment", "preprocess", "model", "decode", "wild"),
        *("rows", "strip", "line", "spelling", "strokes"),
        *("evaluation.metrics", "evaluation.plots"),
    },
    "evaluation": {
        *("data", "recognizer", "strokes", "model", "decode", "preprocess", "wild", "image"),
    },
    "store": set(),
    "service": {
        *(
            "recognizer",
            "explain",
            "image",
            "layout",
            "model",
            "modelfile",
            "decode",
            "rules",
            "store",
        ),
    },
    "doctor": {"recognizer", "data"},
    "cli": {
        *("data", "training", "evaluation", "service", "doctor"),
        *("explain", "heatmap"),
        *("recognizer", "model", "shifts", "image", "layout", "rules", "annotate", "pdf"),
        *("steady", "video", "forms", "store"),
    },
    "__init__": {"recognizer", "rules"},
    "__main__": {"cli"},
}
FOR_EVERYONE = {"errors", "results"}

#: Third-party package -> the only places that may import it.
HOMES: dict[str, set[str]] = {
    "keras": {"training"},
    "tensorflow": {"training", "doctor"},  # doctor: which GPUs it sees
    "onnx": {"training"},
    "tf2onnx": {"training"},
    "onnxruntime": {"model", "line", "modelfile", "training.exports.quantisation", "doctor"},
    "fastapi": {"service"},
    "pydantic": {"service"},
    "pydantic_settings": {"service.configuration"},
    "starlette": {"service", "cli.workers"},
    "uvicorn": {"service", "cli.serve", "cli.workers"},
    "prometheus_client": {"service.telemetry"},
    "structlog": {"service.telemetry"},
    "opentelemetry": {"service.telemetry"},
    "limits": {"service.rates", "service.sharedcount"},
    "redis": {"service.sharedcount"},
    "matplotlib": {"evaluation", "training.drawing", "data", "cli.data", "wild.glyphs"},
    "pooch": {"data"},
    "torch": {"training.fused"},
    "pypdfium2": {"pdf"},
    "pillow_heif": {"imagefile"},
    "yaml": {"forms"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "pyarrow": {"cli.storefiles"},
    "click": {"cli"},
    "rich": {"cli"},
}


class Import(NamedTuple):
    """One import: who (`training.fit`), whom (`data.mnist`, or `keras.ops`), where."""

    importer: str
    imported: str
    own: bool
    line: int

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported} (line {self.line})"


def module_name(path: Path) -> str:
    parts = list(path.relative_to(SOURCE).with_suffix("").parts)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def is_module(dotted: str) -> bool:
    place = SOURCE.joinpath(*dotted.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def homes_of_public_names() -> dict[str, str]:
    """`Recognizer` -> `recognizer`: a name taken from the package is an import of its home."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: (node.module or "").removeprefix("inkdigits.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def imports(code: str, importer: str) -> Iterator[Import]:
    """All imports of a module, those in functions and `import_module("...")` included."""
    public = homes_of_public_names()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer} line {node.lineno}: imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant)]
        else:
            continue
        for name in names:
            if name != "inkdigits" and not name.startswith("inkdigits."):
                yield Import(importer, name, own=False, line=node.lineno)
                continue
            inside = name.removeprefix("inkdigits").removeprefix(".")
            if inside in ("", "__version__"):
                continue
            while not is_module(inside):  # a.b.Name -> a.b
                inside, _, last = inside.rpartition(".")
                if not inside:
                    inside = public[last]
            yield Import(importer, inside, own=True, line=node.lineno)


def within(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def is_forbidden(arrow: Import) -> bool:
    if not arrow.own:
        homes = HOMES.get(arrow.imported.split(".")[0])
        return homes is not None and not within(arrow.importer, homes)
    room = arrow.importer.split(".")[0]
    return not within(arrow.imported, MAY_IMPORT.get(room, set()) | FOR_EVERYONE | {room})


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


@pytest.mark.parametrize("name", MODULES)
def test_only_allowed_arrows(name: str) -> None:
    found = imports(MODULES[name].read_text(encoding="utf-8"), name)
    assert [str(arrow) for arrow in found if is_forbidden(arrow)] == []


@pytest.mark.parametrize(
    ("importer", "code"),
    [
        ("data.mnist", "def f():\n    from inkdigits.training.fit import train"),
        ("training.fit", "from inkdigits.evaluation import metrics, report"),
        ("image", "from inkdigits import Recognizer"),
        ("service.app", "from inkdigits.cli import main"),
        ("evaluation.real", "import keras.ops"),
        ("recognizer", "if True:\n    from fastapi import FastAPI"),
        ("training.fit", "import matplotlib.pyplot as plt"),
        ("service.feedback", "from sqlalchemy import select"),
        ("store.feedback", "from inkdigits.service.problems import Problem"),
        ("service.engine", "importlib.import_module('tensorflow')"),
    ],
)
def test_a_forbidden_arrow_is_seen(importer: str, code: str) -> None:
    assert any(map(is_forbidden, imports(code, importer)))


@pytest.mark.parametrize(
    ("importer", "code"),
    [
        ("training.calibrate", "from inkdigits.evaluation.metrics import ece"),
        ("training.drawing", "from matplotlib.figure import Figure"),
        ("cli.classify", "from inkdigits import Recognizer, __version__"),
        ("service.routes", "from inkdigits.service.payload import read"),
    ],
)
def test_an_allowed_arrow_is_not(importer: str, code: str) -> None:
    assert not any(map(is_forbidden, imports(code, importer)))


def test_every_room_has_its_rule_and_its_place_in_the_docs() -> None:
    rooms = {name.split(".")[0] for name in MODULES}
    assert rooms == set(MAY_IMPORT)
    page = DOCS.read_text(encoding="utf-8")
    assert [room for room in sorted(rooms) if room not in page] == []


@pytest.mark.parametrize("name", MODULES)
def test_modules_stay_short(name: str) -> None:
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= HARD_LINE_LIMIT


def test_a_prediction_loads_nothing_heavy() -> None:
    code = (
        "import json, sys, numpy\n"
        "from inkdigits import Recognizer\n"
        "Recognizer.load().predict(numpy.zeros((1, 28, 28), 'float32'))\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    heavy = {*HOMES} - {"onnxruntime"}
    assert heavy & set(json.loads(done.stdout)) == set()
