"""The order of the steps and who is asked what, with networks that say what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import line
from inkdigits.reader import Reader
from inkdigits.results import Box, Number
from inkdigits.rows import Row
from inkdigits.rules import Rules

Floats = NDArray[np.float32]
Doubt = dict[str, float]

INFO = SimpleNamespace(name="x", version="1", temperature=1.0, accept_threshold=0.7)
#: Columns of ink at which the three blocks of a row begin, and how wide and tall they are.
AT, WIDE, TALL = (0, 30, 60), 14, 21


class Rows:
    """A reader of rows to which each block of ink is what is wanted; it remembers the strips."""

    info = INFO

    def __init__(self, *blocks: Doubt) -> None:
        self.blocks = blocks
        self.asked: list[int] = []

    def logits(self, strips: Sequence[Floats]) -> list[Floats]:
        self.asked.append(len(strips))
        answers = []
        for strip in strips:
            shares = np.full((strip.shape[1] // line.STRIDE, line.CLASSES), 1e-7)
            shares[:, line.NOTHING] = 1
            for at, block in zip(AT, self.blocks, strict=True):
                column = (at + WIDE // 2 + 6) // line.STRIDE  # six columns of paper before the ink
                shares[column] = 1e-7
                for mark, share in block.items():
                    shares[column, line.ALPHABET.index(mark) + 1] = share
            answers.append(np.log(shares).astype(np.float32))
        return answers


class Digits:
    """A reader of single digits that gives all the same answer; it remembers how many it saw."""

    info = INFO

    def __init__(self, **shares: float) -> None:
        self.shares = shares
        self.asked: list[int] = []

    def logits(self, batch: Floats) -> Floats:
        assert batch.shape[1:] == (28, 28, 1)
        self.asked.append(len(batch))
        answer = np.full((len(batch), 10), -9.0, np.float32)
        for digit, share in self.shares.items():
            answer[:, int(digit[1:])] = 9 + np.log(share)
        return answer


def row(*, joined: bool = False) -> Row:
    ink = np.zeros((TALL + 2, AT[-1] + WIDE), np.float32)
    for at in AT:
        ink[1:-1, at : at + WIDE] = 1
    if joined:
        ink[-3:-1, AT[0] : AT[1] + WIDE] = 1
    return Row(ink, Box(0, 0, ink.shape[1], TALL))


def read(rows: Rows, digits: Digits, **ink: bool) -> Number:
    models: Any = digits, rows
    found = Reader(*models).read(row(**ink), Rules())
    assert found is not None
    return found


def test_what_is_sure_is_looked_at_once() -> None:
    rows, digits = Rows({"1": 1.0}, {"2": 1.0}, {"3": 1.0}), Digits(d1=0.4, d2=0.3, d3=0.3)
    assert read(rows, digits).text == "123"
    assert (rows.asked, digits.asked) == ([1], [3])


def test_what_is_not_is_looked_at_from_five_sides() -> None:
    rows = Rows({"1": 1.0}, {"2": 1.0}, {"3": 0.5, "8": 0.5})
    digits = Digits(d1=1, d2=1, d3=1, d8=1)
    read(rows, digits)
    assert (rows.asked, digits.asked) == ([1, 4], [3, 15])


@pytest.mark.parametrize(("own", "text"), [({"d8": 1.0}, "128"), ({"d3": 1.0}, "123")])
def test_doubts_are_settled_by_the_reader_of_single_digits(
    own: dict[str, float], text: str
) -> None:
    rows = Rows({"1": 1.0}, {"2": 1.0}, {"3": 0.5, "8": 0.5})
    assert read(rows, Digits(**{"d1": 0.5, "d2": 0.5, **own})).text == text


def test_cut_digits_are_asked_about_too_and_it_is_shown_what_was_seen() -> None:
    rows = Rows({"1": 0.55, "7": 0.45}, {"2": 1.0}, {"3": 1.0})
    digits = Digits(d7=0.4, d2=0.3, d3=0.3)
    found = read(rows, digits, joined=True)
    assert digits.asked == [3, 15]
    assert found.text == "723"
    assert all(it.seen is not None and it.seen.shape == (28, 28) for it in found.digits)
