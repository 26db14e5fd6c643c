"""What is taken out of the image is not missed: OpenCV reads on without FFmpeg and OpenBLAS."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import cv2
import pytest

from deploy import slim
from deploy.slim.relink import Elf, RelinkError, cut_loose, shorten
from tests import films

WHEEL = Path(cv2.__file__).parents[1]
LIBRARIES = WHEEL / "opencv_python_headless.libs"
pytestmark = pytest.mark.skipif(not LIBRARIES.is_dir(), reason="OpenCV is another wheel here")

PROGRAM = """
import json, sys
import cv2
import numpy as np

def said(call):
    try:
        return str(call())
    except cv2.error as error:
        return str(error)

rng = np.random.default_rng(1)
large, small = rng.random((200, 200)), rng.random((8, 8))
points = rng.random((60, 2)).astype(np.float32)
grey = (255 * rng.random((40, 60))).astype(np.uint8)
print(json.dumps({
    "from": cv2.__file__,
    "ffmpeg": cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG),
    "film": said(lambda: cv2.VideoCapture(sys.argv[1]).isOpened()),
    "large": said(lambda: cv2.gemm(large, large, 1, None, 0).shape),
    "small": bool(np.allclose(cv2.gemm(small, small, 1, None, 0), small @ small)),
    "avif": said(lambda: cv2.imencode(".avif", grey)),
    "blurred": int(cv2.GaussianBlur(grey, (5, 5), 1.5).astype(int).sum()),
    "corners": np.round(cv2.getPerspectiveTransform(points[:4], points[4:8]), 6).tolist(),
}))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OpenCV as the image has it."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("cv2", LIBRARIES.name):
        shutil.copytree(WHEEL / name, folder / name)
    assert slim.slim(folder) > 70e6
    assert slim.slim(folder) == 0
    return folder


def run(film: Path, packages: Path | None = None) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(film)],
        env={"PYTHONPATH": str(packages)} if packages else {},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_what_is_called_answers_as_before_and_the_rest_is_an_exception(
    packages: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    films.write(film, films.wandering("17", 5))
    whole, cut = run(film), run(film, packages)
    assert str(cut["from"]).startswith(str(packages))
    assert (whole["ffmpeg"], whole["film"], whole["large"]) == (True, "True", "(200, 200)")
    assert (cut["ffmpeg"], cut["film"]) == (False, "False")
    assert (cut["large"], cut["avif"]) == ("bad_function_call", "bad_function_call")
    assert cut["small"] is True
    assert (cut["blurred"], cut["corners"]) == (whole["blurred"], whole["corners"])


def test_only_libraries_that_are_asked_for_are_left(packages: Path) -> None:
    names = [path.name for path in (packages / LIBRARIES.name).iterdir()]
    assert len(names) == 1
    assert names[0].startswith("libpng16")
    (library,) = (WHEEL / "cv2").glob("cv2*.so")
    assert names[0] in Elf(library).needed()


def test_where_forms_are_read_opencv_stays_whole(tmp_path: Path) -> None:
    for name in ("cv2", LIBRARIES.name):
        shutil.copytree(WHEEL / name, tmp_path / name)
    (tmp_path / "yaml").mkdir()
    before = {path.name for path in (tmp_path / LIBRARIES.name).iterdir()}
    slim.slim(tmp_path)
    assert {path.name for path in (tmp_path / LIBRARIES.name).iterdir()} == before
    film = films.write(tmp_path / "film.mp4", films.wandering("17", 5))
    found = run(film, tmp_path)
    assert (found["ffmpeg"], found["film"], found["large"]) == (True, "True", "(200, 200)")


def test_a_film_is_refused_with_a_sentence_that_names_ffmpeg(
    packages: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    films.write(film, films.wandering("17", 5))
    done = subprocess.run(
        [sys.executable, "-m", "inkdigits", "webcam", "--json", "--source", str(film)],
        env={"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"inkdigits: {film} cannot be opened: OpenCV is without FFmpeg here, as in inkdigits' own "
        "image. Video files are read where inkdigits was installed with pip.\n"
    )


def test_a_library_that_cannot_be_cut_loose_stays_as_it_was(tmp_path: Path) -> None:
    (avcodec,) = LIBRARIES.glob("libavcodec*")
    (avutil,) = LIBRARIES.glob("libavutil*")
    library = Path(shutil.copy(avcodec, tmp_path))  # written in C: it has no exceptions to throw
    before = library.read_bytes()
    with pytest.raises(RelinkError, match="does not import _ZSt25__throw_bad_function_callv"):
        cut_loose(library, [avutil])
    assert library.read_bytes() == before


def test_what_is_no_library_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.so"
    file.write_bytes(b"/* a linker script */")
    with pytest.raises(RelinkError, match=r"a\.so is no ELF file"):
        shorten(file)
    assert slim.slim(tmp_path) == 0
    assert file.read_bytes() == b"/* a linker script */"


def test_names_for_debuggers_go_and_the_library_loads(tmp_path: Path) -> None:
    uvloop = metadata.distribution("uvloop").locate_file("uvloop")
    shutil.copytree(str(uvloop), tmp_path / "uvloop")
    (library,) = (tmp_path / "uvloop").glob("loop*.so")
    before = library.stat().st_size
    assert shorten(library) == before - library.stat().st_size > 1e6
    assert shorten(library) == 0
    done = subprocess.run(
        [sys.executable, "-c", "import uvloop; print(uvloop.new_event_loop().time() > 0)"],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True\n", done.stderr
