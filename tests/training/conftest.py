"""What several tests of training share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.digits import Digits


@pytest.fixture
def npz(make_digits: Callable[..., Digits], tmp_path: Path) -> Path:
    """An `mnist.npz` of 400 and 20 made-up digits."""
    learn, test = make_digits(400, 1), make_digits(20, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=learn.images, y_train=learn.truth, x_test=test.images, y_test=test.truth)
    return path
