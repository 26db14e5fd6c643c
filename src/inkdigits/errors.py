"""Every error a caller of inkdigits can meet.

In: what went wrong. Out: one sentence that says so and what to do, and a stable `code`.
Knows nothing of HTTP or terminals: the service maps codes to statuses, the CLI to exit codes.
"""

from __future__ import annotations


class InkdigitsError(Exception):
    """Base of all errors raised on purpose.

    `str(error)` is one sentence for a person; `error.code` is a stable word for a program.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class ImageError(InkdigitsError):
    """A picture that cannot be read.

    Codes: `unsupported-format`, `corrupt-image`, `image-too-large`, `image-not-found`.
    """

    code = "corrupt-image"


class ArrayError(InkdigitsError):
    """An array that is not a picture or a batch of digits. Codes: `tensor-shape`, `not-finite`."""

    code = "tensor-shape"


class ModelError(InkdigitsError):
    """A model file that is missing, damaged or not a digit reader. Code: `bad-model`."""

    code = "bad-model"


class CoverageError(InkdigitsError):
    """A coverage of prediction sets that the model cannot promise. Code: `unknown-coverage`."""

    code = "unknown-coverage"


class DataError(InkdigitsError):
    """A data set that is missing, damaged or malformed. Codes: `data-not-found`, `bad-data`."""

    code = "bad-data"


class RulesError(InkdigitsError):
    """Rules for numbers that are malformed, or that no number satisfies. Code: `bad-rule`."""

    code = "bad-rule"


class StoreError(InkdigitsError):
    """A store that cannot be used, or a correction that makes no sense.

    Codes: `store-unavailable` (it may come back), `bad-place`, `bad-store` (it will not),
    `store-full`, `bad-row`, `bad-correction`, `conflict`.
    """

    code = "store-unavailable"


class MissingExtraError(InkdigitsError):
    """An optional part of inkdigits is not installed. Code: `missing-extra`."""

    code = "missing-extra"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"This needs {package}, which is not installed: "
            f"run `pip install 'inkdigits[{extra}]'` and try again."
        )
