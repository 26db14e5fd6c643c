"""A score sheet drawn by ourselves: blank, filled in by many hands, scanned and photographed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.forms.template import Area, Field, Template
from inkdigits.image import Picture
from inkdigits.rules import Rules
from inkdigits.strokes import draw
from inkdigits.wild import styles

Grey = NDArray[np.float32]
#: A4 at 120 dots an inch.
WIDTH, HEIGHT = 992, 1403
PRINT = 0.15
LANES = 10


@dataclass(frozen=True)
class Blank:
    """A printed place: left, top, width, height in pixels, and how many boxes it has."""

    x: int
    y: int
    width: int
    height: int
    boxes: int = 0


def blanks() -> dict[str, Blank]:
    """Where the form wants what."""
    places = {
        "day": Blank(150, 180, 80, 46, 2),
        "month": Blank(250, 180, 80, 46, 2),
        "year": Blank(350, 180, 160, 46, 4),
        "id": Blank(150, 260, 320, 46, 8),
    }
    for lane in range(LANES):
        y = 400 + 80 * lane
        places[f"score_{lane + 1}"] = Blank(300, y, 120, 46, 3)
        places[f"points_{lane + 1}"] = Blank(560, y, 220, 50)
    places["sum"] = Blank(560, 1250, 260, 44)
    return places


def blank() -> NDArray[np.uint8]:
    """The form as it comes from the printer, (HEIGHT, WIDTH) uint8."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    ink = round(255 * PRINT)

    def say(text: str, x: int, y: int, size: float = 0.8, pen: int = 2) -> None:
        cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, ink, pen, cv2.LINE_AA)

    say("Rowing club score sheet", 60, 90, 1.5, 3)
    say("One sheet a race. Write digits only, one in each box.", 60, 135, 0.6, 1)
    say("Date", 60, 212)
    say("Id", 60, 292)
    say("Lane", 60, 370)
    say("Score", 300, 370)
    say("Points", 560, 370)
    say("Sum", 460, 1290)
    say("Sheet 7b, revised in May", 60, 1360, 0.5, 1)
    for name, it in blanks().items():
        if name.startswith("score"):
            say(f"{name.removeprefix('score_')}.", 80, it.y + 36)
        if name == "sum":
            cv2.line(page, (it.x, it.y + it.height), (it.x + it.width, it.y + it.height), ink, 2)
            continue
        for n in range(max(it.boxes, 1)):
            wide = it.width // max(it.boxes, 1)
            left = it.x + n * wide
            cv2.rectangle(page, (left, it.y), (left + wide, it.y + it.height), ink, 2)
    cv2.line(page, (40, 330), (WIDTH - 40, 330), ink, 3)
    return page


def template(**more: object) -> Template:
    """The form's template, without a reference."""
    rules = {"id": Rules(length=8, checksum="luhn"), "year": Rules(length=4, between=(1900, 2100))}
    fields = tuple(
        Field(
            name,
            Area(it.x / WIDTH, it.y / HEIGHT, it.width / WIDTH, it.height / HEIGHT),
            rules.get(name, Rules()),
            it.boxes,
            optional=name.startswith(("score", "points")),
        )
        for name, it in blanks().items()
    )
    return Template("score sheet", (WIDTH, HEIGHT), fields, **more)  # type: ignore[arg-type]


def filled(texts: Mapping[str, str], rng: np.random.Generator, pen: float = 4.0) -> Grey:
    """The form, filled in by one hand, (HEIGHT, WIDTH) float32 in [0, 1]."""
    page = blank().astype(np.float32) / np.float32(255)
    for name, text in texts.items():
        it = blanks()[name]
        step = it.width / it.boxes if it.boxes else min(34.0, it.width / max(len(text), 1))
        for n, digit in enumerate(text):
            size = it.height * rng.uniform(0.62, 0.78)
            centre = (
                it.x + (n + 0.5) * step + rng.uniform(-2, 2) + (0 if it.boxes else 8),
                it.y + it.height * (0.5 if name != "sum" else 0.42) + rng.uniform(-3, 3),
            )
            _written(page, int(digit), centre, size, pen, rng)
    return page


def _written(
    page: Grey,
    digit: int,
    centre: tuple[float, float],
    size: float,
    pen: float,
    rng: np.random.Generator,
) -> None:
    lines = styles.digit(digit, rng)
    every = np.concatenate(lines)
    middle = (every.max(axis=0) + every.min(axis=0)) / 2
    scale = size / float(np.ptp(every, axis=0).max())
    strokes = draw(
        [(line - middle) * scale + centre for line in lines], (page.shape[1], page.shape[0]), pen
    )
    np.minimum(page, 0.25 + 0.75 * strokes, out=page)


@dataclass(frozen=True)
class Shot:
    """A picture of a sheet, and where the sheet's corners truly are in it, (4, 2)."""

    picture: Picture
    corners: NDArray[np.float64]


CORNERS = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float64)


def scanned(
    page: Grey,
    *,
    degrees: float = 0.0,
    scale: float = 1.0,
    shift: tuple[float, float] = (0.0, 0.0),
    turned: int = 0,
    rng: np.random.Generator | None = None,
) -> Shot:
    """As a flat-bed scanner shows it: a little askew on white, a little noisy, maybe turned."""
    rng = rng or np.random.default_rng(0)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    middle = np.array([WIDTH / 2, HEIGHT / 2])
    corners = (CORNERS - middle) @ turn.T + middle * scale + shift
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    pixels = _warped(page, corners, size, 1.0)
    pixels = np.clip(pixels + rng.normal(0, 0.02, pixels.shape), 0, 1).astype(np.float32)
    for _ in range(turned):  # a quarter to the right
        corners = np.stack([pixels.shape[0] - corners[:, 1], corners[:, 0]], axis=1)
        pixels = np.rot90(pixels, -1)
    return Shot(Picture(np.ascontiguousarray(pixels)), corners)


def photographed(
    page: Grey,
    corners: NDArray[np.float64],
    size: tuple[int, int],
    rng: np.random.Generator,
    *,
    table: float = 0.25,
    shadow: float = 0.5,
) -> Shot:
    """As a phone shows it: in perspective, on a table, a shadow over it, soft, noisy."""
    on_table = _warped(page, corners, size, table)
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    edge = 1 / (1 + np.exp(-(x + 0.6 * y - 0.8) / 0.04))
    light = (0.95 - 0.25 * y) * (1 - shadow * edge)
    lit = np.asarray(on_table * light, np.float32)
    pixels = np.asarray(cv2.GaussianBlur(lit, (0, 0), 0.8))
    pixels = pixels + rng.normal(0, 0.015, pixels.shape).astype(np.float32)
    return Shot(Picture(np.clip(pixels, 0, 1).astype(np.float32)), corners)


def _warped(page: Grey, corners: NDArray[np.float64], size: tuple[int, int], ground: float) -> Grey:
    there = cv2.getPerspectiveTransform(CORNERS.astype(np.float32), corners.astype(np.float32))
    warped = cv2.warpPerspective(
        page, there, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=ground
    )
    return np.asarray(warped, np.float32)


def race(rng: np.random.Generator) -> dict[str, str]:
    """What one race's sheet says."""
    texts = {
        "day": f"{rng.integers(1, 29):02}",
        "month": f"{rng.integers(1, 13):02}",
        "year": str(rng.integers(1990, 2030)),
        "id": luhn(f"{rng.integers(0, 10**7):07}"),
    }
    for lane in range(1, LANES + 1):
        texts[f"score_{lane}"] = f"{rng.integers(100, 1000)}"
        texts[f"points_{lane}"] = f"{rng.integers(10, 10000)}"
    texts["sum"] = f"{rng.integers(10000, 100000)}"
    return texts


def luhn(body: str) -> str:
    """A number with its check digit (ISO/IEC 7812-1, annex B) behind it."""
    doubled = (int(digit) * (2 - n % 2) for n, digit in enumerate(reversed(body)))
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return body + str(-total % 10)
