"""Which library Keras computes with: decided here, before Keras is first imported.

In: a backend's name. Out: nothing; Keras is imported and runs on it. Does not know what it is
for.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

import click

from inkdigits.errors import InkdigitsError, MissingExtraError
from inkdigits.training.noise import hushed

BACKENDS = ("tensorflow", "jax", "torch")

option = click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    envvar="KERAS_BACKEND",
    show_envvar=True,
    help="What Keras computes with. Default: torch where it is installed, else tensorflow.",
)


def choose(backend: str | None = None) -> None:
    """Import Keras on `backend`, without its chatter.

    Left open, it is `$KERAS_BACKEND`, or what Keras already runs on, or PyTorch where that is
    installed (it trains fastest on a processor, see docs/experiments.md), or TensorFlow.

    Raises:
        MissingExtraError: Keras or TensorFlow is not installed.
        InkdigitsError: another backend is not installed, or Keras already runs on another one.
    """
    backend = backend or os.environ.get("KERAS_BACKEND") or _found()
    if backend not in BACKENDS:
        raise InkdigitsError(f"KERAS_BACKEND is {backend!r}: set it to one of {_listed()}.")
    loaded = sys.modules.get("keras")
    if loaded is not None and loaded.backend.backend() != backend:
        raise InkdigitsError(f"Keras already runs on {loaded.backend.backend()} in this process.")
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with hushed():
            importlib.import_module("inkdigits.training.networks")
    except ImportError as error:
        missing = (error.name or "keras").split(".")[0]
        if missing in ("jax", "torch"):
            raise InkdigitsError(
                f"The backend {backend} needs {missing}, which is not installed: "
                f"run `pip install {missing}`, or leave out --backend.",
                code="missing-extra",
            ) from None
        raise MissingExtraError(missing, "train") from None


def _found() -> str:
    loaded = sys.modules.get("keras")
    if loaded is not None:
        return str(loaded.backend.backend())
    return "torch" if importlib.util.find_spec("torch") else "tensorflow"


def _listed() -> str:
    return ", ".join(BACKENDS)
