from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import sheet
from inkdigits.image import Picture
from inkdigits.results import Box
from inkdigits.sheet import Sheet

CORNERS = np.array([[60, 40], [560, 70], [540, 430], [30, 400]], np.float64)


def photo(edge: int = 0) -> NDArray[np.float32]:
    """A sheet on a dark table, its edge soft by so many pixels."""
    table = np.full((480, 640), 0.25, np.float32)
    cv2.fillConvexPoly(table, CORNERS.astype(np.int32), 0.9)
    return np.asarray(cv2.GaussianBlur(table, (0, 0), edge) if edge else table, np.float32)


def test_a_sheet_on_a_table_is_flattened() -> None:
    flat = sheet.flatten(Picture(photo()))
    assert flat.picture.pixels.min() > 0.8  # no table is left
    height, width = flat.picture.pixels.shape
    ends = np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
    mapped = flat.there @ ends
    found = (mapped[:2] / mapped[2]).T
    assert np.abs(found - CORNERS).max() < 14  # a little of the rim is cut off


def test_a_soft_shadow_is_no_sheet() -> None:
    assert np.array_equal(sheet.flatten(Picture(photo(edge=25))).there, np.eye(3))


def test_plain_paper_stays_as_it_is() -> None:
    picture = Picture(np.full((300, 400), 0.9, np.float32))
    assert sheet.flatten(picture).picture is picture


@pytest.mark.parametrize("degrees", [-9.0, -3.0, 4.0, 10.0])
def test_skew_is_undone(degrees: float) -> None:
    page = np.full((400, 600), 0.9, np.float32)
    for y in range(60, 360, 60):
        for x in range(60, 540, 26):
            page[y : y + 22, x : x + 14] = 0.2
    turn = cv2.getRotationMatrix2D((300, 200), degrees, 1.0)
    skewed = cv2.warpAffine(page, turn, (600, 400), borderMode=cv2.BORDER_REPLICATE)
    flat = sheet.flatten(Picture(np.asarray(skewed, np.float32)))
    undone = np.degrees(np.arctan2(flat.there[0, 1], flat.there[0, 0]))
    assert undone == pytest.approx(degrees, abs=0.8)


def whole(height: int = 40, width: int = 70) -> Sheet:
    return Sheet(Picture(np.zeros((height, width), np.float32)), np.eye(3), 2.0)


def test_boxes_are_in_the_files_pixels() -> None:
    assert whole().box(Box(3, 5, 10, 7)) == Box(6, 10, 20, 14)


@settings(deadline=None)
@given(st.integers(-5, 9), st.integers(0, 59), st.integers(0, 29))
def test_turned_sheets_lead_back(quarters: int, x: int, y: int) -> None:
    pixels = np.zeros((40, 70), np.float32)
    pixels[y : y + 4, x : x + 6] = 1
    turned = sheet.turned(Sheet(Picture(pixels), np.eye(3)), quarters)
    rows, columns = np.nonzero(turned.picture.pixels)
    low_x, low_y = int(columns.min()), int(rows.min())
    box = Box(low_x, low_y, int(columns.max()) + 1 - low_x, int(rows.max()) + 1 - low_y)
    assert turned.box(box) == Box(x, y, 6, 4)
