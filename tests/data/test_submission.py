"""The submission, as Kaggle's checker reads it."""

from __future__ import annotations

import numpy as np

from inkdigits.data import submission as subject


def test_it_is_as_kaggle_wants_it() -> None:
    assert subject.submission(np.array([2, 0, 9])) == "ImageId,Label\n1,2\n2,0\n3,9\n"


def test_probabilities_go_with_the_same_number() -> None:
    table = np.zeros((2, 10), np.float32)
    table[0, 3], table[1, 9] = 1, 0.25
    lines = subject.probability_table(table).splitlines()
    assert lines[0] == "ImageId,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9"
    assert lines[1] == "1" + ",0.000000" * 3 + ",1.000000" + ",0.000000" * 6
    assert lines[2].startswith("2,")
    assert lines[2].endswith(",0.250000")
    assert len(lines) == 3
