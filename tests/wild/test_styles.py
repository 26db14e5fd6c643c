from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits import InkdigitsError, Recognizer
from inkdigits.wild import rowforms
from inkdigits.wild.letterforms import DIGITS
from inkdigits.wild.oddities import KINDS
from inkdigits.wild.styles import STYLES, among, digit, digit_among

EVERY = [(label, style) for label, styles in STYLES.items() for style in styles]
#: Styles that every reader of digits must know.
PLAIN = {0: "top", 1: "stick", 2: "angular", 3: "round", 4: "open", 5: "two strokes"}
PLAIN |= {6: "plain", 7: "plain", 8: "ess start", 9: "straight"}


def test_each_digit_has_several_styles() -> None:
    assert list(STYLES) == list(range(10))
    assert min(map(len, STYLES.values())) >= 5


@given(st.sampled_from(EVERY), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_strokes_are_dense_finite_and_about_one_unit_tall(
    which: tuple[int, str], seed: int
) -> None:
    label, style = which
    strokes = digit(label, np.random.default_rng(seed), style=style)
    assert len(strokes) == len(DIGITS[label][style].strokes)
    for stroke in strokes:
        assert stroke.dtype == np.float64
        assert stroke.shape[1] == 2
        assert 10 <= len(stroke) <= 60
    points = np.concatenate(strokes)
    assert np.isfinite(points).all()
    assert points.min() > -1
    assert points.max() < 2
    assert 0.7 < np.ptp(points[:, 1]) < 1.4


def test_the_same_chance_writes_the_same() -> None:
    one, other = (digit(4, np.random.default_rng(7)) for _ in range(2))
    assert all(map(np.array_equal, one, other))
    rng = np.random.default_rng(7)
    assert not np.array_equal(digit(1, rng, style="stick")[0], digit(1, rng, style="stick")[0])


def test_every_style_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr("inkdigits.wild.styles.write", lambda form, *_: seen.append(id(form)))
    rng = np.random.default_rng(0)
    for n in range(4000):
        digit(n % 10, rng)
    assert set(seen) == {id(DIGITS[label][style]) for label, style in EVERY}


def test_common_styles_are_written_more_often() -> None:
    rng = np.random.default_rng(0)
    strokes = [len(digit(4, rng)) for _ in range(1500)]
    forms = DIGITS[4].values()
    two = sum(form.weight for form in forms if len(form.strokes) == 2)
    assert np.mean(np.equal(strokes, 2)) == pytest.approx(
        two / sum(form.weight for form in forms), abs=0.05
    )


@pytest.mark.parametrize(("label", "style"), PLAIN.items())
def test_a_plain_digit_is_read(label: int, style: str) -> None:
    rng, reader = np.random.default_rng(3), Recognizer.load("standard")
    read = [reader.classify_strokes(digit(label, rng, style=style)).digit for _ in range(40)]
    assert read.count(label) >= 36


def test_nearly_all_styles_are_read() -> None:
    rng, reader = np.random.default_rng(4), Recognizer.load("standard")
    right = [
        reader.classify_strokes(digit(label, rng, style=style)).digit == label
        for label, style in EVERY
        if label != 1
        for _ in range(6)
    ]
    assert np.mean(right) > 0.95


def test_the_flag_of_a_one_reaches_from_under_half_to_nearly_all_the_way_down() -> None:
    rng = np.random.default_rng(5)
    lengths, widths = [], []
    for _ in range(300):
        (stroke,) = digit(1, rng, style="long flag")
        top, bottom = stroke[:, 1].min(), stroke[:, 1].max()
        lengths.append((stroke[0, 1] - top) / (bottom - top))
        upright = stroke[:, 0] + 0.16 * stroke[:, 1]  # the usual slant taken away
        widths.append(np.ptp(upright) / (bottom - top))
    assert min(lengths) > 0.3
    assert max(lengths) > 0.8
    assert max(widths) < 1


@pytest.mark.parametrize("label", [-1, 10])
def test_what_is_no_digit_is_refused(label: int) -> None:
    with pytest.raises(InkdigitsError, match=f"{label} is no digit"):
        digit(label, np.random.default_rng(0))


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(InkdigitsError, match="No style 'gothic' of 8: there are ess start"):
        digit(8, np.random.default_rng(0), style="gothic")


@given(
    st.sampled_from([(label, style) for label, forms in rowforms.AMONG.items() for style in forms]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=100, deadline=None)
def test_forms_of_rows_are_strokes_too(which: tuple[int, str], seed: int) -> None:
    points = np.concatenate(digit_among(*which, np.random.default_rng(seed)))
    assert np.isfinite(points).all()
    assert 0.7 < np.ptp(points[:, 1]) < 1.4


def test_forms_of_rows_are_no_digits_alone() -> None:
    rng, reader = np.random.default_rng(6), Recognizer.load("standard")
    for label, style in [(7, "tee"), (9, "pee"), (5, "root")]:
        drawn = [reader.classify_strokes(digit_among(label, style, rng)) for _ in range(20)]
        assert sum(it.accepted for it in drawn) < 6


def test_a_hand_has_some_forms_of_rows_and_seldom_all() -> None:
    rng = np.random.default_rng(7)
    hands = [among(rng) for _ in range(200)]
    assert all(style in rowforms.AMONG[label] for hand in hands for label, style in hand.items())
    assert {label for hand in hands for label in hand} == set(rowforms.AMONG)
    assert 0.3 < np.mean([len(hand) for hand in hands]) / len(rowforms.AMONG) < 0.5


def test_what_stands_among_digits_is_drawn_somewhere() -> None:
    assert set(KINDS) >= rowforms.SIGNS
