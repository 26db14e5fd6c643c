from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkdigits.data.digits import Digits
from inkdigits.errors import DataError, ModelError

from .tiny import saved, tiny

pytestmark = pytest.mark.keras


@pytest.fixture
def digits(make_digits: Callable[..., Digits]) -> Digits:
    return make_digits(60, 1)


def still() -> Any:
    from inkdigits.training.augment import Ranges

    return Ranges(0, 0, 0, 0, 0)


def test_one_teacher_at_temperature_one_says_what_it_says(digits: Digits, tmp_path: Path) -> None:
    from inkdigits.training import distil

    teacher = saved(digits, tmp_path)
    lessons = distil.ask([teacher], digits, still(), views=1, temperature=1)
    assert (lessons.images[0] == digits.images).all()
    said = tiny(digits).predict(digits.images[..., None] / np.float32(255), verbose=0)
    np.testing.assert_allclose(lessons.answers[0], said, atol=1e-5)


def test_temperature_flattens_each_answer_before_the_mean(digits: Digits, tmp_path: Path) -> None:
    from inkdigits.training import distil

    first = saved(digits, tmp_path)
    second = tmp_path / "second.keras"
    tiny().save(second)
    wanted = []
    for path in (first, second):
        p = distil.ask([path], digits, still(), views=1, temperature=1).answers[0].astype(float)
        root = np.sqrt(np.maximum(p, 1e-7))
        wanted.append(root / root.sum(axis=1, keepdims=True))
    got = distil.ask([first, second], digits, still(), views=1, temperature=2).answers[0]
    np.testing.assert_allclose(got, (wanted[0] + wanted[1]) / 2, atol=1e-4)


def test_views_differ_and_so_do_the_images_of_one_view(digits: Digits, tmp_path: Path) -> None:
    from inkdigits.training import distil
    from inkdigits.training.augment import Ranges

    same = Digits(np.repeat(digits.images[:1], 600, axis=0), np.repeat(digits.truth[:1], 600))
    teacher = saved(digits, tmp_path)
    lessons = distil.ask([teacher], same, Ranges(), views=2)
    assert len(np.unique(lessons.images.reshape(1200, -1), axis=0)) > 1190


def test_what_was_saved_is_read_back(digits: Digits, tmp_path: Path) -> None:
    from inkdigits.training import distil

    lessons = distil.ask([saved(digits, tmp_path)], digits, still(), views=2)
    path = tmp_path / "new" / "lessons.npz"
    distil.save(lessons, path, {"views": 2})
    again, about = distil.load(path)
    assert (again.images == lessons.images).all()
    np.testing.assert_allclose(again.answers, lessons.answers, atol=1e-3)
    assert about == {"views": 2}
    assert [it.name for it in path.parent.iterdir()] == ["lessons.npz"]


def test_about_names_teachers_without_the_way_to_them(tmp_path: Path) -> None:
    from inkdigits.training import distil

    made = distil.about([tmp_path / "run" / "standard.keras"], still(), views=3)
    assert made["teachers"] == ["run/standard.keras"]
    assert made["views"] == 3
    assert str(tmp_path) not in str(made)


def test_no_teacher_is_an_error(digits: Digits) -> None:
    from inkdigits.training import distil

    with pytest.raises(ModelError, match="one teacher at least"):
        distil.ask([], digits, still())


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_damaged_lessons_are_said_to_be(content: bytes | None, tmp_path: Path) -> None:
    from inkdigits.training import distil

    path = tmp_path / "lessons.npz"
    if content is None:
        np.savez(path, images=np.zeros((1, 2, 28, 28)), answers=np.zeros((1, 2, 10)), about="{}")
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match="holds no lessons"):
        distil.load(path)


def test_missing_lessons_are_said_to_be(tmp_path: Path) -> None:
    from inkdigits.training import distil

    with pytest.raises(DataError, match="make them with `distil`"):
        distil.load(tmp_path / "lessons.npz")
