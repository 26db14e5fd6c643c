"""What four corruptions lay over a digit: fog, mud, a dotted line, a zigzag.

In: images (N, 28, 28) float32 in [0, 1], ink bright, and what chance decided for each (N, ...).
Out: (N, 28, 28) float32, of which the caller clips what lies outside [0, 1]. Knows nothing of how
chance decides. Definitions and strengths: `corruptions.py` names the source.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.evaluation.distortions import SIDE, Floats

#: The fog is cut from the corner of a height map of this side; a power of two.
FOG_SIDE = 256


def fog(x: Floats, luck: Floats) -> Floats:
    """Fog three times as bright as the digit, then the whole dimmed to the digit's brightness.

    The fog is a plasma fractal of luck (N, 65536) from 0 to 1, one number a pixel of its map.
    """
    haze = _plasma(luck.reshape(-1, FOG_SIDE, FOG_SIDE))[:, :SIDE, :SIDE]
    brightest = x.max(axis=(1, 2), keepdims=True)
    answer: Floats = (x + 3 * haze) * (brightest / (brightest + 3))
    return answer


def spatter(x: Floats, drops: NDArray[np.floating]) -> Floats:
    """Mud, a quarter as bright as ink, where blurred noise (N, 28, 28) is over 0.65."""
    answer = np.empty_like(x)
    for image, drop, muddy in zip(x, drops, answer, strict=True):
        liquid = cv2.GaussianBlur(drop, (9, 9), 1, borderType=cv2.BORDER_REPLICATE)
        wet = (liquid > 0.65).astype(np.float32)
        mud = cv2.GaussianBlur(wet, (13, 13), 1.5, borderType=cv2.BORDER_REPLICATE)
        mud[mud < 0.8] = 0
        muddy[:] = image * (1 - mud) + mud * np.float32(63 / 255)
    return answer


def dotted_line(x: Floats, rows: NDArray[np.integer]) -> Floats:
    """A line from the first column to the last; rows (N, 2) of its ends, two columns of four."""
    ends = np.zeros((len(x), 4))
    ends[:, [1, 3]], ends[:, 2] = rows, SIDE - 1
    line = _segment(ends)
    line[:, :, np.arange(SIDE) % 4 < 2] = 0
    return np.asarray(x + line, np.float32)


def zigzag(x: Floats, rows: NDArray[np.integer]) -> Floats:
    """A zigzag from column 2 to 25 with teeth 4 long and 4 high; rows (N, 2): start, and drop."""
    length, height, first, last = 2.0, 2.0, 2, 25
    start, drop = rows.T.astype(np.float64)
    turn = np.arctan(drop / (last - first))
    whole = (last - first) / np.cos(turn)  # 23 to 23.6: six teeth for every drop
    along = [np.zeros_like(whole)] + [np.full_like(whole, (2 * i + 1) * length) for i in range(6)]
    aside = [0.0] + [height * (-1) ** i for i in range(6)]
    along.append(whole)
    ends = [np.full_like(whole, value) for value in aside]
    ends.append(-height / (2 * (whole - 10 * length)))
    across = [a * np.cos(turn) - b * np.sin(turn) + first for a, b in zip(along, ends, strict=True)]
    down = [a * np.sin(turn) + b * np.cos(turn) + start for a, b in zip(along, ends, strict=True)]
    answer = x.copy()
    for i in range(len(along) - 1):
        piece = np.stack([across[i], down[i], across[i + 1], down[i + 1]], axis=1)
        answer = np.minimum(answer + _segment(piece), 1)
    return answer


def _segment(ends: NDArray[np.floating]) -> Floats:
    """Lines (N, 28, 28) between ends (N, 4): column, row, column, row, the first to the left.

    Brightness falls with the distance d down a column, as 1 + ln(1 - d / 2.3), to nothing.
    """
    column, row, last_column, last_row = ends[:, :, None, None].swapaxes(0, 1)
    places = np.arange(SIDE)
    middle = row + (last_row - row) / (last_column - column) * (places - column)
    distance = np.abs(places[:, None] - middle)
    ink = 1 + np.log(np.maximum(1 - distance / 2.3, 1e-9))
    ink *= (places >= np.floor(column)) & (places < np.ceil(last_column))
    answer: Floats = np.clip(ink, 0, 1).astype(np.float32)
    return answer


def _plasma(luck: Floats) -> Floats:
    """Height maps (N, S, S) from 0 to 1 of luck (N, S, S), by diamonds and squares on a torus.

    Fournier, Fussell and Carpenter 1982. Each pixel is the mean of its four neighbours at the
    level above, plus chance that shrinks by 1.4 squared from level to level.
    """
    heights, dice = np.zeros_like(luck), 2 * luck - 1
    step, reach = luck.shape[1], 1.0
    while step >= 2:
        half = step // 2
        corners = heights[:, ::step, ::step]
        sums = corners + np.roll(corners, -1, axis=1)
        sums += np.roll(sums, -1, axis=2)
        middles = sums / 4 + reach * dice[:, half::step, half::step]
        heights[:, half::step, half::step] = middles
        sums = middles + np.roll(middles, 1, axis=1) + corners + np.roll(corners, -1, axis=2)
        heights[:, ::step, half::step] = sums / 4 + reach * dice[:, ::step, half::step]
        sums = middles + np.roll(middles, 1, axis=2) + corners + np.roll(corners, -1, axis=1)
        heights[:, half::step, ::step] = sums / 4 + reach * dice[:, half::step, ::step]
        step, reach = half, reach / 1.4**2
    heights -= heights.min(axis=(1, 2), keepdims=True)
    heights /= heights.max(axis=(1, 2), keepdims=True)
    return heights
