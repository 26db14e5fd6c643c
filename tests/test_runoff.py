from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import Recognizer, ink, runoff, strokes
from inkdigits.image import Picture
from inkdigits.segment import find_glyph
from inkdigits.shown import shown
from inkdigits.wild import paper

Pixels = NDArray[np.float32]
SIDE = 200
POINTS = st.tuples(st.integers(0, 300), st.integers(0, 300))


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


def sheet() -> Pixels:
    return np.full((SIDE, SIDE), 0.9, np.float32)


def stick(top: int, bottom: int, width: int = 14) -> Pixels:
    """A 1 from one row to another."""
    canvas = sheet()
    cv2.line(canvas, (104, top), (96, bottom), 0.1, width, cv2.LINE_AA)
    return canvas


def shadow(softness: float) -> Pixels:
    """A shadow whose edge runs down the sheet."""
    across = np.arange(SIDE, dtype=np.float32)[None] - 60
    lit: Pixels = np.tile(0.9 - 0.35 / (1 + np.exp(across / softness)), (SIDE, 1)).astype(
        np.float32
    )
    return lit


def seven(shift: int) -> Pixels:
    """A 7, which `shift` pixels further down would stand in the middle."""
    points = np.array([[60, 40 - shift], [140, 40 - shift], [95, 160 - shift]], np.int32)
    return np.asarray(cv2.polylines(sheet(), [points], False, 0.1, 14, cv2.LINE_AA), np.float32)


def test_a_line_among_lines_is_not_surely_a_one(recognizer: Recognizer) -> None:
    alone = stick(-5, SIDE + 5)
    found = recognizer.classify(alone)
    assert (found.digit, found.accepted) == (1, True)
    lines = alone.copy()
    for place in (12, 52, 152, 192):
        cv2.line(lines, (place, 0), (place - 6, SIDE - 1), 0.1, 12, cv2.LINE_AA)
    among = recognizer.classify(lines)
    assert (among.accepted, among.reason) == (False, "unsure")
    assert among.candidates[0][0] == 1
    assert among.confidence > 0.9


@pytest.mark.parametrize(("top", "bottom"), [(20, 180), (8, 150), (40, 190)])
def test_a_one_within_the_picture_is(recognizer: Recognizer, top: int, bottom: int) -> None:
    found = recognizer.classify(stick(top, bottom))
    assert (found.digit, found.accepted) == (1, True)


def test_a_digit_that_runs_off_one_edge_is_read(recognizer: Recognizer) -> None:
    for shift in (0, 34, 38):
        found = recognizer.classify(seven(shift))
        assert (found.digit, found.accepted) == (7, True), shift


def test_a_digit_cut_out_closely_is_read(recognizer: Recognizer) -> None:
    close = np.ascontiguousarray(seven(0)[33:167, 53:147])
    found = recognizer.classify(close)
    assert (found.digit, found.accepted) == (7, True)
    one = cv2.line(np.full((100, 100), 0.9, np.float32), (55, 6), (45, 93), 0.1, 13, cv2.LINE_AA)
    found = recognizer.classify(np.asarray(one, np.float32))
    assert (found.digit, found.accepted) == (1, True)
    assert found.box is not None
    assert found.box.height >= 99
    small = cv2.resize(stick(0, SIDE, 20)[:, 60:140], (32, 32), interpolation=cv2.INTER_AREA)
    found = recognizer.classify(small)
    assert (found.digit, found.accepted) == (1, True)


@pytest.mark.parametrize("softness", [4.0, 8.0, 16.0])
@pytest.mark.parametrize("turns", [0, 1])
def test_the_edge_of_a_shadow_is_no_digit(
    recognizer: Recognizer, softness: float, turns: int
) -> None:
    found = recognizer.classify(np.ascontiguousarray(np.rot90(shadow(softness), turns)))
    assert not found.accepted


def accepted_blanks(recognizer: Recognizer) -> int:
    """How many of 480 empty sheets are taken for a digit."""
    count = 0
    for kind in ("squared", "shadow", "crumpled", "guilloche"):
        for seed in range(120):
            rng = np.random.default_rng([5, seed])
            width = int(rng.integers(80, 400))
            shape = (round(width * rng.uniform(0.6, 1.6)), width)
            count += recognizer.classify(paper.sheet(shape, rng, kind=kind)[1]).accepted
    return count


def test_empty_paper_is_hardly_ever_a_digit(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = accepted_blanks(recognizer)
    monkeypatch.setattr(runoff, "doubtful", lambda *_: False)
    without = accepted_blanks(recognizer)
    assert without >= 10
    assert ours <= without / 3


@pytest.mark.parametrize("size", [40, 100])
def test_steepness_is_of_the_shape_not_of_its_size(size: int) -> None:
    hard = np.zeros((size, size), np.float32)
    hard[:, 2 * size // 5 : 3 * size // 5] = 1
    soft = np.tile(np.sin(np.linspace(0, np.pi, size, dtype=np.float32)), (size, 1))
    assert 10 < runoff.steepness(hard) < 16
    assert 2 < runoff.steepness(soft) < 4
    assert runoff.steepness(np.zeros((5, 5), np.float32)) == 0


def test_doubt_needs_an_edge() -> None:
    lines = sheet()
    for place in (20, 60, 100, 140, 180):
        cv2.line(lines, (place, 0), (place - 15, SIDE - 1), 0.1, 10 + 4 * (place == 100))
    framed = cv2.copyMakeBorder(lines, 20, 20, 20, 20, cv2.BORDER_CONSTANT, value=0.9)
    for pixels, touches in ((lines, True), (framed, False)):
        glyph = find_glyph(ink.extract(Picture(np.asarray(pixels, np.float32))))
        assert glyph is not None
        assert glyph.doubtful is touches


@pytest.mark.parametrize(
    ("softness", "stained", "side", "doubtful"),
    [(8, True, 100, True), (8, False, 100, False), (1, True, 100, False), (8, True, 60, False)],
)
def test_a_soft_edge_is_doubtful_on_a_stained_sheet(
    softness: float, stained: bool, side: int, doubtful: bool
) -> None:
    across = np.abs(np.arange(side, dtype=np.float32) - 30)
    band = np.clip(1 - (across - 6) / softness, 0, 1).astype(np.float32)
    pixels = np.tile(band, (side, 1))
    if stained:
        pixels[: side // 2, 50:] = 0.2
    columns = slice(14, 47)
    glyph = pixels[:, columns]
    assert runoff.doubtful(pixels, (slice(0, side), columns), glyph) is doubtful


@given(st.lists(st.lists(POINTS, min_size=1, max_size=6), min_size=1, max_size=4))
def test_what_is_drawn_is_never_doubtful(pen: list[list[tuple[int, int]]]) -> None:
    """So that the page's copy of the normaliser needs none of this."""
    assert not shown(strokes.render(pen)).doubtful
