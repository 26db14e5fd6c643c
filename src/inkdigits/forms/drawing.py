"""A template drawn on its blank form, for a person to check.

In: a template and a picture of the form, cut to the sheet. Out: an RGB picture with named boxes.
"""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from inkdigits.forms.template import Field, Template
from inkdigits.image import Picture

#: Colours that people with any colour vision tell apart (Okabe and Ito, 2008), in turn.
COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (160, 70, 130))


def drawn(template: Template, picture: Picture) -> Image.Image:
    """The form with its fields' boxes and names."""
    grey = Image.fromarray((picture.pixels * 255).round().astype("uint8"))
    page = grey.convert("RGB")
    pen = ImageDraw.Draw(page, "RGBA")
    for count, it in enumerate(template.fields):
        _field(pen, it, page.size, COLOURS[count % len(COLOURS)])
    return page


def _field(
    pen: ImageDraw.ImageDraw, it: Field, size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    wide, tall = size
    left, top = it.area.x * wide, it.area.y * tall
    right, bottom = left + it.area.width * wide, top + it.area.height * tall
    line = max(1, round(max(size) / 700))
    pen.rectangle((left, top, right, bottom), (*colour, 40), colour, line)
    for n in range(1, it.boxes):
        x = left + (right - left) * n / it.boxes
        pen.line((x, top, x, bottom), (*colour, 150), line)
    font = ImageFont.load_default(min(max(max(size) / 95, 10.0), 0.62 * (bottom - top)))
    corner = (left + 2 * line, top + line)
    frame = pen.textbbox(corner, it.name, font=font)
    pen.rectangle((frame[0] - line, frame[1] - 1, frame[2] + line, frame[3] + 1), (*colour, 225))
    pen.text(corner, it.name, (255, 255, 255), font=font)
