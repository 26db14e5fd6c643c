from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.data.digits import Digits
from inkdigits.errors import DataError
from inkdigits.training.lines import composing, writing
from inkdigits.training.sources import Sources
from inkdigits.wild import line, oddities, rowforms, styles


@pytest.fixture(scope="module")
def sources(make_digits: Callable[..., Digits]) -> Sources:
    return Sources(make_digits(60, 1), {})


def test_a_text_becomes_a_picture(sources: Sources) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        picture, wide = writing.picture("12.50-?", sources, rng)
        assert picture.dtype == np.float32
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert np.ptp(picture) > 0.05
        assert 0 < wide <= 3 * picture.shape[1]  # coarse ones are made smaller afterwards


def test_more_digits_are_wider(sources: Sources) -> None:
    few, many = (
        np.median([writing.picture(text, sources, np.random.default_rng(k))[1] for k in range(15)])
        for text in ("11", "11111111")
    )
    assert many > 2 * few


def test_rows_depend_on_seed_and_number_only(sources: Sources) -> None:
    both = composing.compose(sources, 7, 0, 4)
    rest = composing.compose(sources, 7, 2, 2)
    assert list(both.texts[2:]) == list(rest.texts)
    assert np.array_equal(list(both)[3], list(rest)[1])
    assert list(composing.compose(sources, 8, 0, 4).texts) != list(both.texts)


def test_rows_are_kept_and_joined(
    sources: Sources, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = composing.compose(sources, 1, 0, 3)
    path = tmp_path_factory.mktemp("rows") / "rows.npz"
    rows.save(path)
    twice = composing.joined([composing.load(path), rows])
    assert len(twice) == 6
    for one, other in zip(list(twice)[3:], rows, strict=True):
        assert np.array_equal(one, other)
        assert one.shape[0] == 32


def test_a_file_that_holds_no_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.npz"
    with pytest.raises(DataError, match="not there"):
        composing.load(path)
    path.write_bytes(b"no rows")
    with pytest.raises(DataError, match="holds no rows"):
        composing.load(path)


def test_what_is_no_digit_cannot_be_taken_for_one_among_digits(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    real = oddities.strokes

    def watched(rng: np.random.Generator) -> tuple[str, list[NDArray[np.float64]]]:
        name, lines = real(rng)
        drawn.append(name)
        return name, lines

    monkeypatch.setattr(oddities, "strokes", watched)
    monkeypatch.setattr(oddities, "glyph", lambda _: ("P", np.ones((9, 9), np.float32)))
    kept: list[str] = []

    def noted(*_: object) -> NDArray[np.float32]:
        kept.append(drawn[-1])
        return np.ones((9, 9), np.float32)

    monkeypatch.setattr(writing, "_written", noted)
    rng = np.random.default_rng(2)
    for among in (True, False):
        kept.clear()
        hand = writing._Hand("mnist", None, 2.0, 1.0, line.line(rng), alone=not among)
        for _ in range(200):
            writing._other(hand, sources, rng)
        letters = {name for name in kept if name.startswith(("letter", "sign"))}
        assert (letters <= rowforms.SIGNS) == among
        assert "letter A" in letters


def test_a_peculiar_hand_keeps_to_its_forms(
    sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []
    real = styles.digit_among

    def watched(label: int, style: str, rng: np.random.Generator) -> list[NDArray[np.float64]]:
        asked.append((label, style))
        return real(label, style, rng)

    monkeypatch.setattr(writing, "PECULIAR", 1.0)
    monkeypatch.setattr(styles, "digit_among", watched)
    monkeypatch.setattr(styles, "among", lambda _: {9: "pee"})
    writing.picture("1929", sources, np.random.default_rng(0))
    assert asked == [(9, "pee")] * 2
    writing.picture("9", sources, np.random.default_rng(0))
    assert len(asked) == 2
