from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits.wild import glyphs, oddities
from inkdigits.wild.lookalikes import GROUPS, family
from inkdigits.wild.scribbles import SCRIBBLES
from inkdigits.wild.textures import TEXTURES

seeds = st.integers(0, 2**32 - 1)
ROWS = [row for families in glyphs.table().values() for rows in families for row in rows]


@given(seeds)
@settings(max_examples=200, deadline=None)
def test_strokes_are_named_and_finite(seed: int) -> None:
    kind, strokes = oddities.strokes(np.random.default_rng(seed))
    assert kind in oddities.KINDS
    for stroke in strokes:
        assert stroke.shape[1] == 2
        assert len(stroke) >= 10
    points = np.concatenate(strokes)
    assert np.isfinite(points).all()
    assert 0.4 < np.ptp(points, axis=0).max() < 4


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_textures_are_ink(seed: int) -> None:
    kind, ink = oddities.texture(np.random.default_rng(seed))
    assert kind in TEXTURES
    assert ink.dtype == np.float32
    assert all(48 <= side <= 100 for side in ink.shape)
    assert ink.min() >= 0
    assert 0.15 < ink.max() <= 1


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_glyphs_are_ink(seed: int) -> None:
    character, ink = oddities.glyph(np.random.default_rng(seed))
    assert any(character == row.character for row in ROWS)
    assert ink.dtype == np.float32
    assert 25 <= max(ink.shape) <= 190
    assert ink.min() >= 0
    assert 0.3 < ink.max() <= 1


@pytest.mark.parametrize("make", [oddities.strokes, oddities.glyph, oddities.texture])
def test_the_same_chance_makes_the_same(make: object) -> None:
    assert callable(make)
    (one, first), (other, second) = (make(np.random.default_rng(11)) for _ in range(2))
    assert one == other
    assert all(map(np.array_equal, first, second))


def test_every_kind_is_made() -> None:
    rng = np.random.default_rng(0)
    seen = {oddities.strokes(rng)[0] for _ in range(4000)}
    seen |= {oddities.texture(rng)[0] for _ in range(300)}
    assert seen == set(oddities.KINDS)
    assert len(oddities.KINDS) == len(set(oddities.KINDS))


def test_every_group_is_drawn_from() -> None:
    rng = np.random.default_rng(0)
    kin = [family(glyphs.glyph(rng)[0]) for _ in range(600)]
    assert {found[0] for found in kin if found} == set(GROUPS)


ALIKE = "0O oОοΟՕ°Øö 1Il|ijI1ӏІіαιا ו 2Zzż²ƻ 3ЗзЭƷξ③ 4yuЧуч½Ⅳ 5Sş٥ 6Gbбьط 7¬τ 8BВβß§∞ 9gqԳو"
MARKS = "∪∁⊂∃∋·.,-_()"


@pytest.mark.parametrize("alike", ALIKE.replace(" ", "") + MARKS)
def test_what_resembles_a_digit_is_left_out(alike: str) -> None:
    assert family(alike) is None
    assert not any(row.character == alike for row in ROWS)


def test_no_number_of_any_script_is_drawn() -> None:
    for row in ROWS:
        whole = unicodedata.normalize("NFKD", row.character)
        assert not any(unicodedata.category(part).startswith("N") for part in whole)
        assert unicodedata.numeric(row.character, None) is None
        assert not set(whole) & set("OoQDCcGIiJjlUuyZzSsBgqb|")


@pytest.mark.parametrize(
    ("character", "kin"),
    [("É", ("latin", "E")), ("ж", ("cyrillic", "ж")), ("→", ("sign", "→")), ("א", ("hebrew", "א"))],
)
def test_letters_follow_their_base(character: str, kin: tuple[str, str]) -> None:
    assert family(character) == kin


def test_the_table_is_large_and_draws_no_blank() -> None:
    assert len(ROWS) > 800
    for row in ROWS:
        assert glyphs.printed(row.character, row.fonts[-1]).max() > 0.5


def test_letters_that_look_otherwise_in_a_cursive_font_are_not_taken_from_it() -> None:
    fonts = {row.character: row.fonts for row in ROWS}
    assert "DejaVuSerif" in fonts["т"]
    assert "DejaVuSerif-Italic" not in fonts["т"]
    assert "STIXGeneralItalic" not in fonts["a"]
    assert "cmr10" in fonts["K"]
    assert "cmr10" not in fonts["<"]  # where the font has an exclamation mark upside down


@pytest.mark.parametrize("name", ["corners", "tangle"])
def test_random_lines_cross_so_often_that_they_spell_nothing(name: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        for line in SCRIBBLES[name](rng):
            assert crossings(line) >= 3


def crossings(line: np.ndarray) -> int:
    """How often a poly-line crosses itself, pair by pair."""
    steps = np.diff(line, axis=0)
    found = 0
    for i, step in enumerate(steps):
        for j in range(i + 2, len(steps)):
            matrix = np.stack([step, -steps[j]], axis=1)
            if abs(np.linalg.det(matrix)) < 1e-12:
                continue
            s, t = np.linalg.solve(matrix, line[j] - line[i])
            found += 0 <= s < 1 and 0 <= t < 1
    return found
