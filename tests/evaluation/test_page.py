from __future__ import annotations

import re
from dataclasses import replace

import pytest

from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.page import page, real_rows
from inkdigits.evaluation.real import MEAN_OF, SetResult
from inkdigits.evaluation.report import Report, evaluate_mnist
from inkdigits.evaluation.robustness import Corrupted, Robustness
from tests.evaluation.stand_in import StandIn, sure_of
from tests.evaluation.test_report import blank

SPOILT = Robustness(42, (Corrupted("fog", 8, 2), Corrupted("scale", 8, 0)))


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate_mnist(StandIn(sure_of([0, 1, 2, 3, 4, 5, 6, 1])), blank([*range(8)]))


def test_a_page_has_all_that_was_found(report: Report) -> None:
    sets = tuple(SetResult(name, "digits", 10, 9, 8, 8) for name in MEAN_OF)
    text = page(Outcome(report, SPOILT, sets))
    assert text.startswith("# How well stand-in 7 reads digits\n\n**87.50%** of 8 digits")
    assert "- Mean error on digits spoilt in fifteen ways: 12.50%" in text
    assert "- Real handwriting, mean of five sets: 90.00%" in text
    assert "| 1 | 50.00% | 100.00% | 66.67% | 1 |" in text
    assert "| 7 | 7 | 1 | 94.28% | yes |" in text
    assert "| fog | 2 | 25.00% |" in text
    assert "| usps | 10 | 90.00% | 80.00% | 100.00% |" in text
    pictures = re.findall(r"!\[.+?\]\((\w+)\.png\)", text)
    assert pictures == ["confusion", "errors", "reliability", "corruptions"]
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({line.count("|") for line in block.splitlines()}) == 1, block


def test_what_was_left_out_is_left_out(report: Report) -> None:
    text = page(Outcome(report))
    assert "corruptions.png" not in text
    assert "Real handwriting" not in text
    assert "dispute too: " not in text  # no label of this set is known to be disputed


def test_shifts_are_said_under_the_headline(report: Report) -> None:
    assert "shift" not in page(Outcome(report))
    headline, said = page(Outcome(report, shifts=1)).split("\n\n")[1:3]
    assert headline.startswith("**87.50%** of 8 digits")
    assert said.startswith("Each digit was read 9 times, at every shift of up to 1 pixel, and")
    assert "read 25 times, at every shift of up to 2 pixels" in page(Outcome(report, shifts=2))


def test_no_mistakes_make_no_table(report: Report) -> None:
    text = page(Outcome(replace(report, mistakes=(), errors=0)))
    assert "No digit was read wrongly." in text
    assert "errors.png" not in text


def test_letters_are_to_be_rejected() -> None:
    rows = real_rows([SetResult("letters", "letters", 200, 0, 50, 0)])
    assert rows == [("letters (to reject)", "200", "-", "25.00%", "-")]
    assert real_rows([SetResult("usps", "digits", 4, 2, 0, 0)])[0][-1] == "-"
