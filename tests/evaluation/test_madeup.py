from __future__ import annotations

import sys

import numpy as np
import pytest

from inkdigits.evaluation import madeup


@pytest.mark.parametrize("name", madeup.SETS)
def test_a_set_is_always_the_same_and_as_a_picture_is(name: str) -> None:
    count, pairs = madeup.pictures(name, 12)
    again = list(madeup.pictures(name, 12)[1])
    assert count == 12
    for (label, picture), (same, other) in zip(pairs, again, strict=True):
        assert label == same
        np.testing.assert_array_equal(picture, other)
        assert (picture.ndim, picture.dtype.name) == (2, "float32")
        assert 0 <= picture.min() <= picture.max() <= 1
        assert min(picture.shape) >= 20
    assert len({label for label, _ in again}) > 2


@pytest.mark.parametrize("name", madeup.SETS)
def test_a_limit_takes_no_more_than_there_are(name: str) -> None:
    whole, _ = madeup.pictures(name)
    assert whole == madeup.SETS[name].count >= 300
    assert madeup.pictures(name, 10**6)[0] == whole


def test_sets_draw_from_streams_of_their_own() -> None:
    first = {name: next(iter(madeup.pictures(name, 1)[1]))[1] for name in ("scribbles", "symbols")}
    assert first["scribbles"].shape != first["symbols"].shape
    assert madeup.STREAM >= 10**6
    assert max(made.count for made in madeup.SETS.values()) < 100_000


def test_blank_sheets_have_no_ink_and_dots_have() -> None:
    for label, picture in madeup.pictures("blank", 60)[1]:
        if label == "white":
            assert picture.min() > 0.7
    counts = {"speck": 0, "one dot": 0, "two dots": 0, "three dots": 0}
    for label, picture in madeup.pictures("dots", 60)[1]:
        counts[label] += 1
        darker = picture < np.median(picture) - 0.2
        assert darker.mean() < 0.05
        if label != "speck":
            assert darker.any()
    assert min(counts.values()) >= 5


def test_symbols_are_left_out_where_no_fonts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "symbols" in madeup.available()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert madeup.available() == ("blank", "dots", "scribbles")
