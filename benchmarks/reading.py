"""What it costs to read numbers: a form's field, a page of 12 megapixels, a camera's frame.

    python benchmarks/reading.py [--calls 20]

One core. The field is a number of five digits at 60 pixels; the page a JPEG of 4000x3000 with 30
numbers on ruled paper, decoding included; the frame 640x480 with four numbers. All are made up
(`inkdigits.wild.pages`). The peer is RapidOCR, where it is installed. The last line is JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import cv2
import numpy as np
from PIL import Image

from inkdigits import Recognizer
from inkdigits.wild import pages


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of reading numbers.")
    parser.add_argument("--calls", type=int, default=20, help="calls of each (20)")
    calls: int = parser.parse_args().calls
    cv2.setNumThreads(1)
    rng = np.random.default_rng(5)
    plain = pages.Style(size=(200, 640), digit=60, numbers=1, shadow=0.1)
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
        print(f"{name:22} {answer[name]['ms']:8.1f} ms, {answer[name]['cpu_ms']:8.1f} of one core")
    for name, truth, given in (
        ("page, 12 megapixels", page, photo.getvalue()),
        ("frame, 640x480", frame, frame.pixels),
    ):
        texts = [number.text for number in recognizer.read(given).numbers]
        right = sum(number.text in texts for number in truth.numbers)
        answer[name] |= {"numbers": len(truth.numbers), "right": right}
        print(f"{name:22} {right} of {len(truth.numbers)} numbers right")
    peer = _rapidocr()
    if peer is None:
        print("RapidOCR is not installed, and left out.")
    else:
        for name, picture in (("field", crop), ("frame, 640x480", frame.pixels)):
            peer(picture)
            answer[name]["rapidocr_ms"] = median(_timed(peer, picture) for _ in range(5))
            ratio = answer[name]["rapidocr_ms"] / answer[name]["ms"]
            print(f"{name:22} RapidOCR {answer[name]['rapidocr_ms']:8.1f} ms ({ratio:.0f} times)")
    print(json.dumps(answer))


def _timed(job: Callable[[Any], Any], given: Any) -> float:
    start = time.perf_counter()
    job(given)
    return 1e3 * (time.perf_counter() - start)


def _cpu(job: Callable[[Any], Any], given: Any) -> float:
    start = time.process_time()
    job(given)
    return 1e3 * (time.process_time() - start)


def _rapidocr() -> Callable[[Any], Any] | None:
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        return None
    engine = RapidOCR()
    return lambda picture: engine(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))


if __name__ == "__main__":
    main()
