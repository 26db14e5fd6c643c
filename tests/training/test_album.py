from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.keras


def test_it_gives_the_images_of_the_numbers() -> None:
    from inkdigits.training.album import Album

    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
    album = Album(5)
    album.fill(images)
    got = np.asarray(album(np.array([4, 0, 4], np.int32)))
    assert got.shape == (3, 28, 28, 1)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got[..., 0], images[[4, 0, 4]] / 255, atol=1e-6)


def test_its_images_are_not_saved(tmp_path: Path) -> None:
    import keras

    from inkdigits.training.album import Album

    album = Album(5_000)
    album.fill(np.random.default_rng(0).integers(0, 256, (5_000, 28, 28), np.uint8))
    model = keras.Sequential([keras.Input((), dtype="int32"), album])
    path = tmp_path / "album.keras"
    model.save(path)
    assert path.stat().st_size < 100_000
    again = keras.models.load_model(path).layers[0]
    assert not np.asarray(again(np.array([1], np.int32))).any()


def test_its_images_are_not_trained() -> None:
    from inkdigits.training.album import Album

    assert Album(3).trainable_weights == []
