"""Every example and every Python block of the README runs, as its reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from inkdigits import Recognizer

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.M
)


def attempt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run(folder: Path, *arguments: str) -> str:
    """What Python prints, run in `folder` with warnings as errors of their own."""
    done = attempt(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def example(name: str) -> str:
    return str(ROOT / "examples" / name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `photo.png`: a 7 in dark ink on light paper."""
    paper = Image.new("L", (300, 300), 235)
    pen = [(90, 80), (210, 80), (130, 230)]
    ImageDraw.Draw(paper).line(pen, fill=30, width=18, joint="curve")
    paper.save(tmp_path / "photo.png")
    return tmp_path


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_example_runs_as_it_is_and_is_short(path: Path, folder: Path) -> None:
    assert run(folder, str(path)).strip()
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 75
    assert f": python examples/{path.name} [" in text.splitlines()[0]  # says how to run it


def test_classify_file_reads_the_file_it_is_given(folder: Path) -> None:
    said = run(folder, example("classify_file.py"), "photo.png")
    assert said.startswith("7 with ")


def test_classify_array_reads_the_array_it_is_given(folder: Path) -> None:
    np.save(folder / "digits.npy", np.zeros((3, 28, 28), np.uint8))
    said = run(folder, example("classify_array.py"), "digits.npy")
    assert len(said.splitlines()) == 3


def test_batch_reads_each_picture_of_its_folder(folder: Path) -> None:
    Image.new("L", (90, 90), 235).save(folder / "blank.png")
    (folder / "notes.txt").write_text("not a picture")
    rows = [line.split(maxsplit=3) for line in run(folder, example("batch.py"), ".").splitlines()]
    assert [row[:2] for row in rows] == [
        ["picture", "digit"],
        ["blank.png", "-"],
        ["notes.txt", "-"],
        ["photo.png", "7"],
    ]
    assert rows[1][3] == "blank"
    assert "not a picture" in rows[2][3]
    sure = Recognizer.load().classify(folder / "photo.png").confidence
    assert rows[3][2] == f"{sure:.1%}"


def test_probabilities_are_those_of_the_picture(folder: Path) -> None:
    lines = run(folder, example("probabilities.py"), "photo.png").splitlines()
    read = Recognizer.load().classify(folder / "photo.png")
    shown = [line.split() for line in lines[:10]]
    assert [row[:2] for row in shown] == [
        [str(digit), f"{p:.1%}"] for digit, p in enumerate(read.probabilities)
    ]
    assert [len("".join(row[2:])) for row in shown] == [round(40 * p) for p in read.probabilities]
    assert lines[10:] == ["accepted"]


def film(path: Path, *, rate: int = 20) -> Path:
    """A second each of a 1, bare paper and a 7 in a trembling hand, some frames out of focus."""
    noise = np.random.default_rng(5)
    shade = np.linspace(-25, 25, 320)[None, :, None]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (320, 240))
    assert writer.isOpened()
    for pen in ([(160, 40), (160, 200)], [], [(110, 50), (210, 50), (140, 200)]):
        for number in range(rate):
            frame = (np.full((240, 320, 3), 215) + shade).astype(np.uint8)
            points = np.array(pen, np.int32).reshape(-1, 1, 2) + noise.integers(-3, 4)
            cv2.polylines(frame, [points.astype(np.int32)], False, (60, 40, 40), 14)
            if number % 6 == 3:
                frame = cv2.GaussianBlur(frame, (0, 0), 25).astype(np.uint8)
            grain = noise.normal(0, 5, frame.shape)
            writer.write(np.clip(frame + grain, 0, 255).astype(np.uint8))
    writer.release()
    return path


def timeline(said: str) -> list[tuple[float, str]]:
    return [(float(line.split()[0]), line.split("s  ")[1]) for line in said.splitlines()]


def test_video_tells_when_each_digit_is_in_sight(folder: Path) -> None:
    film(folder / "film.avi")
    told = timeline(run(folder, example("video.py"), "film.avi", "annotated.avi"))
    assert [what for _, what in told] == ["1", "nothing", "7", "end, after 60 frames"]
    for (second, _), begins in zip(told, (0, 1, 2), strict=False):
        assert begins < second < begins + 0.4  # steadied, so a little late
    written = cv2.VideoCapture(str(folder / "annotated.avi"))
    assert int(written.get(cv2.CAP_PROP_FRAME_COUNT)) == 60
    written.set(cv2.CAP_PROP_POS_FRAMES, 58)
    frame = written.read()[1].astype(int)
    green = (frame[:, :, 1] > frame[:, :, 2] + 60) & (frame[:, :, 1] > frame[:, :, 0] + 60)
    assert green[:, 90:130].any()  # the box, on the left and the right of the 7
    assert green[:, 190:230].any()
    assert not green[:, :80].any()
    red = frame[:, :, 2] > frame[:, :, 1] + 60
    assert red[:60, :60].any()  # the answer


def test_video_refuses_what_is_none(folder: Path) -> None:
    done = attempt(folder, example("video.py"), "photo.mp4")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "photo.mp4 could not be opened: is it a video?"
    film(folder / "film.avi", rate=2)
    done = attempt(folder, example("video.py"), "film.avi", "no/folder/out.avi")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("no/folder/out.avi could not be written")


def test_readme_shows_python() -> None:
    assert BLOCKS


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_readme_block_runs(number: int, folder: Path) -> None:
    (folder / "block.py").write_text(BLOCKS[number], encoding="utf-8")
    run(folder, "block.py")
