"""Take out of a folder of installed packages what a server never opens.

In: a virtual environment, or a folder that pip installed into. Out: the same, smaller. For the
image (Dockerfile) and the package for AWS Lambda (aws_lambda/build.py). Knows nothing of inkdigits,
but which of its requirements carry what it does not call.

    cd deploy && python -m slim FOLDER
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .relink import Elf, cut_loose, shorten

#: What goes, by its place among the packages, and why nobody misses it.
NEEDLESS = {
    "**/tests": "tests of the packages themselves",
    "onnxruntime/capi/libonnxruntime.so*": "the runtime for C; Python's is a file of its own",
    "onnxruntime/transformers": "turns language models into ONNX",
    "onnxruntime/quantization": "makes models smaller; ours are as they should be",
    "onnxruntime/tools": "prepares models for phones",
    "google/protobuf": "what the three above read models with",
    "numpy/f2py": "compiles Fortran",
    "numpy/distutils": "compiles C",
    "numpy/_core/include": "headers for C",
    "numpy/_core/lib": "libraries for C",
    "numpy/random/lib": "the same, for random numbers",
    "numpy/_core/_simd*.so": "for NumPy's own tests",
    "PIL/_avif*.so": "AVIF, which is refused before it is decoded",
    "PIL/_imagingcms*.so": "colour profiles, which are not heeded",
    "sqlalchemy/testing": "for those who write drivers",
    "pygments/lexers/[a-oq-z]*.py": "colours for text in languages that nobody shows here",
    "pygments/lexers/p[a-xz]*.py": "the same",
    "**/*.p[xy][dx]": "sources of what was compiled",
    "**/*.pyi": "types, for those who write programs",
}
#: Of those, what stays.
NEEDED = {"pygments/lexers/special.py"}
#: Which library is cut loose from which others, by the beginnings of their names.
LOOSE = {
    "cv2/cv2*.so": {
        "libav": "FFmpeg and AVIF: films and pictures, which others decode here or nobody",
        "libsw": "FFmpeg",
        "libopenblas": "for matrices of a hundred rows and more",
    }
}
#: A package with which all of OpenCV is called: the extra `forms` brings it.
WHOLE = "yaml"
#: Folders of libraries in which only those stay that another one asks for.
SHELVES = ("opencv_python_headless.libs", "pillow.libs")
#: OpenCV then looks for nothing in FFmpeg: a film is one that it cannot open.
CONFIG = "\nos.environ.setdefault('OPENCV_VIDEOIO_PRIORITY_FFMPEG', '0')  # it was taken out\n"


def slim(folder: Path) -> int:
    """Remove what is needless; the bytes that it took.

    Raises:
        RelinkError: a library is not as it must be to be cut loose.
    """
    before = _size(folder)
    for packages in _packages(folder):
        for pattern in NEEDLESS:
            for found in sorted(packages.glob(pattern)):
                if found.relative_to(packages).as_posix() not in NEEDED:
                    _remove(found)
        loose = {} if (packages / WHOLE).is_dir() else LOOSE
        for pattern, others in loose.items():
            for library in packages.glob(pattern):
                _loosen(library, packages, tuple(others))
        _clear_shelves(packages)
        for library in packages.rglob("*.so*"):
            if _is_library(library):
                shorten(library)
        for bytecode in packages.rglob("__pycache__/*.pyc"):
            source = bytecode.parents[1] / f"{bytecode.name.partition('.')[0]}.py"
            if not source.exists():
                bytecode.unlink()
    return before - _size(folder)


def _loosen(library: Path, packages: Path, beginnings: tuple[str, ...]) -> None:
    needed = Elf(library).needed()
    others = [p for p in packages.glob("*.libs/*") if p.name.startswith(beginnings)]
    others = [other for other in others if other.name in needed]
    cut_loose(library, others)
    config = library.parent / "config.py"
    if others and config.is_file():
        config.write_text(config.read_text(encoding="utf-8") + CONFIG, encoding="utf-8")


def _clear_shelves(packages: Path) -> None:
    """Remove libraries that no other one asks for, and then those that only they asked for."""
    while True:
        libraries = [path for path in packages.rglob("*.so*") if _is_library(path)]
        read = [Elf(library) for library in libraries]
        if not all(elf.sections for elf in read):  # shortened: it was all done before
            return
        wanted = {name for elf in read for name in elf.needed()}
        spare = [p for p in libraries if p.parent.name in SHELVES and p.name not in wanted]
        if not spare:
            return
        for library in spare:
            library.unlink()


def _is_library(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(6) == b"\x7fELF\x02\x01"


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    elif place.exists():
        place.unlink()


def _packages(folder: Path) -> list[Path]:
    """Where the packages lie: in a virtual environment it is some way down."""
    return sorted(folder.glob("lib/python3*/site-packages")) or [folder]


def _size(place: Path) -> int:
    return sum(file.lstat().st_size for file in place.rglob("*") if file.is_file())
