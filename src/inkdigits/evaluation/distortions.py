"""What eleven corruptions do to the pixels of a digit: noise, blur, geometry, brightness, edges.

In: images (N, 28, 28) float32 in [0, 1], ink bright, and what chance decided for each (N, ...).
Out: (N, 28, 28) float32, of which the caller clips what lies outside [0, 1]. Knows nothing of how
chance decides. Definitions and strengths: `corruptions.py` names the source.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
SIDE = 28
#: Mean count of a white pixel under shot noise.
PHOTONS = 3
#: Radians of shear and of rotation (23 degrees).
ANGLE = 0.4


def shot(x: Floats, counts: NDArray[np.integer]) -> Floats:
    """Few photons: a pixel is the Poisson count (N, 28, 28) that its brightness led to."""
    return (counts / PHOTONS).astype(np.float32)


def impulses(x: Floats, luck: NDArray[np.floating]) -> Floats:
    """Salt and pepper: of luck (N, 28, 28) from 0 to 1, under 0.085 is white, to 0.17 black."""
    return np.where(luck < 0.085, np.float32(1), np.where(luck < 0.17, np.float32(0), x))


def glass(x: Floats, luck: NDArray[np.integer]) -> Floats:
    """Frosted glass: a blur of 0.7 pixels, neighbours swapped in two passes, the blur again.

    Of luck (N, 2, 28, 28) from 0 to 7, under 4 swaps: bit 0 with the row above, bit 1 with the
    column to the left. The published code blurs down the columns only (its library takes the
    second axis of a grey image for colours), and so does this.
    """
    stack: Floats = np.floor(_blur_down(x) * 255).astype(np.float32) / np.float32(255)
    for turn in luck.swapaxes(0, 1):
        for row in range(SIDE - 1, 1, -1):
            for column in range(SIDE - 1, 1, -1):
                dice = turn[:, row, column]
                who = np.flatnonzero(dice < 4)
                up, left = row - (dice[who] & 1), column - (dice[who] >> 1)
                kept = stack[who, row, column]
                stack[who, row, column] = stack[who, up, left]
                stack[who, up, left] = kept
    return _blur_down(stack)


def motion(x: Floats, degrees: NDArray[np.floating]) -> Floats:
    """A moving hand: half a Gaussian of 3 pixels, 21 long, in a direction (N,) in degrees.

    As ImageMagick draws it: each tap at the nearest pixel, the border repeated outwards.
    """
    taps = np.arange(21)
    weights = np.exp(-(taps**2) / (2 * 3.0**2))
    weights = (weights / weights.sum()).astype(np.float32)
    turn = np.radians(degrees)[:, None]
    across = np.ceil(taps * np.cos(turn) - 0.5).astype(np.intp)
    down = np.ceil(taps * np.sin(turn) - 0.5).astype(np.intp)
    every, places = np.arange(len(x))[:, None, None], np.arange(SIDE)
    answer = np.zeros_like(x)
    for k, weight in enumerate(weights):
        rows = np.clip(places + down[:, k, None], 0, SIDE - 1)[:, :, None]
        columns = np.clip(places + across[:, k, None], 0, SIDE - 1)[:, None, :]
        answer += weight * x[every, rows, columns]
    return answer


def shear(x: Floats, side: NDArray[np.integer]) -> Floats:
    """Slanted by 0.4 radians, to the left for 0 and to the right for 1 (N,).

    As in the original, the digit also grows taller, by 1 / cos(0.4).
    """
    sin, cos = math.sin(ANGLE), math.cos(ANGLE)
    return _warp(x, [[[1, -sin], [0, cos]], [[1, sin], [0, cos]]], side)


def rotate(x: Floats, side: NDArray[np.integer]) -> Floats:
    """Turned by 0.4 radians, anticlockwise for 0 and clockwise for 1 (N,)."""
    sin, cos = math.sin(ANGLE), math.cos(ANGLE)
    return _warp(x, [[[cos, -sin], [sin, cos]], [[cos, sin], [-sin, cos]]], side)


def shrink(x: Floats, _: NDArray[np.integer]) -> Floats:
    """Shrunk to 0.7 of its size about the middle."""
    return _warp(x, [[[1 / 0.7, 0], [0, 1 / 0.7]]], np.zeros(len(x), np.intp))


def translate(x: Floats, sides: NDArray[np.integer]) -> Floats:
    """Moved by 3 pixels each way; sides (N, 2): 0 is right and down, 1 is left and up."""
    padded, answer = np.pad(x, ((0, 0), (3, 3), (3, 3))), np.empty_like(x)
    for image, moved, (across, down) in zip(padded, answer, 6 * sides, strict=True):
        moved[:] = image[down : down + SIDE, across : across + SIDE]
    return answer


def brighten(x: Floats, _: NDArray[np.integer]) -> Floats:
    """Half of white added: the ground becomes grey."""
    return x + np.float32(0.5)


def stripe(x: Floats, _: NDArray[np.integer]) -> Floats:
    """The outer quarters of the picture, columns 0 to 6 and 21 to 27, inverted."""
    answer = x.copy()
    for part in (slice(0, 7), slice(21, SIDE)):
        answer[:, :, part] = 1 - x[:, :, part]
    return answer


def edges(x: Floats, _: NDArray[np.integer]) -> Floats:
    """Only the edges (Canny 1986): a blur of 1 pixel, Sobel, thresholds 0.1 and 0.2."""
    unit = 4000  # a Sobel gradient reaches 4, and OpenCV wants 16-bit integers
    answer = np.empty_like(x)
    for image, found in zip(x, answer, strict=True):
        smooth = cv2.GaussianBlur(image, (9, 9), 1, borderType=cv2.BORDER_CONSTANT)
        across, down = (
            np.rint(unit * cv2.Sobel(smooth, cv2.CV_32F, *axis)).astype(np.int16)
            for axis in ((1, 0), (0, 1))
        )
        found[:] = cv2.Canny(across, down, 0.1 * unit, 0.2 * unit, L2gradient=True) / 255
    return answer


def _blur_down(x: Floats) -> Floats:
    """A Gaussian of 0.7 pixels along the rows' axis, the border repeated outwards."""
    kernel = cv2.getGaussianKernel(7, 0.7, cv2.CV_32F)[:, 0]
    padded = np.pad(x, ((0, 0), (3, 3), (0, 0)), mode="edge")
    answer = np.zeros_like(x)
    for k, weight in enumerate(kernel):
        answer += weight * padded[:, k : k + SIDE]
    return answer


def _warp(x: Floats, matrices: ArrayLike, choice: NDArray[np.integer]) -> Floats:
    """Each image through the chosen matrix, bilinear, black outside.

    A 2x2 matrix leads from a place in the answer (across, down, from the middle) to one in `x`.
    """
    middle = np.full(2, (SIDE - 1) / 2)
    maps = [np.column_stack([m, middle - m @ middle]) for m in np.asarray(matrices, np.float64)]
    answer = np.empty_like(x)
    for image, warped, k in zip(x, answer, choice, strict=True):
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        warped[:] = cv2.warpAffine(image, maps[k], (SIDE, SIDE), flags=flags)
    return answer
