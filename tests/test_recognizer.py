from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from inkdigits import ArrayError, Recognizer
from inkdigits.data.mnist import Mnist
from tests.pictures import STROKES, drawing


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
