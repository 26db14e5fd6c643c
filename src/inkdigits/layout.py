"""A page -> where the writing is: lines of groups, in reading order.

In: `Picture`, upright and flat. Out: `Layout`: the ink of each group of digits, a `Row`. What by
its size or shape cannot be a digit is left out and counted. Does not know what anything says.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import pageink
from inkdigits.image import Picture
from inkdigits.results import Box
from inkdigits.rows import Row

Grouping = Literal["row", "gap", "digit"]
#: A gap of a line parts two numbers when it is wider than `WIDE` heights of a digit, and wider
#: than `UNUSUAL` times the line's median gap and a third of a height; always from `WIDEST` on.
WIDE, UNUSUAL, WIDEST = 0.9, 2.0, 4.0
#: A mark is tall, and makes lines, from this part of the page's digit height on, to this many.
TALL, TALLEST = 0.45, 3.0
#: What lies wholly within this part of the picture's side, and is long, is the sheet's edge.
RIM = 0.025
#: The width of a digit that touches others, in heights.
TOUCHING = 0.75
#: Wider than so many digit heights no digit is, touching or not.
BROADEST = 10.0
#: Pieces above one another are one mark when they share this part of the narrower one's width.
JOINED = 0.6
#: Two tall marks are of one line when their middles differ by less than this part of their height.
LEVEL = 0.55
#: Small marks belong to a line when they reach so far above or below it, in its heights.
ABOVE, BELOW = 0.25, 0.35


@dataclass(frozen=True)
class Layout:
    """The writing of a page.

    Attributes:
        lines: from the top; each its groups from the left. Boxes are in the picture's pixels.
        left_out: how many marks were left out that are no specks.
    """

    lines: tuple[tuple[Row, ...], ...]
    left_out: int


@dataclass(frozen=True)
class _Marks:
    """Pieces of ink: boxes, areas; `labels` are theirs plus one."""

    labels: NDArray[np.int32]
    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]
    area: NDArray[np.float64]

    @property
    def height(self) -> NDArray[np.float64]:
        return self.bottom - self.top

    @property
    def width(self) -> NDArray[np.float64]:
        return self.right - self.left


def find(picture: Picture, group: Grouping = "gap") -> Layout:
    """Find the writing of a page.

    Args:
        picture: upright; 60 pixels to 16 megapixels.
        group: what is one number: `row`, all digits of a line (of a printed box, where there are
            some with more than a digit each); `gap`, all but across a gap wider
            than 0.9 heights of a digit that is also wider than twice the line's median gap and a
            third of a height (or wider than 4 heights); `digit`, each by itself.
    """
    page = pageink.extract(picture)
    marks = _marks(page.pixels)
    if not len(marks.area):
        return Layout((), 0)
    marks = _pieced(marks, _digit_height(marks))
    height = _digit_height(marks)
    tall = (marks.height >= TALL * height) & (marks.height <= TALLEST * height)
    tall &= marks.width <= BROADEST * height
    tall &= ~_solid(marks, height)
    huge = (marks.height > TALLEST * height) | (marks.width > BROADEST * height)
    left_out = int((huge | ((marks.height >= TALL * height) & ~tall)).sum())
    lines = []
    for members in _lines(marks, tall):
        small = _small(marks, members, ~tall & ~huge, height)
        whole = np.concatenate([members, small])
        spans = _spans(marks, whole)
        groups = _groups(spans, marks, group, page.frames)
        lines.append(tuple(_row(page, marks, found) for found in groups))
    return Layout(tuple(lines), left_out)


def _marks(pixels: NDArray[np.float32]) -> _Marks:
    weak = (pixels > 0.3).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    keep = np.bincount(labels[pixels > 0.55], minlength=count) > 0
    keep[0] = False
    keep &= stats[:, cv2.CC_STAT_AREA] >= 4
    keep &= ~_on_the_rim(np.asarray(stats, np.int32), pixels.shape)
    new = np.zeros(count, np.int32)
    new[keep] = np.arange(1, keep.sum() + 1)
    left, top, wide, high, area = stats[keep].T.astype(np.float64)
    return _Marks(new[labels], left, top, left + wide, top + high, area)


def _on_the_rim(stats: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Marks that lie wholly along a side of the picture: the edge of the sheet."""
    left, top, wide, high, _ = stats.T
    across, down = RIM * shape[1], RIM * shape[0]
    rim = (left + wide <= across) | (left >= shape[1] - across)
    rim |= (top + high <= down) | (top >= shape[0] - down)
    return np.asarray(rim & (np.maximum(wide, high) > 3 * np.minimum(wide, high)))


def _digit_height(marks: _Marks) -> float:
    """How tall digits are: the height on that half of the ink in marks of a digit's shape is."""
    shape = marks.width <= 4 * marks.height  # no rules and dashes
    shape &= marks.height <= 0.95 * max(marks.labels.shape)
    chosen = np.flatnonzero(shape)
    if not len(chosen):
        chosen = np.arange(len(marks.area))
    order = chosen[np.argsort(marks.height[chosen])]
    heap = np.cumsum(np.minimum(marks.area[order], 0.3 * marks.height[order] ** 2))
    return float(marks.height[order][np.searchsorted(heap, heap[-1] / 2)])


def _pieced(marks: _Marks, height: float) -> _Marks:
    """Marks that lie above one another and meet, as the loops of an 8, as one."""
    order = np.argsort(marks.top, kind="stable")
    left, top, right, bottom, width = (
        side[order] for side in (marks.left, marks.top, marks.right, marks.bottom, marks.width)
    )
    owner = np.arange(len(order))
    for k, end in enumerate(np.searchsorted(top, bottom, side="right")):
        below = np.s_[k + 1 : end]  # what begins before this ends
        shared = np.minimum(right[k], right[below]) - np.maximum(left[k], left[below])
        narrow = np.minimum(width[k], width[below])
        whole = np.maximum(bottom[k], bottom[below]) - top[k]
        meet = (shared > JOINED * narrow) & (whole < 1.6 * height) & (narrow > 0.25 * height)
        for other in np.flatnonzero(meet) + k + 1:
            owner[owner == owner[other]] = owner[k]
    owner[order] = owner.copy()
    _, new = np.unique(owner, return_inverse=True)
    if new.max() + 1 == len(owner):
        return marks
    labels = np.append(0, new + 1).astype(np.int32)[marks.labels]
    count = int(new.max()) + 1

    def gathered(how: np.ufunc, values: NDArray[np.float64], start: float) -> NDArray[np.float64]:
        answer = np.full(count, start)
        how.at(answer, new, values)
        return answer

    return _Marks(
        labels,
        gathered(np.minimum, marks.left, np.inf),
        gathered(np.minimum, marks.top, np.inf),
        gathered(np.maximum, marks.right, -np.inf),
        gathered(np.maximum, marks.bottom, -np.inf),
        gathered(np.add, marks.area, 0.0),
    )


def _solid(marks: _Marks, height: float) -> NDArray[np.bool_]:
    """Blots: larger than a pen's point and all ink."""
    fill = marks.area / np.maximum(marks.width * marks.height, 1)
    least = np.minimum(marks.width, marks.height)
    return np.asarray((fill > 0.85) & (least > 0.5 * height))


def _lines(marks: _Marks, tall: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Tall marks in lines, from the top: each goes on where its nearest neighbour stands level."""
    chosen = np.flatnonzero(tall)
    order = chosen[np.argsort(marks.left[chosen], kind="stable")]
    middle = (marks.top + marks.bottom) / 2
    lines: list[list[int]] = []
    # of the last three marks of each line: where their middle is, and how tall they are
    levels, heights = np.zeros(len(order)), np.zeros(len(order))
    for k in order:
        tallest = np.maximum(heights[: len(lines)], marks.height[k] * 0.6)
        off = np.abs(middle[k] - levels[: len(lines)]) / tallest
        found = int(off.argmin()) if lines else 0
        if lines and off[found] < LEVEL:
            lines[found].append(int(k))
        else:
            found = len(lines)
            lines.append([int(k)])
        near = lines[found][-3:]
        levels[found] = median(middle[near].tolist())
        heights[found] = median(marks.height[near].tolist())
    lines.sort(key=lambda line: float(np.median(middle[line])))
    return [np.array(line, np.intp) for line in lines]


def _small(
    marks: _Marks, members: NDArray[np.intp], small: NDArray[np.bool_], height: float
) -> NDArray[np.intp]:
    """Points, dashes and loose pieces of a line's digits."""
    chosen = np.flatnonzero(small)
    if not len(chosen):
        return chosen
    high = float(np.median(marks.height[members]))
    # the nearest tall mark tells where the line runs
    across = np.maximum(
        marks.left[members][None] - marks.right[chosen][:, None],
        marks.left[chosen][:, None] - marks.right[members][None],
    )
    nearest = members[across.argmin(axis=1)]
    beside = across.min(axis=1) < 0.8 * high
    inside = marks.bottom[chosen] > marks.top[nearest] - ABOVE * high
    inside &= marks.top[chosen] < marks.bottom[nearest] + BELOW * high
    large = np.maximum(marks.width[chosen], marks.height[chosen]) >= 0.06 * height
    kept: NDArray[np.intp] = chosen[beside & inside & large]
    return kept


def _spans(marks: _Marks, members: NDArray[np.intp]) -> list[list[int]]:
    """Marks that stand above one another, from the left."""
    order = members[np.argsort(marks.left[members], kind="stable")]
    spans: list[list[int]] = []
    end = -np.inf
    for k in order:
        shared = end - marks.left[k]
        if spans and shared > 0.35 * min(marks.width[k], end - marks.left[spans[-1]].min()):
            spans[-1].append(int(k))
            end = max(end, float(marks.right[k]))
        else:
            spans.append([int(k)])
            end = float(marks.right[k])
    return spans


def _groups(
    spans: list[list[int]], marks: _Marks, group: Grouping, frames: NDArray[np.int64]
) -> list[list[int]]:
    if group == "digit":
        return spans
    if group == "row" or len(spans) < 2:
        return [[k for span in spans for k in span]]
    height = float(np.median([marks.height[span].max() for span in spans]))
    high = float(np.median([h for span in spans if (h := marks.height[span].max()) > 0.5 * height]))
    starts = np.array([marks.left[span].min() for span in spans])
    ends = np.maximum.accumulate([marks.right[span].max() for span in spans])
    gaps = np.maximum(starts[1:] - ends[:-1], 0) / high
    # digits that touch stand in one span, without a gap between them
    wide = [float(marks.right[span].max() - marks.left[span].min()) for span in spans]
    joined = sum(max(0, round(each / (TOUCHING * high)) - 1) for each in wide)
    limit = max(WIDE, UNUSUAL * float(np.median([*gaps, *[0.0] * joined])) + 1 / 3)
    boxes = [_frame(span, marks, frames) for span in spans]
    apart = gaps > min(limit, WIDEST)
    # boxes of about one digit each are one number's; those of more are numbers of their own
    single = bool(frames.size) and len({b for b in boxes if b >= 0}) >= 0.8 * len(spans)
    groups = [list(spans[0])]
    for k, span in enumerate(spans[1:]):
        fenced = not single and boxes[k] != boxes[k + 1]
        if fenced or (apart[k] and boxes[k] < 0):
            groups.append([])
        groups[-1] += span
    return groups


def _frame(span: list[int], marks: _Marks, frames: NDArray[np.int64]) -> int:
    """The number of the smallest printed box around a digit, -1 for none."""
    if not len(frames):
        return -1
    x = (marks.left[span].min() + marks.right[span].max()) / 2
    y = (marks.top[span].min() + marks.bottom[span].max()) / 2
    inside = (frames[:, 0] < x) & (x < frames[:, 2]) & (frames[:, 1] < y) & (y < frames[:, 3])
    if not inside.any():
        return -1
    sizes = (frames[:, 2] - frames[:, 0]) * (frames[:, 3] - frames[:, 1])
    return int(np.where(inside, sizes, np.inf).argmin())


def _row(page: pageink.PageInk, marks: _Marks, members: list[int]) -> Row:
    x0, y0 = int(marks.left[members].min()), int(marks.top[members].min())
    x1, y1 = int(marks.right[members].max()), int(marks.bottom[members].max())
    window = np.s_[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1]
    mine = np.zeros(len(marks.area) + 1, np.uint8)
    mine[np.array(members) + 1] = 1
    near = cv2.dilate(mine[marks.labels[window]], np.ones((3, 3), np.uint8))
    ink = page.pixels[window] * near
    box = [round(side * page.scale) for side in (x0, y0, x1 - x0, y1 - y0)]
    return Row(np.asarray(ink, np.float32), Box(box[0], box[1], max(box[2], 1), max(box[3], 1)))
