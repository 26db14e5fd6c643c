from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits import Recognizer, preprocess
from inkdigits.evaluation.framed import Sample, evaluate_framing, sample
from inkdigits.evaluation.framing import AXES, PLAIN, Axis
from inkdigits.evaluation.plain import PlainReader
from inkdigits.segment import Glyph
from tests.evaluation.made import Answers, answer
from tests.pictures import STROKES

DIGITS = Sample(
    "made up",
    np.array([0, 2, 4, 7]),
    tuple([np.array(line) for line in STROKES[d]] for d in (0, 2, 4, 7)),
)
MARGIN = Axis("margin", "margin", "%", (0.1, 2.0))


def test_who_is_always_right_gets_everything_and_who_is_not_nothing() -> None:
    right = Answers([answer(0), answer(2), answer(4, reason="unsure"), answer(7)])
    wrong = Answers([answer(9)])
    steps: list[tuple[str, int, int]] = []
    framing = evaluate_framing(right, wrong, DIGITS, progress=lambda *step: steps.append(step))
    assert [curve.axis for curve in framing.curves] == list(AXES)
    for curve in framing.curves:
        count = len(curve.axis.values)
        assert curve.right == (4,) * count
        assert curve.accepted == curve.accepted_right == (3,) * count
        assert curve.plain_right == (0,) * count
    total = sum(len(axis.values) for axis in AXES)
    assert steps == [("framing", k + 1, total) for k in range(total)]
    for ours, plain in zip(right.shown, wrong.shown, strict=True):  # both see the same
        assert ours is plain


def test_a_summary_is_json() -> None:
    reader = Answers([answer(0), answer(1)])
    said = evaluate_framing(reader, reader, DIGITS, axes=[MARGIN]).to_dict()
    (axis,) = json.loads(json.dumps(said))["axes"]
    assert (said["shown"], said["digits"]) == (4, "made up")
    assert (axis["name"], axis["values"]) == ("margin", [0.1, 2])
    assert axis["accuracy"] == [0.25, 0.25]  # the same reader answers both: 0, then 1 as plain
    assert axis["plain_accuracy"] == [0, 0]
    assert axis["accepted"] == [1, 1]


def test_a_margin_troubles_the_plain_reader_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, plain = Recognizer.load("classic"), PlainReader.load()
    (curve,) = evaluate_framing(reader, plain, DIGITS, axes=[MARGIN]).curves
    assert curve.right == (4, 4)
    assert curve.plain_right[0] == 4
    assert curve.plain_right[1] <= 1
    whole = preprocess.normalise

    def broken(glyph: Glyph) -> NDArray[np.float32]:
        small = np.zeros((28, 28), np.float32)
        small[:7, :7] = whole(glyph)[::4, ::4]
        return small

    monkeypatch.setattr(preprocess, "normalise", broken)
    (curve,) = evaluate_framing(reader, plain, DIGITS, axes=[MARGIN]).curves
    assert max(curve.right) < 4


def test_digits_are_as_many_of_each_and_pen_strokes_come_first(tmp_path: Path, npz: Path) -> None:
    names = [0, 2, 4, 7] * 5
    lines = [np.array(line, np.float32) for d in names for line in STROKES[d]]
    np.savez(
        tmp_path / "pendigits_strokes.npz",
        points=np.concatenate(lines),
        stroke_offsets=np.cumsum([0, *map(len, lines)]),
        sample_offsets=np.cumsum([0, *(len(STROKES[d]) for d in names)]),
        labels=np.array(names),
    )
    found = sample(tmp_path, str(npz), 20)
    assert found.source == "pen strokes of pendigits"
    assert np.bincount(found.labels).tolist() == [2, 0, 2, 0, 2, 0, 0, 2]
    seven = found.lines[found.labels.tolist().index(7)]
    np.testing.assert_allclose(seven[0], STROKES[7][0], atol=1e-6)
    traced = sample(None, str(npz), 20)
    assert traced.source == "MNIST validation digits, traced"
    assert np.bincount(traced.labels).tolist() == [2] * 10
    assert sample(tmp_path / "gone", str(npz), 10).source == traced.source


def test_the_plain_setting_is_read_by_both() -> None:
    axis = Axis("size", "size", "px", (PLAIN.size,))
    reader, plain = Recognizer.load("classic"), PlainReader.load()
    (curve,) = evaluate_framing(reader, plain, DIGITS, axes=[axis]).curves
    assert (curve.right, curve.plain_right) == ((4,), (4,))
