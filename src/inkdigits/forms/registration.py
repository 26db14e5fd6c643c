"""Finds a form in a picture.

In: a template, and a scan or a photo. Out: where the sheet is, or `None` when this is not the form.
A few guesses (the picture is the page; the paper found in it; four printed marks; keypoints), some
in four turns, are refined by matching the print of the blank form window by
window, coarse to fine, with RANSAC (Fischler and Bolles, 1981) leaving out what does not agree:
handwriting, mostly. Without a reference the best guess is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import image, sheet
from inkdigits.errors import ImageError
from inkdigits.forms import keypoints, marks, matching, printed
from inkdigits.forms.keypoints import Keypoints
from inkdigits.forms.matching import Search
from inkdigits.forms.placing import Bends, Placed, Projection, from_corners, placed
from inkdigits.forms.template import Template, TemplateError
from inkdigits.image import Picture

Map = NDArray[np.float32]
#: A form whose print is seen less than this is another one, and one seen so well needs no better.
LEAST, SURE = 0.6, 0.65
#: Longer sides of the sheet at which it is refined, and the windows and reaches there, pixels.
COARSE, MIDDLE, FINE = 320, 800, 1600
STEPS = (
    (COARSE, Search(80, 34, 4.0), True),
    (COARSE, Search(64, 12, 2.5), False),
    (MIDDLE, Search(96, 16, 5.0), False),
    (FINE, Search(96, 14, 6.0), False),
)
#: How bends of the paper are sought, on the finest of these.
BENT = Search(80, 28, 6.0)
#: A sheet whose sides' ratio differs from the template's by more than this factor is another.
STRETCHED = 1.25


class Finder:
    """Finds one template's form in many pictures."""

    def __init__(self, template: Template) -> None:
        """Read the template's reference.

        Raises:
            TemplateError: it cannot be read, or is of another shape than the template says.
        """
        self._template = template
        self.reference = None if template.reference is None else _reference(template)

    def find(self, picture: Picture) -> Placed | None:
        """Where the form is; `None` when it is not seen."""
        if self.reference is None:
            return self._unrefined(picture)
        seen = _Seen(picture)
        best: Placed | None = None
        for guesses in self._guesses(picture, seen):
            for guess in guesses:
                found = self._refined(seen, guess, STEPS[:2])
                if found is not None and (best is None or found.score > best.score):
                    best = found
            if best is not None and best.score >= SURE:
                break
        if best is None:
            return None
        fine = self._refined(seen, best.there, STEPS[2:]) or best
        return self._bent(seen, fine) if fine.score >= LEAST else None

    def _bent(self, seen: _Seen, flat: Placed) -> Placed:
        """Where paper that is not flat lies off the projection of the whole."""
        reference = self._at(FINE)
        height, width = reference.shape
        other = seen.projected(flat.there, reference.shape)
        here, moved = matching.pairs(_soft(reference, 0.8), _soft(other, 0.8), BENT)
        places, shifts = matching.bends(here, moved, BENT.close)
        if len(places) < matching.AGREE:
            return flat
        unit = np.array([width, height])
        return replace(flat, bends=Bends(places / unit, shifts / unit))

    def _unrefined(self, picture: Picture) -> Placed | None:
        if self._template.anchors == "marks":
            there = marks.find(printed.inked(picture.pixels), self._template.marks)
            return None if there is None else placed(picture, there)
        flat = sheet.flatten(picture).picture
        height, width = flat.pixels.shape
        wide, tall = self._template.size
        ratio = (width / height) / (wide / tall)
        if not 1 / STRETCHED < ratio < STRETCHED:
            return None
        return placed(flat, _page(width, height, 0))

    def _guesses(self, picture: Picture, seen: _Seen) -> Iterator[list[Projection]]:
        """Likeliest first; a form that looks much the same upside down is tried both ways."""
        height, width = picture.pixels.shape
        if self._template.marks:
            there = marks.find(seen.ink, self._template.marks)
            if there is not None:
                yield [there]
        yield from _turned(width, height)
        flat = sheet.flatten(picture)
        if flat.picture is not picture:
            tall, wide = flat.picture.pixels.shape
            for both in _turned(wide, tall):
                yield [flat.there @ there for there in both]
        there = self._by_keypoints(seen)
        if there is not None:
            yield [there]

    def _refined(
        self, seen: _Seen, there: Projection, steps: tuple[tuple[int, Search, bool], ...]
    ) -> Placed | None:
        """A guess made better, step by step; `None` when print and picture do not agree."""
        for side, how, rough in steps:
            reference = self._at(side)
            other = seen.projected(there, reference.shape)
            soft = 1.5 if side == COARSE else 0.8
            here, moved = matching.pairs(_soft(reference, soft), _soft(other, soft), how)
            change = matching.change(here, moved, how, affine=rough)
            if change is None:
                return None
            height, width = reference.shape
            scale = np.diag([width, height, 1.0])
            there = there @ np.linalg.inv(scale) @ change @ scale
            there = there / there[2, 2]
        return placed(seen.picture, there, self._score(seen, there, steps[-1][0]))

    def _score(self, seen: _Seen, there: Projection, side: int) -> float:
        """How much of the print is seen, 0 for as much as by chance, 1 for all of it."""
        side = min(side, MIDDLE)
        reference = self._at(side)
        other = seen.projected(there, reference.shape)
        wide = 3 if side == COARSE else 5
        near = cv2.dilate((other > 0.4).astype(np.uint8), np.ones((wide, wide), np.uint8)) > 0
        print_ = reference > 0.5
        if not print_.any():
            return 0.0
        hit, chance = float(near[print_].mean()), float(near.mean())
        return max(0.0, (hit - chance) / (1 - chance)) if chance < 1 else 0.0

    def _at(self, side: int) -> Map:
        """The reference's ink, its longer side `side` pixels."""
        if side not in self._sizes:
            self._sizes[side] = _sized(self._ink, side)
        return self._sizes[side]

    @cached_property
    def _sizes(self) -> dict[int, Map]:
        return {}

    @cached_property
    def _ink(self) -> Map:
        assert self.reference is not None
        return printed.inked(self.reference.pixels)

    @cached_property
    def _keypoints(self) -> Keypoints | None:
        return keypoints.of(_sized(self._ink, keypoints.SIDE))

    def _by_keypoints(self, seen: _Seen) -> Projection | None:
        theirs = keypoints.of(_sized(seen.ink, keypoints.SIDE))
        found = keypoints.carried(self._keypoints, theirs)
        height, width = seen.picture.pixels.shape
        return None if found is None else np.diag([width, height, 1.0]) @ found


@dataclass(frozen=True)
class _Seen:
    """A picture and its ink, at full size and smaller."""

    picture: Picture

    @cached_property
    def ink(self) -> Map:
        """Its longer side twice the finest step's at most."""
        grey = self.picture.pixels
        return printed.inked(_sized(grey, 2 * FINE) if max(grey.shape) > 2 * FINE else grey)

    @cached_property
    def _halves(self) -> list[Map]:
        maps = [self.ink]
        while max(maps[-1].shape) > COARSE:
            maps.append(_sized(maps[-1], max(maps[-1].shape) // 2))
        return maps

    def projected(self, there: Projection, shape: tuple[int, ...]) -> Map:
        """The ink as the sheet of `shape` (H, W) has it, if it lies there."""
        height, width = shape
        size = placed(self.picture, there).size
        needed = max(size[0] / width, size[1] / height)  # picture's pixels for one of the sheet's
        whole = self.picture.pixels.shape
        halves = self._halves
        steps = [whole[0] / it.shape[0] for it in halves]
        pick = max((n for n, step in enumerate(steps) if step <= 1.5 * needed), default=0)
        ink = halves[pick]
        down = np.diag([ink.shape[1] / whole[1], ink.shape[0] / whole[0], 1.0])
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        back = np.linalg.inv(half) @ down @ there @ np.diag([1 / width, 1 / height, 1]) @ half
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpPerspective(ink, back, (width, height), flags=flags), np.float32)


def _reference(template: Template) -> Picture:
    assert template.reference is not None
    try:
        picture = image.load(template.reference)
    except ImageError as error:
        raise TemplateError(f"The template's reference cannot be used: {error}") from None
    height, width = picture.pixels.shape
    ratio = (width / height) / (template.size[0] / template.size[1])
    if not 0.97 < ratio < 1.03:
        raise TemplateError(
            f"The reference {template.reference} is {width} x {height} pixels, which is not of the "
            f"template's size, {template.size[0]} x {template.size[1]}: make both anew."
        )
    return picture


def _turned(width: int, height: int) -> Iterator[list[Projection]]:
    """The page is the picture, upright or upside down, or lies on either side."""
    for turns in ((0, 2), (1, 3)):
        yield [_page(width, height, turn) for turn in turns]


def _page(width: int, height: int, turns: int) -> Projection:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    return from_corners(np.roll(corners, turns, axis=0))


def _sized(grey: Map, side: int) -> Map:
    scale = side / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.float32)


def _soft(ink: Map, sigma: float) -> Map:
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.float32)
