from __future__ import annotations

import cv2
import numpy as np
import pytest

from inkdigits.forms import blanks, drawing
from inkdigits.forms.template import Template
from inkdigits.image import Picture
from tests.forms import made


def grey(page: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Picture:
    return Picture(page.astype(np.float32) / np.float32(255))


def test_every_box_and_line_of_the_score_sheet_is_a_field() -> None:
    fields = blanks.find(grey(made.blank()))
    true = sorted(made.blanks().values(), key=lambda it: (it.y, it.x))
    assert [it.name for it in fields] == [f"field_{n}" for n in range(1, len(true) + 1)]
    assert [it.boxes for it in fields] == [it.boxes for it in true]
    for found, it in zip(fields, true, strict=True):
        if it is made.blanks()["sum"]:
            continue
        sides = [found.area.x, found.area.y, found.area.width, found.area.height]
        scale = np.array([made.WIDTH, made.HEIGHT] * 2)
        assert np.abs(np.array(sides) * scale - [it.x, it.y, it.width, it.height]).max() <= 8
    total = fields[-1].area
    assert total.y + total.height == pytest.approx((1250 + 44) / made.HEIGHT, abs=0.003)
    assert total.x == pytest.approx(560 / made.WIDTH, abs=0.003)


def test_an_askew_scan_has_the_same_fields() -> None:
    page = made.blank().astype(np.float32) / np.float32(255)
    fields = blanks.find(made.scanned(page, degrees=0.4, scale=1.4).picture)
    assert [it.boxes for it in fields] == [
        it.boxes for it in sorted(made.blanks().values(), key=lambda it: (it.y, it.x))
    ]


def test_filled_boxes_pictures_and_frames_are_no_fields() -> None:
    page = np.full((1400, 1000), 255, np.uint8)
    cv2.rectangle(page, (20, 20), (980, 1380), 0, 3)  # a frame around the page
    cv2.rectangle(page, (100, 100), (300, 150), 0, 2)
    cv2.putText(page, "Total", (120, 140), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    cv2.circle(page, (600, 400), 60, 0, 3)
    cv2.rectangle(page, (500, 600), (560, 650), 0, -1)
    assert blanks.find(grey(page)) == ()
    assert blanks.find(grey(np.full((9, 9), 255, np.uint8))) == ()


def test_the_drawing_shows_each_field() -> None:
    picture = grey(made.blank())
    template = Template("t", (made.WIDTH, made.HEIGHT), blanks.find(picture))
    page = np.asarray(drawing.drawn(template, picture))
    assert page.shape == (made.HEIGHT, made.WIDTH, 3)
    coloured = np.ptp(page.astype(int), axis=2) > 5
    inside = np.zeros(coloured.shape, bool)
    for it in template.fields:
        x, y = round(it.area.x * made.WIDTH), round(it.area.y * made.HEIGHT)
        wide, tall = round(it.area.width * made.WIDTH), round(it.area.height * made.HEIGHT)
        inside[y - 2 : y + tall + 3, x - 2 : x + wide + 30] = True
        assert coloured[y : y + tall, x : x + wide].mean() > 0.8
    assert not coloured[~inside].any()
