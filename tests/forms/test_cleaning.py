from __future__ import annotations

import cv2
import numpy as np
import pytest

from inkdigits.forms.cleaning import Cleaner, Writing, without
from inkdigits.forms.registration import Finder
from inkdigits.forms.template import Template
from tests.forms import made
from tests.forms.test_registration import PHOTO


def writings(template: Template, shot: made.Shot) -> dict[str, Writing]:
    finder = Finder(template)
    found = finder.find(shot.picture)
    assert found is not None
    sheet = Cleaner(finder.reference).sheet(found)
    return {it.name: sheet.writing(it) for it in template.fields}


def shots(page: made.Grey) -> list[made.Shot]:
    rng = np.random.default_rng(0)
    return [
        made.scanned(page),
        made.scanned(page, degrees=-4, scale=0.7),
        made.photographed(page, PHOTO, (1700, 2000), rng),
    ]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_of_an_empty_form_nothing_is_left(sheet_template: Template, which: int) -> None:
    page = made.blank().astype(np.float32) / np.float32(255)
    for name, writing in writings(sheet_template, shots(page)[which]).items():
        assert writing.blank, name
        assert not writing.astray, name
        assert writing.ink.mean() < 0.01, name


@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_is_written_stays_and_the_boxes_go(sheet_template: Template, which: int) -> None:
    texts = {name: "1" * (it.boxes or 3) for name, it in made.blanks().items()}
    texts["points_3"] = ""
    page = made.filled(texts, np.random.default_rng(4))
    for name, writing in writings(sheet_template, shots(page)[which]).items():
        assert writing.blank == (name == "points_3"), name
        columns = np.flatnonzero(writing.ink.max(axis=0) > 0.4)
        strokes = 1 + int((np.diff(columns) > 2).sum()) if len(columns) else 0
        assert strokes == len(texts[name]), name


def test_a_stroke_goes_on_behind_a_line() -> None:
    ink = np.zeros((60, 60), np.float32)
    known = ink.copy()
    known[30:33] = 1
    ink[30:33] = 1  # the printed line
    ink[10:50, 20:25] = 1  # crosses it
    ink[40:50, 40:45] = 1  # does not
    clean = without(ink, known, 2)
    assert (clean[10:50, 20:25] > 0.5).all()
    assert (clean[40:50, 40:45] > 0.5).all()
    clean[10:50, 20:25] = clean[40:50, 40:45] = 0
    assert clean[:, 28:].max() == 0
    assert clean[:, :16].max() == 0


def test_fields_of_another_revision_are_astray(sheet_template: Template) -> None:
    page = made.blank().astype(np.float32) / np.float32(255)
    page[:, 500:] = np.roll(page[:, 500:], 40, axis=1)
    found = writings(sheet_template, made.scanned(page))
    assert {name for name, it in found.items() if it.astray} == {
        f"points_{lane}" for lane in range(1, made.LANES + 1)
    }


def test_print_on_bent_paper_goes_too(sheet_template: Template) -> None:
    page = made.filled({"points_4": "171", "id": "11111111"}, np.random.default_rng(4))
    x, y = np.meshgrid(np.arange(made.WIDTH), np.arange(made.HEIGHT))
    across = 5 * np.sin(x / 160) + 4 * np.cos(y / 300)
    down = 6 * np.sin(x / 250 + y / 400)
    moved = [(x + across).astype(np.float32), (y + down).astype(np.float32)]
    bent = cv2.remap(page, moved[0], moved[1], cv2.INTER_LINEAR, borderValue=1)
    found = writings(sheet_template, made.scanned(np.asarray(bent, np.float32)))
    assert {name for name, it in found.items() if not it.blank} == {"points_4", "id"}
    assert [name for name, it in found.items() if it.astray] == []
    for name, strokes in (("points_4", 3), ("id", 8)):
        columns = np.flatnonzero(found[name].ink.max(axis=0) > 0.4)
        assert 1 + int((np.diff(columns) > 2).sum()) == strokes
