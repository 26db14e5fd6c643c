"""Rows of writing as the line reader will see them, made up: texts, hands, paper, and back.

In: digits and letters to write with. Out: `Rows`, strips and what they say, each written on paper
(`writing`) and read back by the very code that reads a user's picture. Knows nothing of networks.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits import ink, rows, strip
from inkdigits.data import output
from inkdigits.data.mnist import Mnist
from inkdigits.data.real import Handwriting
from inkdigits.errors import DataError
from inkdigits.image import Picture
from inkdigits.training.lines import texts, writing
from inkdigits.training.sources import Sources

Rng = np.random.Generator
CHUNK = 500
#: Rows wider than this are written anew, columns of a strip.
WIDEST = 480
#: What was found is as wide as what was written, between these factors.
FITTING = 0.85, 1.3


@dataclass(frozen=True)
class Rows:
    """Strips with what they say.

    Attributes:
        pixels: all strips one after another, each (32, its width), uint8.
        widths: (N,) columns.
        texts: (N,) over `line.ALPHABET`.
    """

    pixels: NDArray[np.uint8]
    widths: NDArray[np.int64]
    texts: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.widths)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        ends = np.cumsum(self.widths) * strip.HEIGHT
        for start, end in zip(np.r_[0, ends[:-1]], ends, strict=True):
            yield self.pixels[start:end].reshape(strip.HEIGHT, -1)

    def save(self, path: Path) -> None:
        """Write them to a file."""
        file = io.BytesIO()
        np.savez(file, pixels=self.pixels, widths=self.widths, texts=self.texts)
        output.write_all({path: file.getvalue()})


def load(path: Path) -> Rows:
    """Read rows; raises `DataError` where that is no file of them."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return Rows(file["pixels"], file["widths"], file["texts"])
    except FileNotFoundError:
        raise DataError(f"{path} is not there.", code="data-not-found") from None
    except (OSError, KeyError, ValueError):
        raise DataError(f"{path} holds no rows of writing.") from None


def joined(many: list[Rows]) -> Rows:
    """All rows of several."""
    return Rows(
        np.concatenate([part.pixels for part in many]),
        np.concatenate([part.widths for part in many]),
        np.concatenate([part.texts for part in many]),
    )


def make(
    data: Mnist,
    sets: dict[str, Handwriting],
    *,
    count: int,
    seed: int,
    held_out: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Rows:
    """Compose rows.

    Args:
        data: of which `train` is written with, or, held out, `validation`.
        sets: other handwriting, by name.
        count: how many rows.
        seed: decides all, whatever the number of processes.
        held_out: write with what validates.
        jobs: processes, or `None` for one a core.
        progress: told (done, all).
    """
    sources = Sources(data.validation if held_out else data.train, sets, held_out)
    chunks = [(seed, first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    done: list[Rows] = []
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_begin, initargs=(sources,)
    ) as pool:
        for part in pool.map(_chunk, chunks):
            done.append(part)
            progress(sum(map(len, done)), count)
    return joined(done)


_shared: list[Sources] = []


def _begin(sources: Sources) -> None:
    import cv2

    cv2.setNumThreads(1)
    _shared[:] = [sources]


def _chunk(task: tuple[int, int, int]) -> Rows:
    seed, first, count = task
    return compose(_shared[0], seed, first, count)


def compose(sources: Sources, seed: int, first: int, count: int) -> Rows:
    """Rows number `first` and on; a row depends on the seed and its number only."""
    made = [_one(sources, np.random.default_rng([seed, first + k])) for k in range(count)]
    return Rows(
        np.concatenate([pixels.ravel() for pixels, _ in made]),
        np.array([pixels.shape[1] for pixels, _ in made], np.int64),
        np.array([text for _, text in made]),
    )


def _one(sources: Sources, rng: Rng) -> tuple[NDArray[np.uint8], str]:
    while True:
        text = texts.text(rng)
        picture, wide = writing.picture(text, sources, rng)
        found = rows.only(ink.extract(Picture(picture)))
        if found is None or not FITTING[0] * wide <= found.box.width <= FITTING[1] * wide + 8:
            continue
        seen = strip.normalise(found.ink)
        if seen is not None and seen.pixels.shape[1] <= WIDEST:
            return np.round(seen.pixels * 255).astype(np.uint8), text
