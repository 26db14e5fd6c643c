"""What a trained network can be exported to, and what each file is called.

Knows nothing of how the files are made. Imports nothing heavy, so that the command line can list
the choices at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from inkdigits.errors import InkdigitsError

QUANTISATIONS = ("int8", "float16", "dynamic")
#: Format -> (how its quantisations are to be had, what its file is called).
FORMATS: dict[str, tuple[tuple[str, ...], str]] = {
    "keras": ((), "{}.keras"),
    "weights": ((), "{}.weights.h5"),
    "h5": ((), "{}.h5"),
    "savedmodel": ((), "{}_savedmodel"),
    "onnx": (QUANTISATIONS, "{}.onnx"),
    "tflite": (QUANTISATIONS, "{}.tflite"),
}
#: What a file is called where no name is given: people look for these. ONNX files, which
#: `Recognizer.load` names in its answers, are called after the network instead.
USUAL_NAME = "mnist_digit_classifier"
USUAL_WEIGHTS_NAME = "mnist_weights"


@dataclass(frozen=True)
class Target:
    """One thing to export to.

    Attributes:
        format: a key of `FORMATS`.
        quantise: one of `QUANTISATIONS`, or `None` for float32.

    Raises:
        InkdigitsError: the format is unknown or cannot be quantised so.
    """

    format: str
    quantise: str | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise InkdigitsError(
                f"There is no format {self.format!r}: choose among {', '.join(FORMATS)}."
            )
        if self.quantise is not None and self.quantise not in FORMATS[self.format][0]:
            able = " and ".join(name for name, (kinds, _) in FORMATS.items() if kinds)
            raise InkdigitsError(
                f"{self.format} cannot be quantised to {self.quantise}: "
                f"{able} can, to {', '.join(QUANTISATIONS)}."
            )

    def __str__(self) -> str:
        return self.format if self.quantise is None else f"{self.format} {self.quantise}"

    def file_name(self, name: str | None, network: str) -> str:
        """`classic.onnx`, `mnist_digit_classifier-int8.tflite` and kin.

        Args:
            name: what it shall be called, or `None` for the usual names.
            network: what the network is called.
        """
        usual = {"onnx": network, "weights": USUAL_WEIGHTS_NAME}.get(self.format, USUAL_NAME)
        ending = f"-{self.quantise}" if self.quantise else ""
        return FORMATS[self.format][1].format(f"{name or usual}{ending}")
