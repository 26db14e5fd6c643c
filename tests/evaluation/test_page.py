from __future__ import annotations

import re
from dataclasses import replace

import pytest

from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.page import page
from inkdigits.evaluation.report import Report, evaluate_mnist
from inkdigits.evaluation.robustness import Corrupted, Robustness
from inkdigits.evaluation.setresult import RealReport
from tests.evaluation.made import report as real_report
from tests.evaluation.made import result
from tests.evaluation.stand_in import StandIn, sure_of
from tests.evaluation.test_curves import FRAMING
from tests.evaluation.test_report import blank

SPOILT = Robustness(42, (Corrupted("fog", 8, 2), Corrupted("scale", 8, 0)))


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate_mnist(StandIn(sure_of([0, 1, 2, 3, 4, 5, 6, 1])), blank([*range(8)]))


def test_a_page_has_all_that_was_found(report: Report) -> None:
    real = real_report(result("letters", "letters", 50, 0, 10))
    text = page(Outcome(report, SPOILT, real, framing=FRAMING))
    assert text.startswith("# How well stand-in 7 reads digits\n\n**87.50%** of 8 digits")
    assert "- Mean error on digits spoilt in fifteen ways: 12.50%" in text
    assert "- Real handwriting, mean of six sets: 90.00%" in text
    assert "| 1 | 50.00% | 100.00% | 66.67% | 1 |" in text
    assert "| 7 | 7 | 1 | 94.28% | yes |" in text
    assert "| fog | 2 | 25.00% |" in text
    assert "| usps | 10 | 100.00% | 90.00% | 59.6 to 98.2 | 80.00% | 100.00% |" in text
    assert "| letters | 50 | 100.00% | 20.00% | 11.2 to 33.0 |" in text
    assert "| letters | 80.00% | 80.00% | 0.00% | 0.00% | 0.00% |" in text
    assert "20.00% of 50 letters, scribbles and symbols are accepted and 20.00% of 60" in text
    assert "on the same pictures" in text
    assert "| 150 % | 25.0% | 100.0% | 75.0% |" in text
    pictures = re.findall(r"!\[.+?\]\(([\w-]+)\.png\)", text)
    assert pictures == [
        *("confusion", "errors", "reliability", "corruptions"),
        *("reliability-real", "tradeoff", "framing"),
    ]
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


def test_without_digits_what_is_no_digit_is_there(report: Report) -> None:
    text = page(Outcome(report, real=RealReport((result("blank", "nothing", 20, 0, 5),))))
    assert "## What is no digit" in text
    assert "| blank | 20 | 100.00% | 25.00% |" in text
    assert "Real handwriting" not in text
    assert "tradeoff.png" not in text
