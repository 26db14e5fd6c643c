from __future__ import annotations

import numpy as np
import pytest

from inkdigits.evaluation.plain import PlainReader, shrunk
from tests.evaluation.stand_in import StandIn, sure_of
from tests.pictures import drawing


def test_the_whole_picture_is_shrunk_and_inverted() -> None:
    picture = np.ones((280, 560), np.float32)
    picture[100:110, 40:60] = 0.25
    small = shrunk(picture)
    assert (small.shape, small.dtype.name) == ((28, 28), "float32")
    assert small[10, 2] == pytest.approx(0.75, abs=1 / 255)  # its place is kept, its aspect not
    assert small.sum() == pytest.approx(0.75, abs=1 / 255)


def test_bytes_floats_and_colours_are_the_same_picture() -> None:
    grey = drawing(7, side=100, part=0.5, pen=6)
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    np.testing.assert_allclose(shrunk(grey), shrunk((grey / 255).astype(np.float32)), atol=1e-6)
    np.testing.assert_allclose(shrunk(grey), shrunk(colour), atol=1e-6)


@pytest.mark.parametrize(("logit", "accepted"), [(4.3, False), (4.5, True)])
def test_ninety_per_cent_are_enough(logit: float, accepted: bool) -> None:
    # e^4.5 / (e^4.5 + 9) is 90.9 %, e^4.3 / (e^4.3 + 9) is 89.1 %; a temperature is not used
    model = StandIn(sure_of([3], logit), temperature=0.1)
    answer = PlainReader(model).classify(np.ones((60, 40), np.uint8))
    assert (answer.digit, answer.accepted) == (3, accepted)
    assert answer.reason == (None if accepted else "unsure")
    assert answer.confidence == pytest.approx(np.exp(logit) / (np.exp(logit) + 9))
    np.testing.assert_array_equal(model.shown[0][0, :, :, 0], shrunk(np.ones((60, 40), np.uint8)))


def test_it_reads_what_stands_as_in_mnist_and_not_what_stands_aside() -> None:
    reader = PlainReader.load()
    middle = drawing(7, side=280, part=0.7, pen=25)
    assert reader.classify(middle).digit == 7
    small = np.pad(middle, ((0, 800), (0, 800)), constant_values=255)
    assert not reader.classify(small).accepted or reader.classify(small).digit != 7
