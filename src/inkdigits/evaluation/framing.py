"""What a picture of a digit may differ in beside the digit, one thing at a time.

In: the centre lines of a digit, a `Setting`, a random generator. Out: a picture. `AXES` says what
is varied and how far. Knows nothing of readers, and not which digit it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import strokes

Value = float | str
Lines = Sequence[NDArray[np.floating]]

#: Name -> ink and paper, red, green and blue from 0 to 255.
COLOURS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "black on white": ((0, 0, 0), (255, 255, 255)),
    "blue on white": ((28, 63, 170), (252, 252, 250)),
    "pencil on white": ((105, 105, 108), (246, 246, 244)),
    "pale pencil on cream": ((188, 184, 176), (244, 236, 214)),
    "red on cream": ((200, 30, 40), (250, 240, 215)),
    "green on yellow": ((20, 120, 60), (250, 226, 110)),
    "blue on kraft": ((35, 60, 140), (193, 154, 107)),
    "white on kraft": ((250, 250, 248), (168, 128, 84)),
    "chalk on green": ((235, 235, 228), (38, 84, 62)),
    "yellow on dark": ((250, 220, 60), (24, 26, 38)),
}


@dataclass(frozen=True)
class Setting:
    """How a digit is shown. Lengths are parts of the digit's longer side unless said otherwise.

    Attributes:
        margin: paper on each side of a square around the digit.
        size: longer side of the digit with its pen, pixels.
        place: of the digit, 0 in the middle, 1 in the corner.
        pen: width of the stroke.
        turn: degrees, clockwise.
        aspect: how much wider than written, over how much taller.
        contrast: of ink and paper, 1 as the colours are.
        shadow: by how much of its light one side or corner is darker than the opposite one.
        noise: standard deviation of the brightness, which goes from 0 to 1.
        quality: of a JPEG file, 1 to 95; 100 for none.
        colours: a name in `COLOURS`.
    """

    margin: float = 0.2
    size: float = 100
    place: float = 0
    pen: float = 0.1
    turn: float = 0
    aspect: float = 1
    contrast: float = 1
    shadow: float = 0
    noise: float = 0.01
    quality: int = 100
    colours: str = "black on white"

    def having(self, name: str, value: Value) -> Setting:
        """This one with one thing changed."""
        changes: dict[str, Any] = {name: value}
        return replace(self, **changes)


#: What everything that is not varied stays at: a digit as large in its picture as in MNIST's.
PLAIN = Setting()


@dataclass(frozen=True)
class Axis:
    """One thing that is varied.

    Attributes:
        name: for people.
        of: the attribute of `Setting`.
        unit: of the values as shown, `%` for a hundredth of them.
        values: in order.
        base: what all else stays at.
        log: whether a chart has them on a logarithmic axis.
    """

    name: str
    of: str
    unit: str
    values: tuple[Value, ...]
    base: Setting = field(default=PLAIN, repr=False)
    log: bool = False

    @property
    def settings(self) -> tuple[Setting, ...]:
        """One a value."""
        return tuple(self.base.having(self.of, value) for value in self.values)

    def show(self, value: Value) -> str:
        """A value with its unit."""
        if isinstance(value, str):
            return value
        if self.unit == "%":
            return f"{100 * value:g} %"
        return f"{value:g} {self.unit}".rstrip()


AXES = (
    Axis("margin", "margin", "%", (0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3)),
    Axis("size", "size", "px", (16, 20, 28, 40, 64, 100, 160, 250, 400), log=True),
    # beside a margin as wide as the digit, so that there is somewhere to go
    Axis("way to the corner", "place", "%", (0, 0.2, 0.4, 0.6, 0.8, 1), replace(PLAIN, margin=1)),
    Axis("stroke width", "pen", "%", (0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3)),
    Axis("rotation", "turn", "°", (-45, -30, -20, -10, 0, 10, 20, 30, 45)),
    Axis(
        "stretch in width", "aspect", "times", (0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2, 2.5), log=True
    ),
    Axis("contrast", "contrast", "%", (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1)),
    Axis("shadow", "shadow", "%", (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
    Axis("noise", "noise", "%", (0, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)),
    # a large digit would not mind it
    Axis("JPEG quality", "quality", "", (95, 75, 50, 35, 25, 15, 10, 5), replace(PLAIN, size=32)),
    Axis("colours", "colours", "", tuple(COLOURS)),
)


def present(lines: Lines, setting: Setting, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture of a digit, (side, side) or, where it has colour, (side, side, 3) uint8.

    Args:
        lines: its centre lines, (M, 2) each, y down, in any unit.
        setting: how to show it.
        rng: decides where the shadow falls, and the noise.
    """
    ink = _ink(lines, setting)
    angle = rng.uniform(0, math.tau)
    grain = rng.standard_normal(ink.shape, np.float32)
    light = 1 - np.float32(setting.shadow) * _slope(len(ink), angle)
    dark, pale = (np.array(colour, np.float32) / 255 for colour in COLOURS[setting.colours])
    planes = [
        (paper + np.float32(setting.contrast) * (pen - paper) * ink) * light
        + np.float32(setting.noise) * grain
        for pen, paper in zip(dark, pale, strict=True)
    ]
    grey = not np.ptp(dark) and not np.ptp(pale)
    picture = planes[0] if grey else np.stack(planes, axis=-1)
    return _compressed(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8), setting.quality)


def _ink(lines: Lines, setting: Setting) -> NDArray[np.float32]:
    """How much ink lies on each pixel of the square picture, 0 to 1."""
    wide, angle = math.sqrt(setting.aspect), math.radians(setting.turn)
    cos, sin = math.cos(angle), math.sin(angle)
    there = np.array([[cos, sin], [-sin, cos]]) * [[wide], [1 / wide]]
    placed = [np.asarray(line, np.float64) @ there for line in lines]
    every = np.concatenate(placed)
    low, extent = every.min(axis=0), np.ptp(every, axis=0)
    pen = setting.pen * setting.size
    scale = (setting.size - pen) / max(float(extent.max()), 1e-9)
    side = max(1, round(setting.size * (1 + 2 * setting.margin)))
    room = side - extent * scale - pen
    corner = pen / 2 + room / 2 * (1 + setting.place)
    drawn = strokes.draw([(line - low) * scale + corner for line in placed], (side, side), pen)
    return 1 - drawn


def _slope(side: int, angle: float) -> NDArray[np.float32]:
    """A plane over a square, 0 in one corner or on one side, 1 in or on the opposite one."""
    line = np.linspace(-1, 1, side, dtype=np.float32)
    plane = np.float32(math.cos(angle)) * line + np.float32(math.sin(angle)) * line[:, None]
    return np.asarray((plane - plane.min()) / max(float(np.ptp(plane)), 1e-9), np.float32)


def _compressed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """What a JPEG file of a quality makes of it; nothing at 100."""
    if quality == 100:
        return picture
    # OpenCV takes and gives blue first
    blue_first = np.ascontiguousarray(picture[..., ::-1]) if picture.ndim == 3 else picture
    _, data = cv2.imencode(".jpg", blue_first, [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)
    return back[..., ::-1] if back.ndim == 3 else back
