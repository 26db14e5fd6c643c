from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.evaluation.plots import confusion_png
from inkdigits.evaluation.report import evaluate_mnist
from inkdigits.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.load()


@pytest.mark.data
def test_the_shipped_model_reads_validation_digits(
    model: Model, mnist: Mnist, tmp_path: Path
) -> None:
    part = mnist.validation[:1500]
    steps: list[tuple[str, int, int]] = []
    report = evaluate_mnist(model, part, progress=lambda *step: steps.append(step))
    assert steps[-1] == ("mnist", 1500, 1500)
    assert report.accuracy > 0.985
    assert report.errors == 1500 - round(report.accuracy * 1500)
    assert report.interval[0] < report.accuracy < report.interval[1]
    assert sum(map(sum, report.confusion)) == 1500
    assert report.accepted > 0.95
    assert report.accepted_accuracy >= report.accuracy
    assert json.loads(json.dumps(report.to_dict()))["accuracy"] == report.accuracy
    page = report.to_markdown()
    assert f"{report.accuracy:.2%}" in page
    confusion_png(report, tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        assert picture.width > 500
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_wrong_labels_are_counted(model: Model, make_digits: Callable[..., Digits]) -> None:
    ones = np.zeros((20, 28, 28), np.uint8)
    ones[:, 4:24, 13:16] = 255
    labels = np.array([1] * 15 + [4] * 5, np.uint8)
    report = evaluate_mnist(model, Digits(ones, labels))
    assert report.accuracy == 0.75
    assert report.confusion[4][1] == 5
    assert report.digits[1].precision == 0.75
    assert report.digits[1].recall == 1


def test_nothing_to_evaluate_is_an_error(model: Model) -> None:
    with pytest.raises(ValueError, match="no digits"):
        evaluate_mnist(model, Digits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8)))
