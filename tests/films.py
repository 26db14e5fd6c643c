"""Films made by ourselves: a number that wanders over paper under bad light."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.strokes import draw
from tests.pictures import STROKES

WIDTH, HEIGHT = 320, 240
Grey = NDArray[np.uint8]
#: Height of a digit and distance from one to the next, pixels.
DIGIT, STEP = 60, 50


def page(
    text: str, at: tuple[int, int], size: tuple[int, int] = (WIDTH, HEIGHT)
) -> NDArray[np.uint8]:
    """A number written on white paper; (H, W) uint8. It knows the digits of `STROKES`."""
    lines = [
        np.array(line) * (DIGIT * 0.6, DIGIT) + (at[0] + STEP * k, at[1])
        for k, sign in enumerate(text)
        for line in STROKES[int(sign)]
    ]
    grey = 255 * draw(lines, size, 6.0) if lines else np.full(size[::-1], 255)
    return np.asarray(np.round(grey), np.uint8)


def wandering(text: str, count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    """Frames, (H, W, 3) BGR: the number wanders, the light changes, the sensor rushes."""
    rng = np.random.default_rng(seed)
    frames = []
    for k in range(count):
        at = (40 + 3 * k, round(70 + 25 * np.sin(k / 5)))
        light = 0.85 + 0.1 * np.sin(k / 3)
        noisy = page(text, at) * light + rng.normal(0, 6, (HEIGHT, WIDTH))
        grey = np.clip(noisy, 0, 255).astype(np.uint8)
        frames.append(np.dstack([grey] * 3))
    return frames


def write(path: Path, frames: list[NDArray[np.uint8]], rate: float = 12.0) -> Path:
    """Write BGR frames to a video file: Motion JPEG for .avi, MPEG-4 for .mp4."""
    code = {".avi": "MJPG", ".mp4": "mp4v"}[path.suffix]
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*code), rate, (width, height), isColor=True
    )
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def write_y4m(path: Path, frames: list[NDArray[np.uint8]], rate: int = 5) -> Path:
    """Write BGR frames as YUV4MPEG2, which Chromium takes for a camera."""
    height, width = frames[0].shape[:2]
    head = f"YUV4MPEG2 W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg\n".encode()
    planes = (cv2.cvtColor(frame, cv2.COLOR_BGR2YUV_I420).tobytes() for frame in frames)
    path.write_bytes(head + b"".join(b"FRAME\n" + plane for plane in planes))
    return path
