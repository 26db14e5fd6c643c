from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from inkdigits import DataError, Recognizer
from inkdigits.evaluation import madeup
from inkdigits.evaluation.real import (
    COMPARED,
    FILES,
    evaluate_real,
    pictures,
    spread,
    strokes,
)
from inkdigits.evaluation.setresult import MEAN_OF, RealReport
from tests.evaluation.made import Answers, answer
from tests.pictures import STROKES


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small sets in the real formats: three strokes of digits, and the letter X, O and W."""
    _save(tmp_path / "pendigits_strokes.npz", [STROKES[d] for d in (7, 0, 1)], labels=[7, 0, 2])
    cross = [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]]
    waves = [[(0.0, 0.0), (0.25, 1.0), (0.5, 0.0), (0.75, 1.0), (1.0, 0.0)]]
    names = np.array(["X", "O", "W"])
    _save(
        tmp_path / "uji_letters_strokes.npz",
        [cross, STROKES[0], waves],
        labels=[ord(name) for name in "XOW"],
        label_names=names,
    )
    return tmp_path


def _save(path: Path, samples: list[list[list[tuple[float, float]]]], **more: object) -> None:
    lines = [line for sample in samples for line in sample]
    arrays = {key: np.asarray(value) for key, value in more.items()}
    np.savez(
        path,
        points=np.concatenate([np.array(line, np.float32) for line in lines]),
        stroke_offsets=np.cumsum([0, *map(len, lines)]),
        sample_offsets=np.cumsum([0, *map(len, samples)]),
        allow_pickle=False,
        **arrays,
    )


def test_digits_are_counted_and_look_alikes_left_out(folder: Path, recognizer: Recognizer) -> None:
    seen: list[tuple[str, int, int]] = []
    digits, letters, *others = evaluate_real(
        recognizer, folder, limit=3, progress=lambda *step: seen.append(step)
    )
    assert (digits.name, digits.kind, digits.shown, digits.right) == ("pendigits", "digits", 3, 2)
    assert digits.accuracy == pytest.approx(2 / 3)
    assert digits.ours.labels.tolist() == ["7", "0", "2"]
    assert digits.ours.digits.tolist() == [7, 0, 1]
    assert (letters.name, letters.kind, letters.shown, letters.right) == (
        *("letters", "letters"),
        *(2, 0),
    )
    assert letters.ours.labels.tolist() == ["X", "W"]
    assert seen[:2] == [("pendigits", 3, 3), ("letters", 2, 2)]
    assert [(other.name, other.kind, other.shown) for other in others] == [
        ("blank", "nothing", 3),
        ("dots", "nothing", 3),
        ("scribbles", "oddities", 3),
        ("symbols", "oddities", 3),
    ]


def test_both_readers_see_the_same_pictures_and_are_kept_apart(folder: Path) -> None:
    ours, plain = Answers([answer(7, digitness=1.5)]), Answers([answer(0, reason="unsure")])
    results = evaluate_real(ours, folder, plain=plain, limit=2)
    for one, other in zip(ours.shown, plain.shown, strict=True):
        assert one is other
    (digits, *_) = results
    assert (digits.accuracy, digits.plain_accuracy) == (0.5, 0)
    assert digits.ours.digitness.tolist() == [1.5, 1.5]
    assert digits.plain.reasons.tolist() == ["unsure", "unsure"]
    assert {r.false_accepts for r in results} == {1}
    assert {r.plain_false_accepts for r in results} == {0}


def test_the_plain_reader_sees_a_thousand_evenly_spread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(madeup, "available", tuple)
    images = np.zeros((COMPARED + 500, 4, 4), np.uint8)
    np.savez(tmp_path / "usps_train.npz", images=images, labels=np.arange(len(images)) % 10)
    ours, plain = Answers([answer(0)]), Answers([answer(0)])
    (usps,) = evaluate_real(ours, tmp_path, plain=plain)
    assert (usps.shown, len(usps.plain)) == (COMPARED + 500, COMPARED)
    picked = np.array(spread(COMPARED + 500, COMPARED))
    assert usps.plain.labels.tolist() == [str(i % 10) for i in picked]
    assert (picked[0], picked[-1]) == (0, COMPARED + 499)
    assert np.diff(picked).max() == 2


def test_without_a_folder_what_is_made_up_is_shown() -> None:
    results = evaluate_real(Answers([answer(3)]), None, plain=Answers([answer(3)]), limit=2)
    assert [result.name for result in results] == list(madeup.SETS)
    assert RealReport(tuple(results)).digits == ()


def test_a_digit_is_cut_out_of_its_cheque(tmp_path: Path) -> None:
    pages = [np.full((40, 90, 1), 200, np.uint8), np.full((30, 50, 1), 220, np.uint8)]
    pages[0][10:30, 40:46] = 20  # a 1, 6 by 20, at x 40, y 10
    pages[1][5:25, 10:30] = 30
    np.savez(
        tmp_path / FILES["cheques"],
        pixels=np.concatenate([page.ravel() for page in pages]),
        shapes=np.array([page.shape for page in pages]),
        offsets=np.cumsum([0, *(page.size for page in pages)]),
        strings=np.array(["1", "0"]),
        boxes_xywh=np.array([[40, 10, 6, 20], [10, 5, 20, 20]], np.float32),
        box_labels=np.array([1, 0]),
        box_image=np.array([0, 1]),
    )
    count, pairs = pictures("cheques", tmp_path / FILES["cheques"])
    found = list(pairs)
    assert count == 2
    assert [label for label, _ in found] == ["1", "0"]
    for (_, picture), paper, area in zip(found, (200, 220), (120, 400), strict=True):
        # all ink of the box is there, enlarged, and little more than the box
        scale_area = (picture < 0.45).sum() / area
        assert 0.9 <= scale_area <= 9.5
        assert picture.max() == pytest.approx(paper / 255, abs=0.15)
        assert (picture < 0.45).mean() > 0.15


def test_strokes_come_with_their_digits(folder: Path) -> None:
    labels, lines = strokes(folder / "pendigits_strokes.npz")
    assert labels.tolist() == [7, 0, 2]
    np.testing.assert_allclose(lines(0)[0], STROKES[7][0], atol=1e-6)


def test_a_limit_spreads_over_the_set(folder: Path) -> None:
    count, shown = pictures("pendigits", folder / "pendigits_strokes.npz", limit=2)
    assert count == 2
    assert [label for label, _ in shown] == ["7", "2"]


def test_an_empty_folder_is_refused(tmp_path: Path, recognizer: Recognizer) -> None:
    with pytest.raises(DataError, match="none of the real sets"):
        evaluate_real(recognizer, tmp_path)


def test_a_damaged_set_is_refused_by_name(tmp_path: Path, recognizer: Recognizer) -> None:
    (tmp_path / "hwd1000.npz").write_bytes(b"not a zip")
    with pytest.raises(DataError, match=r"hwd1000\.npz is damaged"):
        evaluate_real(recognizer, tmp_path)


def test_a_file_that_lacks_its_pictures_is_refused(tmp_path: Path, recognizer: Recognizer) -> None:
    np.savez(tmp_path / FILES["pendigits"], labels=np.arange(3))
    with pytest.raises(DataError, match=r"pendigits_strokes\.npz is not laid out"):
        evaluate_real(recognizer, tmp_path)
    with pytest.raises(DataError, match="not laid out"):
        strokes(tmp_path / FILES["pendigits"])


@pytest.mark.data
def test_real_handwriting_is_read(recognizer: Recognizer) -> None:
    real = Path(os.environ["INKDIGITS_DATA"]) / "real"
    if not real.is_dir():
        pytest.skip("INKDIGITS_DATA has no folder named real")
    report = RealReport(tuple(evaluate_real(recognizer, real, limit=200)))
    assert report.mean_accuracy is not None
    assert report.plain_mean_accuracy is not None
    assert {result.name for result in report.digits} == set(MEAN_OF)
    assert report.mean_accuracy >= 0.97
    assert report.plain_mean_accuracy < report.mean_accuracy - 0.1
    cheques = next(result for result in report.digits if result.name == "cheques")
    assert cheques.accuracy >= 0.9
