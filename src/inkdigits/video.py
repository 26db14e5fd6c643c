"""Frames of a camera or of a film -> what is read in them, steadied.

In: a device number or a file. Out: a `View` a frame that was read. A film gives every frame,
however long reading takes; a camera gives the newest and drops what came meanwhile. Knows OpenCV's
capture and the clock; `steady` says what is shown, and a window is the caller's business.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.errors import InkdigitsError
from inkdigits.results import Reading
from inkdigits.steady import Sighting, Steady

Pixels = NDArray[np.uint8]
#: Takes (H, W, 3) uint8 RGB, as `Recognizer.read` does.
Read = Callable[[Pixels], Reading]
#: Views over which the rate is measured.
RATED = 20
#: Seconds that a camera may stay without a frame, when it starts as well, and between two tries.
SILENCE, PAUSE = 10.0, 0.02


@dataclass(frozen=True)
class Frame:
    """One picture of a camera or a film.

    Attributes:
        number: from 0, frames that were dropped counted too.
        seconds: since the first.
        pixels: (H, W, 3) uint8 RGB.
    """

    number: int
    seconds: float
    pixels: Pixels


@dataclass(frozen=True)
class View:
    """A frame and what is to be seen on it.

    Attributes:
        frame: the frame that was read.
        reading: what it says by itself.
        sightings: what the frames up to it say together, in reading order.
        changed: whether a number has come, gone or got another text.
        rate: frames read a second, measured over the last ones; 0 for the first.
    """

    frame: Frame
    reading: Reading
    sightings: tuple[Sighting, ...]
    changed: bool
    rate: float


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        """Whether there was a frame, and it, BGR."""

    def release(self) -> None:
        """Let go of the device or file."""


class Film:
    """A video file: an iterator of all its frames. Close it, or use it in a `with`."""

    live = False

    def __init__(self, capture: Capture, rate: float, name: str = "The video") -> None:
        self._capture, self._name = capture, name
        # a capture that is let go of while another thread reads would take the process with it
        self._use, self._closed = threading.Lock(), False
        #: Frames a second that it was made with; 25 where the file does not say.
        self.rate = rate if 0 < rate <= 1000 else 25.0

    def __iter__(self) -> Iterator[Frame]:
        """All frames.

        Raises:
            InkdigitsError: not one could be decoded (`bad-video`).
        """
        number = 0
        while True:
            with self._use:
                there, pixels = (False, None) if self._closed else self._capture.read()
            if not there or pixels is None:
                break
            yield Frame(number, number / self.rate, _rgb(pixels))
            number += 1
        if number == 0 and not self._closed:
            raise _no_film(self._name)

    def close(self) -> None:
        """Let go of the file; whoever iterates comes to the end."""
        with self._use:
            self._closed = True
            self._capture.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Camera:
    """A device: an iterator of its newest frames. Close it, or use it in a `with`.

    A thread takes every frame as it comes, because a device that is not emptied answers with old
    ones. Whoever iterates gets the newest that they have not had.
    """

    live = True

    def __init__(self, capture: Capture, *, silence: float = SILENCE) -> None:
        self._capture, self._silence = capture, silence
        self._news = threading.Condition()
        self._newest: Frame | None = None
        self._ended = self._closing = False
        self._thread = threading.Thread(target=self._take, name="camera", daemon=True)
        self._thread.start()

    @property
    def newest(self) -> Frame | None:
        """The newest frame, read or not; `None` before the first."""
        return self._newest

    def __iter__(self) -> Iterator[Frame]:
        """The newest frames, until `close`.

        Raises:
            InkdigitsError: the camera gives no more frames (`no-camera`).
        """
        had = -1
        while True:
            frame = self._after(had)
            if self._closing:
                return
            if frame is None:
                raise InkdigitsError(
                    "The camera stopped sending pictures: plug it in again, or see whether another "
                    "program has taken it.",
                    code="no-camera",
                )
            had = frame.number
            yield frame

    def close(self) -> None:
        """Stop, and let go of the device."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _after(self, had: int) -> Frame | None:
        """Wait for a frame with a higher number; `None` where none will come."""
        with self._news:
            while True:
                if self._newest is not None and self._newest.number > had:
                    return self._newest
                if self._closing or self._ended:
                    return None
                self._news.wait()

    def _take(self) -> None:
        number, began = 0, time.monotonic()
        heard = began
        while not self._closing and time.monotonic() - heard < self._silence:
            there, pixels = self._capture.read()
            if not there or pixels is None:
                time.sleep(PAUSE)
                continue
            heard = time.monotonic()
            with self._news:
                self._newest = Frame(number, heard - began, _rgb(pixels))
                self._news.notify_all()
            number += 1
        self._capture.release()
        with self._news:
            self._ended = True
            self._news.notify_all()


def open_source(source: str) -> Film | Camera:
    """A camera by its number, "0" being the first, or a video file by its path.

    Raises:
        InkdigitsError: there is no such camera (`no-camera`), the file is not there or is no
            video (`bad-video`), or none can be read here (`no-ffmpeg`).
    """
    _hush()
    if source.isascii() and source.isdigit() and len(source) < 4:
        capture = cv2.VideoCapture(int(source))
        if not capture.isOpened():
            raise InkdigitsError(
                f"There is no camera {source} to be had: plug one in, close the program that uses "
                "it, or give a video file with --source.",
                code="no-camera",
            )
        return Camera(capture)
    if not Path(source).is_file():
        raise InkdigitsError(
            f"{source} is neither a video file nor the number of a camera.", code="bad-video"
        )
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        raise _no_film(source)
    return Film(capture, capture.get(cv2.CAP_PROP_FPS), source)


def watch(
    frames: Iterable[Frame],
    read: Read,
    steady: Steady | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[View]:
    """Read frame after frame.

    Args:
        frames: in order, as a `Film` or a `Camera` gives them.
        read: reads one, as `Recognizer.read` does; what it raises goes on to the caller.
        steady: follows the numbers; by default a new one.
        clock: seconds, for the rate.
    """
    steady = steady or Steady()
    ends: deque[float] = deque(maxlen=RATED + 1)
    before: list[tuple[int, str]] = []
    for frame in frames:
        reading = read(frame.pixels)
        sightings = steady.update(reading)
        ends.append(clock())
        spent = ends[-1] - ends[0]
        shown = sorted((it.key, it.text) for it in sightings)
        yield View(
            frame, reading, sightings, shown != before, (len(ends) - 1) / spent if spent else 0.0
        )
        before = shown


def _rgb(pixels: NDArray[np.generic]) -> Pixels:
    kind = cv2.COLOR_GRAY2RGB if pixels.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(np.asarray(pixels, np.uint8), kind), np.uint8)


def _no_film(name: str) -> InkdigitsError:
    if not cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG):
        return InkdigitsError(
            f"{name} cannot be opened: OpenCV is without FFmpeg here, as in inkdigits' own image. "
            "Video files are read where inkdigits was installed with pip.",
            code="no-ffmpeg",
        )
    return InkdigitsError(
        f"{name} is no video that can be read: MP4, MOV, AVI, MKV and WebM files can.",
        code="bad-video",
    )


def _hush() -> None:
    """Keep OpenCV and FFmpeg from writing to stderr what an error says in a sentence."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
