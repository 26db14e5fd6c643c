"""A grey picture -> how much ink lies on each pixel.

In: `Picture`. Out: `Ink`, from which the paper's brightness, a smooth shadow, its faint print and
the polarity (dark on light or light on dark) are gone. Does not know what the ink shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.image import Picture

#: Longer side of the working copy, pixels; a digit needs no more.
WORKING_SIDE = 1024
#: The faintest stroke, as a part of full black-to-white contrast, and in deviations of the noise.
MIN_CONTRAST, MIN_SIGMAS = 0.05, 4.0
#: What deviates to either side about as much, to this part of it, is dark ink, as most is.
EVEN = 0.05
#: The paper's surface is fitted on a copy of at most so many pixels a side.
FITTED_SIDE = 40
#: A level, a plane, then a bent surface, the latter twice: so many terms of `_quadratic`.
ROUNDS = 1, 3, 3, 6, 6
#: The bent one is taken where so much more of the picture agrees with it, or where it is so much
#: closer to what agrees.
BENT_MORE, BENT_CLOSER = 0.1, 0.7
#: Half of the pixels that agree with a surface are this close to it where nothing is left to tell.
CLEAN = 0.001
#: What is printed on the paper is fainter than the ink: deviations above the mean of all that
#: Otsu's threshold leaves out, and at most this part of a stroke's strength.
PRINT_SIGMAS, MAX_PRINT = 0.5, 0.35


@dataclass(frozen=True)
class Ink:
    """Ink on paper.

    Attributes:
        pixels: (H, W) float32 in [0, 1]: 0 paper, 1 a full stroke; all 0 for a blank.
        scale: pixels of the picture's file for one pixel here, >= 1.
    """

    pixels: NDArray[np.float32]
    scale: float = 1.0


def extract(picture: Picture, longest: int = WORKING_SIDE, *, page: bool = False) -> Ink:
    """Tell the ink from the paper, on a copy whose longer side is `longest` pixels at most.

    The paper's brightness is a plane fitted to the border and then to all pixels that agree with
    it, or, where that is much better, a quadratic surface; what deviates, on the side that deviates
    more, is ink. Otsu's threshold (1979) parts it from what is printed on the paper, whose strength
    is taken off. A stroke's full strength is the median of the pixels above that threshold.

    Args:
        picture: dark on light or light on dark.
        longest: pixels of the longer side.
        page: whether the picture is a page, of which ink is so little that it bends no surface.
    """
    grey, scale = _working_copy(picture.pixels, longest)
    scale *= picture.scale
    rest = grey - _paper(grey, page=page)
    balance = np.vdot(rest, np.abs(rest))
    side = 1 if balance > EVEN * np.vdot(rest, rest) else -1  # bright ink, or dark
    peak = _peak(rest, side)
    if peak < MIN_CONTRAST or peak < MIN_SIGMAS * min(noise(grey), 0.05):
        return Ink(np.zeros_like(grey), scale)
    faint, full = _strengths(rest, side, peak)
    gain = side / (full - faint)
    ink = np.asarray(rest * np.float32(gain) - np.float32(faint / (full - faint)))
    return Ink(np.clip(ink, 0, 1, out=ink), scale)


def _peak(rest: NDArray[np.float32], side: int) -> float:
    """The strongest ink, the mean of 3x3 pixels."""
    levels = _levels(rest, side * 255)
    return float(cv2.blur(levels, (3, 3)).max() if min(rest.shape) >= 3 else levels.max()) / 255


def _levels(rest: NDArray[np.float32], gain: float) -> NDArray[np.uint8]:
    """`rest` times `gain` in whole numbers from 0 to 255."""
    levels: NDArray[np.uint8] = np.clip(rest * np.float32(gain), 0, 255).astype(np.uint8)
    return levels


def _working_copy(grey: NDArray[np.float32], longest: int) -> tuple[NDArray[np.float32], float]:
    scale = max(max(grey.shape) / longest, 1.0)
    if scale == 1.0:
        return grey, scale
    height, width = (max(1, round(side / scale)) for side in grey.shape)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), scale


def noise(grey: NDArray[np.float32]) -> float:
    """The deviation of white noise, by what smooth brightness cannot explain (Immerkaer 1996)."""
    if min(grey.shape) < 3:
        return 0.0
    step = max(1, len(grey) // 16)  # some rows tell enough
    above, here, below = grey[:-2:step], grey[1:-1:step], grey[2::step]
    bent = above - 2 * here + below
    rough = bent[:, :-2] - 2 * bent[:, 1:-1] + bent[:, 2:]
    # the median: strokes, which are few, do not count
    return float(np.median(np.abs(rough))) * 1.4826 / 6


def _paper(grey: NDArray[np.float32], *, page: bool) -> NDArray[np.float32]:
    """The paper's brightness under every pixel, (H, W)."""
    height, width = grey.shape
    if min(height, width) < 8:
        edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        return np.full_like(grey, np.median(edge))
    side = (min(width, FITTED_SIDE), min(height, FITTED_SIDE))
    small = cv2.resize(grey, side, interpolation=cv2.INTER_AREA)
    values = small.ravel().astype(np.float64)
    basis = _quadratic(side[1], side[0])
    ring = np.ones(small.shape, bool)
    rim = max(1, min(side) // 12)
    ring[rim:-rim, rim:-rim] = False
    edge = ring.ravel()
    around = np.sort(values[edge])
    middle = float(around[len(around) // 2])  # one of them, so that at least one agrees
    agree = edge & (np.abs(values - middle) <= max(np.ptp(values) / 4, 0.02))
    fits: dict[int, _Fit] = {}
    for columns in ROUNDS:
        fits[columns] = _fitted(values, basis[:, :columns], agree)
        agree = fits[columns].agree
        if agree.sum() < 24:
            return np.full_like(grey, middle)
        if columns == 3 and fits[3].is_clean and not page:
            break
    # where ink fills the picture, a surface that may bend would bend to the ink
    plane, bent = fits[3], fits.get(6)
    fit = bent if bent is not None and (page or _worth_bending(plane, bent)) else plane
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    level, in_x, in_y, in_xx, in_xy, in_yy = np.pad(fit.terms, (0, 6 - len(fit.terms)))
    across = np.stack([level + in_x * x + in_xx * x * x, in_y + in_xy * x, np.full(width, in_yy)])
    down = np.stack([np.ones(height), y, y * y], axis=1)
    return np.asarray(down.astype(np.float32) @ across.astype(np.float32))


@dataclass(frozen=True)
class _Fit:
    """A surface fitted to brightness.

    Attributes:
        terms: its factors, as many of `_quadratic`'s columns.
        usual: the median error where it was fitted.
        agree: which pixels agree with it.
    """

    terms: NDArray[np.float64]
    usual: float
    agree: NDArray[np.bool_]

    @property
    def is_clean(self) -> bool:
        """Whether most of the picture is just so, as what a program drew: nothing bends there."""
        return self.usual < CLEAN and bool(self.agree.mean() > 0.5)


def _fitted(
    values: NDArray[np.float64], basis: NDArray[np.float64], where: NDArray[np.bool_]
) -> _Fit:
    chosen = basis[where]
    normal = chosen.T @ chosen + 1e-9 * np.eye(basis.shape[1])
    terms = np.asarray(np.linalg.solve(normal, chosen.T @ values[where]), np.float64)
    error = np.abs(values - basis @ terms)
    usual = float(np.median(error[where]))
    return _Fit(terms, usual, error <= max(3 * 1.4826 * usual, 0.02))


def _worth_bending(plane: _Fit, bent: _Fit) -> bool:
    """Whether a bent surface tells the paper much better than a plane."""
    more = bent.agree.mean() > plane.agree.mean() + BENT_MORE
    return bool(more or bent.usual < BENT_CLOSER * plane.usual)


@lru_cache(maxsize=16)
def _quadratic(height: int, width: int) -> NDArray[np.float64]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)


def _strengths(rest: NDArray[np.float32], side: int, peak: float) -> tuple[float, float]:
    """What is printed on the paper at most, and what a stroke's core is, both in `rest`'s unit."""
    levels = _levels(rest, side * 250 / peak)
    counts = cv2.calcHist([levels], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    floor = 250 // 8
    cut = _otsu(counts, floor)
    value = np.arange(256)
    ink = np.cumsum(counts[cut + 1 :])
    full = cut + 1 + int(np.searchsorted(ink, ink[-1] / 2)) if ink[-1] else 250
    below, value = counts[: cut + 1], value[: cut + 1]
    mean = float(below @ value) / max(below.sum(), 1)
    spread = float(below @ (value - mean) ** 2 / max(below.sum(), 1)) ** 0.5
    faint = min(mean + PRINT_SIGMAS * spread, MAX_PRINT * full)
    return faint * peak / 250, full * peak / 250


def _otsu(counts: NDArray[np.float64], floor: int) -> int:
    """Otsu's threshold of a histogram's part above `floor`."""
    part = counts[floor + 1 :]
    value = np.arange(floor + 1, 256)
    weight = np.cumsum(part)
    moment = np.cumsum(part * value)
    total, whole = weight[-1], moment[-1]
    other = total - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (whole * weight / total - moment) ** 2 / (weight * other)
    between[~np.isfinite(between)] = -1
    return floor + 1 + int(between.argmax())
