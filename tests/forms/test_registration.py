from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inkdigits.forms.registration import Finder
from inkdigits.forms.template import Template, TemplateError
from inkdigits.image import Picture
from tests.forms import made

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
PHOTO = np.array([[300, 180], [1350, 260], [1500, 1800], [120, 1650]], np.float64)


@pytest.fixture(scope="module")
def finder(sheet_template: Template) -> Finder:
    return Finder(sheet_template)


@pytest.fixture(scope="module")
def page() -> made.Grey:
    rng = np.random.default_rng(1)
    return made.filled(made.race(rng), rng)


def away(finder: Finder, shot: made.Shot) -> float:
    """How far the sheet's corners are found from where they are, pixels; infinite: not found."""
    found = finder.find(shot.picture)
    if found is None:
        return float("inf")
    return float(np.hypot(*(found.points(UNIT) - shot.corners).T).max())


@pytest.mark.parametrize(
    ("degrees", "scale", "shift"),
    [(0, 1, (0, 0)), (3, 0.9, (20, -15)), (-5, 1.5, (-40, 35)), (1, 0.6, (0, 8))],
)
def test_a_scan_askew_is_found_to_the_pixel(
    finder: Finder, page: made.Grey, degrees: float, scale: float, shift: tuple[float, float]
) -> None:
    shot = made.scanned(page, degrees=degrees, scale=scale, shift=shift)
    assert away(finder, shot) < 1.0 * max(scale, 1)


@pytest.mark.parametrize("turned", [1, 2, 3])
def test_a_scan_turned_over_is_found(finder: Finder, page: made.Grey, turned: int) -> None:
    assert away(finder, made.scanned(page, degrees=-2, turned=turned)) < 1


@pytest.mark.parametrize("turned", [0, 2])
def test_a_photo_in_shadow_and_perspective_is_found(
    finder: Finder, page: made.Grey, turned: int
) -> None:
    corners = np.roll(PHOTO, turned, axis=0)
    rng = np.random.default_rng(2)
    assert away(finder, made.photographed(page, corners, (1700, 2000), rng)) < 2


def test_bent_paper_is_followed(finder: Finder, page: made.Grey) -> None:
    x, y = np.meshgrid(np.arange(made.WIDTH), np.arange(made.HEIGHT))
    bend = 7 * np.sin(x / made.WIDTH * 2 * np.pi)  # pixels, up and down
    bent = cv2.remap(
        page, x.astype(np.float32), (y + bend).astype(np.float32), cv2.INTER_LINEAR, borderValue=1
    )
    found = finder.find(made.scanned(np.asarray(bent, np.float32)).picture)
    assert found is not None
    assert found.bends is not None
    for it in made.blanks().values():
        centre = np.array([it.x + it.width / 2, it.y + it.height / 2])
        true = centre - [0, 7 * np.sin(centre[0] / made.WIDTH * 2 * np.pi)]
        place = centre / [made.WIDTH, made.HEIGHT]
        seen = found.points((place + found.bends.at(*place))[None])[0]
        assert np.hypot(*(seen - true)) < 4


def another_form() -> NDArray[np.uint8]:
    page = np.full((made.HEIGHT, made.WIDTH), 255, np.uint8)
    for row in range(30):
        for left, right in ((100, 250), (250, 400), (400, 700), (700, 900)):
            cv2.rectangle(page, (left, 60 + 42 * row), (right, 102 + 42 * row), 30, 2)
    cv2.putText(page, "Stock list", (100, 45), cv2.FONT_HERSHEY_SIMPLEX, 1, 30, 2)
    return page


@pytest.mark.parametrize("turned", [0, 2])
def test_a_form_that_is_nearly_symmetric_is_put_upright(tmp_path: Path, turned: int) -> None:
    page = np.full((made.HEIGHT, made.WIDTH), 255, np.uint8)
    for row in range(24):
        for column in range(4):
            left, top = 96 + 200 * column, 121 + 48 * row
            cv2.rectangle(page, (left, top), (left + 200, top + 48), 40, 2)
    cv2.putText(page, "Stock", (100, 90), cv2.FONT_HERSHEY_SIMPLEX, 1, 40, 2)
    Image.fromarray(page).save(tmp_path / "grid.png")
    finder = Finder(made.template(anchors="print", reference=tmp_path / "grid.png"))
    grey = page.astype(np.float32) / np.float32(255)
    assert away(finder, made.scanned(grey, degrees=1, turned=turned)) < 2


def test_what_is_not_the_form_is_not_found(finder: Finder) -> None:
    rng = np.random.default_rng(3)
    for pixels in (
        another_form().astype(np.float32) / 255,
        np.ones((500, 400), np.float32),
        np.zeros((400, 500), np.float32),
        rng.random((600, 500), np.float32),
        np.ones((1, 1), np.float32),
        np.ones((3, 3000), np.float32),
    ):
        assert finder.find(Picture(np.asarray(pixels, np.float32))) is None


def test_only_a_part_of_the_sheet_is_not_taken_for_all(finder: Finder, page: made.Grey) -> None:
    assert finder.find(Picture(page[:500].copy())) is None


def test_four_marks_are_enough(page: made.Grey) -> None:
    marks = tuple((x, y) for y in (0.03, 0.97) for x in (0.04, 0.96))
    marks = (marks[0], marks[1], marks[3], marks[2])
    page = page.copy()
    for x, y in marks:
        centre = round(x * made.WIDTH), round(y * made.HEIGHT)
        cv2.rectangle(page, (centre[0] - 9, centre[1] - 9), (centre[0] + 9, centre[1] + 9), 0.1, -1)
    finder = Finder(made.template(anchors="marks", marks=marks))
    assert away(finder, made.scanned(page, degrees=1.5, scale=0.9, shift=(4, -8))) < 3
    assert away(finder, made.photographed(page, PHOTO, (1700, 2000), np.random.default_rng(0))) < 9
    assert finder.find(Picture(np.ones((900, 700), np.float32))) is None


def test_the_corners_of_the_page_are_enough(page: made.Grey) -> None:
    finder = Finder(made.template())
    assert away(finder, made.scanned(page)) < 1
    assert finder.find(Picture(np.ones((900, 900), np.float32))) is None


def test_a_reference_that_cannot_be_is_said(sheet_template: Template, tmp_path: Path) -> None:
    missing = replace(sheet_template, reference=tmp_path / "absent.png")
    with pytest.raises(TemplateError, match=r"reference cannot be used: .*absent\.png"):
        Finder(missing)
    square = tmp_path / "square.png"
    Image.new("L", (500, 500), 255).save(square)
    with pytest.raises(TemplateError, match="500 x 500 pixels, which is not of the template's"):
        Finder(replace(sheet_template, reference=square))
