from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from inkdigits import InkdigitsError, MissingExtraError
from inkdigits.evaluation import folder
from inkdigits.evaluation.outcome import Outcome
from inkdigits.evaluation.report import evaluate_mnist
from inkdigits.evaluation.robustness import evaluate_corruptions
from inkdigits.evaluation.setresult import RealReport
from tests.conftest import SetMaker
from tests.evaluation.made import report, result
from tests.evaluation.stand_in import StandIn, sure_of
from tests.evaluation.test_curves import FRAMING


def test_a_page_its_pictures_and_the_figures_are_written(
    tmp_path: Path, make_digits: SetMaker
) -> None:
    digits, model = make_digits(20), StandIn(sure_of([0]))
    real = report(result("letters", "letters", 6, 0, 3))
    mnist, spoilt = evaluate_mnist(model, digits), evaluate_corruptions(model, digits)
    outcome = Outcome(mnist, spoilt, real, framing=FRAMING)
    out = tmp_path / "a" / "b"
    folder.prepare(out)
    assert list(out.iterdir()) == []
    names = folder.write(out, outcome, digits)
    assert sorted(file.name for file in out.iterdir()) == sorted(names)
    assert set(names) == {
        *("report.md", "report.json"),
        *("confusion.png", "errors.png", "reliability.png", "corruptions.png"),
        *("reliability-real.png", "tradeoff.png", "framing.png"),
    }
    assert json.loads((out / "report.json").read_text("utf-8"))["mnist"]["errors"] == 18
    page = (out / "report.md").read_text("utf-8")
    for name in names:
        if name.endswith(".png"):
            assert f"]({name})" in page
            with Image.open(out / name) as picture:
                assert picture.width > 500
    names = folder.write(out, Outcome(outcome.mnist), digits)
    assert len(names) == 5
    odd = RealReport((result("blank", "nothing", 6, 0, 3),))
    assert folder.write(out, Outcome(outcome.mnist, real=odd), digits) == names


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InkdigitsError, match="cannot be written to"):
            folder.prepare(place)


def test_a_full_disk_is_one_error(
    tmp_path: Path, make_digits: SetMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = make_digits(10)
    outcome = Outcome(evaluate_mnist(StandIn(sure_of([0])), digits))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    with pytest.raises(InkdigitsError, match="No space left on device"):
        folder.write(tmp_path, outcome, digits)


def test_missing_matplotlib_is_noticed_before_the_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match="matplotlib"):
        folder.prepare(tmp_path / "new")
    assert not (tmp_path / "new").exists()
