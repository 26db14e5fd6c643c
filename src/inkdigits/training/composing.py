"""Handwriting as the world has it, seen through the normaliser: what a reader for the wild learns.

In: MNIST and, where there are, sets of other handwriting. Out: a `Composition` of 28x28 images of
digits and of what is no digit, each shown on paper (`wild.scene`) and read back by the very code
that reads a user's picture. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkdigits import preprocess, segment
from inkdigits.data.mnist import Mnist
from inkdigits.data.real import Handwriting
from inkdigits.image import Picture
from inkdigits.results import Box
from inkdigits.training.composition import NOTHING, SHARES, Composition
from inkdigits.training.sources import Sources
from inkdigits.wild import oddities, scene, styles

Rng = np.random.Generator
_DIGIT_SETS = ("pendigits", "numbers16", "optdigits32", "hwd1000")
#: What is narrower than this part of its height may be a 1.
STICK = 0.3
_TRIES = 4
CHUNK = 1_000


def plan(count: int, sets: Iterable[str]) -> NDArray[np.int8]:
    """Which source each of at most `count` images is from: (N,) places in `SHARES`, in order."""
    there = set(sets)
    counts = [
        0 if name in {"letters", *_DIGIT_SETS} - there else round(count * share / 1000)
        for name, share in SHARES.items()
    ]
    return np.repeat(np.arange(len(counts), dtype=np.int8), counts)


def make(
    data: Mnist,
    sets: dict[str, Handwriting],
    *,
    images: int,
    views: int,
    seed: int,
    jobs: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> tuple[Composition, Composition]:
    """Compose what is learnt, and a tenth of a view of other samples that validates.

    Args:
        data: of which `train` is learnt from and `validation` validates.
        sets: other handwriting, by name.
        images: about how many a view.
        views: how often all is made anew.
        seed: decides all, whatever the number of processes.
        jobs: processes, or `None` for one a core.
        progress: told ("images", done, all).
    """
    learn = Sources(data.train, sets)
    check = Sources(data.validation, sets, held_out=True)
    parts = [(learn, plan(images, sets), (seed, view)) for view in range(views)]
    parts.append((check, plan(max(images // 10, 100), sets), (seed, views)))
    chunks = [
        (sources.held_out, origins[first : first + CHUNK], salt, first)
        for sources, origins, salt in parts
        for first in range(0, len(origins), CHUNK)
    ]
    total = sum(len(origins) for _, origins, _ in parts)
    done: list[tuple[Any, Any]] = []
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin, initargs=(learn, check)
    ) as pool:
        for answer in pool.map(_chunk, chunks):
            done.append(answer)
            progress("images", sum(len(labels) for _, labels in done), total)
    made = np.concatenate([pixels for pixels, _ in done])
    labels = np.concatenate([label for _, label in done])
    many = views * len(parts[0][1])
    return (
        Composition(
            made[:many].reshape(views, -1, 28, 28), labels[:many].reshape(views, -1), parts[0][1]
        ),
        Composition(made[many:][None], labels[many:][None], parts[-1][1]),
    )


_shared: list[Sources] = []


def _begin(*sources: Sources) -> None:
    """Keep the sources of what is learnt and of what validates in a process of its own."""
    import cv2

    cv2.setNumThreads(1)
    _shared[:] = sources


def _chunk(
    task: tuple[bool, NDArray[np.int8], tuple[int, ...], int],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    held_out, origins, salt, first = task
    return compose(_shared[held_out], origins, salt, first)


def compose(
    sources: Sources, origins: NDArray[np.int8], seed: Sequence[int], first: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """An image for each origin.

    Args:
        sources: what to compose of.
        origins: (N,) places in `SHARES`.
        seed: decides all, together with the number of an image.
        first: the number of the first image.

    Returns:
        (N, 28, 28) images and (N,) labels, 0 to 9 or `NOTHING`, both uint8.
    """
    images = np.empty((len(origins), 28, 28), np.uint8)
    labels = np.empty(len(origins), np.uint8)
    names = list(SHARES)
    for place, origin in enumerate(origins):
        rng = np.random.default_rng([*seed, first + place])
        images[place], labels[place] = _one(sources, names[origin], rng)
    return images, labels


def _one(sources: Sources, name: str, rng: Rng) -> tuple[NDArray[np.uint8], int]:
    """An image from one source, and what it shows."""
    for _ in range(_TRIES * (10 if name == "sheets" else 1)):  # most sheets are plainly blank
        mark, label = _mark(sources, name, rng)
        alone = name in {"several", "sheets"} or rng.random() > sources.manner.crowded
        crowd = [] if alone else [_digit(sources, rng) for _ in range(rng.integers(1, 3))]
        picture = scene.shown(mark, rng, crowd, sources.manner.chances)
        glyph = segment.locate(Picture(picture))
        if glyph is not None and _fits(name, glyph.ink, mark):
            break
    else:  # not once to be told from its paper: shown by itself
        mark = mark if mark.any() else oddities.texture(rng)[1]
        glyph = segment.Glyph(mark, Box(0, 0, *mark.shape[::-1]))
    return np.round(preprocess.normalise(glyph) * 255).astype(np.uint8), label


def _mark(sources: Sources, name: str, rng: Rng) -> tuple[scene.Mark, int]:
    """A mark from one source, and what it shows."""
    mark, label = _drawn(sources, name, rng)
    stretched = label != NOTHING and rng.random() < sources.manner.squared
    return scene.squared(mark, rng) if stretched else mark, label


def _drawn(sources: Sources, name: str, rng: Rng) -> tuple[scene.Mark, int]:
    bend = sources.manner.bend
    if name == "styles":
        label = int(rng.integers(10))
        return scene.bent(scene.written(styles.digit(label, rng), rng), rng, bend / 2), label
    if name == "sticks":  # a 1 as upright and straight as a ruler's
        return scene.written([np.array([[rng.normal(0, 0.04), 0.0], [0.0, 1.0]])], rng), 1
    if name == "mnist":
        place = int(rng.integers(len(sources.mnist)))
        mark = scene.enlarged(sources.mnist.images[place], rng)
        return scene.bent(scene.inked(mark, rng), rng, bend), int(sources.mnist.truth[place])
    if name in sources.sets:
        kept = sources.sets[name]
        sample = int(rng.choice(sources.chosen[name]))
        if kept.is_strokes:
            mark = scene.written(kept.strokes(sample), rng)
        else:
            mark = scene.inked(scene.enlarged(kept.ink(sample), rng), rng)
        label = NOTHING if name == "letters" else int(kept.labels[sample])
        return scene.bent(mark, rng, bend), label
    return _oddity(sources, name, rng), NOTHING


def _oddity(sources: Sources, name: str, rng: Rng) -> scene.Mark:
    """What is no digit, or more than one."""
    match name:
        case "scrawls":
            return scene.bent(scene.written(oddities.strokes(rng)[1], rng), rng, 0.5)
        case "symbols":
            return oddities.glyph(rng)[1]
        case "stains":
            return oddities.texture(rng)[1]
        case "sheets":
            return np.zeros(rng.integers(30, 120, 2), np.float32)
    count = 3 if rng.random() < 0.2 else 2
    return scene.side_by_side([_digit(sources, rng) for _ in range(count)], rng)


def _fits(name: str, ink: scene.Mark, mark: scene.Mark) -> bool:
    """Whether what was found shows what was meant."""
    if name == "several":
        return _as_wide(ink, mark)
    # a line of ruled paper may stand as upright as a 1
    return name != "sheets" or ink.shape[1] > STICK * ink.shape[0]


def _as_wide(ink: scene.Mark, mark: scene.Mark) -> bool:
    """Whether all of a row of marks was found, and not one of them."""
    wide, whole = (shape[1] / shape[0] for shape in (ink.shape, mark.shape))
    return bool(wide > 0.8 * whole)


def _digit(sources: Sources, rng: Rng) -> scene.Mark:
    """Any digit, as a neighbour or as one of several."""
    if rng.random() < 0.3:
        return scene.written(styles.digit(int(rng.integers(10)), rng), rng)
    image = sources.mnist.images[int(rng.integers(len(sources.mnist)))]
    return scene.bent(scene.enlarged(image, rng), rng)
