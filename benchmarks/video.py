"""What following numbers over the frames of a film is worth: python benchmarks/video.py

    INKDIGITS_DATA=... python benchmarks/video.py [--films 60] [--frames 24] [--sheet SHEET.png]

Each film shows one number of four digits of MNIST's validation part on paper, as a hand-held camera
of 640x360 sees it: it shakes, turns by some degrees and blurs, the light is uneven and the sensor
rushes. Counted are the frames that by themselves are read wrong, and the frames on which the window
would show a wrong number, or none after the third; "sure" are those that are accepted. One core.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import Recognizer
from inkdigits.data import mnist
from inkdigits.data.digits import Digits
from inkdigits.steady import ENOUGH
from inkdigits.video import Frame, Pixels, watch

WIDTH, HEIGHT, DIGITS = 640, 360, 4
#: Height of the square that a digit fills, and the distance to the next, pixels.
SIDE, STEP = 84, 66
_COUNTED = (
    *("frames", "alone_wrong", "alone_wrong_sure"),
    *("shown_wrong", "shown_wrong_sure", "shown_none"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Frames alone and frames followed.")
    parser.add_argument("--films", type=int, default=60, help="how many films (60)")
    parser.add_argument("--frames", type=int, default=24, help="frames a film (24)")
    parser.add_argument("--sheet", type=Path, help="write a picture of the first frames")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    digits, recognizer = mnist.load().validation, Recognizer.load()
    counts = dict.fromkeys(_COUNTED, 0)
    spent, sheet = 0.0, []
    for _ in range(options.films):
        text, paper = page(digits, rng)
        frames = list(film(paper, options.frames, rng))
        sheet.append(frames[0].pixels)
        began = time.perf_counter()
        views = list(watch(frames, lambda pixels: recognizer.read(pixels, turn=False)))
        spent += time.perf_counter() - began
        for view in views:
            wrong = [sighting for sighting in view.sightings if sighting.text != text]
            alone = [number for number in view.reading.numbers if number.text != text]
            counts["frames"] += 1
            counts["alone_wrong"] += view.reading.text != text
            counts["alone_wrong_sure"] += any(number.accepted for number in alone)
            counts["shown_wrong"] += bool(wrong)
            counts["shown_wrong_sure"] += any(sighting.accepted for sighting in wrong)
            counts["shown_none"] += not view.sightings and view.frame.number >= ENOUGH
    if options.sheet:
        rows = [np.hstack(sheet[k : k + 4]) for k in range(0, len(sheet) // 4 * 4, 4)]
        cv2.imwrite(str(options.sheet), cv2.resize(np.vstack(rows), None, fx=0.5, fy=0.5))
    for name, count in counts.items():
        print(f"{name:18}{count:6}{count / counts['frames']:9.1%}")
    rate = counts["frames"] / spent
    print(f"{rate:.1f} frames a second")
    print(json.dumps({"benchmark": "video", "films": options.films, "rate": rate, **counts}))


def page(digits: Digits, rng: np.random.Generator) -> tuple[str, NDArray[np.float32]]:
    """A number and its paper, 1 white and 0 ink."""
    paper = np.ones((HEIGHT, WIDTH), np.float32)
    images, labels = digits.images, digits.labels
    assert labels is not None
    chosen = rng.integers(len(labels), size=DIGITS)
    left, top = (WIDTH - STEP * (DIGITS - 1) - SIDE) // 2, (HEIGHT - SIDE) // 2
    for k, index in enumerate(chosen):
        ink = cv2.resize(images[index], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        place = np.s_[top : top + SIDE, left + STEP * k : left + STEP * k + SIDE]
        paper[place] = np.minimum(paper[place], 1 - 0.85 * ink / 255)
    return "".join(str(labels[index]) for index in chosen), paper


def film(paper: NDArray[np.float32], count: int, rng: np.random.Generator) -> Iterator[Frame]:
    """What the camera sees of it."""
    middle = (WIDTH / 2, HEIGHT / 2)
    x, y, turn, size = 0.0, 0.0, rng.uniform(-4, 4), rng.uniform(0.6, 1.1)
    across, down = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    light = 0.75 + 0.15 * rng.uniform(-1, 1) * across + 0.15 * rng.uniform(-1, 1) * down
    for number in range(count):
        move = rng.normal(0, 5, 2)
        x, y = np.clip((x + move[0], y + move[1]), -60, 60)
        turn += rng.normal(0, 0.7)
        size *= np.exp(rng.normal(0, 0.01))
        there = cv2.getRotationMatrix2D(middle, turn, size)
        there[:, 2] += x, y
        seen = cv2.warpAffine(paper, there, (WIDTH, HEIGHT), borderValue=1.0)
        seen = cv2.GaussianBlur(seen, (0, 0), 0.5 + rng.gamma(1.5, 0.9))
        seen = shaken(seen, np.hypot(*move) * rng.uniform(0, 1.5), rng.uniform(0, 180))
        grey = seen * light + rng.normal(0, 0.035, seen.shape)
        pixels: Pixels = np.dstack([np.clip(grey * 255, 0, 255).astype(np.uint8)] * 3)
        yield Frame(number, number / 25, pixels)


def shaken(seen: NDArray[np.generic], length: float, angle: float) -> NDArray[np.float32]:
    """Smeared along a line of so many pixels at an angle, degrees."""
    side = max(1, round(length))
    turned = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), angle, 1)
    trail = cv2.warpAffine(np.eye(side, dtype=np.float32), turned, (side, side))
    smeared = cv2.filter2D(np.asarray(seen, np.float32), -1, trail / trail.sum())
    return np.asarray(smeared, np.float32)


if __name__ == "__main__":
    main()
