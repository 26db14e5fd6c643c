"""A small MNIST of our own on disk, and the command line as a person calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from inkdigits.cli import cli
from inkdigits.data.digits import Digits

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Calls `inkdigits` with arguments."""

    def call(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args])

    return call


@pytest.fixture
def npz(make_digits: Callable[..., Digits], tmp_path: Path) -> Path:
    """An `mnist.npz` of 600 and 100 made-up digits."""
    learn, test = make_digits(600, 1), make_digits(100, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=learn.images, y_train=learn.truth, x_test=test.images, y_test=test.truth)
    return path
