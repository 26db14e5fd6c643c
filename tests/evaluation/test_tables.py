from __future__ import annotations

from inkdigits.evaluation import tables
from inkdigits.evaluation.setresult import RealReport
from tests.evaluation.made import report, result
from tests.evaluation.test_curves import FRAMING


def test_digits_end_with_their_mean_and_the_worst() -> None:
    real = report(result("letters", "letters", 50, 0, 10), result("nines", "digits", 4, 1, 0))
    *rows, mean, worst = tables.digit_rows(real)
    assert [row[0] for row in rows] == [r.name for r in real.digits]
    assert rows[-1] == ("nines", "4", "100.00%", "25.00%", "4.6 to 69.9", "0.00%", "-")
    assert (mean[0], mean[2], mean[3]) == ("mean of the six", "100.00%", "90.00%")
    assert (worst[0], worst[3]) == ("worst: nines", "25.00%")
    assert {len(row) for row in tables.digit_rows(real)} == {len(tables.DIGITS_HEAD)}


def test_one_set_alone_has_no_mean_and_no_worst() -> None:
    rows = tables.digit_rows(RealReport((result("usps", "digits", 4, 2, 1),)))
    assert rows == [("usps", "4", "100.00%", "50.00%", "15.0 to 85.0", "25.00%", "100.00%")]


def test_others_have_the_share_accepted_by_either_reader() -> None:
    real = report(result("blank", "nothing", 200, 0, 50))
    assert tables.other_rows(real) == [("blank", "200", "100.00%", "25.00%", "19.5 to 31.4")]


def test_refusals_are_listed_by_reason() -> None:
    head = tables.REFUSALS_HEAD
    (*_, row) = tables.refusal_rows(report(result("blank", "nothing", 200, 0, 50)))
    assert dict(zip(head, row, strict=True))["unsure"] == "75.00%"
    assert row[:2] == ("blank", "75.00%")
    assert "not a digit" in head


def test_each_axis_has_its_ends_and_its_worst() -> None:
    rows = tables.framing_rows(FRAMING)
    assert rows[0] == ("margin", "0 % to 300 %", "100.0% at 0 %", "25.0% at 0 %")
    assert rows[-1][:2] == ("colours", "10")
    assert {len(row) for row in rows} == {len(tables.FRAMING_HEAD)}
    assert len(rows) == len(FRAMING.curves)
    assert tables.curve_rows(FRAMING.curves[0], FRAMING)[-1] == (
        *("300 %", "25.0%"),
        *("100.0%", "75.0%"),
    )
