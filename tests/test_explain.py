"""Why a digit is read as it is: occlusion on pictures whose answer is known."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from inkdigits import Recognizer, decode
from inkdigits.errors import ArrayError
from inkdigits.explain import PATCH, Explanation
from inkdigits.heatmap import coloured

SEVEN = [[[10, 10], [40, 10], [20, 70]]]
# a loop that is closed at its top, which is what keeps it from being a 4
NINE = [[[40, 20], [25, 10], [12, 22], [22, 36], [40, 26], [40, 15], [38, 70]]]


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.fixture(scope="module")
def nine(recognizer: Recognizer) -> Explanation:
    return recognizer.explain_strokes(NINE, against=4)


def test_it_explains_the_answer_that_classify_gives(recognizer: Recognizer) -> None:
    found = recognizer.explain_strokes(SEVEN)
    assert found.prediction == recognizer.classify_strokes(SEVEN)
    assert (found.digit, found.against) == (7, None)


def test_the_ink_that_tells_a_nine_from_a_four_is_the_top_of_its_loop(nine: Explanation) -> None:
    assert nine.digit == 9
    y, _ = np.unravel_index(nine.evidence.argmax(), (28, 28))
    rows = np.flatnonzero(nine.prediction.seen.any(axis=1))  # type: ignore[union-attr]
    assert y < rows[0] + 5  # the loop's top
    assert nine.rival is not None
    assert nine.rival.digit == 4
    assert nine.rival.patch.y <= rows[0] + 2
    assert nine.rival.after > 100 * nine.rival.before


def test_evidence_is_the_change_that_emptying_makes(recognizer: Recognizer) -> None:
    """Once more by hand, for one pixel."""
    found = recognizer.explain_strokes(SEVEN, against=1)
    seen = found.prediction.seen
    assert seen is not None
    image = (seen / 255).astype(np.float32)
    y, x = map(int, np.argwhere(seen > 200)[0])
    changes = []
    for top in range(0, 25, 2):
        for left in range(0, 25, 2):
            if not (top <= y < top + PATCH and left <= x < left + PATCH):
                continue
            without = image.copy()
            without[top : top + PATCH, left : left + PATCH] = 0
            if (without != image).any():
                both = recognizer.predict_proba(np.stack([image, without])).astype(np.float64)
                odds = np.log(both[:, 7] / both[:, 1])
                changes.append(odds[0] - odds[1])
    assert found.evidence[y, x] == pytest.approx(np.mean(changes), rel=0.02)


def test_where_there_is_no_ink_there_is_no_evidence(nine: Explanation) -> None:
    seen = nine.prediction.seen
    assert seen is not None
    far = np.ones((28, 28), bool)
    for y, x in np.argwhere(seen > 0):
        far[max(0, y - PATCH) : y + PATCH + 1, max(0, x - PATCH) : x + PATCH + 1] = False
    assert far.any()
    assert not nine.evidence[far].any()
    assert nine.readings <= 170


def test_another_answer_can_be_explained(recognizer: Recognizer) -> None:
    """What speaks for a 7 against a 1 speaks against a 1."""
    ours = recognizer.explain_strokes(SEVEN, digit=7, against=1)
    theirs = recognizer.explain_strokes(SEVEN, digit=1, against=7)
    assert np.allclose(ours.evidence, -theirs.evidence, atol=1e-4)


def test_a_blank_has_no_explanation(recognizer: Recognizer) -> None:
    found = recognizer.explain(np.zeros((40, 40), np.uint8))
    assert (found.digit, found.rival, found.readings) == (None, None, 1)
    assert not found.evidence.any()
    assert found.prediction.reason == "blank"
    assert found.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(("digit", "against"), [(7, 7), (None, 7), (10, None), (0, -1)])
def test_two_digits_are_compared(
    recognizer: Recognizer, digit: int | None, against: int | None
) -> None:
    with pytest.raises(ArrayError, match=r"digit|explained"):
        recognizer.explain_strokes(SEVEN, digit=digit, against=against)


def test_it_becomes_json(nine: Explanation) -> None:
    told = json.loads(json.dumps(nine.to_dict(picture=True)))
    assert told["digit"] == 9
    assert np.asarray(told["evidence"]).shape == (28, 28)
    assert told["rival"]["patch"].keys() == {"x", "y", "width", "height"}
    head, _, data = told["picture"].partition(",")
    assert head == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (336, 336)


def test_its_picture_shows_for_and_against_in_two_colours() -> None:
    ink = np.full((28, 28), 255, np.uint8)
    evidence = np.zeros((28, 28), np.float32)
    evidence[0, 0], evidence[0, 1] = 2, -2
    pixels = coloured(ink, evidence).astype(int)
    assert pixels[0, 0, 0] > pixels[0, 0, 2] + 100  # orange
    assert pixels[0, 1, 2] > pixels[0, 1, 0] + 80  # blue
    assert len(set(pixels[5, 5])) == 1  # grey
    faint = coloured(ink, evidence / np.float32(100)).astype(int)  # small change stays pale
    assert np.abs(faint[0, 0] - faint[5, 5]).max() < 10


def test_a_scale_is_sound(nine: Explanation) -> None:
    assert Image.open(io.BytesIO(nine.picture(1))).size == (28, 28)
    with pytest.raises(ArrayError, match="scale"):
        nine.picture(0)


def test_its_measure_is_that_of_the_answer(recognizer: Recognizer) -> None:
    """Calibrated as the confidence is: the log-odds of the whole image are those of the answer."""
    found = recognizer.explain_strokes(SEVEN)
    assert found.rival is not None
    assert found.rival.before == pytest.approx(found.prediction.top(2)[1][1], abs=1e-6)
    assert decode.softmax(np.zeros((1, 10), np.float32))[0, 0] == pytest.approx(0.1)
