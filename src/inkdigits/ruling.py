"""Printed rules and boxes -> none: ink without them, and where the boxes were.

In: ink (H, W). Out: the same without long thin level and upright lines and without boxes around
what is written; strokes that lie on them, touch or cross them are kept. Does not know what is
written.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: A rule is so many pixels long at least, as a part of the working copy's shorter side, and thin.
RULE, THIN = 0.1, 7
#: Ink that lies along a rule is so many times as strong as rules are in the middle.
DARKER = 1.5
#: A printed box has sides of so many pixels at least, is filled to at most this part by its own
#: ink, which lies along at least this part of each of its sides.
BOX, HOLLOW, ALONG = 24, 0.35, 0.85
#: The sides of a printed box are at most this part of its shorter side thick.
THICK = 0.12
#: Along the side of a box with the most ink there is at most so many times that of the least.
ALIKE = 1.5


def without_frames(
    pixels: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The ink without printed boxes, and where they were.

    A box is a mark that is nearly empty inside but for other marks, and whose ink lies along its
    four sides. What touches or crosses its sides is kept.

    Args:
        pixels: (H, W) in [0, 1].

    Returns:
        the ink, and (N, 4): left, top, right, bottom of each box.
    """
    inked = (pixels > 0.15).view(np.uint8)
    # a faint side may have gaps
    whole = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    left, top, wide, high, area = stats.T.astype(np.int64)
    hollow = (wide >= BOX) & (high >= BOX) & (area < HOLLOW * wide * high)
    hollow &= (wide < 0.98 * pixels.shape[1]) | (high < 0.98 * pixels.shape[0])
    hollow[0] = False
    found = []
    gone = np.zeros_like(inked)
    for k in np.flatnonzero(hollow):
        spot = np.s_[top[k] : top[k] + high[k], left[k] : left[k] + wide[k]]
        mark = (labels[spot] == k).view(np.uint8) & inked[spot]
        box = _box(mark, pixels[spot])
        if box is None:
            continue
        x0, y0, x1, y1 = box[1]
        found.append([left[k] + x0, top[k] + y0, left[k] + x1, top[k] + y1])
        gone[spot] |= box[0]
    if not found:
        return pixels, np.zeros((0, 4), np.int64)
    rim = cv2.dilate(gone, np.ones((3, 3), np.uint8))
    rim[(inked > 0) & (gone == 0)] = 0
    return np.where(rim > 0, np.float32(0), pixels), np.array(found, np.int64)


def _box(
    mark: NDArray[np.uint8], pixels: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], tuple[int, int, int, int]] | None:
    """The part of a mark (h, w) that is a printed box, 0 and 1, and its sides; or `None`."""
    ways = mark, mark[::-1], mark.T, mark.T[::-1]
    if any(way[: max(4, len(way) // 5)].any(axis=0).mean() < ALONG for way in ways):
        return None
    sides = [_side(way) for way in ways]
    if any(side is None for side in sides):
        return None
    above, below, left, right = (side for side in sides if side is not None)
    parts = above[0], below[0][::-1], left[0].T, right[0][::-1].T
    # the median along each side: what touches it does not count
    dark = [
        float(np.median((pixels * part).sum(axis=along)))
        for part, along in zip(parts, (0, 0, 1, 1), strict=True)
    ]
    if max(dark) > ALIKE * min(dark):  # two rules and the strokes between them
        return None
    level, upright = parts[0] | parts[1], parts[2] | parts[3]
    box = level | upright
    inside = np.asarray(cv2.subtract(mark, box), np.uint8)
    # where a stroke crosses a side it is whole
    reach = 2 * max(side[1] for side in (above, below, left, right)) + 7
    box = _uncrossed(level, inside, reach, upright=True) | _uncrossed(
        upright, inside, reach, upright=False
    )
    height, width = mark.shape
    places = (
        *(round(left[2]), round(above[2])),
        *(width - round(right[2]), height - round(below[2])),
    )
    box |= _partitions(
        np.asarray(cv2.subtract(mark, box), np.uint8), places, max(left[1], right[1])
    )
    return box, places


def _side(mark: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int, float] | None:
    """The upper side of a box: its pixels, how thick it is, and where its middle is; or `None`.

    A straight line fitted to where the ink begins in each column, and again without what is off
    it: what sticks out of a box does not count.
    """
    height, width = mark.shape
    band = mark[: max(4, round(0.3 * height))]
    columns = np.flatnonzero(band.any(axis=0))
    if len(columns) < ALONG * width:
        return None
    start = band[:, columns].argmax(axis=0).astype(np.float64)
    near = np.abs(start - np.median(start)) <= max(2.0, 0.1 * width)
    for _ in range(3):
        slope, origin = np.polyfit(columns[near], start[near], 1)
        off = np.abs(start - (origin + slope * columns))
        near = off <= max(1.0, 2 * float(np.median(off)))
    if near.sum() < 0.5 * width:
        return None
    rows = np.arange(len(band))[:, None]
    line = origin + slope * np.arange(width)
    below = (rows >= line - 1.5) & (band > 0)
    # as thick as the ink is that goes on without a gap below the line, mostly
    run = np.minimum.accumulate(np.where(rows < line - 0.5, 1, below), axis=0)
    thick = int(np.median((run.sum(axis=0) - np.ceil(np.maximum(line - 0.5, 0)))[columns[near]]))
    if not 1 <= thick <= max(2.0, THICK * min(height, width)):
        return None
    inside = (rows >= line - 1.5) & (rows <= line + thick + 0.5)
    if (band * inside).any(axis=0).mean() < ALONG:
        return None
    answer = np.zeros_like(mark)
    answer[: len(band)] = band * inside
    return answer, thick, float(origin + slope * width / 2)


def _uncrossed(
    side: NDArray[np.uint8], other: NDArray[np.uint8], reach: int, *, upright: bool
) -> NDArray[np.uint8]:
    """A side without what other ink crosses upright, or level."""
    before, behind = np.zeros(reach, np.uint8), np.zeros(reach, np.uint8)
    before[: reach // 2 + 1], behind[reach // 2 :] = 1, 1
    shape = (-1, 1) if upright else (1, -1)
    crossed = cv2.bitwise_and(
        cv2.dilate(other, before.reshape(shape)),
        cv2.dilate(other, behind.reshape(shape)),
    )
    return np.asarray(cv2.subtract(side, crossed), np.uint8)


def _partitions(
    inside: NDArray[np.uint8], places: tuple[int, int, int, int], thick: int
) -> NDArray[np.uint8]:
    """What parts a box into cells: as thin as its sides, from side to side."""
    above, below = places[1] + thick + 4, places[3] - thick - 4
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    top, high = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    tall = (top <= above) & (top + high >= below) & (high > BOX // 2)
    tall &= stats[:, cv2.CC_STAT_WIDTH] <= thick + 3 + 0.06 * high
    tall &= stats[:, cv2.CC_STAT_AREA] <= (thick + 2) * high
    tall[0] = False
    return np.asarray(tall[labels].view(np.uint8))


def without_rules(pixels: NDArray[np.float32], *, even: bool = True) -> NDArray[np.float32]:
    """The ink without long thin level and upright lines; where writing crosses them it is kept.

    Args:
        pixels: (H, W) in [0, 1].
        even: whether rules are of one strength, as a page's are, so that what is darker is known
            for a stroke that runs along them; a cheque's print is not.
    """
    level = _without_level_rules(pixels, even=even)
    upright = _without_level_rules(np.ascontiguousarray(level.T), even=even)
    return np.ascontiguousarray(upright.T)


def _without_level_rules(pixels: NDArray[np.float32], *, even: bool) -> NDArray[np.float32]:
    height, width = pixels.shape
    length = max(40, round(RULE * min(height, width)), round(1.5 * min(height, 60)))
    if length > width:
        return pixels
    inked = (pixels > 0.25).view(np.uint8)
    bridged = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    if not runs.any():
        return pixels
    block = cv2.morphologyEx(inked, cv2.MORPH_OPEN, np.ones((THIN + 1, 3), np.uint8))
    near = cv2.subtract(
        cv2.dilate(runs, np.ones((3, 1), np.uint8)),
        cv2.dilate(block, np.ones((1, 3), np.uint8)),
    )
    line = np.asarray(cv2.bitwise_and(near, inked), np.uint8)
    other = np.asarray(cv2.subtract(inked, line), np.uint8)
    reach = 2 * THIN + 3
    up, down = np.zeros((reach, 1), np.uint8), np.zeros((reach, 1), np.uint8)
    up[: reach // 2 + 1], down[reach // 2 :] = 1, 1
    crossed = cv2.bitwise_and(cv2.dilate(other, up), cv2.dilate(other, down))
    if even:
        crossed = cv2.bitwise_or(crossed, _stronger(pixels, line, other, length))
    gone = cv2.subtract(line, crossed)
    return np.where(gone > 0, np.float32(0), pixels)


def _stronger(
    pixels: NDArray[np.float32],
    line: NDArray[np.uint8],
    other: NDArray[np.uint8],
    length: int,
) -> NDArray[np.uint8]:
    """Strokes that run along a rule, (H, W) of 0 and 1.

    They are darker than rules are, go on in ink beside the rule, and are no rules themselves.
    """
    if not line.any():
        return line
    level = float(np.median(pixels[line > 0]))
    dark = cv2.bitwise_and((pixels > DARKER * level).view(np.uint8), line)
    runs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, length // 2), np.uint8))
    dark = cv2.subtract(dark, runs)
    beside = cv2.bitwise_and((pixels > max(DARKER * level, 0.5)).view(np.uint8), other)
    count, labels = cv2.connectedComponents(dark, connectivity=8)
    touched = np.zeros(count, bool)
    touched[labels[cv2.dilate(beside, np.ones((3, 3), np.uint8)) > 0]] = True
    touched[0] = False
    return np.asarray(touched[labels].view(np.uint8))
