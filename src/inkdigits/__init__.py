"""inkdigits reads handwritten digits.

    >>> from inkdigits import Recognizer
    >>> recognizer = Recognizer.load()
    >>> recognizer.classify("digit.png").digit
    >>> [number.text for number in recognizer.read("page.jpg").numbers]

A picture becomes upright grey pixels (`image`) or is drawn from pen strokes (`strokes`); the ink
is told from the paper (`ink`), cropped (`segment`) and brought into the form MNIST's makers gave
their digits (`preprocess`); a small network reads it (`model`), and its answer becomes a digit
with a calibrated confidence, "unsure", "not a digit" or "blank" (`decode`).
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

from inkdigits.errors import (
    ArrayError,
    CoverageError,
    DataError,
    ImageError,
    InkdigitsError,
    MissingExtraError,
    ModelError,
)

if TYPE_CHECKING:
    from inkdigits.recognizer import Recognizer
    from inkdigits.results import Box, Number, Prediction, Reading
    from inkdigits.rules import Rules

__version__ = "0.1.0"

# ONNX Runtime (1.32) reports its use to its maker unless this stands when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "ArrayError",
    "Box",
    "CoverageError",
    "DataError",
    "ImageError",
    "InkdigitsError",
    "MissingExtraError",
    "ModelError",
    "Number",
    "Prediction",
    "Reading",
    "Recognizer",
    "Rules",
    "__version__",
]

#: Where the names live that are imported when first asked for (PEP 562), so that `--help` is
#: quick and `inkdigits doctor` runs where a package that they need is missing.
_LAZY = {
    "Box": "inkdigits.results",
    "Number": "inkdigits.results",
    "Prediction": "inkdigits.results",
    "Reading": "inkdigits.results",
    "Recognizer": "inkdigits.recognizer",
    "Rules": "inkdigits.rules",
}

if not TYPE_CHECKING:  # mypy would take any misspelt name for one of these

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(_LAZY[name]), name)
        globals()[name] = value  # the next time, Python finds it without asking here
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
