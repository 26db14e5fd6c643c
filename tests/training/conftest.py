"""What several tests of training share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from tests.training.tiny import slight


@pytest.fixture
def npz(make_digits: Callable[..., Digits], tmp_path: Path) -> Path:
    """An `mnist.npz` of 400 and 20 made-up digits."""
    learn, test = make_digits(400, 1), make_digits(20, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=learn.images, y_train=learn.truth, x_test=test.images, y_test=test.truth)
    return path


@pytest.fixture
def quick() -> Iterator[None]:
    """Has `nano` be a network that TensorFlow makes ready in a third of the time."""
    from inkdigits.training import networks

    with pytest.MonkeyPatch.context() as patch:  # of its own: a test may undo the others
        patch.setitem(networks.NETWORKS, "nano", slight)
        yield
