"""Whether this machine can do the work, one check a thing that may be wrong.

In: nothing. Out: `Check`s, in the order in which to mend them. Knows nothing of terminals, and
changes nothing; TensorFlow is imported only by a deep check.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Literal

from inkdigits.errors import InkdigitsError

Status = Literal["ok", "missing", "optional"]
OLDEST_PYTHON = (3, 11)
PORT = 5000
MODEL = "standard"
#: Packages whose module has another name.
MODULES = {"pillow": "PIL", "opencv-python-headless": "cv2", "tensorflow-cpu": "tensorflow"}
#: Extra -> what it is for.
EXTRAS = {
    "evaluate": "measure models, plot and fetch data",
    "train": "train and export models",
    "pdf": "read PDF files",
    "heic": "read HEIC photos",
    "forms": "read forms",
    "store": "keep corrections, predictions or keys",
    "postgres": "keep corrections in PostgreSQL",
    "parquet": "export what is stored as Parquet",
    "redis": "share limits between servers",
    "otel": "send traces by OpenTelemetry",
}
REINSTALL = "run `pip install --force-reinstall inkdigits`"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        status: `ok`; `missing`: classify or serve would not run; `optional`: not there or not
            free, and they run all the same.
        detail: what was found.
        advice: what to do about it; empty when ok.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """A JSON-ready dict."""
        return asdict(self)


def examine(*, deep: bool = False) -> list[Check]:
    """Do all checks; with `deep`, also read all of MNIST and import TensorFlow.

    No check raises: what goes wrong inside one is its finding.
    """
    checks = [python(), *packages(), _guarded("model file", model_file)]
    checks += [
        _guarded("prediction", prediction),
        _guarded("MNIST", lambda: data(deep=deep), "optional", "mend what is missing above"),
        *extras(),
        accelerator(),
    ]
    if deep:
        advice = "run `pip install 'inkdigits[train]'`"
        checks.append(_guarded("training backend", backend, "optional", advice))
    return [*checks, port()]


def python() -> Check:
    """Whether Python is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    oldest = ".".join(map(str, OLDEST_PYTHON))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Check("Python", "ok", found)
    return Check("Python", "missing", found, f"install Python {oldest} or newer")


def packages() -> Iterator[Check]:
    """Whether each package of the base install is there, new enough and importable."""
    try:
        lines = importlib.metadata.requires("inkdigits") or []
    except importlib.metadata.PackageNotFoundError:
        yield Check("inkdigits", "missing", "not installed", "run `pip install .` in its folder")
        return
    yield Check("inkdigits", "ok", importlib.metadata.version("inkdigits"))
    for line in lines:
        if ";" not in line:
            yield _package(line, "missing", f"run `pip install '{line}'`", load=True)


def extras() -> Iterator[Check]:
    """Which of the optional extras are complete; none that the installation does not know."""
    lines = [line.split(";") for line in _requirements() if ";" in line]
    for extra, purpose in EXTRAS.items():
        wanted = [
            line.strip() for line, marker in lines if re.search(rf"""['"]{extra}['"]""", marker)
        ]
        found = [_package(line, "optional", "") for line in wanted if "inkdigits" not in line]
        if not found:
            continue
        lacking = [f"{check.name} {check.detail}" for check in found if check.status != "ok"]
        present = ", ".join(f"{check.name} {check.detail}" for check in found)
        name = f"extra {extra}"
        if lacking:
            advice = f"run `pip install 'inkdigits[{extra}]'` to {purpose}"
            yield Check(name, "optional", ", ".join(lacking), advice)
        else:
            yield Check(name, "ok", present)


def model_file() -> Check:
    """Whether the shipped model is the one that its card describes."""
    folder = resources.files("inkdigits") / "models"
    try:
        card = json.loads((folder / f"{MODEL}.json").read_text(encoding="utf-8"))
        content = (folder / f"{MODEL}.onnx").read_bytes()
    except (OSError, ValueError) as error:
        return Check("model file", "missing", str(error), REINSTALL)
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.get("sha256"):
        return Check("model file", "missing", f"{MODEL}.onnx is not what was shipped", REINSTALL)
    return Check("model file", "ok", f"{MODEL} {card.get('version')}, SHA-256 {digest[:12]}...")


def prediction() -> Check:
    """Whether a drawn 1 is read as 1."""
    import numpy as np

    from inkdigits import Recognizer

    bar = np.zeros((1, 28, 28), np.float32)
    bar[0, 5:23, 13:15] = 1.0
    recognizer = Recognizer.load(MODEL)
    began = time.perf_counter()
    digit = int(recognizer.predict(bar)[0])
    spent = (time.perf_counter() - began) * 1000
    if digit != 1:
        return Check("prediction", "missing", f"a drawn 1 was read as {digit}", REINSTALL)
    return Check("prediction", "ok", f"a drawn 1 is read as 1, in {spent:.1f} ms")


def data(*, deep: bool = False) -> Check:
    """Whether MNIST is found; with `deep`, whether it is whole."""
    from inkdigits.data import mnist

    try:
        place = mnist.find()
        if missing := mnist.lacking(place):
            advice = f"run `inkdigits data fetch --to {place}`"
            return Check("MNIST", "optional", f"{place} lacks {', '.join(missing)}", advice)
        if deep:
            mnist.load()
    except InkdigitsError as error:
        advice = "run `inkdigits data fetch` to train or evaluate"
        return Check("MNIST", "optional", str(error).split(": run")[0], advice)
    return Check("MNIST", "ok", f"{place}{', whole' if deep else ''}")


def accelerator() -> Check:
    """Whether a GPU is within reach; none is needed."""
    try:
        providers = importlib.import_module("onnxruntime").get_available_providers()
    except ImportError:
        providers = []
    found = [name.removesuffix("ExecutionProvider") for name in providers]
    fast = [name for name in found if name not in ("CPU", "Azure")]
    driver = shutil.which("nvidia-smi")
    if fast or driver:
        words = [
            *(f"ONNX Runtime: {name}" for name in fast),
            *(["NVIDIA driver"] if driver else []),
        ]
        return Check("accelerator", "ok", ", ".join(words))
    advice = "nothing to do: reading digits is fast without; training is faster with a GPU"
    return Check("accelerator", "optional", "none: the CPU does the work", advice)


def backend() -> Check:
    """Import TensorFlow and say what it computes on."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    tensorflow = importlib.import_module("tensorflow")
    devices = [device.device_type for device in tensorflow.config.list_physical_devices()]
    return Check("training backend", "ok", f"tensorflow {tensorflow.__version__}: {devices}")


def port(number: int = PORT) -> Check:
    """Whether the port that `inkdigits serve` takes by default is free."""
    name = f"port {number}"
    taken = Check(
        name,
        "optional",
        "taken by another program",
        f"stop that program, or run `inkdigits serve --port {number + 1}`",
    )
    with socket.socket() as caller:
        caller.settimeout(0.5)
        # a listener on all addresses does not always keep another from binding to one of them
        if caller.connect_ex(("127.0.0.1", number)) == 0:
            return taken
    with socket.socket() as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return taken
            advice = f"run `inkdigits serve --port {max(number + 1, 8000)}`"
            return Check(name, "optional", f"cannot be used: {error.strerror}", advice)
    return Check(name, "ok", "free")


def _requirements() -> list[str]:
    try:
        return importlib.metadata.requires("inkdigits") or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _package(line: str, otherwise: Status, advice: str, *, load: bool = False) -> Check:
    """Check one requirement such as `numpy>=2.0`; with `load`, also import it."""
    match = re.match(r"([\w.-]+)[^>]*(?:>=\s*([\d.]+))?", line)
    assert match is not None
    name, oldest = match[1], match[2]
    module = MODULES.get(name, name.replace("-", "_"))
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        if importlib.util.find_spec(module) is None:
            return Check(name, otherwise, "not installed", advice)
        # tensorflow-cpu is tensorflow, opencv-python is opencv-python-headless
        version, oldest = "from another package", None
    if oldest and _numbers(version) < _numbers(oldest):
        return Check(name, otherwise, f"{version} is older than {oldest}", advice)
    if load:
        try:
            importlib.import_module(module)
        except Exception as error:  # a broken package may fail in any way
            return Check(name, otherwise, f"{version} cannot be imported: {error}", advice)
    return Check(name, "ok", version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def _guarded(
    name: str, check: Callable[[], Check], otherwise: Status = "missing", advice: str = REINSTALL
) -> Check:
    """Do one check, and take whatever it raises for its finding."""
    try:
        return check()
    except Exception as error:
        return Check(name, otherwise, str(error) or type(error).__name__, advice)
