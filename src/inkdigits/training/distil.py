"""Lessons from teachers: distorted images, and what trained networks answer to them.

In: trained networks and labelled digits. Out: `Lessons`, and the file that keeps them. The student
learns the teachers' probabilities on the very view that they saw (Hinton, Vinyals & Dean 2015;
Beyer et al., CVPR 2022). They are asked once for all students and all their epochs. Knows nothing
of students.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from inkdigits.data.digits import Digits
from inkdigits.errors import DataError, ModelError
from inkdigits.training import formats
from inkdigits.training.album import Album
from inkdigits.training.augment import RandomDistortion, Ranges
from inkdigits.training.fused import twin
from inkdigits.training.lessons import Lessons

BATCH = 500


def ask(
    teachers: Sequence[Path],
    digits: Digits,
    ranges: Ranges,
    *,
    views: int = 16,
    temperature: float = 2.0,
    precision: str = "float32",
    seed: int = 42,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Lessons:
    """Show distorted images to the teachers and write down the mean of their probabilities.

    Args:
        teachers: Keras files, (N, 28, 28, 1) in [0, 1] to ten probabilities.
        digits: what to distort; the labels are not looked at.
        ranges: how far.
        views: how many distortions of each image.
        temperature: flattens each teacher's answer: softmax(log p / temperature).
        precision: what the teachers compute in, `float32` or `bfloat16`.
        seed: of the distortions.
        progress: told ("views", done, all).

    Raises:
        ModelError: no teachers, or one of them is no digit reader.
    """
    if not teachers:
        raise ModelError("Distilling needs one teacher at least.")
    networks = [twin(formats.load_keras(path), precision) for path in teachers]
    album = Album(len(digits.images), name="album")
    album.fill(digits.images)
    asked = _class(networks, album, _Distortion(ranges, seed, dtype="float32"), temperature)
    images = np.empty((views, *digits.images.shape), np.uint8)
    answers = np.empty((views, len(digits.images), 10), np.float32)
    numbers = np.arange(len(digits.images), dtype=np.int32)
    for view in range(views):
        progress("views", view, views)
        seen, said = asked.predict(numbers, batch_size=BATCH, verbose=0)
        images[view], answers[view] = seen.astype(np.uint8), said
    progress("views", views, views)
    return Lessons(images, answers)


def save(lessons: Lessons, path: Path, about: dict[str, Any]) -> None:
    """Write lessons down; `about` is JSON-ready and says how they were made."""
    partial = path.with_name(f"partial-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.savez(
                file,
                images=lessons.images,
                answers=lessons.answers.astype(np.float16),
                about=np.array(json.dumps(about)),
            )
        partial.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        partial.unlink(missing_ok=True)


def load(path: Path) -> tuple[Lessons, dict[str, Any]]:
    """Read lessons back, and what is known of them.

    Raises:
        DataError: there are none, or the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            images, answers = file["images"], file["answers"].astype(np.float32)
            about = json.loads(str(file["about"]))
    except FileNotFoundError:
        raise DataError(f"There are no lessons at {path}: make them with `distil`.") from None
    except Exception:  # numpy, zipfile and json each have their own word for a damaged file
        raise DataError(f"{path} is damaged, or holds no lessons.") from None
    sound = images.dtype == np.uint8 and images.ndim == 4 and answers.shape[2:] == (10,)
    if not sound or images.shape[:2] != answers.shape[:2] or not isinstance(about, dict):
        raise DataError(f"{path} holds no lessons.")
    return Lessons(images, answers), about


def about(teachers: Sequence[Path], ranges: Ranges, **more: Any) -> dict[str, Any]:
    """How lessons were made, without any path of this machine."""
    names = [f"{path.parent.name}/{path.name}" for path in teachers]
    return {"teachers": names, "ranges": asdict(ranges), **more}


class _Distortion(RandomDistortion):
    """Distorts outside training too."""

    def call(self, images: Any, training: bool | None = None) -> Any:
        return super().call(images, training=True)


def _class(
    teachers: Sequence[keras.Model], album: Album, distort: RandomDistortion, temperature: float
) -> keras.Model:
    """Numbers of images to their distorted pixels, 0 to 255, and the teachers' mean answer."""
    numbers = keras.Input((), dtype="int32")
    # rounded as they will be kept: the teachers shall see what the students see
    pixels = ops.round(distort(album(numbers)) * 255.0)
    answers = []
    for place, teacher in enumerate(teachers):  # whose own names may be all alike
        named = keras.Model(teacher.inputs, teacher.outputs[0], name=f"teacher{place}")
        answers.append(_flattened(named(pixels / 255.0), temperature))
    mean = keras.layers.Average()(answers) if len(answers) > 1 else answers[0]
    return keras.Model(numbers, [ops.squeeze(pixels, axis=-1), mean])


def _flattened(probabilities: Any, temperature: float) -> Any:
    floor = keras.config.epsilon()
    logits = ops.log(ops.maximum(ops.cast(probabilities, "float32"), floor))
    return ops.softmax(logits / temperature)
