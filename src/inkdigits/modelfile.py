"""The bytes of an ONNX file -> a session that can be run, once the file has proved to be sound.

In: the name of a shipped model or a path. Out: `ModelFile`. Its bytes must match its card, and all
of it must be in one file. Does not know what the model reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import onnxruntime as ort

from inkdigits.errors import ModelError

#: TensorProto.external_data (field 13) with the key `location`: weights kept in another file.
_EXTERNAL = re.compile(rb"\x6a.{1,2}\x0a\x08location\x12", re.DOTALL)


@dataclass(frozen=True)
class ModelFile:
    """A model that was read from a file.

    Attributes:
        session: which runs it.
        card: what lies beside it as JSON, `None` where nothing does.
        sha256: of the file, in hex.
        path: where the file lies.
    """

    session: ort.InferenceSession
    card: dict[str, Any] | None
    sha256: str
    path: Path


def load(name_or_path: str | os.PathLike[str], within: str) -> ModelFile:
    """Read a shipped model of a folder of the package by its name, or any by its path.

    Raises:
        ModelError: the file is missing, damaged, or not the one its card describes.
    """
    file, card_file, ours = _locate(name_or_path, within)
    shown = f"{file}"
    data = _read(file, shown)
    sha256 = hashlib.sha256(data).hexdigest()
    card = _card(card_file, shown, required=ours)
    if card is not None and card.get("sha256") != sha256:
        raise ModelError(f"{shown} is not the file its card describes (SHA-256 differs).")
    return ModelFile(_session(data, shown), card, sha256, Path(shown))


def card(name_or_path: str | os.PathLike[str], within: str) -> dict[str, Any] | None:
    """What lies beside a model as JSON, `None` where nothing does.

    Raises:
        ModelError: there is no such model, or its card is not readable.
    """
    file, card_file, ours = _locate(name_or_path, within)
    return _card(card_file, f"{file}", required=ours)


def shipped(within: str) -> tuple[str, ...]:
    """The names of the models in a folder of the package, sorted."""
    folder = resources.files("inkdigits") / within
    names = (entry.name for entry in folder.iterdir()) if folder.is_dir() else ()
    return tuple(sorted(name.removesuffix(".onnx") for name in names if name.endswith(".onnx")))


def _locate(given: str | os.PathLike[str], within: str) -> tuple[Traversable, Traversable, bool]:
    """(model, card, whether it is one of ours) of a bare name or a path."""
    if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_-]+", given):
        folder = resources.files("inkdigits") / within
        if given not in shipped(within):
            known = ", ".join(shipped(within)) or "none"
            raise ModelError(
                f"There is no model named {given!r} (shipped: {known}); "
                "for a file of your own, give its path ending in .onnx."
            )
        return folder / f"{given}.onnx", folder / f"{given}.json", True
    path = Path(given)
    if path.suffix.lower() in {".keras", ".h5"}:
        raise ModelError(
            f"{path} is a Keras file: turn it into ONNX with `inkdigits export` first."
        )
    return path, path.with_suffix(".json"), False


def _read(file: Traversable, shown: str) -> bytes:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise ModelError(f"{shown} does not exist.") from None
    except OSError as error:
        raise ModelError(f"{shown} could not be read: {error.strerror}.") from None
    if not data:
        raise ModelError(f"{shown} is empty.")
    if _EXTERNAL.search(data):
        raise ModelError(f"{shown} keeps its weights in another file: save it as one file.")
    return data


def _card(file: Traversable, shown: str, *, required: bool) -> dict[str, Any] | None:
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ModelError(f"{shown} has no card beside it: reinstall inkdigits.") from None
        return None
    except (OSError, ValueError):
        card = None
    if not isinstance(card, dict):
        raise ModelError(f"The card of {shown} is not readable JSON.")
    return card


def _session(data: bytes, shown: str) -> ort.InferenceSession:
    """One thread, none spinning: a single image is too little work to share out."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception:  # ONNX Runtime's exceptions have no common base
        raise ModelError(f"{shown} is not an ONNX model that can be run, or is damaged.") from None
