"""Read the digit in each frame of a video: python examples/video.py [VIDEO] [ANNOTATED.avi]

Prints when which digit came into sight and when it went. One frame may be blurred or half hidden,
so the answer is what most of the last seven frames agree on. With ANNOTATED.avi, each frame is
also written there, with a box around the digit and the answer in its corner.
"""

import sys
import tempfile
from collections import Counter, deque
from pathlib import Path

import cv2
import numpy as np

from inkdigits import Box, Recognizer

MOTION_JPEG = cv2.VideoWriter.fourcc(*"MJPG")
LAST = 7


def film_a_one_and_a_seven(path: Path) -> Path:
    film = cv2.VideoWriter(str(path), MOTION_JPEG, 20, (320, 240))
    for pen in ([(160, 40), (160, 200)], [], [(110, 50), (210, 50), (140, 200)]):
        paper = np.full((240, 320, 3), 225, np.uint8)
        cv2.polylines(paper, [np.array(pen, np.int32).reshape(-1, 1, 2)], False, (60, 40, 40), 14)
        for _ in range(20):
            film.write(paper)
    film.release()
    return path


def note(frame: np.ndarray, box: Box | None, digit: int | None) -> np.ndarray:
    if box is not None:
        corner = (box.x + box.width, box.y + box.height)
        cv2.rectangle(frame, (box.x, box.y), corner, (0, 160, 0), 2)
    text = "-" if digit is None else str(digit)
    return cv2.putText(frame, text, (10, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 200), 3)


def read(video: str, annotated: str | None) -> None:
    recognizer = Recognizer.load()
    source = cv2.VideoCapture(video)
    if not source.isOpened():
        sys.exit(f"{video} could not be opened: is it a video?")
    rate = source.get(cv2.CAP_PROP_FPS) or 25
    size = [int(source.get(n)) for n in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)]
    film = cv2.VideoWriter(annotated, MOTION_JPEG, rate, size) if annotated else None
    if film and not film.isOpened():
        sys.exit(f"{annotated} could not be written: does its folder exist, and is it an .avi?")
    last, shown, number = deque[int | None](maxlen=LAST), None, 0
    while (grabbed := source.read())[0]:
        frame = grabbed[1]
        answer = recognizer.classify(frame[:, :, ::-1])  # OpenCV has blue first, all others red
        last.append(answer.digit if answer.accepted else None)
        digit, votes = Counter(last).most_common(1)[0]
        if digit != shown and 2 * votes > LAST:
            shown = digit
            print(f"{number / rate:6.2f} s  {'nothing' if shown is None else shown}")
        if film:
            film.write(note(frame, answer.box, shown))
        number += 1
    print(f"{number / rate:6.2f} s  end, after {number} frames")
    if film:
        film.release()


with tempfile.TemporaryDirectory() as folder:
    named = sys.argv[1:]
    video = named[0] if named else str(film_a_one_and_a_seven(Path(folder) / "film.avi"))
    read(video, named[1] if len(named) > 1 else None)
