"""Throw damaged image files at the decoder, guided by the code that they reach.

In: minutes. Out: one JSON line: executions, findings. A finding is any exception but `ImageError`,
pixels outside 0 to 1, ten seconds, or a gigabyte; its file is kept in `--out`. Needs atheris:

    pip install '.[fuzz]'
    PYTHONPATH=. python tests/fuzz/decode.py --minutes 20
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["inkdigits", "PIL"]):
    from PIL import (  # noqa: F401 - which Pillow would import when it meets the format
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        MpoImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    from inkdigits import imagefile
    from inkdigits.errors import ImageError

import numpy as np

SIDE, PIXELS = 4096, 1_000_000  # smaller than the service allows, so that many are tried
CODES = {"unsupported-format", "corrupt-image", "image-too-large"}


def look(data: bytes) -> None:
    """Decode a file; whatever is wrong with it, it is refused in our words."""
    try:
        image, scale, further = imagefile.decode(data, _check)
        grey = imagefile.to_grey(image)
    except ImageError as error:
        if error.code not in CODES:
            raise AssertionError(error.code) from error
        return
    assert grey.ndim == 2 and grey.size > 0 and grey.dtype == np.float32  # noqa: PT018
    assert np.isfinite(grey).all()
    assert grey.min() >= 0
    assert grey.max() <= 1
    assert scale >= 1
    assert further >= 0


def _check(width: int, height: int) -> None:
    if width > SIDE or height > SIDE or width * height > PIXELS:
        raise ImageError("too large", code="image-too-large")
    if width < 1 or height < 1:
        raise ImageError("nothing", code="corrupt-image")


def mutate(data: bytes, longest: int, seed: int) -> bytes:
    """Change a file; most changed PNG get sums that are right, else none would be decoded."""
    changed = bytearray(atheris.Mutate(data, longest))
    if changed[:4] != b"\x89PNG" or seed % 8 == 0:
        return bytes(changed)
    at = 8
    while at + 12 <= len(changed):
        size = int.from_bytes(changed[at : at + 4], "big")
        end = at + 12 + size
        if end > len(changed):
            break
        changed[end - 4 : end] = zlib.crc32(changed[at + 4 : end - 4]).to_bytes(4, "big")
        at = end
    return bytes(changed)


def seeds(folder: Path) -> None:
    """The small files of the catalogue, to begin with."""
    from tests.pictures import CASES

    for number, case in enumerate(CASES):
        file = case.make()
        if len(file) < 20_000:
            (folder / f"{number:03}").write_bytes(file)


def main() -> None:
    """Run libFuzzer in a process of its own, and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "fuzz_decode")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        seeds(Path(corpus))
        command = [
            *(
                sys.executable,
                __file__,
                "--fuzz",
                corpus,
                f"-max_total_time={asked.minutes * 60:.0f}",
            ),
            *(f"-seed={asked.seed}", "-max_len=20000", "-timeout=10", "-rss_limit_mb=1024"),
            *("-print_final_stats=1", f"-artifact_prefix={asked.out}/"),
        ]
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    log = done.stderr + done.stdout
    (asked.out / "log.txt").write_text(log)
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", log)
    told = {
        "minutes": round((time.monotonic() - began) / 60, 2),
        "executions": int(runs[1]) if runs else None,
        "covered": (re.findall(r"cov: (\d+)", log) or [None])[-1],
        "findings": sorted(it.name for it in asked.out.glob("*-*")),
        "exit": done.returncode,
    }
    print(json.dumps(told))
    sys.exit(done.returncode)


if __name__ == "__main__":
    if "--fuzz" in sys.argv:
        sys.argv.remove("--fuzz")
        atheris.Setup(sys.argv, look, custom_mutator=mutate)
        atheris.Fuzz()
    else:
        main()
