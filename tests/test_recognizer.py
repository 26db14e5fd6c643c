from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import ArrayError, CoverageError, ImageError, InkdigitsError, Recognizer, segment
from inkdigits import recognizer as recognizer_module
from inkdigits.data.mnist import Mnist
from inkdigits.image import ImageSource
from inkdigits.model import Model
from tests.pictures import STROKES, drawing, encode, seven


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.mark.parametrize("digit", sorted(STROKES))
def test_drawn_digits_are_read(digit: int, recognizer: Recognizer) -> None:
    prediction = recognizer.classify(drawing(digit))
    assert prediction.digit == digit
    assert prediction.accepted
    assert prediction.reason is None
    assert prediction.confidence > 0.9
    assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-6)
    assert prediction.top(1) == ((digit, prediction.confidence),)
    assert prediction.digitness is not None


@pytest.mark.parametrize("digit", sorted(STROKES))
def test_strokes_and_their_picture_are_read_alike(digit: int, recognizer: Recognizer) -> None:
    prediction = recognizer.classify_strokes(STROKES[digit])
    assert prediction.digit == digit
    assert prediction.accepted


def test_a_blank_is_a_blank(recognizer: Recognizer) -> None:
    for prediction in (
        recognizer.classify(np.full((300, 200), 255, np.uint8)),
        recognizer.classify_strokes([]),
    ):
        assert prediction.digit is None
        assert prediction.reason == "blank"
        assert not prediction.accepted
        assert prediction.confidence == 0
        assert prediction.flags == ("no_content",)


@pytest.mark.parametrize("shape", [(20, 28, 28), (20, 28, 28, 1), (20, 784)])
@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64])
def test_predict_takes_every_documented_array(
    shape: tuple[int, ...], kind: type, recognizer: Recognizer, mnist: Mnist
) -> None:
    images, truth = mnist.validation.images[:20], mnist.validation.truth[:20]
    X: np.ndarray = (images if kind is np.uint8 else images / 255).astype(kind).reshape(shape)
    probabilities = recognizer.predict_proba(X)
    assert probabilities.shape == (20, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(recognizer.predict(X), truth)


def test_an_empty_batch_gives_an_empty_answer(recognizer: Recognizer) -> None:
    assert recognizer.predict(np.zeros((0, 784), np.uint8)).shape == (0,)


@pytest.mark.parametrize(
    "X",
    [
        np.zeros((28, 28)),
        np.zeros((2, 32, 32)),
        np.zeros((2, 785)),
        np.zeros((2, 28, 28, 3)),
        np.full((1, 784), np.nan),
        np.full((1, 784), 255.0),
        np.array(["seven"]),
        np.array(7),
    ],
)
def test_predict_refuses_anything_else(X: np.ndarray, recognizer: Recognizer) -> None:
    with pytest.raises(ArrayError):
        recognizer.predict(X)


@pytest.mark.data
def test_an_mnist_image_is_read_as_it_is(recognizer: Recognizer, mnist: Mnist) -> None:
    image = mnist.validation.images[0]
    prediction = recognizer.classify(image)
    assert prediction.box is None
    assert prediction.seen is not None
    np.testing.assert_array_equal(prediction.seen, image)
    proba = recognizer.predict_proba(image[None])[0]
    np.testing.assert_allclose(prediction.probabilities, proba, atol=1e-6)


def test_the_box_says_where_the_digit_stands(recognizer: Recognizer) -> None:
    page = np.full((400, 600), 255, np.uint8)
    page[100:300, 350:550] = drawing(7)
    box = recognizer.classify(page).box
    assert box is not None
    assert 390 < box.x < 420
    assert 140 < box.y < 150
    assert 105 < box.height < 120


def side_by_side(*digits: int) -> NDArray[np.uint8]:
    """Digits in a row with room between them."""
    page = np.full((240, 130 * len(digits) + 20), 255, np.uint8)
    for place, digit in enumerate(digits):
        page[20:220, 130 * place + 10 :][:, :130] = drawing(digit)[:, 35:165]
    return page


@pytest.mark.parametrize("digits", [(7, 0), (0, 0), (2, 4), (0, 4, 1), (0, 1, 7)])
def test_several_digits_are_told_from_what_is_no_digit(
    digits: Sequence[int], recognizer: Recognizer
) -> None:
    prediction = recognizer.classify(side_by_side(*digits))
    assert prediction.reason == "several_digits"
    assert not prediction.accepted
    assert prediction.candidates == ()
    assert prediction.digit == int(np.argmax(prediction.probabilities))


def test_scribbles_side_by_side_are_not_several_digits(recognizer: Recognizer) -> None:
    rng = np.random.default_rng(2)
    scribbles = [rng.uniform((left, 0), (left + 100, 100), (60, 2)) for left in (0, 150)]
    assert recognizer.classify_strokes(scribbles).reason in ("not_a_digit", "unsure")


def test_what_is_accepted_as_a_whole_is_not_taken_apart(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(segment, "apart", refuse)
    assert recognizer.classify(drawing(4)).accepted
    with pytest.raises(AssertionError):
        recognizer.classify(side_by_side(7, 0))


@pytest.fixture(scope="module")
def promising() -> Recognizer:
    """The default model, with made-up thresholds of coverage."""

    class Promising:
        def __init__(self) -> None:
            self._model = Model.load()
            self.info = replace(self._model.info, coverage=((0.9, 0.3), (0.99, 1e-9)))

        def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
            return self._model.logits(x)

    return Recognizer(Promising())


def test_a_prediction_set_only_where_a_coverage_is_asked_for(promising: Recognizer) -> None:
    assert promising.coverages == (0.9, 0.99)
    assert promising.classify(drawing(7)).prediction_set is None
    assert promising.classify(drawing(7), coverage=0.9).prediction_set == (7,)
    wide = promising.classify_strokes(STROKES[7], coverage=0.99)
    assert wide.prediction_set is not None
    assert wide.prediction_set == tuple(d for d in range(10) if wide.probabilities[d] >= 1e-9)
    assert len(wide.prediction_set) > 1
    assert promising.classify(np.zeros((90, 90), np.uint8), coverage=0.9).prediction_set is None


def test_a_coverage_that_is_not_there_is_refused(
    promising: Recognizer, recognizer: Recognizer
) -> None:
    for call in (
        lambda: promising.classify(drawing(7), coverage=0.5),
        lambda: promising.classify_strokes(STROKES[7], coverage=0.5),
        lambda: promising.classify_many([], coverage=0.5),
    ):
        with pytest.raises(CoverageError, match=r"one of 0\.9, 0\.99, not 0\.5"):
            call()


def test_many_are_read_as_one_by_one(
    promising: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognizer_module, "HELD", 100_000)  # two or three pictures at a time
    pictures: list[ImageSource] = [
        *(drawing(digit, side=100 + 37 * digit) for digit in STROKES),
        np.full((50, 60), 255, np.uint8),
        side_by_side(7, 0),
        encode(seven(), "PNG"),
        seven().convert("RGB"),
    ]
    many = promising.classify_many(iter(pictures), coverage=0.99)
    assert len(many) == len(pictures)
    assert {it.reason for it in many} == {None, "blank", "several_digits"}
    for picture, read in zip(pictures, many, strict=True):
        alone = promising.classify(picture, coverage=0.99)
        assert read.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
        assert read.digitness == pytest.approx(alone.digitness, abs=1e-4)
        same = {"confidence": 0.0, "probabilities": (), "digitness": None}
        assert replace(read, **same) == replace(alone, **same)  # type: ignore[arg-type]
        np.testing.assert_array_equal(read.seen, alone.seen)


def test_all_of_many_go_through_the_model_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, counts = Model.load(), []
    logits = model.logits

    def counted(x: NDArray[np.float32]) -> NDArray[np.float32]:
        counts.append(len(x))
        return logits(x)

    monkeypatch.setattr(model, "logits", counted)
    assert len(Recognizer(model).classify_many(drawing(digit) for digit in STROKES)) == 5
    assert counts == [5]


def test_a_bad_one_of_many_is_raised_or_told(recognizer: Recognizer) -> None:
    pictures: list[ImageSource] = [drawing(7), b"no picture", drawing(0), np.zeros(3)]
    with pytest.raises(ImageError):
        recognizer.classify_many(pictures)
    told: dict[int, InkdigitsError] = {}
    read = recognizer.classify_many(pictures, on_error=told.__setitem__)
    assert [it.digit for it in read] == [7, 0]
    assert [(place, error.code) for place, error in told.items()] == [
        (1, "unsupported-format"),
        (3, "tensor-shape"),
    ]
    assert recognizer.classify_many([]) == []


def test_threads_may_share_one(recognizer: Recognizer) -> None:
    digits = sorted(STROKES) * 8
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda d: recognizer.classify(drawing(d)).digit, digits))
    assert read == digits


def test_to_dict_is_plain(recognizer: Recognizer) -> None:
    answer = recognizer.classify(drawing(7)).to_dict(top_k=2, seen=True)
    assert answer["digit"] == 7
    assert answer["top"][0]["digit"] == 7
    assert len(answer["top"]) == 2
    assert len(answer["seen"]) == 784
    assert max(answer["seen"]) == 255
    assert answer["model"] == {"name": recognizer.name, "version": recognizer.version}
    assert "seen" not in recognizer.classify(drawing(7)).to_dict()
