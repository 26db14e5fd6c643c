"""What several test modules share: MNIST, small made-up sets, and what a machine must have.

A test marked `data` or `keras` is skipped where the machine lacks what it needs, but fails where
the environment says `CI=true` (and not `INKDIGITS_ALLOW_SKIPS=1`), so that nothing is left out
there without a word.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ["KERAS_BACKEND"] = "tensorflow"  # one a process; the others run in their own

from inkdigits.data import mnist as mnist_data
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from tests import postgres as servers
from tests.watching import Watching

SetMaker = Callable[..., Digits]


@pytest.hookimpl(trylast=True)  # when there is a terminal
def pytest_configure(config: pytest.Config) -> None:
    """Where nobody watches, say at once what fails and what takes long."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and terminal and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Watching(lambda text: terminal.write_line(f"\n{text}")))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or on CI fail, a test whose marks ask for what is not here."""
    if item.get_closest_marker("data") and not os.environ.get("INKDIGITS_DATA"):
        lacking("INKDIGITS_DATA is not set")
    if item.get_closest_marker("keras") and importlib.util.find_spec("keras") is None:
        lacking("Keras is not installed")


def lacking(what: str) -> NoReturn:
    """Skip a test for what is not here, or on CI fail it."""
    if os.environ.get("CI") == "true" and os.environ.get("INKDIGITS_ALLOW_SKIPS") != "1":
        pytest.fail(f"{what}, and CI must run this test", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """The real MNIST from `INKDIGITS_DATA`; the test that asks for it bears the mark `data`."""
    if not os.environ.get("INKDIGITS_DATA"):
        lacking("INKDIGITS_DATA is not set")
    return mnist_data.load()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database on a real PostgreSQL server; whoever fills it empties it again."""
    bin_dir = servers.programs()
    if bin_dir is None:
        lacking("PostgreSQL is not installed")
    if importlib.util.find_spec("psycopg") is None:
        lacking("psycopg is not installed")
    with servers.running(bin_dir) as url:
        yield url


@pytest.fixture(scope="session")
def make_digits() -> SetMaker:
    """Makes a labelled set: digit d is a bar in column 4 + 2d, with a little noise."""

    def make(count: int = 100, seed: int = 0) -> Digits:
        rng = np.random.default_rng(seed)
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = rng.integers(0, 30, (count, 28, 28), dtype=np.uint8)
        images[:, 0] = images[:, -1] = 0
        for image, digit in zip(images, labels, strict=True):
            image[6:22, 4 + 2 * int(digit)] = 255
        return Digits(images, labels)

    return make


@pytest.fixture(scope="session")
def made_up(make_digits: SetMaker) -> Mnist:
    """A split of bars: 160 to learn from, 40 to choose by, 20 to report."""
    return Mnist(make_digits(160, 1), make_digits(40, 2), make_digits(20, 3))


@pytest.fixture
def npz(make_digits: SetMaker, tmp_path: Path) -> Path:
    """An `mnist.npz` of 600 and 100 made-up digits."""
    learn, test = make_digits(600, 1), make_digits(100, 2)
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=learn.images, y_train=learn.truth, x_test=test.images, y_test=test.truth)
    return path


@pytest.fixture
def picture_folder(tmp_path: Path, make_digits: SetMaker) -> Path:
    """A folder `0/` to `9/` with six 28x28 PNGs each."""
    from PIL import Image

    digits = make_digits(60)
    for number, (image, digit) in enumerate(zip(digits.images, digits.truth, strict=True)):
        folder = tmp_path / "pictures" / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number:03}.png")
    return tmp_path / "pictures"
