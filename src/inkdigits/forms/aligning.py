"""A part of a scan, laid on what the blank form shows there, though the paper was not flat.

In: the print of a part of the form, and the same part of a scan, a few pixels away. Out: the
scan moved. First all of it is moved, then pieces from left to right, each by what its own print
says; between them it is stretched.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits.forms import matching

Map = NDArray[np.float32]
#: Where a piece's middle is, from the left, and by how much it is displaced, pixels.
Piece = tuple[float, float]
#: How much a part's print must agree with the scan to be moved by it.
ALIKE = 0.4
#: A piece is so wide, by the part's height, and they stand so far apart.
PIECE, STEP = 1.3, 0.65
MOST = 48
#: A piece tells its place by its lines when the means over them deviate more than this.
TELLS = 0.04


def aligned(known: Map, maps: Sequence[Map], reach: int) -> list[Map]:
    """The scan's maps, moved.

    Args:
        known: (H, W) the print.
        maps: each (H, W), of the scan; the first is its ink, by which all are moved.
        reach: how far they may be away, pixels.
    """
    height, width = known.shape
    reach = min(reach, (height - 8) // 3, (width - 8) // 3)
    if reach < 1:
        return list(maps)
    shift = matching.offset(
        known, maps[0], (reach, reach, width - 2 * reach, height - 2 * reach), reach, ALIKE
    )
    if shift is not None:
        maps = _moved(maps, [(0.0, shift[0])], [(0.0, shift[1])])
    across, down = [], []
    wide = min(round(PIECE * height), width - 2 * reach)
    count = min(MOST, 1 + int(np.ceil((width - 2 * reach - wide) / (STEP * height))))
    for left in np.linspace(reach, width - reach - wide, count) if count > 1 else ():
        window = (round(float(left)), reach, wide, height - 2 * reach)
        shift = matching.offset(known, maps[0], window, reach, ALIKE)
        if shift is None:
            continue
        piece = known[reach : height - reach, window[0] : window[0] + wide]
        middle = float(left) + wide / 2
        if float(piece.mean(axis=0).std()) > TELLS:  # along a level line, any place is as good
            across.append((middle, shift[0]))
        if float(piece.mean(axis=1).std()) > TELLS:
            down.append((middle, shift[1]))
    return _moved(maps, _agreeing(across, reach), _agreeing(down, reach))


def _agreeing(pieces: Sequence[Piece], reach: int) -> list[Piece]:
    """Without those that are elsewhere than their neighbours on both sides."""
    kept = []
    for n, (place, shift) in enumerate(pieces):
        around = float(np.median([it for _, it in pieces[max(0, n - 2) : n + 3]]))
        if abs(shift - around) <= max(reach / 2, 1.5):
            kept.append((place, shift))
    return kept


def _moved(maps: Sequence[Map], across: Sequence[Piece], down: Sequence[Piece]) -> list[Map]:
    """The maps moved by the displacements of pieces, and in between by theirs."""
    height, width = maps[0].shape
    from_x = np.tile(np.arange(width, dtype=np.float32) + _along(across, width), (height, 1))
    from_y = np.arange(height, dtype=np.float32)[:, None] + _along(down, width)
    return [
        np.asarray(
            cv2.remap(it, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            np.float32,
        )
        for it in maps
    ]


def _along(pieces: Sequence[Piece], width: int) -> NDArray[np.float32]:
    """The displacement at each pixel from the left, (width,)."""
    if not pieces:
        return np.zeros(width, np.float32)
    places, shifts = np.array(pieces).T
    return np.asarray(np.interp(np.arange(width), places, shifts), np.float32)
