"""inkdigits reads handwritten digits.

    >>> from inkdigits import Recognizer
    >>> recognizer = Recognizer.load()
    >>> recognizer.classify("photo.png").digit

A picture becomes upright grey pixels (`image`) or is drawn from pen strokes (`strokes`); the ink
is told from the paper (`ink`), cropped (`segment`) and brought into the form MNIST's makers gave
their digits (`preprocess`); a small network reads it (`model`), and its answer becomes a digit
with a calibrated confidence, "unsure", "not a digit" or "blank" (`decode`).
"""

from inkdigits.errors import (
    ArrayError,
    DataError,
    ImageError,
    InkdigitsError,
    MissingExtraError,
    ModelError,
)
from inkdigits.recognizer import Recognizer
from inkdigits.results import Box, Prediction

__version__ = "0.1.0"

__all__ = [
    "ArrayError",
    "Box",
    "DataError",
    "ImageError",
    "InkdigitsError",
    "MissingExtraError",
    "ModelError",
    "Prediction",
    "Recognizer",
    "__version__",
]
