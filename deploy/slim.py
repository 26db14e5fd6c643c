"""Take out of a folder of installed packages what a server never opens.

In: a virtual environment, or a folder that pip installed into. Out: the same, smaller. For the
image (Dockerfile) and the package for AWS Lambda (aws_lambda/build.py). Knows nothing of inkdigits,
but which of its requirements carry what it does not call.

    python deploy/slim.py FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

#: What goes, by its place among the packages, and why nobody misses it.
NEEDLESS = {
    "**/tests": "tests of the packages themselves",
    "onnxruntime/capi/libonnxruntime.so*": "the runtime for C; Python's is a file of its own",
    "onnxruntime/transformers": "turns language models into ONNX",
    "onnxruntime/quantization": "makes models smaller; ours are as they should be",
    "onnxruntime/tools": "prepares models for phones",
    "numpy/f2py": "compiles Fortran",
    "numpy/_core/include": "headers for C",
    "numpy/_core/lib": "libraries for C",
    "**/*.pyi": "types, for those who write programs",
}


def slim(folder: Path) -> int:
    """Remove what is needless; the bytes that it took."""
    saved = 0
    for pattern in NEEDLESS:
        for packages in _packages(folder):
            for found in sorted(packages.glob(pattern)):
                saved += _size(found)
                if found.is_dir():
                    shutil.rmtree(found)
                else:
                    found.unlink()
    return saved


def _packages(folder: Path) -> list[Path]:
    """Where the packages lie: in a virtual environment it is some way down."""
    return sorted(folder.glob("lib/python3*/site-packages")) or [folder]


def _size(place: Path) -> int:
    files = place.rglob("*") if place.is_dir() else [place]
    return sum(file.lstat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Give the folder to make smaller: python deploy/slim.py FOLDER")
    print(f"removed {slim(Path(sys.argv[1])) / 1e6:.1f} MB that a server never opens")
