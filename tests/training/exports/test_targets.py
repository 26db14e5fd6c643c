from __future__ import annotations

import pytest

from inkdigits import InkdigitsError
from inkdigits.training.exports.targets import FORMATS, QUANTISATIONS, Target


@pytest.mark.parametrize(
    ("format_", "quantise", "usual", "named"),
    [
        ("keras", None, "mnist_digit_classifier.keras", "mine.keras"),
        ("weights", None, "mnist_weights.weights.h5", "mine.weights.h5"),
        ("h5", None, "mnist_digit_classifier.h5", "mine.h5"),
        ("savedmodel", None, "mnist_digit_classifier_savedmodel", "mine_savedmodel"),
        ("onnx", None, "classic.onnx", "mine.onnx"),
        ("onnx", "int8", "classic-int8.onnx", "mine-int8.onnx"),
        ("tflite", None, "mnist_digit_classifier.tflite", "mine.tflite"),
        ("tflite", "float16", "mnist_digit_classifier-float16.tflite", "mine-float16.tflite"),
    ],
)
def test_names(format_: str, quantise: str | None, usual: str, named: str) -> None:
    target = Target(format_, quantise)
    assert target.file_name(None, "classic") == usual
    assert target.file_name("mine", "classic") == named


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("quantise", QUANTISATIONS)
def test_only_onnx_and_tflite_can_be_quantised(format_: str, quantise: str) -> None:
    if format_ in {"onnx", "tflite"}:
        assert str(Target(format_, quantise)) == f"{format_} {quantise}"
        return
    with pytest.raises(InkdigitsError, match="onnx and tflite can, to int8, float16, dynamic"):
        Target(format_, quantise)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InkdigitsError, match="no format 'pt': choose among keras, weights"):
        Target("pt")
