from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.wild import pages, sheets, styles
from inkdigits.wild import writer as hands
from inkdigits.wild.pages import KINDS, LAYOUTS, SPACINGS, Kind, Layout, Page, Spacing, Style

PLAIN = Style(size=(500, 700), digit=34, numbers=6, shadow=0.1, hand=True, gap=(0.15, 0.25))


def ink_of(
    seed: int, kind: Kind, how: Style, monkeypatch: pytest.MonkeyPatch
) -> tuple[Page, NDArray[np.bool_]]:
    """A page, and where a page without a pen differs from it."""
    page = pages.page(np.random.default_rng(seed), kind, how)
    with monkeypatch.context() as without:
        without.setattr(sheets, "_drawn", lambda *_: None)
        empty = pages.page(np.random.default_rng(seed), kind, how)
    assert empty.numbers == page.numbers
    return page, empty.pixels.astype(int) - page.pixels > 20


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("camera", [False, True])
def test_all_ink_is_in_the_boxes_and_fills_them(
    kind: Kind, layout: Layout, camera: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    skew = 0.0 if camera else 3.0
    how = replace(PLAIN, layout=layout, camera=camera, skew=skew, noise=0.0)
    page, ink = ink_of(3, kind, how, monkeypatch)
    assert 1 <= len(page.numbers) <= 6
    left = ink.copy()
    for number in page.numbers:
        assert number.text.isdigit()
        assert 2 <= len(number.text) <= 6
        x, y, wide, tall = number.box
        assert x >= 0
        assert y >= 0
        inside = ink[y : y + tall, x : x + wide]
        assert inside.shape == (tall, wide)
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        assert columns[-1] - columns[0] > 0.9 * wide
        assert rows[-1] - rows[0] > 0.7 * tall
        left[max(y - 2, 0) : y + tall + 2, max(x - 2, 0) : x + wide + 2] = False
    assert not left.any()


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_boxes_turn_with_the_picture(turn: int) -> None:
    upright, turned = (
        pages.page(np.random.default_rng(3), "white", replace(PLAIN, noise=0.0, turn=quarters))
        for quarters in (0, turn)
    )
    assert np.abs(np.rot90(upright.pixels, turn).astype(int) - turned.pixels).max() <= 1
    for one, other in zip(upright.numbers, turned.numbers, strict=True):
        (x, y, wide, tall), (x1, y1, wide1, tall1) = one.box, other.box
        before = np.rot90(upright.pixels[y : y + tall, x : x + wide], turn)
        after = turned.pixels[y1 : y1 + tall1, x1 : x1 + wide1]
        assert np.abs(before.astype(int) - after).max() <= 1


def test_lines_are_counted_from_the_top() -> None:
    for layout in LAYOUTS:
        page = pages.page(np.random.default_rng(1), "white", Style(layout=layout))
        middles = [number.box[1] + number.box[3] / 2 for number in page.numbers]
        lines = [number.line for number in page.numbers]
        assert lines == sorted(lines)
        assert np.corrcoef(middles, lines)[0, 1] > 0.95


def test_the_same_generator_gives_the_same_page() -> None:
    one, other = (pages.page(np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.numbers == other.numbers
    assert pages.page(np.random.default_rng(10)).numbers != one.numbers
    styles = [pages.style(np.random.default_rng(seed)) for seed in (4, 4, 5)]
    assert styles[0] == styles[1] != styles[2]


def test_spread_digits_stand_one_number_a_line() -> None:
    page = pages.page(np.random.default_rng(2), "white", Style(spread=True))
    lines = [number.line for number in page.numbers]
    assert len(set(lines)) == len(lines)
    wide = [number.box[2] / number.box[3] / len(number.text) for number in page.numbers]
    assert np.median(wide) > 1


def test_a_column_has_one_number_a_line_below_one_another() -> None:
    page = pages.page(np.random.default_rng(2), "white", replace(PLAIN, layout="column"))
    assert [number.line for number in page.numbers] == list(range(len(page.numbers)))
    assert np.ptp([number.box[0] for number in page.numbers]) < PLAIN.digit


@pytest.mark.parametrize("spacing", SPACINGS)
def test_numbers_of_a_line_are_further_apart_than_digits(spacing: Spacing) -> None:
    rng = np.random.default_rng(6)
    how = pages.style(rng, layout="rows", spacing=spacing, longest=(1200, 1200))
    how = replace(how, numbers=30, camera=False, skew=0.0)
    page = pages.page(rng, "white", how)
    gaps = [
        (b.box[0] - a.box[0] - a.box[2]) / how.digit
        for a, b in zip(page.numbers, page.numbers[1:], strict=False)
        if a.line == b.line
    ]
    assert gaps
    assert min(gaps) > 2 * how.gaps[1]
    assert min(gaps) > 2.5


def test_touching_digits_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    pieces = {}
    for spacing in ("touching", "normal"):
        gap = pages.SPACINGS[spacing][0]
        how = replace(PLAIN, gap=(gap, gap), noise=0.0, digit=50)
        page, ink = ink_of(5, "white", how, monkeypatch)
        digits = sum(len(number.text) for number in page.numbers)
        pieces[spacing] = (cv2.connectedComponents(ink.view(np.uint8))[0] - 1) / digits
    assert pieces["normal"] > 0.95
    assert pieces["touching"] < 0.6


def test_pages_of_any_size_hold_numbers() -> None:
    sizes, turns, counts = [], set(), []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        how = pages.style(rng, longest=(500, 1200), turned=True)
        page = pages.page(rng, None, how)
        assert page.pixels.dtype == np.uint8
        assert 1 <= len(page.numbers) <= 30
        for number in page.numbers:
            x, y, wide, tall = number.box
            assert min(x, y) >= 0
            assert x + wide <= page.pixels.shape[1]
            assert y + tall <= page.pixels.shape[0]
        sizes.append(max(how.size))
        turns.add(how.turn)
        counts.append(len(page.numbers))
    assert min(sizes) < 600
    assert max(sizes) > 1000
    assert turns == {0, 1, 2, 3}
    assert max(counts) > 15


def test_distractions_are_ink_outside_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    how = replace(PLAIN, noise=0.0, words=1, scribble=True, signature=True, specks=9)
    plain = ink_of(8, "white", replace(PLAIN, noise=0.0), monkeypatch)[1]
    page, ink = ink_of(8, "white", how, monkeypatch)
    assert ink.sum() > plain.sum()
    lowest = max(number.box[1] + number.box[3] for number in page.numbers)
    assert ink[lowest + 2 :].sum() > 300
    heading = pages.page(np.random.default_rng(8), "white", replace(PLAIN, heading=True))
    assert heading.pixels[: 2 * PLAIN.digit].min() < 0.6 * np.median(heading.pixels)


def test_a_hand_keeps_its_forms_and_slant() -> None:
    hand = hands.writer(np.random.default_rng(1), 60, (0.2, 0.3))
    assert hand.forms is not None
    assert all(form in styles.STYLES[digit] for digit, form in enumerate(hand.forms))
    forms = ("", "stick", *[""] * 8)
    leans = {0.0: 0.0, 20.0: np.tan(np.radians(20))}
    for slant, lean in leans.items():
        sloping = replace(hand, forms=forms, slant=slant)
        found = []
        for seed in range(30):
            (stroke,) = hands.number("1", sloping, np.random.default_rng(seed))
            top, foot = stroke[stroke[:, 1].argmin()], stroke[stroke[:, 1].argmax()]
            found.append((top[0] - foot[0]) / (foot[1] - top[1]))
        assert np.mean(found) == pytest.approx(lean, abs=0.06)
        assert np.std(found) < 0.12
