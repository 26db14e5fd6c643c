"""What it costs to read numbers: a form's field, a page of 12 megapixels, a camera's frame.

    python benchmarks/reading.py [--calls 20]

One core, where the system can keep to one. The field is a number of five digits at 60 pixels; the
page a JPEG of 4000x3000 with 30 numbers on ruled paper, decoding included; the frame 640x480 with
four numbers. All are made up (`inkdigits.wild.pages`). Aims: 5 ms, 400 ms, 30 frames a second. The
peer is RapidOCR, where it is installed: on the field without its detector. The last line is JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2  # OpenMP asks for its threads once
import numpy as np
from PIL import Image

from inkdigits import Recognizer
from inkdigits.wild import pages

#: Milliseconds that are aimed at.
AIMS = {"field": 5.0, "page, 12 megapixels": 400.0, "frame, 640x480": 1000 / 30}


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of reading numbers.")
    parser.add_argument("--calls", type=int, default=20, help="calls of each (20)")
    calls: int = parser.parse_args().calls
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rng = np.random.default_rng(5)
    plain = pages.Style(size=(320, 800), digit=60, numbers=1, lengths=(5, 5), shadow=0.1)
    field = pages.page(rng, "white", plain)
    x, y, wide, tall = field.numbers[0].box
    crop = field.pixels[max(y - 14, 0) : y + tall + 14, max(x - 14, 0) : x + wide + 14]
    page = pages.page(rng, "ruled", pages.Style(size=(3000, 4000), digit=110, numbers=30))
    frame = pages.page(rng, "white", pages.Style(size=(480, 640), digit=40, numbers=4))
    photo = io.BytesIO()
    Image.fromarray(page.pixels).save(photo, "JPEG", quality=90)
    recognizer = Recognizer.load()
    jobs: dict[str, tuple[Callable[[Any], Any], Any]] = {
        "field": (recognizer.read_number, np.ascontiguousarray(crop)),
        "page, 12 megapixels": (recognizer.read, photo.getvalue()),
        "frame, 640x480": (lambda it: recognizer.read(it, turn=False), frame.pixels),
    }
    answer: dict[str, Any] = {"benchmark": "reading"}
    for name, (job, given) in jobs.items():
        job(given)
        times = [_timed(job, given) for _ in range(calls)]
        answer[name] = {"ms": median(times), "cpu_ms": median(_cpu(job, given) for _ in range(5))}
        took, aim = answer[name]["ms"], AIMS[name]
        answer[name] |= {"aim_ms": aim, "per_second": 1e3 / took}
        print(
            f"{name:22} {took:8.1f} ms ({1e3 / took:5.1f} a second), {answer[name]['cpu_ms']:8.1f} "
            f"of one core; aim {aim:.1f}: {'met' if took <= aim else 'missed'}"
        )
    for name, truth, given in (
        ("page, 12 megapixels", page, photo.getvalue()),
        ("frame, 640x480", frame, frame.pixels),
    ):
        texts = [number.text for number in recognizer.read(given).numbers]
        right = sum(number.text in texts for number in truth.numbers)
        answer[name] |= {"numbers": len(truth.numbers), "right": right}
        print(f"{name:22} {right} of {len(truth.numbers)} numbers right")
    peers = _rapidocr()
    if peers is None:
        print("RapidOCR is not installed, and left out.")
    else:
        for (name, picture), peer in zip(
            (("field", crop), ("frame, 640x480", frame.pixels)), peers, strict=True
        ):
            peer(picture)
            answer[name]["rapidocr_ms"] = median(_timed(peer, picture) for _ in range(calls))
            ratio = answer[name]["rapidocr_ms"] / answer[name]["ms"]
            print(f"{name:22} RapidOCR {answer[name]['rapidocr_ms']:8.1f} ms ({ratio:.1f} times)")
    print(json.dumps(answer))


def _timed(job: Callable[[Any], Any], given: Any) -> float:
    start = time.perf_counter()
    job(given)
    return 1e3 * (time.perf_counter() - start)


def _cpu(job: Callable[[Any], Any], given: Any) -> float:
    start = time.process_time()
    job(given)
    return 1e3 * (time.process_time() - start)


def _rapidocr() -> tuple[Callable[[Any], Any], Callable[[Any], Any]] | None:
    """What reads one line, and what finds lines and reads them; on one core as well."""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        return None
    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def line(picture: Any) -> Any:
        colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        return engine(colour, use_det=False, use_cls=False, use_rec=True)

    return line, lambda picture: engine(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))


if __name__ == "__main__":
    main()
