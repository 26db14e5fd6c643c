"""Read a folder of pictures, one digit each: python examples/batch.py [FOLDER]

`inkdigits classify FOLDER --csv` does the same without any Python.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from inkdigits import ImageError, Recognizer


def draw_three(folder: Path) -> Path:
    pens = {
        "one.png": [(150, 60), (150, 240)],
        "four.png": [(200, 240), (200, 60), (90, 180), (230, 180)],
        "seven.png": [(90, 80), (210, 80), (130, 230)],
    }
    for name, pen in pens.items():
        paper = Image.new("L", (300, 300), 235)
        ImageDraw.Draw(paper).line(pen, fill=30, width=18, joint="curve")
        paper.save(folder / name)
    return folder


with tempfile.TemporaryDirectory() as temporary:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else draw_three(Path(temporary))
    recognizer = Recognizer.load()  # once, as it takes longer than a digit
    print(f"{'picture':24} digit  confidence  remark")
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            answer = recognizer.classify(path)
        except ImageError as error:  # this one is no picture: the others are read all the same
            print(f"{path.name:24}     -           -  {error}")
            continue
        digit = "-" if answer.digit is None else answer.digit
        print(f"{path.name:24} {digit:>5} {answer.confidence:>11.1%}  {answer.reason or ''}")
