"""Films give every frame, cameras the newest; what they show holds still."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inkdigits.errors import InkdigitsError
from inkdigits.results import Box, Number, Reading
from inkdigits.video import Camera, Film, Frame, Pixels, open_source, watch
from tests import films
from tests.readings import number, reading


class StandIn:
    """Finds the ink by a threshold, as one number; reads `text`, wrong or not at all now and then.

    Its box comes from the pixels: a wrong frame gives a wrong box.
    """

    def __init__(self, text: str, *, wrong: int = 4, missing: int = 7) -> None:
        self.text, self.wrong, self.missing = text, wrong, missing
        self.given: list[Pixels] = []

    def __call__(self, pixels: Pixels) -> Reading:
        self.given.append(pixels)
        count = len(self.given)
        if count % self.missing == 0:
            return reading()
        y, x = np.nonzero(pixels.min(axis=2) < 90)
        box = Box(int(x.min()), int(y.min()), int(np.ptp(x)) + 1, int(np.ptp(y)) + 1)
        made = number("77", 0.6) if count % self.wrong == 0 else number(self.text, 0.9)
        return reading(Number(**{**vars(made), "box": box}))


@pytest.mark.parametrize("ending", [".avi", ".mp4"])
def test_a_wandering_number_is_one_steady_sighting(tmp_path: Path, ending: str) -> None:
    path = films.write(tmp_path / f"film{ending}", films.wandering("2471", 30))
    reader = StandIn("2471")
    with open_source(str(path)) as film:
        assert isinstance(film, Film)
        assert film.rate == pytest.approx(12)
        views = list(watch(film, reader))
    assert len(views) == len(reader.given) == 30
    assert [view.frame.number for view in views] == list(range(30))
    assert views[12].frame.seconds == pytest.approx(1)
    assert {it.text for view in views for it in view.sightings} == {"2471"}
    assert {it.key for view in views for it in view.sightings} == {1}
    assert [len(view.sightings) for view in views] == [0, 0] + [1] * 28
    assert [view.frame.number for view in views if view.changed] == [2]
    last = views[-1].sightings[0]
    assert last.box.x == pytest.approx(40 + 3 * 29, abs=8)
    assert last.frames == 30 - 30 // 7
    assert 0.5 < last.confidence < 0.9


def test_colours_come_as_red_green_blue(tmp_path: Path) -> None:
    blue = np.zeros((48, 64, 3), np.uint8)
    blue[..., 0] = 255  # OpenCV writes BGR
    path = films.write(tmp_path / "film.avi", [blue] * 3)
    with open_source(str(path)) as film:
        pixels = next(iter(film)).pixels
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels[24, 32, 2] > 200
    assert pixels[24, 32, :2].max() < 60


def test_a_film_waits_for_a_slow_reader(tmp_path: Path) -> None:
    path = films.write(tmp_path / "film.avi", films.wandering("12", 12), rate=200)

    def slow(_: Pixels) -> Reading:
        time.sleep(0.02)
        return reading()

    with open_source(str(path)) as film:
        assert len(list(watch(film, slow))) == 12


class Device:
    """A camera without a lens: every `period` seconds a picture that holds its number."""

    def __init__(self, period: float, count: int = 10**6, start: int = 0) -> None:
        self.period, self.count, self.start = period, count, start
        self.asked = 0
        self.released = threading.Event()

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        assert not self.released.is_set()
        time.sleep(self.period)
        self.asked += 1
        sent = self.asked - self.start
        if sent <= 0 or sent > self.count:
            return False, None
        return True, np.full((4, 6, 3), sent - 1, np.uint8)

    def release(self) -> None:
        self.released.set()


def test_a_camera_drops_frames_when_reading_is_slower() -> None:
    device = Device(0.005)
    with Camera(device) as camera:
        frames: list[Frame] = []
        for frame in itertools.islice(camera, 6):
            time.sleep(0.05)
            frames.append(frame)
            assert camera.newest is not None
            assert camera.newest.number > frame.number
    numbers = [frame.number for frame in frames]
    assert numbers == sorted(set(numbers))
    assert all(after - before >= 3 for before, after in itertools.pairwise(numbers))
    assert all(int(frame.pixels[0, 0, 0]) == frame.number for frame in frames)
    assert all(a.seconds < b.seconds for a, b in itertools.pairwise(frames))
    assert device.released.wait(5)


def test_a_camera_gives_each_frame_once_when_reading_is_faster() -> None:
    with Camera(Device(0.03)) as camera:
        numbers = [frame.number for frame in itertools.islice(camera, 6)]
    assert numbers == list(range(6))


def test_a_camera_may_be_slow_to_start() -> None:
    with Camera(Device(0.001, start=5)) as camera:
        assert next(iter(camera)).number == 0


@pytest.mark.parametrize("count", [0, 2])
def test_a_camera_that_goes_silent_is_said(count: int) -> None:
    with (
        Camera(Device(0.001, count=count), silence=0.2) as camera,
        pytest.raises(InkdigitsError, match="stopped sending") as caught,
    ):
        for _ in camera:
            pass
    assert caught.value.code == "no-camera"


def test_closing_ends_whoever_waits_for_a_frame() -> None:
    device = Device(0.01, count=1)
    camera = Camera(device, silence=60)
    had: list[int] = []
    reader = threading.Thread(target=lambda: had.extend(frame.number for frame in camera))
    reader.start()
    while not had:
        time.sleep(0.01)
    camera.close()
    reader.join(5)
    assert not reader.is_alive()
    assert had == [0]
    assert device.released.is_set()


def test_the_rate_is_that_of_the_last_frames() -> None:
    ticks = iter([0.0, 0.5, 1.0, 1.25])
    frames = [Frame(n, n, np.zeros((2, 2, 3), np.uint8)) for n in range(4)]
    rates = [view.rate for view in watch(frames, lambda _: reading(), clock=lambda: next(ticks))]
    assert rates == pytest.approx([0, 2, 2, 2.4])


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("99", "no-camera", "no camera 99"),
        ("nothing.mp4", "bad-video", "neither a video file"),
        ("-1", "bad-video", "neither a video file"),
        ("rtsp://example.org/x", "bad-video", "neither a video file"),
        ("text.mp4", "bad-video", "no video that can be read"),
        ("cut.avi", "bad-video", "no video that can be read"),
        ("empty.mp4", "bad-video", "no video that can be read"),
    ],
)
def test_what_is_no_source_is_said_in_one_sentence(
    source: str,
    code: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.mp4").write_text("seven, honestly\n" * 99)
    Path("empty.mp4").touch()
    whole = films.write(tmp_path / "film.avi", films.wandering("1", 3)).read_bytes()
    Path("cut.avi").write_bytes(whole[:300])
    with pytest.raises(InkdigitsError, match=words) as caught, open_source(source) as frames:
        list(frames)
    assert caught.value.code == code


def test_without_ffmpeg_it_is_said_that_films_are_not_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "text.mp4"
    file.write_text("seven, honestly\n" * 99)
    monkeypatch.setattr("cv2.videoio_registry.hasBackend", lambda _: False)
    with pytest.raises(InkdigitsError, match="OpenCV is without FFmpeg here") as caught:
        open_source(str(file))
    assert caught.value.code == "no-ffmpeg"


def test_a_film_is_not_let_go_of_while_it_is_read() -> None:
    """OpenCV would crash."""
    reading, released = threading.Event(), threading.Event()

    class Slow:
        def read(self) -> tuple[bool, NDArray[np.generic] | None]:
            reading.set()
            assert not released.wait(0.1)
            return True, np.zeros((4, 4, 3), np.uint8)

        def release(self) -> None:
            released.set()

    film = Film(Slow(), 25.0)
    frames = iter(film)
    seen: list[Frame] = []
    reader = threading.Thread(target=lambda: seen.extend(frames))
    reader.start()
    reading.wait(10)
    film.close()
    reader.join(10)
    assert released.is_set()
    assert not reader.is_alive()
    assert seen
    assert list(film) == []
