"""`inkdigits webcam`: a film as JSON lines, and in a real window on a screen that is not there."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image

from inkdigits import Recognizer
from inkdigits.cli import cli
from inkdigits.cli.window import Reading as ReadingThread
from inkdigits.cli.window import Window
from inkdigits.errors import ImageError
from inkdigits.results import Reading
from inkdigits.steady import Sighting
from inkdigits.video import Camera, Pixels, View, watch
from tests import films
from tests.readings import number, reading


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A number that wanders for 24 frames and then is gone for 12."""
    frames = films.wandering("2471", 24)
    empty = films.wandering("", 12, seed=1)
    return films.write(tmp_path_factory.mktemp("film") / "film.avi", [*frames, *empty])


def webcam(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["webcam", *map(str, arguments)])


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_film_is_one_number_that_comes_and_goes(film: Path) -> None:
    came, went = rows(webcam("--json", "--source", film))
    assert [it["text"] for it in came["numbers"]] == ["2471"]
    assert came["numbers"][0]["accepted"]
    assert (came["frame"], came["seconds"]) == (2, 0.167)
    assert (went["frame"], went["numbers"]) == (24 + 5, [])


def test_every_frame_of_a_film_can_be_had(film: Path) -> None:
    lines = rows(webcam("--json", "--every-frame", "--source", film))
    assert [line["frame"] for line in lines] == list(range(36))
    assert [line["frame"] for line in lines if line["changed"]] == [2, 29]
    assert all(line["rate"] > 0 for line in lines[1:])


def test_it_stops_after_so_many_frames(film: Path) -> None:
    lines = rows(webcam("--json", "--every-frame", "--source", film, "--max-frames", 4))
    assert len(lines) == 4


def test_digits_can_be_numbers_of_their_own(film: Path) -> None:
    command = ("--json", "--source", film, "--group", "digit", "--max-frames", 12)
    texts = [it["text"] for it in rows(webcam(*command))[-1]["numbers"]]
    assert texts[:3] == ["2", "4", "7"]  # a bar that stands alone may be no 1


def test_rules_hold_for_every_frame(film: Path) -> None:
    command = ("--json", "--source", film, "--max-frames", 6)
    (came,) = rows(webcam(*command, "--length", "4", "--range", "2000:3000"))
    assert came["numbers"][0]["accepted"]
    (came,) = rows(webcam(*command, "--length", "6-8"))
    assert not came["numbers"][0]["accepted"]


def test_what_changes_is_saved_if_asked(film: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    rows(webcam("--json", "--source", film, "--save-to", folder))
    pictures = sorted(folder.glob("*.png"))
    assert [path.stem[-6:] for path in pictures] == ["000002", "000029"]
    with Image.open(pictures[0]) as picture:
        assert min(picture.size) > films.HEIGHT
    kept = json.loads(pictures[0].with_suffix(".json").read_text())
    assert kept["numbers"][0]["text"] == kept["reading"]["numbers"][0]["text"] == "2471"
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--json", "--source", "no-such-film.mp4"], 1, "neither a video file"),
        (["--json", "--source", "99"], 1, "no camera 99"),
        (["--json", "--model", "no-such-model", "--source", "FILM"], 1, "no-such-model"),
        (["--json", "--save-to", "/dev/null/x", "--source", "FILM"], 1, "cannot be made"),
        (["--every-frame"], 2, "goes with --json"),
        (["--json", "--max-frames", "0"], 2, "max-frames"),
        (["--group", "column"], 2, "column"),
        (["--length", "four"], 2, "four"),
        (["--json", "--pattern", "["], 2, "pattern"),
    ],
)
def test_a_wrong_call_is_answered_by_one_sentence(
    arguments: list[str], code: int, words: str, film: Path
) -> None:
    command = [str(film) if it == "FILM" else it for it in arguments]
    done = run(*command)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert code == 2 or len(done.stderr.splitlines()) == 1


def test_a_film_that_is_none_leaves_no_noise(tmp_path: Path) -> None:
    path = tmp_path / "text.mp4"
    path.write_text("seven, honestly\n" * 99)
    done = run("--json", "--source", str(path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"inkdigits: {path} is no video that can be read: MP4, MOV, AVI, MKV and WebM files can."
    ]


def test_without_a_screen_the_other_ways_are_named(film: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("a screen cannot be taken away here")
    done = run("--source", str(film), DISPLAY="")
    assert done.returncode == 1
    assert "No window can be opened" in done.stderr
    assert "--json" in done.stderr
    assert "inkdigits serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_while_reading_ends_the_window(
    film: Path, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ImageError("The picture is too large.")

    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.setattr(Recognizer, "read", refuse)
    result = webcam("--source", film)
    assert isinstance(result.exception, ImageError)


@pytest.mark.parametrize("error", [ImageError("The picture is too large."), None])
def test_what_is_over_before_the_window_waits_is_over(
    error: ImageError | None, screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.setattr(ReadingThread, "start", ReadingThread.run)  # to its end, here
    monkeypatch.setattr(ReadingThread, "join", lambda *_, **__: None)

    def views() -> Iterator[View]:
        if error is not None:
            raise error
        yield from ()

    window = Window("a camera")
    waited = threading.Event()
    root = weakref.proxy(window._root)

    def enough() -> None:
        waited.set()
        root.quit()

    window._root.after(10_000, enough)
    with pytest.raises(ImageError) if error else contextlib.nullcontext():
        window.show(Camera(Counter()), views(), lambda _: Path(), stay=False)
    assert not waited.is_set()


def test_a_window_shows_saves_and_quits(film: Path, screen: str, tmp_path: Path) -> None:
    started = start("--source", str(film), "--save-to", str(tmp_path), DISPLAY=screen)
    try:
        window = found(screen, f"inkdigits: {film}", started)
        end = time.monotonic() + 30
        while not list(tmp_path.glob("*.json")) and time.monotonic() < end:
            xdotool(screen, "key", "--window", window, "s")
            time.sleep(0.3)
        assert started.poll() is None
        xdotool(screen, "key", "--window", window, "Escape")
        out, err = started.communicate(timeout=30)
    finally:
        started.kill()
        # the window is gone before the keys are up: held down, they would quit the next one
        xdotool(screen, "keyup", "Escape", "keyup", "s")
    assert (started.returncode, out, err) == (0, "", "")
    kept = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    assert kept
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".json"}


def test_a_window_closes_after_so_many_frames(film: Path, screen: str) -> None:
    done = run("--source", str(film), "--max-frames", "3", DISPLAY=screen)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(os.name != "posix", reason="Ctrl+C is sent otherwise here")
@pytest.mark.parametrize("windowed", [True, False])
def test_ctrl_c_is_a_way_to_end(windowed: bool, screen: str, tmp_path: Path) -> None:
    film = films.write(tmp_path / "long.avi", films.wandering("2471", 20) * 60)
    how = [] if windowed else ["--json", "--every-frame"]
    started = start("--source", str(film), *how, DISPLAY=screen)
    try:
        if windowed:
            found(screen, f"inkdigits: {film}", started)
        else:
            assert started.stdout is not None
            assert started.stdout.readline()
        time.sleep(0.5)
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=30)
    finally:
        started.kill()
    assert (started.returncode, err) == (0, "")


def test_ctrl_c_counts_wherever_it_is_pressed(
    screen: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Also while Python lets something go, where it ignores exceptions."""
    monkeypatch.setenv("DISPLAY", screen)
    heedful = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, heedful))

    class Pressed:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    class Watched(Window):
        def _draw(self, pixels: Pixels, sightings: tuple[Sighting, ...]) -> None:
            pressed = Pressed()
            del pressed

    end = time.monotonic() + 20
    window = Watched("a camera")
    camera = Camera(Counter())
    views = watch(camera, lambda pixels: reading(width=120, height=60))
    views = takewhile(lambda _: time.monotonic() < end, views)
    with pytest.raises(KeyboardInterrupt):
        window.show(camera, views, lambda _: Path(), stay=False)
    assert time.monotonic() < end
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_window_shows_a_camera_that_is_faster_than_reading(
    screen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures are drawn that nobody has read yet, with what was read on those before."""
    monkeypatch.setenv("DISPLAY", screen)
    drawn: list[tuple[int, int]] = []  # the number of the picture, and numbers on it
    read: set[int] = set()

    class Watched(Window):
        def _draw(self, pixels: Pixels, sightings: tuple[Sighting, ...]) -> None:
            drawn.append((Counter.number(pixels), len(sightings)))
            super()._draw(pixels, sightings)

    def slow(pixels: Pixels) -> Reading:
        time.sleep(0.1)
        read.add(Counter.number(pixels))
        return reading(number("42", at=(20, 10)), width=120, height=60)

    def unread() -> int:
        return sum(count == 1 and picture not in read for picture, count in drawn)

    end = time.monotonic() + 60
    window = Watched("a camera")
    interpreter = weakref.ref(window._root)
    camera = Camera(Counter())
    views = takewhile(lambda _: unread() < 10 and time.monotonic() < end, watch(camera, slow))
    window.show(camera, views, lambda _: Path(), stay=False)
    pictures = [picture for picture, _ in drawn]
    assert pictures == sorted(pictures)
    assert unread() >= 10
    assert max(count for _, count in drawn) == 1
    assert interpreter() is None  # freed in this thread, where alone it may be


class Counter:
    """A camera that counts its pictures, 50 a second, in their colour."""

    count = 0

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        time.sleep(0.02)
        self.count += 1
        return True, np.full((60, 120, 3), (self.count % 256, self.count // 256, 0), np.uint8)

    @staticmethod
    def number(pixels: Pixels) -> int:
        """The number of a picture, which has become RGB."""
        return 256 * int(pixels[0, 0, 1]) + int(pixels[0, 0, 2])

    def release(self) -> None:
        pass


#: Runs inkdigits so that it heeds Ctrl+C, though the tests may run in the background and do not.
HEEDFUL = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "runpy.run_module('inkdigits', run_name='__main__', alter_sys=True)"
)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEEDFUL, "webcam", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def xdotool(screen: str, *arguments: str) -> str:
    command = ["xdotool", *arguments]
    done = subprocess.run(
        command, env={**os.environ, "DISPLAY": screen}, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def found(screen: str, title: str, process: subprocess.Popen[str]) -> str:
    """The window with that title, once the process has opened it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"no window, but {process.returncode}: {process.communicate()}")
        windows = xdotool(screen, "search", "--name", title).split()
        if windows:
            return windows[-1]
        time.sleep(0.1)
    pytest.fail(f"there is no window {title}")


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """A screen in memory, of this process only.

    Xvfb would choose a number that is free, and may get one whose socket another is taking away.
    """
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    missing += [name for name in ("tkinter",) if importlib.util.find_spec(f"_{name}") is None]
    if missing:
        reason = f"no {' and no '.join(missing)}: install xvfb, xdotool and python3-tk"
        if os.environ.get("CI") == "true" and os.environ.get("INKDIGITS_ALLOW_SKIPS") != "1":
            pytest.fail(f"{reason}; CI must run this test", pytrace=False)
        pytest.skip(reason)
    read, write = os.pipe()
    # it would begin anew when its last window closes, and lose one that opens meanwhile
    command = ["Xvfb", f":{100 + os.getpid()}", "-screen", "0", "1024x768x24", "-noreset"]
    command += ["-displayfd", str(write)]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=20)
