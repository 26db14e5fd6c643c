"""From a picture to a prediction: the whole product, one step a line.

In: a picture in any form, strokes, or arrays as MNIST has them. Out: `Prediction`, labels or
probabilities. Knows the order of the steps and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode, explain, image, page, strokes
from inkdigits.errors import ArrayError, InkdigitsError
from inkdigits.explain import Explanation
from inkdigits.image import ImageSource, Limits
from inkdigits.judge import judged
from inkdigits.layout import Grouping
from inkdigits.line import LineModel
from inkdigits.model import BATCH, DigitModel, Model
from inkdigits.reader import Reader
from inkdigits.results import Number, Prediction, Reading
from inkdigits.rules import Rules
from inkdigits.shifts import shifted
from inkdigits.shown import Shown, pictures, shown

#: Pixels of pictures that wait to be read together, at most: 64 MB of them.
HELD = 16_000_000
#: Pixels of a page's longer side that suffice, so that a large JPEG is decoded at a part of it.
PAGE = 1800


class Recognizer:
    """Reads one handwritten digit a picture. Make it with `Recognizer.load()`; share it freely.

    All methods may be called from several threads at once.
    """

    def __init__(self, model: DigitModel, line: str | os.PathLike[str] = "line") -> None:
        self._model = model
        self._line = line

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] = "standard",
        *,
        shifts: int = 0,
        line: str | os.PathLike[str] = "line",
    ) -> Recognizer:
        """Load a shipped model by name, or an ONNX file by path.

        Args:
            model: the name or the path.
            line: that of the reader of rows, which is loaded when numbers are first read.
            shifts: read each digit at every shift of up to so many pixels, 0 to 3, and average
                the logits; takes (2 * shifts + 1)^2 times as long, and `version` says so.

        Raises:
            ModelError: there is no such model, or its file is damaged.
            InkdigitsError: `shifts` is no whole number from 0 to 3.
        """
        return cls(shifted(Model.load(model), shifts), line)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.info.name

    @property
    def version(self) -> str:
        """The model's version."""
        return self._model.info.version

    @property
    def numbers_model(self) -> str:
        """The name and version of both models that read numbers."""
        return f"{self._reader.name} {self._reader.version}"

    @property
    def coverages(self) -> tuple[float, ...]:
        """The coverages that can be asked of its prediction sets, rising; perhaps none."""
        return tuple(level for level, _ in self._model.info.coverage)

    def classify(
        self,
        source: ImageSource,
        *,
        coverage: float | None = None,
        limits: Limits | None = None,
    ) -> Prediction:
        """Read the one digit that a picture shows, whatever its size, place, pen or paper.

        A 28x28 picture that already is as MNIST has it is read as it is.

        Args:
            source: a path, the bytes of a PNG, JPEG, GIF, BMP or WebP file, an open binary
                file, a PIL image, or an array (H, W) or (H, W, 3) of uint8 or of floats 0 to 1.
            coverage: one of `coverages`: also answer with the set of digits that it may be. Of
                digits drawn as those the model was calibrated on, at least that share has its
                true digit in the set, on average over calibrations (split conformal prediction).
                Nothing is promised of other handwriting, nor of a single picture.
            limits: the sizes that are refused; see `inkdigits.image.Limits`.

        Raises:
            ImageError: the picture cannot be read.
            ArrayError: the array is not a picture.
            CoverageError: the model promises no such coverage.
        """
        return self.classify_many([source], coverage=coverage, limits=limits)[0]

    def classify_strokes(
        self, pen: Sequence[strokes.Stroke], *, coverage: float | None = None
    ) -> Prediction:
        """Read the one digit that pen strokes draw.

        Args:
            pen: strokes, each a sequence of [x, y] points, y down, in any unit.
            coverage: as for `classify`.

        Raises:
            ArrayError: the strokes are malformed.
            CoverageError: the model promises no such coverage.
        """
        self.check_coverage(coverage)
        return judged(self._model, [shown(strokes.render(pen))], coverage)[0]

    def classify_many(
        self,
        sources: Iterable[ImageSource],
        *,
        coverage: float | None = None,
        limits: Limits | None = None,
        on_error: Callable[[int, InkdigitsError], object] | None = None,
    ) -> list[Prediction]:
        """Read one digit of each picture, as `classify` does, but many at a time.

        Args:
            sources: pictures as `classify` takes them; taken one by one, and not all kept.
            coverage: as for `classify`.
            limits: as for `classify`.
            on_error: told the place and the error of each picture that cannot be read, which is
                then left out of the answer; without it, the first such error is raised.

        Returns:
            One prediction a picture, in order.

        Raises:
            ImageError, ArrayError: a picture cannot be read, and there is no `on_error`.
            CoverageError: the model promises no such coverage.
        """
        self.check_coverage(coverage)
        answers: list[Prediction] = []
        waiting: list[Shown] = []
        held = 0
        for picture in pictures(sources, limits, on_error):
            waiting.append(shown(picture))
            held += picture.pixels.size
            if held >= HELD or len(waiting) >= BATCH:
                answers += judged(self._model, waiting, coverage)
                waiting, held = [], 0
        return answers + judged(self._model, waiting, coverage)

    def read(
        self,
        source: ImageSource,
        *,
        group: Grouping = "gap",
        rules: Rules | None = None,
        turn: bool = True,
        limits: Limits | None = None,
    ) -> Reading:
        """Read every number on a picture: a page, a photo of one, a frame of a camera.

        Args:
            source: as for `classify`.
            group: which digits of a line are one number: `gap` (all but across a gap that is
                clearly wider than the others), `row` (all) or `digit` (none).
            rules: what each number must satisfy.
            turn: whether to try other ways up where a page makes little sense.
            limits: as for `classify`.

        Raises:
            ImageError, ArrayError: as for `classify`.
            ModelError: the reader of rows cannot be loaded.
        """
        picture = image.load(source, limits, PAGE)
        return page.read(picture, self._reader, group=group, rules=rules or Rules(), turn=turn)

    def read_number(
        self, source: ImageSource, *, rules: Rules | None = None, limits: Limits | None = None
    ) -> Number | None:
        """Read the one number that a picture shows: a form's field, a cheque's amount.

        Args:
            source: as for `classify`.
            rules: what the number must satisfy.
            limits: as for `classify`.

        Returns:
            the number, or `None` where the picture is blank or shows no digits.

        Raises:
            ImageError, ArrayError, ModelError: as for `read`.
        """
        return page.read_one(image.load(source, limits), self._reader, rules or Rules())

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._model, LineModel.load(self._line))

    def predict(self, X: NDArray[np.generic]) -> NDArray[np.int64]:
        """The digit of each MNIST-like image, (N,); `X` as in `predict_proba`."""
        digits: NDArray[np.int64] = self.predict_proba(X).argmax(axis=1).astype(np.int64)
        return digits

    def predict_proba(self, X: NDArray[np.generic]) -> NDArray[np.float32]:
        """The calibrated probabilities of each MNIST-like image, (N, 10).

        Args:
            X: (N, 28, 28), (N, 28, 28, 1) or (N, 784), integers 0 to 255 or floats 0 to 1,
                bright ink on black. Nothing is cropped or centred.

        Raises:
            ArrayError: another shape, type or range, or a NaN.
        """
        X = np.asarray(X)
        if X.shape[1:] not in ((28, 28), (28, 28, 1), (784,)):
            raise ArrayError(
                "X must have the shape (N, 28, 28), (N, 28, 28, 1) or (N, 784), "
                f"not {X.shape}; for pictures of any other size use classify()."
            )
        logits = self._model.logits(image.unit_range(X).reshape(-1, 28, 28, 1))
        return decode.softmax(logits, self._model.info.temperature).astype(np.float32)

    def check_coverage(self, coverage: float | None) -> None:
        """See that prediction sets of that coverage can be had; `None` asks for none.

        Raises:
            CoverageError: the model promises no such coverage.
        """
        if coverage is not None:
            decode.coverage_threshold(self._model.info, coverage)

    def explain(
        self,
        source: ImageSource,
        *,
        digit: int | None = None,
        against: int | None = None,
        limits: Limits | None = None,
    ) -> Explanation:
        """Say why the digit of a picture is read as it is: where its ink speaks for the answer.

        Args:
            source: as for `classify`.
            digit: which answer to explain; the one given, by default.
            against: compare with this digit alone; with all others, by default.
            limits: as for `classify`.

        Raises:
            ImageError, ArrayError: as for `classify`; or `digit` and `against` are not two digits.
        """
        return explain.explained(self._model, shown(image.load(source, limits)), digit, against)

    def explain_strokes(
        self,
        pen: Sequence[strokes.Stroke],
        *,
        digit: int | None = None,
        against: int | None = None,
    ) -> Explanation:
        """The same of pen strokes, as `classify_strokes` takes them."""
        return explain.explained(self._model, shown(strokes.render(pen)), digit, against)
