"""Draw a blank score sheet and four filled-in ones to try: python examples/score_sheets.py [FOLDER]

docs/forms.md shows what to do with them: a template of the form, and a table of the sheets.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from inkdigits.strokes import draw
from inkdigits.wild import styles

WIDE, TALL = 1000, 1300
Place = tuple[int, int, int, int, int]
#: Left, top, width and height of each place, and how many boxes it has; 0: room for any number.
PLACES: list[Place] = [(200, 190, 280, 50, 7)]
for y in range(330, 1050, 90):
    PLACES += [(200, y, 150, 50, 3), (520, y, 240, 50, 0)]
CARELESS = PLACES[:14] + PLACES[2:4]  # without the end, and twice in two places


def blank() -> np.ndarray:
    page = np.full((TALL, WIDE), 255, np.uint8)
    for text, x, y, size in (
        *(("Archery club", 60, 90, 1.6), ("Score sheet. Digits only, please.", 60, 135, 0.7)),
        *(("Number", 60, 225, 0.9), ("Hits", 200, 305, 0.9), ("Points", 520, 305, 0.9)),
        *((str(n), 90, 285 + 90 * n, 0.9) for n in range(1, 9)),
    ):
        cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, 40, 2, cv2.LINE_AA)
    for x, y, wide, tall, boxes in PLACES:
        for left in range(x, x + wide, step := wide // (boxes or 1)):
            cv2.rectangle(page, (left, y), (left + step, y + tall), 40, 2)
    return page


def filled(rng: np.random.Generator, places: list[Place]) -> tuple[np.ndarray, list[str]]:
    page, texts = blank(), []
    for x, y, wide, tall, boxes in places:
        text = "".join(map(str, rng.integers(0, 10, boxes or rng.integers(2, 5))))
        step = wide / boxes if boxes else 38
        for n, digit in enumerate(text):
            lines = styles.digit(int(digit), rng)
            every = np.concatenate(lines)
            low, high = every.min(axis=0), every.max(axis=0)
            scale = 0.66 * tall / (high - low).max()
            centre = np.array([x + (n + 0.5) * step, y + tall / 2]) + rng.uniform(-2, 2, 2)
            strokes = [(line - (low + high) / 2) * scale + centre for line in lines]
            page = np.minimum(page, 60 + 195 * draw(strokes, (WIDE, TALL), 4)).astype(np.uint8)
        texts.append(text)
    return page, texts


def photographed(page: np.ndarray) -> np.ndarray:
    corners = np.array([[180, 120], [1080, 160], [1180, 1560], [60, 1480]], np.float32)
    sheet = np.array([[0, 0], [WIDE, 0], [WIDE, TALL], [0, TALL]], np.float32)
    there = cv2.getPerspectiveTransform(sheet, corners)
    photo = cv2.warpPerspective(page, there, (1280, 1700), borderValue=70)
    return (photo * np.linspace(1, 0.45, 1280)).astype(np.uint8)  # in a lamp's light


with tempfile.TemporaryDirectory() as temporary:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
    folder.mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "blank.png"), blank())
    rng = np.random.default_rng(4)
    for name in ("scan", "photo", "upside-down", "careless"):
        page, texts = filled(rng, CARELESS if name == "careless" else PLACES)
        page = photographed(page) if name == "photo" else page
        page = page[::-1, ::-1] if name == "upside-down" else page
        cv2.imwrite(str(folder / f"{name}.jpg"), page)
        print(f"{name}.jpg:", " ".join(texts))
