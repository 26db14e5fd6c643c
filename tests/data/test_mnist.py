"""MNIST: every source gives the same split, and what is wrong is named."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits.data import mnist as subject
from inkdigits.data.digits import Digits
from inkdigits.data.mnist import Mnist
from inkdigits.errors import DataError

#: The original counts of each digit in the 60,000 and in the 10,000.
LEARN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(autouse=True)
def no_own_data(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("data") is None:
        monkeypatch.delenv("INKDIGITS_DATA", raising=False)


@pytest.mark.data
def test_the_real_split(mnist: Mnist) -> None:
    assert [len(part) for part in (mnist.train, mnist.validation, mnist.test)] == [
        54_000,
        6_000,
        10_000,
    ]
    assert (mnist.train.counts() + mnist.validation.counts()).tolist() == LEARN
    assert mnist.test.counts().tolist() == TEST
    share = mnist.validation.counts() - np.array(LEARN) / 10
    assert np.abs(share).max() < 1


@pytest.mark.data
def test_npz_and_csv_give_the_same_split(mnist: Mnist, tmp_path: Path) -> None:
    place = subject.find()
    learn = subject._idx_pair(place, "train")
    np.savez(
        tmp_path / "mnist.npz",
        x_train=learn.images,
        y_train=learn.truth,
        x_test=mnist.test.images,
        y_test=mnist.test.truth,
    )
    again = subject.load(tmp_path)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(again, part).images, getattr(mnist, part).images)
        np.testing.assert_array_equal(getattr(again, part).labels, getattr(mnist, part).labels)
    assert len(subject.load_test(tmp_path / "mnist.npz")) == 10_000


def test_split_is_stratified_disjoint_and_repeatable(make_digits: Callable[..., Digits]) -> None:
    whole = make_digits(500)
    numbered = Digits(np.arange(500 * 784, dtype=np.uint32).reshape(500, 28, 28), whole.labels)  # type: ignore[arg-type]
    train, held = subject.split(numbered)
    assert held.counts().tolist() == [5] * 10
    assert train.counts().tolist() == [45] * 10
    keys = np.concatenate([train.images[:, 0, 0], held.images[:, 0, 0]])
    assert len(np.unique(keys)) == 500
    np.testing.assert_array_equal(subject.split(numbered)[1].images, held.images)
    assert (subject.split(numbered, seed=1)[1].images != held.images).any()


def test_split_takes_exactly_what_was_asked(make_digits: Callable[..., Digits]) -> None:
    for count in (0, 1, 9, 10, 37, 99, 101):
        train, held = subject.split(make_digits(count))
        assert (len(train), len(held)) == (count - count // 10, count // 10)
    assert len(subject.split(make_digits(200), validation=13)[1]) == 13


def test_find_looks_at_the_environment_then_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture_folder: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(DataError, match="inkdigits data fetch") as caught:
        subject.find()
    assert caught.value.code == "data-not-found"
    cache = tmp_path / "inkdigits" / "mnist"
    assert subject.cache_folder() == cache
    cache.mkdir(parents=True)
    (cache / "t10k-images-idx3-ubyte.gz").touch()
    assert subject.find() == cache
    monkeypatch.setenv("INKDIGITS_DATA", str(picture_folder))
    assert subject.find() == picture_folder
    with pytest.raises(DataError, match=r"nowhere \(it does not exist\)"):
        subject.find(tmp_path / "nowhere")
    with pytest.raises(DataError, match="it has neither IDX files nor"):
        subject.find(picture_folder / "3")


def test_another_idx_than_the_original_is_refused(tmp_path: Path) -> None:
    for name in subject.CONTENT_MD5:
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\0"))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is not the original"):
        subject.load_test(tmp_path)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz is not the original"):
        subject.load(tmp_path)


@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_folder_with_only_some_of_the_files(tmp_path: Path, end: str) -> None:
    train = [name for name in subject.CONTENT_MD5 if name.startswith("train")]
    for name in train:
        (tmp_path / f"{name}{end}").touch()
    assert subject.find(tmp_path) == tmp_path
    assert subject.lacking(tmp_path) == ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    words = f"lacks t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte: run .* --to {tmp_path}`"
    with pytest.raises(DataError, match=words) as caught:
        subject.load_test(tmp_path)
    assert caught.value.code == "data-not-found"
    (tmp_path / f"{train[0]}{end}").unlink()
    with pytest.raises(DataError, match="lacks train-images-idx3-ubyte: run"):
        subject.load(tmp_path)
    with pytest.raises(DataError, match="one of MNIST's four files: give the folder"):
        subject.load(tmp_path / f"{train[1]}{end}")


def test_a_web_page_in_place_of_a_file_is_no_idx(tmp_path: Path) -> None:
    for name in subject.CONTENT_MD5:
        (tmp_path / name).write_text("<html>404</html>")
    with pytest.raises(DataError, match=r"is not an IDX file .* fetch it again with"):
        subject.load(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    with pytest.raises(DataError, match="train-images-idx3-ubyte is empty"):
        subject.load(tmp_path)


def _arrays(**changes: Any) -> dict[str, Any]:
    good: dict[str, Any] = {
        "x_train": np.zeros((20, 28, 28), np.uint8),
        "y_train": np.arange(20) % 10,
        "x_test": np.zeros((5, 28, 28), np.uint8),
        "y_test": np.arange(5),
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"y_test": None}, "no array named y_test"),
        ({"x_train": np.zeros((20, 28, 27), np.uint8)}, "28x28"),
        ({"x_train": np.zeros((20, 28, 28), np.float32)}, "28x28 uint8"),
        ({"y_train": np.zeros(19, np.uint8)}, "has 20 images and 19 labels"),
        ({"x_test": np.zeros((6, 28, 28), np.uint8)}, "has 6 images and 5 labels"),
        ({"y_train": np.zeros((20, 10), np.uint8)}, r"a label, but uint8 of shape \(20, 10\)"),
        ({"y_train": np.full(20, 10)}, "labels other than"),
        ({"y_train": np.full(20, -1)}, "labels other than"),
        ({"y_train": np.array(["a"] * 20)}, "one whole number a label"),
        ({"y_train": np.full(20, np.nan)}, "one whole number a label"),
        ({"y_train": np.array([None] * 20)}, "not a readable"),
    ],
)
def test_npz_with_something_wrong(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    np.savez(tmp_path / "mnist.npz", allow_pickle=True, **_arrays(**changes))
    with pytest.raises(DataError, match=words):
        subject.load(tmp_path / "mnist.npz")


def test_npz_cut_short_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez_compressed(path, **_arrays())
    raw = path.read_bytes()
    for cut in range(0, len(raw), 97):
        path.write_bytes(raw[:cut])
        with pytest.raises(DataError, match=r"mnist\.npz"):
            subject.load(path)


def test_kaggle_csv_has_no_test_part(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("\n".join(",".join([str(n % 10), *["0"] * 784]) for n in range(30)))
    data = subject.load(path)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [27, 3, 0]
    with pytest.raises(DataError, match="no test part"):
        subject.load_test(path)
    path.write_text("\n".join(",".join(["0"] * 784) for _ in range(3)))
    with pytest.raises(DataError, match=r"not test\.csv"):
        subject.load(path)


def test_kaggles_folder_is_its_train_csv(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text(",".join(["0"] * 784))
    with pytest.raises(DataError, match="was not found"):
        subject.find(tmp_path)
    path = tmp_path / "train.csv"
    path.write_text("\n".join(",".join([str(n % 10), *["0"] * 784]) for n in range(30)))
    assert subject.find(tmp_path) == path
    assert {name: len(part) for name, part in subject.load_parts(tmp_path).items()} == {
        "train": 27,
        "validation": 3,
        "test": 0,
    }
    (part,) = subject.load_parts(tmp_path / "test.csv").items()
    assert (part[0], len(part[1]), part[1].labels) == ("unlabelled", 1, None)


def test_some_other_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "digits.txt"
    path.write_text("hello")
    with pytest.raises(DataError, match="is none of"):
        subject.load(path)
