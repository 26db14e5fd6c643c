"""Read the digit in a picture: python examples/classify_file.py [PICTURE]"""

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from inkdigits import Recognizer


def draw_seven(path: Path) -> Path:
    paper = Image.new("L", (300, 300), 235)
    ImageDraw.Draw(paper).line([(90, 80), (210, 80), (130, 230)], fill=30, width=18, joint="curve")
    paper.save(path)
    return path


with tempfile.TemporaryDirectory() as folder:
    named = sys.argv[1:]
    picture = Path(named[0]) if named else draw_seven(Path(folder) / "seven.png")
    prediction = Recognizer.load().classify(picture)

if prediction.accepted:
    print(f"{prediction.digit} with {prediction.confidence:.1%}")
else:
    print(f"not accepted: {prediction.reason}; best guesses {prediction.top(3)}")
