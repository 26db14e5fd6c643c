from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from inkdigits import DataError, Recognizer
from inkdigits.evaluation.real import MEAN_OF, SetResult, evaluate_real, pictures
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
    digits, letters = evaluate_real(recognizer, folder, progress=lambda *step: seen.append(step))
    assert (digits.name, digits.kind, digits.shown, digits.right) == ("pendigits", "digits", 3, 2)
    assert digits.accuracy == pytest.approx(2 / 3)
    assert digits.accepted == 3
    assert digits.accepted_right == 2
    assert (letters.name, letters.kind, letters.shown, letters.right) == (
        "letters",
        "letters",
        2,
        0,
    )
    assert seen == [("pendigits", 3, 3), ("letters", 2, 2)]


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


def test_to_dict_has_the_accuracy() -> None:
    assert SetResult("usps", "digits", 4, 3, 2, 2).to_dict()["accuracy"] == 0.75


@pytest.mark.data
def test_real_handwriting_is_read(recognizer: Recognizer) -> None:
    real = Path(os.environ["INKDIGITS_DATA"]) / "real"
    if not real.is_dir():
        pytest.skip("INKDIGITS_DATA has no folder named real")
    results = {r.name: r for r in evaluate_real(recognizer, real, limit=200)}
    assert np.mean([results[name].accuracy for name in MEAN_OF]) >= 0.95
